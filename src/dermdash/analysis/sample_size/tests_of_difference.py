"""Power of the tests that the designs end in: two-sided F, two-sided chi-square, one-sided t."""

import math
from functools import cache

import numpy as np
from scipy import special, stats

from dermdash.analysis.estimates import FloatArray
from dermdash.errors import InvalidInput

_SERIES_UP_TO = 1000.0
"""Noncentrality beyond which scipy's series for few degrees of freedom does not converge; the integral takes over."""


def f_power(noncentrality: float, df2: float, alpha: float) -> float:
    """Probability that a noncentral F with 1 and ``df2`` degrees of freedom passes the critical value of ``alpha``.

    ``df2`` infinite: the noncentral chi-square with one degree of freedom.
    """
    check_alpha(alpha)
    if math.isinf(df2):
        return float(stats.ncx2.sf(stats.chi2.isf(alpha, 1), 1, noncentrality)) if noncentrality > 0 else alpha
    critical = stats.f.isf(alpha, 1, df2)
    if noncentrality > _SERIES_UP_TO:
        return _t_integral(math.sqrt(noncentrality), df2, math.sqrt(critical))
    return min(1.0, max(0.0, 1.0 - float(special.ncfdtr(1, df2, noncentrality, critical))))


def t_power(shift: float, df: float, alpha: float) -> float:
    """Probability that a noncentral t passes the one-sided critical value; ``shift`` is effect over standard error."""
    check_alpha(alpha)
    if math.isinf(df):
        return float(stats.norm.sf(stats.norm.isf(alpha) - shift))
    if shift**2 > _SERIES_UP_TO:
        return _t_integral(shift, df, float(stats.t.isf(alpha, df)))
    return min(1.0, max(0.0, 1.0 - float(special.nctdtr(df, shift, stats.t.isf(alpha, df)))))


def _t_integral(shift: float, df: float, critical: float) -> float:
    """P(noncentral t > critical) as the mean of the normal tail over the distribution of the standard error."""
    nodes, weights = _quadrature()
    spread = np.sqrt(stats.chi2.ppf((nodes + 1) / 2, df) / df)
    return float(np.sum(weights / 2 * stats.norm.sf(critical * spread - shift)))


@cache
def _quadrature() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss and Legendre: they take longer to find than to use."""
    return np.polynomial.legendre.leggauss(200)


def check_alpha(alpha: float) -> None:
    """Refuse what is no significance level."""
    if not 0 < alpha < 0.5:
        raise InvalidInput(f"alpha is {alpha:g}: expected a significance level above 0 and below 0.5")
