"""Does a saliency map lie where it should? Agreement of a map with a region, beside what chance would give.

A region is any part of the image marked as boolean pixels: the lesion mask, or a marked structure. Map and region cover
the same part of the image, pixel by pixel.

- ``measure(saliency, region) -> RegionFit``: share inside, pointing game, intersection over union, and their baselines
- ``share_inside``, ``points_inside``, ``iou_at``, ``iou_same_area``, ``iou_best``: one figure each
- ``centre_gaussian(side)``: the map of somebody who only knows that lesions are photographed in the middle

Sources: pointing game and its tolerance of 15 px in 224, Zhang et al., "Top-down neural attention by excitation
backprop", ECCV 2016; share inside ("energy-based pointing game"), Wang et al., "Score-CAM", CVPR Workshops 2020.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.errors import InvalidInput

SIDE = 112
"""Pixels per side at which maps and regions are compared."""

POINTING_TOLERANCE = 15 / 224
"""How far the peak may lie from the region and still count, as share of the side."""

FIXED_THRESHOLD = 0.5
_THRESHOLDS = tuple(round(0.05 * i, 2) for i in range(1, 20))
_CENTRE_SIGMA = 0.2


@dataclass(frozen=True, slots=True)
class RegionFit:
    """Agreement of one map with one region; all figures 0..1, higher = more inside.

    Of each figure, ``*_chance`` is what a map without knowledge of the image reaches on average (evidence spread
    evenly, or a peak anywhere), ``*_centre`` what ``centre_gaussian`` reaches. ``iou_best`` is the largest over
    thresholds chosen with knowledge of the region, an upper bound rather than a performance.
    """

    area: float
    share: float
    share_chance: float
    share_centre: float
    pointing: float
    pointing_chance: float
    pointing_centre: float
    iou_same_area: float
    iou_same_area_chance: float
    iou_same_area_centre: float
    iou_fixed: float
    iou_fixed_chance: float
    iou_fixed_centre: float
    iou_best: float
    best_threshold: float

    def as_dict(self) -> dict[str, float]:
        """Every figure by name, rounded to five digits for storage."""
        return {name: round(value, 5) for name, value in asdict(self).items()}


def measure(saliency: FloatArray, region: BoolArray, *, tolerance: float = POINTING_TOLERANCE) -> RegionFit | None:
    """Compare a map with a region.

    Parameters
    ----------
    saliency
        float (h, w), not negative.
    region
        bool (h, w), True inside.
    tolerance
        Of the pointing game, as share of the longer side.

    Returns
    -------
    RegionFit or None
        None where there is nothing to compare: a map without evidence, or a region without a pixel here.

    Raises
    ------
    InvalidInput
        On shapes that differ, or evidence that is negative or not finite.
    """
    _check(saliency, region)
    if not saliency.any() or not region.any():
        return None
    centre = centre_gaussian(*saliency.shape)
    area = float(region.mean())
    near = _near(region, tolerance)
    salient = float((saliency >= FIXED_THRESHOLD * saliency.max()).mean())
    best_threshold, best = iou_best(saliency, region)
    return RegionFit(
        area=area,
        share=share_inside(saliency, region),
        share_chance=area,
        share_centre=share_inside(centre, region),
        pointing=_peak_in(saliency, near),
        pointing_chance=float(near.mean()),
        pointing_centre=_peak_in(centre, near),
        iou_same_area=iou_same_area(saliency, region),
        # Two independent sets of area a: a * a in common, 2 a - a * a in either.
        iou_same_area_chance=area / (2 - area),
        iou_same_area_centre=iou_same_area(centre, region),
        iou_fixed=iou_at(saliency, region),
        iou_fixed_chance=salient * area / (salient + area - salient * area),
        iou_fixed_centre=iou_at(centre, region),
        iou_best=best,
        best_threshold=best_threshold,
    )


def share_inside(saliency: FloatArray, region: BoolArray) -> float:
    """Return the share of all evidence that lies inside the region (0..1); NaN for a map without evidence."""
    _check(saliency, region)
    total = float(saliency.sum())
    return float(saliency[region].sum()) / total if total else math.nan


def points_inside(saliency: FloatArray, region: BoolArray, *, tolerance: float = POINTING_TOLERANCE) -> float:
    """Return 1 when the peak of the map lies in the region or within ``tolerance`` of it, else 0.

    Where several pixels share the highest value, the share of them that lie there. NaN for a map without evidence.
    """
    _check(saliency, region)
    if not saliency.any():
        return math.nan
    return _peak_in(saliency, _near(region, tolerance))


def iou_at(saliency: FloatArray, region: BoolArray, threshold: float = FIXED_THRESHOLD) -> float:
    """Return intersection over union of the region and what reaches ``threshold`` of the map's largest value."""
    _check(saliency, region)
    if not saliency.any():
        return math.nan
    return _iou(saliency >= threshold * saliency.max(), region)


def iou_same_area(saliency: FloatArray, region: BoolArray) -> float:
    """Return intersection over union of the region and as many of the most salient pixels as the region has.

    This asks where a map lies and not how wide it is. Pixels that tie with the last of them count too; pixels without
    evidence never do.
    """
    _check(saliency, region)
    count = int(region.sum())
    if not saliency.any() or count == 0:
        return math.nan
    last = np.partition(saliency, saliency.size - count, axis=None)[saliency.size - count]
    return _iou((saliency >= last) & (saliency > 0), region)


def iou_best(saliency: FloatArray, region: BoolArray) -> tuple[float, float]:
    """Return (threshold, IoU) of the threshold between 0.05 and 0.95 of the peak that fits the region best."""
    found = [(iou_at(saliency, region, threshold), threshold) for threshold in _THRESHOLDS]
    value, threshold = max(found, key=lambda pair: (pair[0], -abs(pair[1] - FIXED_THRESHOLD)))
    return threshold, value


def centre_gaussian(height: int, width: int | None = None) -> FloatArray:
    """Return a Gaussian in the middle with a standard deviation of a fifth of each side, peak about 1."""
    rows = (np.arange(height) + 0.5) / height - 0.5
    columns = rows if width is None else (np.arange(width) + 0.5) / width - 0.5
    return np.asarray(np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * _CENTRE_SIGMA**2)))


def _near(region: BoolArray, tolerance: float) -> BoolArray:
    from scipy.ndimage import distance_transform_edt

    if not region.any():
        return region
    # Rounding must not decide whether a pixel exactly at the limit counts.
    return np.asarray(distance_transform_edt(~region) <= tolerance * max(region.shape) + 1e-9)


def _peak_in(saliency: FloatArray, near: BoolArray) -> float:
    return float(near[saliency >= saliency.max() - 1e-9].mean())


def _iou(salient: BoolArray, region: BoolArray) -> float:
    either = int((salient | region).sum())
    return float((salient & region).sum() / either) if either else math.nan


def _check(saliency: FloatArray, region: BoolArray) -> None:
    if saliency.shape != region.shape or saliency.ndim != 2 or region.dtype != np.bool_:
        raise InvalidInput(
            f"a map of {saliency.shape} and a region of {region.shape} {region.dtype}: expected two of the same shape, "
            "the region as boolean"
        )
    if not np.isfinite(saliency).all() or (saliency < 0).any():
        raise InvalidInput("a saliency map with values that are negative or not finite")
