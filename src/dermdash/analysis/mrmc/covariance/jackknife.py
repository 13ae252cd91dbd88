"""Jackknife: leave out one case after the other (Obuchowski & Rockette 1995; Quenouille, Tukey)."""

import numpy as np

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.figure_of_merit import Measured


def jackknife_covariance(measured: Measured) -> FloatArray:
    """(c - 1) / c * sum over cases k of (theta_-k - mean)(theta'_-k - mean').

    ``c`` counts the cases concerned: all of them for areas and accuracies, those with (without) the condition for
    sensitivity (specificity). A case that a reader did not read leaves their figure as it is, so only cases that both
    have read contribute; c and the mean are each reader's own, and (c - 1)/c is the geometric mean of both.
    """
    deleted = measured.deleted
    known = ~np.isnan(deleted)
    count = known.sum(axis=2, keepdims=True).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, deleted, 0.0).sum(axis=2, keepdims=True) / count
        scaled = np.where(known, deleted - mean, 0.0) * np.sqrt((count - 1) / count)
    rows = np.where(measured.usable[:, :, None], scaled, np.nan).reshape(-1, deleted.shape[2])
    return np.asarray(rows @ rows.T)
