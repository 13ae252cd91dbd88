"""`dermdash analyse benefit`: what assistance changed, per modality and in groups."""

from pathlib import Path
from typing import Annotated

import typer

from dermdash.analyses.benefit.measures import Measure, Outcome
from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, Source, Stage3, Truth
from dermdash.cli.console import Json, errors_explained
from dermdash.cli.spelling_option import Spellings

Breakdowns = Annotated[
    list[str] | None,
    typer.Option(
        "--breakdown",
        help="experience_group, profession, truth_dx, truth_malignant, confidence, advice_correct, advice_faulty, "
        "round or unaided_skill; may be repeated. Default: all that the readings allow; none: no breakdown.",
    ),
]


@app.command("benefit")
def benefit(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    stage_3: Stage3 = False,
    outcome: Annotated[Outcome, typer.Option(help="What counts in an answer.")] = Outcome.DIAGNOSIS,
    measure: Annotated[
        Measure | None, typer.Option(help="Measure of the outcome that comes first and is broken down.")
    ] = None,
    breakdown: Breakdowns = None,
    rubric: Annotated[
        Path | None, typer.Option(help="CSV with truth, management, judgement, for the outcome management.")
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(min=0, max=50_000, help="Bootstrap draws (2,000; for counts per image 10,000).")
    ] = None,
    confidence: Annotated[float, typer.Option(help="Level of the intervals, 0..1.")] = 0.95,
    as_json: Json = False,
) -> None:
    """Accuracy before and after assistance, with intervals and tests, for readings or counts per image."""
    with errors_explained():
        from dermdash.analyses.benefit.read_rubric import read_rubric
        from dermdash.analyses.benefit.rubric import DEFAULT_RUBRIC
        from dermdash.analyses.benefit.run import analyse_benefit
        from dermdash.cli.analyse.benefit_source import benefit_source

        used = DEFAULT_RUBRIC if rubric is None else read_rubric(rubric)
        table, lesions = benefit_source(source, ReadAs(truth, spellings, stage_3=stage_3))
        keys = None if breakdown is None else [key for key in breakdown if key != "none"]
        result = analyse_benefit(
            table,
            outcome=outcome,
            of=measure,
            breakdowns=keys,
            rubric=used,
            lesions=lesions,
            replicates=replicates,
            confidence=confidence,
        )
        if as_json:
            print_result(result.as_dict(), table.warnings)
            return
        from dermdash.analyses.benefit.section import benefit_section

        print_section(benefit_section(result), table.warnings)
