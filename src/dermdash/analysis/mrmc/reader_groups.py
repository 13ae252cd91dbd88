"""Groups of readers who read the same cases under different conditions: readers nested in arms, cases shared by all.

A contrast is a weighted sum of the groups' mean figures of merit: 1 and -1 compare two arms; a half of each is the mean
over the two sequences of a crossover. It varies by the readers, who are others in every group, and by the cases, which
all groups share (split-plot design of Hillis, Stat Med 2014; Obuchowski, Acad Radiol 1995). Every group has a variance
between readers of its own (Welch 1947), as assistance may bring readers closer together or further apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.estimates import equal_clusters_of
from dermdash.analysis.mrmc.analysis import default_covariance
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.covariance import covariance_of
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import (
    NO_VARIANCE,
    EffectTest,
    MeanEstimate,
    difference_test,
    mean_estimate,
    no_effect,
)
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit, measure
from dermdash.analysis.mrmc.own_readers import between_groups, too_few_readers
from dermdash.wording import counted, number

FEWEST_CASES = 10
"""Cases of a side, as so many equal ones, from which an interval is shown: below, it was not simulated to hold its
level (tests/benchmarks/error_rates_of_arms.py)."""


@dataclass(frozen=True, slots=True, eq=False)
class ReaderFigures:
    """One figure of every reader, and how they vary together by the cases.

    Attributes
    ----------
    readers
        Names.
    values : FloatArray
        (readers,).
    covariance : FloatArray
        (readers, readers), over cases; 0 of readers without a case in common.
    read : BoolArray
        (readers, cases): who read which.
    sides : tuple of BoolArray
        (cases,) each: the samples of cases that the figure averages over.
    unit : IntArray
        (cases,): number of the patient or lesion.
    method : Covariance
        Of which method.
    """

    readers: tuple[str, ...]
    values: FloatArray
    covariance: FloatArray
    read: BoolArray
    sides: tuple[BoolArray, ...]
    unit: IntArray
    method: Covariance

    def cases(self, groups: Sequence[BoolArray]) -> float:
        """Cases (patients, lesions) of the smaller side as so many equal ones, of the group that read the fewest.

        What a group read says what its mean varies by, however many cases the others read.
        """
        read = [self.read[group].any(axis=0) for group in groups]
        return min(equal_clusters_of(self.unit[side & own]) for own in read for side in self.sides)

    def members(self, names: frozenset[str]) -> BoolArray:
        """Which of the readers are among these."""
        return np.array([name in names for name in self.readers], bool)


def figures_of_readers(data: MrmcData, merit: FigureOfMerit, weights: Sequence[float] = (1.0,)) -> ReaderFigures:
    """The figure of every reader who has one under all modalities, as a weighted sum over the modalities.

    Parameters
    ----------
    data
        One modality, or as many as ``weights``: (1, -1) gives each reader's difference.

    Raises
    ------
    InvalidInput
        As of `measure` and `covariance_of`.
    """
    measured = measure(data, merit)
    usable = np.asarray(measured.usable.all(axis=1))
    if not usable.all():
        # Who has no figure gives no case either.
        data = data.of_readers(usable)
        measured = measure(data, merit)
    method = default_covariance(data, merit)
    share = np.asarray(weights, float)
    readers, modalities = measured.values.shape
    matrix = covariance_of(measured, method).reshape(readers, modalities, readers, modalities)
    covariance = np.einsum("jakb,a,b->jk", matrix, share, share)
    read = np.asarray(data.read.any(axis=1))
    return ReaderFigures(
        data.readers, measured.values @ share, covariance, read, measured.sides, data.unit_index, method
    )


def group_contrast(
    figures: ReaderFigures, groups: Sequence[BoolArray], weights: Sequence[float], *, confidence: float = 0.95
) -> EffectTest:
    """A weighted sum of the means of groups, for other readers and other cases.

    Parameters
    ----------
    groups
        Which readers are in each; no reader is in two.
    weights
        Of each mean.

    Notes
    -----
    Variance: sum of w^2 S^2 / n over the groups, plus max(sum of w w' C, 0), where S^2 is the variance between the
    readers of a group, and C the mean covariance over cases of two different readers, one of each group. Degrees of
    freedom by Satterthwaite from n - 1 of each group and cases - 1, never more than cases - 1; where groups are
    `own_readers.UNEVEN`, the readers' are those of the smallest group.
    """
    means = np.array([figures.values[group].mean() if group.any() else np.nan for group in groups])
    value = float(means @ np.asarray(weights))
    if reason := _too_few(figures, groups):
        return no_effect(reason, value if np.isfinite(value) else None)
    of_readers, df_readers = _between_readers(figures.values, groups, weights)
    if of_readers <= NO_VARIANCE:
        return no_effect("no reader differs from another of their group: how much readers differ cannot be seen", value)
    of_cases = max(_shared(figures.covariance, groups, weights), 0.0)
    df = degrees_of_contrast(of_readers, df_readers, of_cases, figures.cases(groups))
    return difference_test(value, of_readers + of_cases, df, confidence=confidence)


def group_mean(figures: ReaderFigures, group: BoolArray, *, confidence: float = 0.95) -> MeanEstimate:
    """The mean of one group, for other readers and other cases; its interval is on the log odds."""
    found = group_contrast(figures, (group,), (1.0,), confidence=confidence)
    if found.difference is None:
        return MeanEstimate(float("nan"), reason=found.reason)
    if found.se is None:
        return MeanEstimate(found.difference, reason=found.reason)
    return mean_estimate(found.difference, found.se**2, found.df2, confidence=confidence)


def within(test: EffectTest, most: float = 1.0) -> EffectTest:
    """The same with an interval that does not leave -``most`` to ``most``, as a difference of shares cannot."""
    if test.low is None or test.high is None:
        return test
    return replace(test, low=max(-most, test.low), high=min(most, test.high))


def _too_few(figures: ReaderFigures, groups: Sequence[BoolArray]) -> str | None:
    if reason := too_few_readers(min(int(group.sum()) for group in groups)):
        return reason
    if (some := figures.cases(groups)) < FEWEST_CASES - 1e-9:
        many = counted(int(some), "case") if some == int(some) else f"cases that count for {number(some, 1)} equal ones"
        return f"{many} of a side: what holds for other cases is shown from {FEWEST_CASES}"
    return None


def _between_readers(values: FloatArray, groups: Sequence[BoolArray], weights: Sequence[float]) -> tuple[float, float]:
    parts = [w**2 * float(values[g].var(ddof=1)) / int(g.sum()) for g, w in zip(groups, weights, strict=True)]
    return between_groups(parts, [int(g.sum()) for g in groups])


def _shared(covariance: FloatArray, groups: Sequence[BoolArray], weights: Sequence[float]) -> float:
    """What the contrast varies by through the cases that readers share."""
    total = 0.0
    for first, own in zip(groups, weights, strict=True):
        for second, other in zip(groups, weights, strict=True):
            block = covariance[np.ix_(first, second)]
            if first is second:
                n = len(block)
                mean = (float(block.sum()) - float(np.trace(block))) / (n * (n - 1))
            else:
                mean = float(block.mean())
            total += own * other * mean
    return total


def degrees_of_contrast(of_readers: float, df_readers: float, of_cases: float, cases: float) -> float:
    """Satterthwaite's degrees of freedom of a variance between readers and one of ``cases``, at most cases - 1."""
    lost = of_readers**2 / df_readers + of_cases**2 / (cases - 1)
    return min((of_readers + of_cases) ** 2 / lost, cases - 1)
