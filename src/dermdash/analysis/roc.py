"""Receiver operating characteristic and precision-recall of one score, and the threshold of Youden.

A case is called positive when its score is **at or above** the threshold. Curves have one point per distinct score,
so nothing is interpolated.

- ``roc_curve(target, score) -> RocCurve``; ``area(target, score)``
- ``precision_recall_curve(target, score)``; ``average_precision(target, score)``
- ``youden(curve) -> YoudenPoint | None``
- ``missing_side(target)``: why no curve can be drawn, or None
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.distributions import midranks
from dermdash.errors import InvalidInput
from dermdash.wording import counted, form


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Empirical ROC curve; arrays of equal length, thresholds falling.

    The first point has the threshold infinity (nothing is called positive), the last the lowest score (everything
    is). ``sensitivity`` and ``specificity`` against ``thresholds`` are step functions: between two thresholds the
    values of the higher one hold.
    """

    thresholds: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray
    positives: int
    negatives: int

    def thinned(self, points: int) -> "RocCurve":
        """The same curve with at most about that many points: corners first, ends kept."""
        keep = np.ones(len(self.thresholds), bool)
        # A point on the straight line between its neighbours draws nothing.
        up, right = np.diff(self.sensitivity), np.diff(self.specificity)
        keep[1:-1] = ~np.isclose(up[:-1] * right[1:], up[1:] * right[:-1], atol=1e-15)
        chosen = np.flatnonzero(keep)
        if len(chosen) > points:
            chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, points).round().astype(int))]
        return RocCurve(
            self.thresholds[chosen], self.sensitivity[chosen], self.specificity[chosen], self.positives, self.negatives
        )


@dataclass(frozen=True, slots=True)
class PrecisionRecallCurve:
    """Precision (share of right calls among calls) and recall, thresholds falling; no point without a call."""

    thresholds: FloatArray
    precision: FloatArray
    recall: FloatArray


@dataclass(frozen=True, slots=True)
class YoudenPoint:
    """The threshold with the greatest sensitivity + specificity - 1, and what is reached there."""

    threshold: float
    sensitivity: float
    specificity: float

    @property
    def index(self) -> float:
        """Youden's J, 0..1 (1 separates perfectly)."""
        return self.sensitivity + self.specificity - 1


def missing_side(target: BoolArray) -> str | None:
    """Why sensitivity and specificity cannot both be known from these cases, or None."""
    positives = int(target.sum())
    if len(target) == 0:
        return "no case"
    if positives == 0:
        return f"none of the {counted(len(target), 'case')} is positive"
    if positives == len(target):
        return f"all {counted(len(target), 'case')} {form(len(target), 'is', 'are')} positive"
    return None


def roc_curve(target: BoolArray, score: FloatArray) -> RocCurve:
    """Empirical ROC curve.

    Parameters
    ----------
    target
        bool (n,): whether the case has the condition.
    score
        float (n,), finite; higher speaks for the condition.

    Raises
    ------
    InvalidInput
        Lengths differ, a score is not finite, or one side has no case (`missing_side` asks beforehand).
    """
    thresholds, true_calls, calls = _call_counts(target, score)
    positives = int(target.sum())
    negatives = len(target) - positives
    return RocCurve(
        np.concatenate([[np.inf], thresholds]),
        np.concatenate([[0.0], true_calls / positives]),
        np.concatenate([[1.0], 1.0 - (calls - true_calls) / negatives]),
        positives,
        negatives,
    )


def precision_recall_curve(target: BoolArray, score: FloatArray) -> PrecisionRecallCurve:
    """Precision and recall at every distinct score; parameters and errors as `roc_curve`."""
    thresholds, true_calls, calls = _call_counts(target, score)
    return PrecisionRecallCurve(thresholds, true_calls / calls, true_calls / int(target.sum()))


def average_precision(target: BoolArray, score: FloatArray) -> float:
    """Sum of precision times gain in recall over the thresholds (not the interpolated area); 0..1."""
    curve = precision_recall_curve(target, score)
    return float(np.sum(np.diff(curve.recall, prepend=0.0) * curve.precision))


def area(target: BoolArray, score: FloatArray) -> float:
    """Area under the empirical ROC curve: P(positive scores higher) + P(tie) / 2 (Mann-Whitney); 0..1."""
    _check(target, score)
    positives = int(target.sum())
    ranks = midranks(score)
    pairs = positives * (len(target) - positives)
    return float((ranks[target].sum() - positives * (positives + 1) / 2) / pairs)


def youden(curve: RocCurve) -> YoudenPoint | None:
    """The threshold that maximises sensitivity + specificity (Youden 1950; Han et al. 2018).

    Among equals the highest threshold is taken, that is the one that calls fewest cases. None when no threshold is
    better than chance (J is 0 at best): all scores equal, or the score points the wrong way.
    """
    # In counts, so that equal thresholds compare as equal.
    true_calls = np.rint(curve.sensitivity * curve.positives)
    false_calls = np.rint((1.0 - curve.specificity) * curve.negatives)
    gain = true_calls * curve.negatives - false_calls * curve.positives
    best = int(gain.argmax())
    if gain[best] <= 0:
        return None
    return YoudenPoint(float(curve.thresholds[best]), float(curve.sensitivity[best]), float(curve.specificity[best]))


def threshold_at_sensitivity(curve: RocCurve, sensitivity: float) -> float:
    """The highest threshold whose sensitivity is at least the wanted one (0..1)."""
    reached = curve.sensitivity >= sensitivity - 1e-12
    return float(curve.thresholds[int(reached.argmax())])


def _call_counts(target: BoolArray, score: FloatArray) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
    _check(target, score)
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], target[order]
    last_of_tie = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    return ranked[last_of_tie], np.cumsum(hits, dtype=np.int64)[last_of_tie], last_of_tie.astype(np.int64) + 1


def _check(target: BoolArray, score: FloatArray) -> None:
    if target.shape != score.shape or target.ndim != 1:
        raise InvalidInput(f"{target.shape} truths for {score.shape} scores: expected as many of both")
    if not np.isfinite(score).all():
        raise InvalidInput("some scores are not finite; leave these cases out before scoring")
    if reason := missing_side(target):
        raise InvalidInput(f"no ROC curve: {reason}")
