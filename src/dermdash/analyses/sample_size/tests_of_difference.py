"""Power of the tests that the designs end in: two-sided F, two-sided chi-square, one-sided t."""

import math
from functools import cache

import numpy as np
from scipy import special

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.distributions import (
    chi2_critical,
    chi2_quantile,
    f_critical,
    normal_above,
    normal_quantile,
    t_quantile,
)
from dermdash.errors import InvalidInput

_SERIES_UP_TO = 1000.0
"""Noncentrality beyond which scipy's series for few degrees of freedom does not converge; the integral takes over."""


def f_power(noncentrality: float, df2: float, alpha: float) -> float:
    """Probability that a noncentral F with 1 and ``df2`` degrees of freedom passes the critical value of ``alpha``.

    ``df2`` infinite: the noncentral chi-square with one degree of freedom.
    """
    check_alpha(alpha)
    if math.isinf(df2):
        return _two_sided_normal(math.sqrt(noncentrality), alpha) if noncentrality > 0 else alpha
    critical = f_critical(alpha, 1, df2)
    if noncentrality > _SERIES_UP_TO:
        return _t_integral(math.sqrt(noncentrality), df2, math.sqrt(critical))
    return min(1.0, max(0.0, 1.0 - float(special.ncfdtr(1, df2, noncentrality, critical))))


def t_power(shift: float, df: float, alpha: float) -> float:
    """Probability that a noncentral t passes the one-sided critical value; ``shift`` is effect over standard error."""
    check_alpha(alpha)
    if math.isinf(df):
        return float(normal_above(normal_quantile(1 - alpha) - shift))
    if shift**2 > _SERIES_UP_TO:
        return _t_integral(shift, df, -t_quantile(alpha, df))
    return min(1.0, max(0.0, 1.0 - float(special.nctdtr(df, shift, -t_quantile(alpha, df)))))


def _two_sided_normal(shift: float, alpha: float) -> float:
    """P(noncentral chi-square with one degree of freedom > critical): both tails of a shifted normal."""
    critical = math.sqrt(chi2_critical(alpha, 1))
    return float(normal_above(critical - shift) + normal_above(critical + shift))


def _t_integral(shift: float, df: float, critical: float) -> float:
    """P(noncentral t > critical) as the mean of the normal tail over the distribution of the standard error."""
    nodes, weights = _quadrature()
    spread = np.sqrt(chi2_quantile((nodes + 1) / 2, df) / df)
    return float(np.sum(weights / 2 * normal_above(critical * spread - shift)))


@cache
def _quadrature() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss and Legendre: they take longer to find than to use."""
    return np.polynomial.legendre.leggauss(200)


def check_alpha(alpha: float) -> None:
    """Refuse what is no significance level."""
    if not 0 < alpha < 0.5:
        raise InvalidInput(f"alpha is {alpha:g}: expected a significance level above 0 and below 0.5")
