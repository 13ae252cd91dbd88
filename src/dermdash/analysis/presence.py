"""Whether a field being filled at all tells the diagnosis.

For each class: the share of records with the field among those of the class, less the share among the others. That is
Youden's index of "filled" as a test for the class (or of "empty", where it is negative), and 2 x AUC - 1. Its interval
is Newcombe's for a difference of two shares (Statistics in Medicine 1998, method 10), in lesions: photographs of one
lesion are filled together. The mutual information with the label, as a share of its entropy, is told beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.distributions import chi2_above

LEAST_CLASS = 10
"""Classes with fewer lesions, or fewer others, are not looked at."""
LEAST_FILLED = 10
THRESHOLD = 0.3
CHANCE = 1e-3
"""Each field is tested and the best of its classes is told: what chance gives is not listed."""
CLEAR = 0.2
"""Where the lower end of the interval reaches it, the verdict is "predicts"."""
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class PresenceEffect:
    """How well a field's presence tells a class.

    ``youden`` (-1 to 1): share filled in the class less share filled in the others, ``low`` and ``high`` its 95 %
    interval; ``auc`` of presence for the class (0.5 to 1); ``information`` share of the label's entropy that presence
    explains (0 to 1); ``chance`` the p value of presence and diagnosis being unrelated (chi-square over all classes).
    """

    label: str
    filled: float
    filled_others: float
    youden: float
    low: float
    high: float
    auc: float
    information: float
    n_class: int
    n_others: int
    chance: float


def presence_effect(
    filled: NDArray[np.bool_], labels: NDArray[np.object_], groups: NDArray[np.object_]
) -> PresenceEffect | None:
    """The class that presence tells best; None where too few lesions are filled, empty or of any class.

    Parameters
    ----------
    filled, labels, groups
        Of each record; ``labels`` None where there is no diagnosis, ``groups`` lesions.
    """
    known = np.array([label is not None for label in labels], dtype=bool)
    if not known.any():
        return None
    # One row per lesion and label, filled where most of its records are.
    keys: dict[tuple[object, object], list[int]] = {}
    for group, label, is_filled in zip(groups[known], labels[known], filled[known], strict=True):
        pair = keys.setdefault((group, label), [0, 0])
        pair[0] += int(is_filled)
        pair[1] += 1
    of_lesion = np.array([2 * f >= n for f, n in keys.values()])
    label_of = np.array([label for _, label in keys], dtype=object)
    if min(of_lesion.sum(), (~of_lesion).sum()) < LEAST_FILLED:
        return None
    information, chance = _related(of_lesion, label_of)
    best = None
    for label in sorted(set(label_of.tolist())):
        mine = label_of == label
        n, m = int(mine.sum()), int((~mine).sum())
        if min(n, m) < LEAST_CLASS:
            continue
        p, q = float(of_lesion[mine].mean()), float(of_lesion[~mine].mean())
        low, high = _newcombe(p, n, q, m)
        effect = PresenceEffect(str(label), p, q, p - q, low, high, 0.5 + abs(p - q) / 2, information, n, m, chance)
        if best is None or abs(effect.youden) > abs(best.youden):
            best = effect
    return best


def _newcombe(p: float, n: int, q: float, m: int) -> tuple[float, float]:
    (lp, up), (lq, uq) = _wilson(p, n), _wilson(q, m)
    d = p - q
    return d - math.hypot(p - lp, uq - q), d + math.hypot(up - p, q - lq)


def _wilson(p: float, n: int) -> tuple[float, float]:
    centre = p + _Z**2 / (2 * n)
    half = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return (centre - half) / (1 + _Z**2 / n), (centre + half) / (1 + _Z**2 / n)


def _related(filled: NDArray[np.bool_], labels: NDArray[np.object_]) -> tuple[float, float]:
    """Share of the label's entropy that presence explains, and Pearson's p value."""
    _, codes = np.unique(labels.astype(str), return_inverse=True)
    table = np.zeros((2, codes.max() + 1))
    np.add.at(table, (filled.astype(int), codes), 1)
    joint = table / table.sum()
    rows, columns = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.nansum(joint * np.log(joint / (rows * columns)))
        entropy = -np.nansum(columns * np.log(columns))
    expected = rows * columns * table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    chance = chi2_above(statistic, table.shape[1] - 1) if table.shape[1] > 1 else 1.0
    return (float(shared / entropy) if entropy > 0 else 0.0), chance
