"""`dermdash analyse agreement`: agreement of readers before and after assistance."""

from typing import Annotated

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, ReverseRatings, Source, Stage3, Truth, source_readings
from dermdash.cli.console import Json
from dermdash.cli.spelling_option import Spellings


@app.command("agreement")
def analyse_agreement_command(
    source: Source,
    truth: Truth = None,
    spellings: Spellings = None,
    reverse_ratings: ReverseRatings = False,
    stage_3: Stage3 = False,
    rating: Annotated[
        str,
        typer.Option(help="dx, malignant_answer, management, confidence or malignancy_rating."),
    ] = "dx",
    replicates: Annotated[int, typer.Option(min=0, max=20_000, help="Bootstrap draws of cases.")] = 2000,
    confidence: Annotated[float, typer.Option(help="Level of the intervals, 0..1.")] = 0.95,
    as_json: Json = False,
) -> None:
    """Agreement of readers with one another and with themselves, before and after assistance."""
    with source_readings(source, ReadAs(truth, spellings, reverse_ratings, stage_3)) as table:
        from dermdash.analyses.agreement.run import analyse_agreement

        result = analyse_agreement(table, rating=rating, replicates=replicates, confidence=confidence)
        if as_json:
            print_result(result.as_dict(), table.warnings)
            return
        from dermdash.analyses.agreement.section import agreement_section

        print_section(agreement_section(result), table.warnings)
