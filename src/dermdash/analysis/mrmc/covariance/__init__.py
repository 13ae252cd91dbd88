"""Covariances of figures of merit that come from the same cases, one method per module.

All return an array (readers * modalities, readers * modalities), reader-major, that also holds for readers who read
different cases: readers with no case in common have the covariance 0. Rows of readers without a usable figure are NaN.
"""

from collections.abc import Callable

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.covariance.clustered import clustered_covariance
from dermdash.analysis.mrmc.covariance.delong import delong_covariance
from dermdash.analysis.mrmc.covariance.jackknife import jackknife_covariance
from dermdash.analysis.mrmc.covariance.unbiased import unbiased_covariance
from dermdash.analysis.mrmc.figure_of_merit import Measured

_METHODS: dict[Covariance, Callable[[Measured], FloatArray]] = {
    Covariance.JACKKNIFE: jackknife_covariance,
    Covariance.DELONG: delong_covariance,
    Covariance.UNBIASED: unbiased_covariance,
    Covariance.CLUSTERED: clustered_covariance,
}


def covariance_of(measured: Measured, method: Covariance) -> FloatArray:
    """Covariance of all figures of merit by a method; see its module for what it refuses."""
    return _METHODS[method](measured)
