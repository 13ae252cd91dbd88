"""DeLong: covariance of the parts of the cases, each side for itself (DeLong et al., Biometrics 1988)."""

import numpy as np

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.figure_of_merit import Measured
from dermdash.errors import InvalidInput


def delong_covariance(measured: Measured) -> FloatArray:
    """Sum over sides of the sample covariance of the parts divided by the number of cases.

    The parts are the placement values of the AUC and the hits of the shares. Where two readers read different cases,
    only common cases contribute and the divisor n(n - 1) is the geometric mean of both readers' own.

    Raises
    ------
    InvalidInput
        For the partial AUC, whose limits move with the cases.
    """
    if measured.parts is None:
        raise InvalidInput("DeLong's covariance is for means over cases, not for the partial AUC: use the jackknife")
    cases = measured.parts.shape[2]
    total = np.zeros((measured.values.size, measured.values.size))
    for side, count in zip(measured.sides, measured.counts, strict=True):
        parts = measured.parts[:, :, side]
        known = ~np.isnan(parts)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(known, parts, 0.0).sum(axis=2, keepdims=True) / count[:, :, None]
            scaled = np.where(known, parts - mean, 0.0) / np.sqrt(count * (count - 1))[:, :, None]
        rows = np.where(measured.usable[:, :, None], scaled, np.nan).reshape(-1, min(int(side.sum()), cases))
        total += rows @ rows.T
    return total
