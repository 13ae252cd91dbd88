"""What a score does at the rates of readers who call the same cases: the step curve read off at each of them.

The curve is taken as it is, a step function: at a specificity the score has the greatest sensitivity among its points
of at least that specificity, nothing is interpolated.
"""

from dataclasses import dataclass

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.draws import Drawn
from dermdash.analysis.running_counts import Counts, running_counts

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Matched:
    """Rates of a score and of readers, each (draws, readers); NaN where a draw has no case of a side.

    ``score_specificity`` is that of the score at a reader's sensitivity, ``score_sensitivity`` that at their
    specificity.
    """

    sensitivity: FloatArray
    specificity: FloatArray
    score_sensitivity: FloatArray
    score_specificity: FloatArray


@dataclass(frozen=True, slots=True)
class Steps:
    """The curve of a score as steps: its cases of each side by falling score, and how many each threshold calls.

    The first threshold calls nothing, the last every case; equal scores are called together.
    """

    positive: IntArray
    negative: IntArray
    positives_called: IntArray
    negatives_called: IntArray


def steps_of(target: BoolArray, score: FloatArray) -> Steps:
    """The steps of a score (higher speaks for the condition) of cases that have the condition or not."""
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True)) if len(order) else np.empty(0, int)
    positives_called = np.append(0, np.cumsum(target[order])[ends])
    return Steps(
        order[target[order]], order[~target[order]], positives_called, np.append(0, ends + 1) - positives_called
    )  # fmt: skip


def matched_to_readers(weight: Drawn, target: BoolArray, score: FloatArray, called: BoolArray) -> Matched:
    """The score at the rates of every reader, in every draw.

    Readers share the cases and so the curve of a draw, which is made once. Everything is counted in whole cases, so
    that equal rates compare as equal.

    Parameters
    ----------
    weight
        (draws, cases): how often each case was drawn, whole numbers.
    target
        bool (cases,): whether the case has the condition.
    score
        float (cases,): higher speaks for the condition.
    called
        bool (readers, cases): what each reader, who read all of these cases, called positive.
    """
    steps = steps_of(target, score)
    hits, alarms = running_counts(weight, steps.positive), running_counts(weight, steps.negative)
    own_hits = _whole(weight, steps.positive, called)
    own_alarms = _whole(weight, steps.negative, called)
    draw = np.arange(len(weight))[:, None]
    # The first threshold with as many hits as a reader, and the last without more false alarms.
    enough = np.searchsorted(steps.positives_called, _first_reaching(hits, own_hits), "left")
    allowed = np.searchsorted(steps.negatives_called, _first_reaching(alarms, own_alarms + 1) - 1, "right") - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        positives, negatives = hits[:, -1:].astype(float), alarms[:, -1:].astype(float)
        return Matched(
            own_hits / positives,
            1 - own_alarms / negatives,
            np.where(negatives > 0, hits[draw, steps.positives_called[allowed]] / positives, np.nan),
            np.where(positives > 0, 1 - alarms[draw, steps.negatives_called[enough]] / negatives, np.nan),
        )


def matched_to_mean(
    steps: Steps, positive: FloatArray, negative: FloatArray, sensitivity: FloatArray, specificity: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The score's (sensitivity, specificity): at the wanted specificity, and at the wanted sensitivity, of each draw.

    Parameters
    ----------
    positive, negative
        (cases of the side, draws): weights in the order of ``steps``.
    sensitivity, specificity
        (draws,): what is wanted. NaN comes of NaN, and of a draw without a case of a side.
    """
    hits, alarms = _running(positive), _running(negative)
    draw = np.arange(hits.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        positives, negatives = hits[-1], alarms[-1]
        # Cases whose sum still falls short of the wanted rate, or does not exceed the false alarms that it allows.
        short = (hits < (sensitivity - _ROUNDING) * positives).sum(axis=0)
        within = (alarms <= (1 - specificity + _ROUNDING) * negatives).sum(axis=0) - 1
        enough = np.minimum(np.searchsorted(steps.positives_called, short, "left"), len(steps.positives_called) - 1)
        allowed = np.maximum(np.searchsorted(steps.negatives_called, within, "right") - 1, 0)
        known = (positives > 0) & (negatives > 0) & np.isfinite(sensitivity) & np.isfinite(specificity)
        return (
            np.where(known, hits[steps.positives_called[allowed], draw] / positives, np.nan),
            np.where(known, 1 - alarms[steps.negatives_called[enough], draw] / negatives, np.nan),
        )


def _running(weight: FloatArray) -> FloatArray:
    """Sums down the rows with a leading row of zeros; row by row, which is faster than along the rows."""
    total = np.zeros((len(weight) + 1, weight.shape[1]))
    for row, more in enumerate(weight):
        np.add(total[row], more, out=total[row + 1])
    return total


def _whole(weight: Drawn, columns: IntArray, called: BoolArray) -> Counts:
    """How many of these cases each reader called: (draws, readers). Whole numbers are exact in float32 up to 2^24."""
    found = np.take(weight, columns, axis=1) @ called[:, columns].T.astype(np.float32)
    return np.asarray(np.rint(found)).astype(np.int32)


def _first_reaching(counts: Counts, wanted: Counts) -> IntArray:
    """In each row of rising ``counts`` (draws, n) the first place with at least ``wanted`` (draws, m); n where none."""
    # Rows end to end, each lifted above the one before: one search for all.
    step = int(max(counts.max(initial=0), wanted.max(initial=0))) + 1
    lift = np.arange(len(counts), dtype=np.int64)[:, None] * step
    found = np.searchsorted((counts + lift).ravel(), (wanted + lift).ravel(), "left")
    places: IntArray = found.reshape(wanted.shape) - np.arange(len(counts))[:, None] * counts.shape[1]
    return np.minimum(places, counts.shape[1])
