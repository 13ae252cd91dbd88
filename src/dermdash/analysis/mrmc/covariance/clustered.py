"""Covariance between lesions or patients, whose images are no independent cases (Obuchowski, Biometrics 1997).

Figures that are means over cases: the centred parts of the cases are added up within each lesion (or patient), on each
side of the truth and across both where one has cases of both. The partial area: the leave-one-out changes are added up
within each. With one case in each both are the covariances of DeLong and of the jackknife.
"""

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.mrmc.figure_of_merit import Measured
from dermdash.errors import InvalidInput


def clustered_covariance(measured: Measured) -> FloatArray:
    """Covariance of all figures of merit between the units of the data.

    Raises
    ------
    InvalidInput
        A reader's cases of a side are all of one unit: nothing varies between units.
    """
    data = measured.data
    index = data.unit_index
    if measured.parts is None:
        deleted = measured.deleted
        known = ~np.isnan(deleted)
        count = known.sum(axis=2, keepdims=True).astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(known, deleted, 0.0).sum(axis=2, keepdims=True) / count
            moved = np.where(known, deleted - mean, 0.0) * (count - 1) / count
        rows, factor = _sums(measured, moved, known, index)
        scaled = rows * np.sqrt(factor)[:, None]
        return np.asarray(scaled @ scaled.T)
    sides: list[FloatArray] = []
    total = np.zeros((measured.values.size, measured.values.size))
    seen = np.zeros(measured.parts.shape, bool)
    for side, count in zip(measured.sides, measured.counts, strict=True):
        known = ~np.isnan(measured.parts) & side
        seen |= known
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(known, measured.parts, 0.0).sum(axis=2, keepdims=True) / count[:, :, None]
            moved = np.where(known, measured.parts - mean, 0.0) / count[:, :, None]
        rows, factor = _sums(measured, moved, known, index)
        scaled = rows * np.sqrt(factor)[:, None]
        total += scaled @ scaled.T
        sides.append(rows)
    if len(sides) == 2:
        _, factor = _sums(measured, np.zeros(seen.shape), seen, index)
        first, second = (rows * np.sqrt(factor)[:, None] for rows in sides)
        cross = first @ second.T
        total += cross + cross.T
    return total


def _sums(measured: Measured, moved: FloatArray, known: BoolArray, index: IntArray) -> tuple[FloatArray, FloatArray]:
    """Sums within units, (figures, units), and n / (n - 1) for the n units of each figure; NaN where unusable."""
    figures, units = measured.values.size, int(index.max()) + 1
    member = np.zeros((len(index), units))
    member[np.arange(len(index)), index] = 1.0
    rows = np.where(measured.usable[:, :, None], moved, np.nan).reshape(figures, -1) @ member
    clusters = ((known.reshape(figures, -1) @ member) > 0).sum(axis=1).astype(float)
    if (clusters[measured.usable.ravel()] < 2).any():
        raise InvalidInput(
            f"{measured.data.source}: all cases of one side that a reader read are of one lesion or patient, so that "
            "no variance between these can be seen"
        )
    return np.asarray(rows), clusters / np.maximum(clusters - 1, 1)
