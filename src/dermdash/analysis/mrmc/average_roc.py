"""The ROC curve of the average reader, with each reader's own.

- ``reader_curves(data, modality) -> dict of reader to curve``
- ``average_curve(curves, along=) -> (false positive rates, sensitivities)``
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.roc import RocCurve, missing_side, roc_curve
from dermdash.errors import InvalidInput

Along = Literal["specificity", "diagonal"]
_MOST_POINTS = 1001


def reader_curves(data: MrmcData, modality: str) -> dict[str, RocCurve]:
    """Empirical curve of each reader under a modality on their cases; readers without both sides are left out."""
    i = data.modalities.index(modality)
    found = {}
    for j, name in enumerate(data.readers):
        seen = data.read[j, i]
        if missing_side(data.truth[seen]) is None:
            found[name] = roc_curve(data.truth[seen], data.ratings[j, i, seen])
    return found


def average_curve(curves: Sequence[RocCurve], *, along: Along = "specificity") -> tuple[FloatArray, FloatArray]:
    """Average the curves of readers; every reader counts the same.

    Parameters
    ----------
    curves
        At least one.
    along
        ``specificity``: the mean sensitivity at each specificity (vertical). ``diagonal``: along lines at right angles
        to the line of chance, which treats both errors alike (Chen & Samuelson, Br J Radiol 2014).

    Returns
    -------
    arrays
        False positive rates and sensitivities, 0..1, rising. The area below is the mean of the readers' areas, up to
        the thinning of more than 1,001 distinct positions.
    """
    if not curves:
        raise InvalidInput("no curve to average: no reader has read cases with and without the condition")
    sides = [(1.0 - curve.specificity, curve.sensitivity) for curve in curves]
    if along == "diagonal":
        sums = [x + y for x, y in sides]
        where = _positions(sums)
        height = np.mean([np.interp(where, s, y - x) for s, (x, y) in zip(sums, sides, strict=True)], axis=0)
        return (where - height) / 2, (where + height) / 2
    where = _positions([x for x, _ in sides])
    limits = [_limits(where, x, y) for x, y in sides]
    below, above = (np.mean([pair[k] for pair in limits], axis=0) for k in (0, 1))
    return np.repeat(where, 2), np.stack([below, above], axis=1).ravel()


def _positions(values: Sequence[FloatArray]) -> FloatArray:
    """Where any curve bends."""
    every = np.unique(np.concatenate(values).round(12))
    return every if len(every) <= _MOST_POINTS else np.linspace(every[0], every[-1], _MOST_POINTS)


def _limits(where: FloatArray, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest sensitivity at each false positive rate: a curve may rise straight up."""
    x = x.round(12)
    at, first = np.unique(x, return_index=True)
    last = np.append(first[1:], len(x)) - 1
    low, high = y[first], y[last]
    k = np.clip(np.searchsorted(at, where), 0, len(at) - 1)
    exact = at[k] == where
    before = np.maximum(k - 1, 0)
    width = np.where(at[k] > at[before], at[k] - at[before], 1.0)
    between = high[before] + (where - at[before]) / width * (low[k] - high[before])
    return np.where(exact, low[k], between), np.where(exact, high[k], between)
