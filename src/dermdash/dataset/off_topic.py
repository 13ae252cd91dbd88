"""Pictures of another kind than the rest of a data set: overviews, close-ups, histology slides, screenshots, drawings.

How far a picture lies from what is usual is measured over its cues (`image_looks`): the Mahalanobis distance under a
covariance of the nine tenths that lie nearest, so that the pictures that are looked for do not widen what is usual.
Burnt-out skin, black lesions and violet light are frequent among good dermatoscopic pictures and
far from the median of measures that are mostly 0: these cues only help to name what was found.
What it looks like is said by simple rules over the same cues; they name, they do not decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.image_looks import CUES

METHOD_VERSION = "2"
LEAST_IMAGES = 30
"""With fewer there is no telling what is usual."""
_KEPT = 0.9
_ROUNDS = 4
_THRESHOLD = 4.0
_RIDGE = 0.05
"""Added to each variance, in units of the robust one: cues that hardly vary must not decide alone."""
_ONLY_NAME = ("white", "black", "purple")
_SHARES = ("skin", "axis_edges", "flat")
"""Shares of the picture: the root makes of them measures whose spread says something near 0, too (of skin: near 1)."""
_TAIL = 3.0
"""Robust standard deviations from which on a distance counts less and less: one extreme cue makes no other kind."""
_USED = [i for i, name in enumerate(CUES) if name not in _ONLY_NAME]


@dataclass(frozen=True, slots=True, eq=False)
class OffTopic:
    """``distance`` (n,) in robust standard deviations of the log distance above the median; ``score`` (n,) 0 to 1, 0.5
    at the threshold; ``reasons``: for each the cues that lie farthest out, with how far."""

    distance: NDArray[np.float64]
    score: NDArray[np.float64]
    reasons: list[dict[str, float]]


def unlike_the_others(cues: NDArray[np.floating]) -> OffTopic | None:
    """How unlike the others each image (n, 16) is; None where there are too few."""
    if len(cues) < LEAST_IMAGES:
        return None
    used = _measures(cues)
    centre = np.median(used, axis=0)
    spread = 1.4826 * np.median(np.abs(used - centre), axis=0)
    spread = np.maximum(spread, 0.25 * used.std(axis=0))
    z = (used - centre) / np.maximum(spread, 1e-4)
    z = _TAIL * np.arcsinh(z / _TAIL)
    kept = np.argsort(np.abs(z).max(axis=1), kind="stable")[: max(LEAST_IMAGES, int(_KEPT * len(z)))]
    for _ in range(_ROUNDS):
        mean, covariance = z[kept].mean(axis=0), np.cov(z[kept], rowvar=False) + _RIDGE * np.eye(z.shape[1])
        away = z - mean
        squared = np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away)
        now = np.argsort(squared, kind="stable")[: len(kept)]
        if set(now.tolist()) == set(kept.tolist()):
            break
        kept = now
    logs = np.log(np.sqrt(np.maximum(squared, 1e-9)))
    median = float(np.median(logs))
    scale = 1.4826 * float(np.median(np.abs(logs - median))) or 1.0
    distance = np.maximum(0, (logs - median) / scale)
    order = np.argsort(-np.abs(z), axis=1)[:, :3]
    reasons = [{CUES[_USED[c]]: round(float(z[i, c]), 1) for c in places} for i, places in enumerate(order)]
    return OffTopic(distance, distance / (distance + _THRESHOLD), reasons)


def _measures(cues: NDArray[np.floating]) -> NDArray[np.float64]:
    """The cues that count (n, 13), shares by their root."""
    every = np.array(cues, np.float64)
    for name in _SHARES:
        at = CUES.index(name)
        share = 1 - every[:, at] if name == "skin" else every[:, at]
        every[:, at] = np.sqrt(np.clip(share, 0, 1))
    return every[:, _USED]


def looks_like(cue: Mapping[str, float]) -> str:
    """What a picture with these cues looks like: a verdict of the kind "off_topic"."""
    if cue["flat"] > 0.45 and cue["axis_edges"] > 0.5:
        return "screenshot"
    if cue["white"] > 0.5 and cue["skin"] < 0.2:
        return "screenshot"
    if cue["purple"] > 0.3 and cue["grain"] > 1.2:
        return "histology_slide"
    if cue["skin"] < 0.55 and cue["centre"] > -8:
        return "overview"
    return "unlike"
