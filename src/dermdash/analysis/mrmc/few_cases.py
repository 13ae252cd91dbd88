"""What is said of other cases where a side has few: the rule of `auc_intervals` for readers' figures of merit.

A side are the cases with the condition, or without it, that the figure averages over, counted in patients or lesions
where they are known: as so many equal ones, since a patient with most of the cases shows little. With fewer than
`LEAST_SIDE` nothing is said of other cases; below `FEW_FOR_TEST` (a single modality, as a single area: `FEW_SIDE`) the
degrees of freedom are at most the smaller side - 1, since the variance between cases is known no better than that. What
speaks of these cases alone (fixed cases) stays as it is.
"""

from dermdash.analysis.auc_intervals import FEW_FOR_TEST, FEW_SIDE, LEAST_SIDE
from dermdash.analysis.estimates import equal_clusters_of
from dermdash.analysis.mrmc.effect import (
    EffectTest,
    Inference,
    MeanEstimate,
    difference_test,
    mean_estimate,
    no_effect,
    overall_test,
)
from dermdash.analysis.mrmc.figure_of_merit import Measured
from dermdash.wording import counted, number


def least_side(measured: Measured) -> float:
    """Patients or lesions (else cases) of the smaller side of those that somebody read, as equal ones."""
    unit, read = measured.data.unit_index, measured.data.read.any(axis=(0, 1))
    return min(equal_clusters_of(unit[side & read]) for side in measured.sides)


def too_few_cases(side: float) -> str | None:
    """Why nothing is said of other cases; None where enough stand on the smaller side."""
    if side >= LEAST_SIDE:
        return None
    many = counted(int(side), "case") if side == int(side) else f"cases that count for {number(side, 1)} equal ones"
    return f"{many} of a side: what holds for other cases needs {LEAST_SIDE} with and without"


def effect_of_few(test: EffectTest, side: float, *, confidence: float) -> EffectTest:
    """The test for as many cases as the smaller ``side`` has; one that was refused before stays refused."""
    if test.f is None or test.df1 is None:
        return test
    if reason := too_few_cases(side):
        return no_effect(reason, test.difference)
    if side >= FEW_FOR_TEST:
        return test
    df = _at_most(test.df2, side)
    if test.difference is not None and test.se is not None:
        return difference_test(test.difference, test.se**2, df, confidence=confidence)
    # What was chi-square with several degrees of freedom is as many times the F it becomes.
    return overall_test(test.f / test.df1 if test.df2 is None else test.f, test.df1, df)


def effects_of_few(
    tests: dict[Inference, EffectTest], side: float, *, confidence: float
) -> dict[Inference, EffectTest]:
    """Every kind of inference that speaks of other cases, for as many as there are."""
    return {
        kind: test if kind is Inference.RRFC else effect_of_few(test, side, confidence=confidence)
        for kind, test in tests.items()
    }


def means_of_few(
    means: dict[Inference, MeanEstimate], side: float, *, confidence: float
) -> dict[Inference, MeanEstimate]:
    """The means of one modality, likewise."""
    return {
        kind: mean if kind is Inference.RRFC else _mean_of_few(mean, side, confidence) for kind, mean in means.items()
    }


def _mean_of_few(mean: MeanEstimate, side: float, confidence: float) -> MeanEstimate:
    if mean.se is None or mean.low is None:
        return mean
    if reason := too_few_cases(side):
        return MeanEstimate(mean.value, reason=reason)
    if side >= FEW_SIDE:
        return mean
    return mean_estimate(mean.value, mean.se**2, _at_most(mean.df, side), confidence=confidence)


def _at_most(df: float | None, side: float) -> float:
    """Degrees of freedom (None: as if all were known) that ``side`` cases allow."""
    return side - 1.0 if df is None else min(df, side - 1.0)
