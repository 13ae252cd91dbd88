"""Parts of a scale that hold about equally many readings."""

import numpy as np
import numpy.typing as npt

from dermdash.analysis.arrays import FloatArray

SINGLE_VALUES = 7


def equal_bins(values: FloatArray, bins: int) -> list[npt.NDArray[np.bool_]]:
    """Mark the members of each bin, in rising order.

    Single values where there are at most ``bins`` (or seven) different ones, else bins of about equally many that never
    part equal values. What is not finite is in none.

    Parameters
    ----------
    values
        float (n,).
    bins
        How many, at least 2.
    """
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    if len(distinct) <= max(bins, SINGLE_VALUES):
        return [values == v for v in distinct]
    upper = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)))[1:-1]
    with np.errstate(invalid="ignore"):
        index = np.where(np.isfinite(values), np.searchsorted(upper, values, side="left"), -1)
    return [index == i for i in range(len(upper) + 1) if (index == i).any()]
