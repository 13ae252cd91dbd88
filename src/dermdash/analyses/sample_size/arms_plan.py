"""Planning parallel arms: where the variance components of readers who read under one condition come from."""

from dataclasses import replace

import numpy as np

from dermdash.analyses.mrmc import run as mrmc_analysis
from dermdash.analyses.sample_size.arms_design import ArmsDesign, of_own_readers
from dermdash.analyses.sample_size.mrmc_design import Components
from dermdash.analyses.sample_size.run import (
    EXAMPLE,
    Basis,
    Question,
    SampleSizeResult,
    assumed_components,
    cases_words,
    plan_of,
)
from dermdash.analysis.estimates import equal_clusters_of
from dermdash.analysis.mrmc.analysis import MrmcOptions, MrmcResult
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.covariance import covariance_of
from dermdash.analysis.mrmc.error_covariance import average_covariance
from dermdash.analysis.mrmc.figure_of_merit import measure
from dermdash.errors import InvalidInput
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import counted, percent

EXAMPLE_OF_ARMS = of_own_readers(EXAMPLE, 0.0017354020)
"""Of the same data: variance between readers within a modality - Var + Cov2."""
EXAMPLE_SIDE = 45 / 114


def plan_arms(
    components: Components, question: Question, *, basis: Basis, arms: int = 2, side: float = 1.0
) -> SampleSizeResult:
    """Plan a study in which every reader reads every case in one of several arms."""
    design = ArmsDesign(components, question.difference, arms, question.level, question.margin, side)
    return plan_of(question, design, basis)


def smaller_side(figure: Figure, diseased_share: float) -> float:
    """Share of the cases on the smaller side that a figure averages over."""
    sides = {
        Figure.ACCURACY: 1.0,
        Figure.SENSITIVITY: diseased_share,
        Figure.SPECIFICITY: 1 - diseased_share,
    }
    return sides.get(figure, min(diseased_share, 1 - diseased_share))


def assumed_arms(
    *, figure: Figure, level: float, cases: int, diseased_share: float, r2: float, r3: float, reader_sd: float
) -> Components:
    """Components from assumptions, those of two modalities without a reader who has both.

    Raises
    ------
    InvalidInput
        As of `assumed_components`.
    """
    made = assumed_components(
        figure=figure, level=level, cases=cases, diseased_share=diseased_share, r1=r3, r2=r2, r3=r3,
        reader_sd=reader_sd, reader_correlation=0.0,
    )  # fmt: skip
    name = "AUC" if figure is Figure.AUC else figure.value
    how = "Hanley and McNeil" if figure is Figure.AUC else "binomial"
    origin = (
        f"assumptions: {name} of {level:g} ({how} variance), {percent(diseased_share, 0)} of cases diseased, "
        f"correlations of two readers of one arm {r2:g} and of two arms {r3:g}, SD between readers {reader_sd:g}"
    )
    return of_own_readers(replace(made, origin=origin), reader_sd**2)


def pilot_arms(found: mrmc_analysis.MrmcStudyResult) -> tuple[Components, float]:
    """Components of the first comparison of a pilot that has them, and its share of the smaller side.

    Raises
    ------
    InvalidInput
        None has two readers or more under each modality who share cases.
    """
    for one in found.comparisons:
        if one.result is not None and (made := _arms_of(one.result, f"{found.source}, {one.name}")) is not None:
            return made
    raise InvalidInput(
        f"{found.source} does not show how readers of one arm differ: it takes two readers or more under each of two "
        "modalities, who read the same cases"
    )


def pilot_arms_of_readings(
    table: ReadingsTable, figure: Figure, *, modality: str | None = None
) -> tuple[Components, float]:
    """The same from the readings of a study or log, whoever read under both conditions or in arms of their own."""
    options = MrmcOptions(merit=mrmc_analysis.merit_of_readings(figure))
    asked = None if modality is None else [modality]
    return pilot_arms(mrmc_analysis.analyse_mrmc_readings(table, options, modalities=asked))


def _arms_of(result: MrmcResult, what: str) -> tuple[Components, float] | None:
    data, measured = result.data, measure(result.data, result.merit)
    usable = measured.usable
    if len(data.modalities) < 2 or usable.sum(axis=0).min() < 2:
        return None
    errors = average_covariance(covariance_of(measured, result.covariance), usable)
    if errors.cov2 is None or errors.cov3 is None:
        return None
    own = [float(measured.values[usable[:, i], i].var(ddof=1)) for i in range(len(data.modalities))]
    between = max(float(np.mean(own)) - (errors.variance - errors.cov2), 0.0)
    # A reader of n of the C cases has errors C/n times as variable; what two share is already that of all of them.
    share = data.readings / (int(usable.sum()) * len(data.cases))
    error = max(errors.variance * share, errors.cov2, errors.cov3)
    part = "" if share == 1 else f", each reader on {percent(share, 0)} of them and the error variance brought to all"
    made = Components(
        between, error, errors.cov3, errors.cov2, errors.cov3, len(data.cases),
        f"{what}: {result.merit.name}, {counted(len(data.readers), 'reader')}, "
        f"{cases_words(len(data.cases), data.unit_count)}{part}, {result.covariance.value} covariance",
    )  # fmt: skip
    unit = data.unit_index
    return made, min(equal_clusters_of(unit[side]) for side in measured.sides) / len(data.cases)
