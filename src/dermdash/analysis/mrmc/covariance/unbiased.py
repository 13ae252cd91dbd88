"""Unbiased covariance of U-statistics: the moments of Gallas (Acad Radiol 2006) for fixed readers.

The product of two figures estimates their covariance plus the product of their expectations. That product of
expectations is estimated without bias by the mean over all pairs of kernels that share no case; what remains is the
covariance. It may come out negative where there is little to see.
"""

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.figure_of_merit import Measured
from dermdash.errors import InvalidInput

_BLOCK_CELLS = 12_000_000


def unbiased_covariance(measured: Measured) -> FloatArray:
    """Unbiased covariance, also where readers read different cases.

    Raises
    ------
    InvalidInput
        For the partial AUC, which is no U-statistic.
    """
    if measured.parts is None:
        raise InvalidInput(
            "the unbiased covariance is for means over cases, not for the partial AUC: use the jackknife"
        )
    if measured.merit.figure is Figure.AUC:
        found = _of_areas(measured)
    else:
        found = np.zeros((measured.values.size, measured.values.size))
        for side in measured.sides:
            found += _of_means(measured.parts[:, :, side].reshape(measured.values.size, -1))
    unusable = ~measured.usable.ravel()
    found[unusable], found[:, unusable] = np.nan, np.nan
    return found


def _of_means(parts: FloatArray) -> FloatArray:
    """Of means over one sample of cases, (rows, cases) with NaN where not read."""
    known = ~np.isnan(parts)
    return covariance_of_means(np.where(known, parts, 0.0), known.astype(float))


def covariance_of_means(
    sums: FloatArray, counts: FloatArray, other_sums: FloatArray | None = None, other_counts: FloatArray | None = None
) -> FloatArray:
    """Unbiased covariance of means over values that lie in units, which are drawn independently.

    Parameters
    ----------
    sums, counts
        (rows, units): sum and number of the values of a row in each unit; units are cases, lesions or patients.
    other_sums, other_counts
        The same of further rows, whose covariance with the first is wanted; None: of the first among themselves.

    Returns
    -------
    FloatArray
        (rows, other rows); NaN where no two values lie in different units.
    """
    if other_sums is None or other_counts is None:
        other_sums, other_counts = sums, counts
    first, n = sums.sum(axis=1), counts.sum(axis=1)
    second, m = other_sums.sum(axis=1), other_counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.outer(first, second) - sums @ other_sums.T
        pairs = np.outer(n, m) - counts @ other_counts.T
        return np.asarray(np.outer(first / n, second / m) - apart / np.where(pairs > 0, pairs, np.nan))


def _of_areas(measured: Measured) -> FloatArray:
    """Of AUCs: pairs of (positive, negative) that share neither, by inclusion and exclusion."""
    data = measured.data
    assert measured.parts is not None
    size = measured.values.size
    truth = data.truth
    seen = data.read.reshape(size, -1).astype(float)
    parts = np.nan_to_num(measured.parts.reshape(size, -1))
    of_positive, of_negative = seen[:, truth], seen[:, ~truth]
    m, n = of_positive.sum(axis=1), of_negative.sum(axis=1)
    # Sums of the kernel over negatives for each positive, over positives for each negative, and over all pairs.
    over_negatives = parts[:, truth] * n[:, None]
    over_positives = parts[:, ~truth] * m[:, None]
    total = over_negatives.sum(axis=1)
    apart = (
        np.outer(total, total)
        - over_negatives @ over_negatives.T
        - over_positives @ over_positives.T
        + _products_of_kernels(data)
    )
    common_m, common_n = of_positive @ of_positive.T, of_negative @ of_negative.T
    pairs = (np.outer(m, m) - common_m) * (np.outer(n, n) - common_n)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = total / (m * n)
        return np.asarray(np.outer(area, area) - apart / pairs)


def _products_of_kernels(data: MrmcData) -> FloatArray:
    """Sum over all pairs of (positive, negative) of the product of two readers' kernels (1, ties 0.5).

    The kernels of a block of positives are held at a time. Their products are multiples of a quarter, and a block is
    small enough for float32 to add them up exactly.
    """
    size = data.ratings.shape[0] * data.ratings.shape[1]
    ratings = data.ratings.reshape(size, -1)
    positive, negative = ratings[:, data.truth], ratings[:, ~data.truth]
    n = negative.shape[1]
    step = max(1, min(_BLOCK_CELLS // max(size * n, 1), 4_000_000 // max(n, 1)))
    total = np.zeros((size, size))
    for start in range(0, positive.shape[1], step):
        block = positive[:, start : start + step, None]
        # NaN compares as False: a pair that was not read counts nothing.
        kernel: NDArray[np.float32] = (block > negative[:, None, :]).astype(np.float32)
        kernel += (block >= negative[:, None, :]).astype(np.float32)
        flat = kernel.reshape(size, -1)
        total += (flat @ flat.T).astype(float)
    return total / 4
