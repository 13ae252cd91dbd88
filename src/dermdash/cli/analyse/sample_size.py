"""`dermdash analyse sample-size`: readers and cases for a difference."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from dermdash.cli.analyse import app
from dermdash.cli.analyse.output import print_result, print_section
from dermdash.cli.analyse.source import ReadAs, ReverseRatings, Stage3, Truth, WithoutMarked, opened_source, warnings_of
from dermdash.cli.borderline_option import BorderlineOfSource
from dermdash.cli.console import Json, errors_explained
from dermdash.cli.spelling_option import Spellings
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import BorderlinePolicy

if TYPE_CHECKING:
    from dermdash.analyses.mrmc.result import MrmcStudyResult
    from dermdash.analyses.sample_size.paired_design import ChangeComponents
    from dermdash.analysis.mrmc.choices import Figure
    from dermdash.readings.readings_table import ReadingsTable

T = TypeVar("T")


class DesignName(StrEnum):
    """How the study is made."""

    PAIRED = "paired"
    MRMC = "mrmc"
    ARMS = "arms"


class Fom(StrEnum):
    """Figures whose error variance is known beforehand, or estimated from a pilot."""

    AUC = "auc"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    ACCURACY = "accuracy"


class Holds(StrEnum):
    """What the result shall hold for."""

    RRRC = "rrrc"
    FRRC = "frrc"
    RRFC = "rrfc"


@app.command("sample-size")
def sample_size(
    difference: Annotated[float, typer.Option(help="True difference to find, e.g. 0.05 for 5 points.")],
    design: Annotated[
        DesignName,
        typer.Option(
            help="paired: change before to after, paired t; mrmc: two modalities, all cases; arms: readers of "
            "their own in each, all cases."
        ),
    ] = DesignName.PAIRED,
    pilot: Annotated[
        str | None, typer.Option("--from", help="Pilot: a study, an imported log, or a file of readings or ratings.")
    ] = None,
    truth: Truth = None,
    spellings: Spellings = None,
    reverse_ratings: ReverseRatings = False,
    stage_3: Stage3 = False,
    without_marked: WithoutMarked = False,
    borderline: BorderlineOfSource = None,
    modality: Annotated[str | None, typer.Option(help="Pilot: only this kind of assistance.")] = None,
    fom: Annotated[Fom, typer.Option(help="mrmc, arms: figure of merit.")] = Fom.AUC,
    readers: Annotated[int | None, typer.Option(min=1, help="Number of readers, where it is given.")] = None,
    cases: Annotated[int | None, typer.Option(min=1, help="Cases each reader reads, where that is given.")] = None,
    power: Annotated[float, typer.Option(help="Power aimed at.")] = 0.8,
    alpha: Annotated[
        float | None, typer.Option(help="Default 0.05 two-sided; for non-inferiority 0.025 one-sided.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Plan non-inferiority with this margin; --difference is then the true one.")
    ] = None,
    holds: Annotated[Holds, typer.Option("--inference", help="mrmc: random or fixed readers and cases.")] = Holds.RRRC,
    modalities: Annotated[int, typer.Option(min=1, help="paired: kinds of assistance, one per case.")] = 4,
    arms: Annotated[int, typer.Option(min=2, help="arms: their number, whom all readers are divided among.")] = 2,
    tests: Annotated[
        int | None, typer.Option(min=1, help="paired: tests that alpha is divided by; default: --modalities.")
    ] = None,
    random_cases: Annotated[
        bool, typer.Option("--random-cases", help="paired: cases are a sample, too (needs a pilot).")
    ] = False,
    changed: Annotated[
        float | None, typer.Option(help="paired, assumed: share of readings turned between right and wrong.")
    ] = None,
    reader_sd: Annotated[float | None, typer.Option(help="Assumed: SD between readers.")] = None,
    level: Annotated[
        float | None, typer.Option(help="mrmc, arms, assumed: level of the figure, e.g. AUC 0.85.")
    ] = None,
    diseased_share: Annotated[float, typer.Option(help="mrmc, arms, assumed: share of diseased cases.")] = 0.5,
    r1: Annotated[float, typer.Option(help="Assumed: error correlation, same reader, other modality.")] = 0.43,
    r2: Annotated[float, typer.Option(help="Assumed: other reader, same modality.")] = 0.43,
    r3: Annotated[float, typer.Option(help="Assumed: other reader, other modality.")] = 0.30,
    reader_correlation: Annotated[
        float, typer.Option(help="mrmc, assumed: correlation of a reader's true figures in both modalities.")
    ] = 0.8,
    as_json: Json = False,
) -> None:
    """How many readers and cases a study needs. Works without a study: variance components can be assumed."""
    with errors_explained():
        from dermdash.analyses.sample_size import arms_plan as plan_of_arms
        from dermdash.analyses.sample_size import run as workflow
        from dermdash.analysis.mrmc.choices import Figure
        from dermdash.analysis.mrmc.effect import Inference

        read_as = ReadAs(truth, spellings, reverse_ratings, stage_3, borderline, without_marked)
        if stage_3 and pilot is None:
            raise InvalidInput("--stage-3 chooses among the cases of a pilot: name one with --from, or leave it out")
        if without_marked and pilot is None:
            raise InvalidInput("--without-marked chooses among the readers of a pilot: name one with --from")
        if borderline not in (None, BorderlinePolicy.BENIGN) and pilot is None:
            raise InvalidInput("--borderline says how a pilot is counted: name one with --from, or leave it out")
        warnings: tuple[str, ...] = ()
        basis = workflow.Basis.ASSUMED if pilot is None else workflow.Basis.PILOT
        question = workflow.Question(difference, power, alpha, margin, readers, cases)
        if design is DesignName.PAIRED:
            if pilot is not None:
                change, warnings = _pilot_changes(pilot, read_as, modality)
            else:
                change = workflow.assumed_changes(
                    difference,
                    changed=workflow.ASSUMED_CHANGED if changed is None else changed,
                    reader_sd=workflow.ASSUMED_READER_SD if reader_sd is None else reader_sd,
                )
            result = workflow.plan_paired(
                change, question, basis=basis, modalities=modalities, tests=tests, random_cases=random_cases
            )
        elif design is DesignName.ARMS:
            figure = Figure(fom.value)
            if pilot is not None:
                (components, side), warnings = _of_pilot(
                    pilot, read_as, figure,
                    of_ratings=plan_of_arms.pilot_arms,
                    of_readings=partial(plan_of_arms.pilot_arms_of_readings, modality=modality),
                )  # fmt: skip
            elif level is not None:
                components = plan_of_arms.assumed_arms(
                    figure=figure, level=level, cases=100 if cases is None else cases, diseased_share=diseased_share,
                    r2=r2, r3=r3, reader_sd=workflow.ASSUMED_FIGURE_SD if reader_sd is None else reader_sd,
                )  # fmt: skip
                side = plan_of_arms.smaller_side(figure, diseased_share)
            else:
                basis = workflow.Basis.EXAMPLE
                components, side = plan_of_arms.EXAMPLE_OF_ARMS, plan_of_arms.EXAMPLE_SIDE
            result = plan_of_arms.plan_arms(components, question, basis=basis, arms=arms, side=side)
        else:
            figure = Figure(fom.value)
            if pilot is not None:
                components, warnings = _of_pilot(
                    pilot, read_as, figure,
                    of_ratings=workflow.pilot_components,
                    of_readings=partial(workflow.pilot_of_readings, modality=modality),
                )  # fmt: skip
            elif level is not None:
                components = workflow.assumed_components(
                    figure=figure, level=level, cases=100 if cases is None else cases, diseased_share=diseased_share,
                    r1=r1, r2=r2, r3=r3, reader_sd=workflow.ASSUMED_FIGURE_SD if reader_sd is None else reader_sd,
                    reader_correlation=reader_correlation,
                )  # fmt: skip
            else:
                components, basis = workflow.EXAMPLE, workflow.Basis.EXAMPLE
            result = workflow.plan_mrmc(components, question, basis=basis, inference=Inference(holds.value))
        if as_json:
            print_result(result.as_dict(), warnings)
            return
        from dermdash.analyses.sample_size.section import sample_size_section

        print_section(sample_size_section(result), warnings)


def _pilot_changes(source: str, read_as: ReadAs, modality: str | None) -> tuple["ChangeComponents", tuple[str, ...]]:
    """What a pilot says of changes of mind, and what limits it."""
    from dermdash.analyses.sample_size.run import pilot_changes

    with opened_source(source, read_as) as (table, _):
        return pilot_changes(table, modality=modality), table.warnings
    raise AssertionError("unreachable")


def _of_pilot(
    source: str,
    read_as: ReadAs,
    figure: "Figure",
    *,
    of_ratings: "Callable[[MrmcStudyResult], T]",
    of_readings: "Callable[[ReadingsTable, Figure], T]",
) -> tuple[T, tuple[str, ...]]:
    """What a pilot says of variances, and what limits it."""
    from dermdash.analyses.mrmc.ratings_file import RatingsFile
    from dermdash.analyses.mrmc.run import analyse_mrmc_data
    from dermdash.analysis.mrmc.analysis import MrmcOptions
    from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit

    with opened_source(source, read_as, ratings=True) as (data, _):
        if isinstance(data, RatingsFile):
            found = of_ratings(analyse_mrmc_data(data.data, MrmcOptions(FigureOfMerit(figure))))
            return found, warnings_of(data)
        return of_readings(data, figure), data.warnings
    raise AssertionError("unreachable")
