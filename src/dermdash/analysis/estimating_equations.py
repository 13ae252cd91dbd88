"""Generalised estimating equations with one correlation between any two answers of a group.

Liang and Zeger (Biometrika 1986), exchangeable working correlation, logistic or identity link; the sandwich covariance
plain or corrected for few groups (Mancl and DeRouen, Biometrics 2001). The steps are those of statsmodels, in whose
place this stands: importing it takes a second, and it goes through the groups one by one. The tests hold both together.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dermdash.analysis.arrays import FloatArray, IntArray

Family = Literal["binomial", "gaussian"]
_EPS = float(np.finfo(float).eps)
_MOST_STEPS = 100
_SMALL_SCORE = 1e-6
_SMALL_CHANGE = 1e-8


@dataclass(frozen=True, slots=True)
class EquationsFit:
    """Coefficients with their covariance, and the ``correlation`` of two answers of a group.

    ``converged`` is False where the score did not come near 0: the numbers then mean nothing.
    """

    params: FloatArray
    covariance: FloatArray
    correlation: float
    converged: bool


def fit_exchangeable(
    y: FloatArray, design: FloatArray, groups: IntArray, *, family: Family, corrected: bool
) -> EquationsFit:
    """Solve the equations.

    Parameters
    ----------
    y
        0 or 1 (``binomial``), or any number (``gaussian``).
    design
        (answers, coefficients), with a column of ones.
    groups
        Number of each answer's group, 0, 1, ...; every number occurs.
    corrected
        Mancl and DeRouen's correction of the covariance.

    Raises
    ------
    LinAlgError
        A matrix cannot be inverted.
    ValueError
        The fit left the numbers that can be computed with.
    ZeroDivisionError
        No group has two answers: there is no correlation to estimate.
    """
    equations = _Equations(y, design, groups, family)
    params = _independent(y, design, family)
    correlation, length = 0.0, -1.0
    for step in range(_MOST_STEPS):
        parts = equations.at(params)
        bread, scores = equations.solved(parts, correlation)
        score = scores.sum(axis=0)
        params = params + _solve(bread, score)
        length = float(np.sqrt((score**2).sum()))
        if length < _SMALL_SCORE and step > 0:
            break
        correlation = equations.correlation(equations.at(params))
    parts = equations.at(params)
    bread, scores = equations.solved(parts, correlation)
    inverse = _inverse(bread)
    if corrected:
        scores = equations.corrected_scores(parts, correlation, inverse)
    covariance = inverse @ (scores.T @ scores) @ inverse
    return EquationsFit(params, covariance, correlation, length < _SMALL_SCORE)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Residuals and derivatives of the means, both over the standard deviation of an answer."""

    residual: FloatArray
    slope: FloatArray


class _Equations:
    """Sums over the groups, all groups at once."""

    def __init__(self, y: FloatArray, design: FloatArray, groups: IntArray, family: Family) -> None:
        self._y, self._design, self._groups, self._family = y, design, groups, family
        self._sizes = np.bincount(groups).astype(float)

    def at(self, params: FloatArray) -> _Parts:
        linear = self._design @ params
        if self._family == "gaussian":
            return _Parts(self._y - linear, self._design)
        mean = 1 / (1 + np.exp(-linear))
        odds = np.exp(linear)
        deviation = np.sqrt(_spread(mean))
        return _Parts((self._y - mean) / deviation, self._design * (odds / (1 + odds) ** 2 / deviation)[:, None])

    def by_group(self, columns: FloatArray) -> FloatArray:
        """Sum of each column within each group: (groups, columns)."""
        return np.stack(
            [np.bincount(self._groups, weights=column, minlength=len(self._sizes)) for column in columns.T], axis=1
        )

    def decorrelated(self, columns: FloatArray, correlation: float) -> FloatArray:
        """The inverse of each group's correlation matrix times its rows."""
        shares = correlation / (1 - correlation) / (1 + correlation * (self._sizes - 1))
        away: FloatArray = shares[:, None] * self.by_group(columns)
        return columns / (1 - correlation) - away[self._groups]

    def solved(self, parts: _Parts, correlation: float) -> tuple[FloatArray, FloatArray]:
        """The expected derivative of the score, and the score of each group: (groups, coefficients)."""
        weighted = self.decorrelated(parts.slope, correlation)
        scores = self.by_group(weighted * parts.residual[:, None])
        return parts.slope.T @ weighted, scores

    def correlation(self, parts: _Parts) -> float:
        """Moment estimator over all pairs of answers of a group."""
        squares = float((parts.residual**2).sum())
        sums = self.by_group(parts.residual[:, None])[:, 0]
        answers, coefficients = self._design.shape
        pairs = float((self._sizes * (self._sizes - 1)).sum()) / 2
        products = float((sums**2).sum() - squares) / 2
        scale = squares / (answers * (answers - coefficients) / answers)
        return products / scale / (pairs * (pairs - coefficients) / pairs)

    def corrected_scores(self, parts: _Parts, correlation: float, inverse: FloatArray) -> FloatArray:
        """Scores of residuals that are freed from each group's own pull on the fit.

        The matrix to invert is as large as the group and differs from the identity by one of the rank of the design;
        so a matrix of that rank is inverted instead (Woodbury).
        """
        weighted = self.decorrelated(parts.slope, correlation)
        p = parts.slope.shape[1]
        inner = np.stack([self.by_group(weighted * parts.slope[:, [j]]) for j in range(p)], axis=2)
        scores = self.by_group(weighted * parts.residual[:, None])
        pull = np.linalg.solve(np.eye(p) - inverse @ inner, inverse @ scores[:, :, None])
        return scores + (inner @ pull)[:, :, 0]


def _independent(y: FloatArray, design: FloatArray, family: Family) -> FloatArray:
    """Coefficients of the same model without correlation, by reweighted least squares: where the equations start."""
    if family == "gaussian":
        return np.asarray(np.linalg.pinv(design) @ y)
    mean = (y + 0.5) / 2
    linear = np.log(mean / (1 - mean))
    before = _deviance(y, mean)
    params: FloatArray = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        weight = _spread(mean)
        target = linear + (y - mean) / weight
        if not np.isfinite(target).all():
            raise ValueError("the fit left the numbers that can be computed with")
        root = np.sqrt(weight)
        params = np.asarray(np.linalg.lstsq(design * root[:, None], target * root, rcond=None)[0])
        linear = design @ params
        mean = 1 / (1 + np.exp(-linear))
        now = _deviance(y, mean)
        if abs(now - before) <= _SMALL_CHANGE:
            break
        before = now
    return params


def _spread(mean: FloatArray) -> FloatArray:
    """Variance of a yes or no, never quite 0."""
    kept = np.clip(mean, _EPS, 1 - _EPS)
    return np.asarray(kept * (1 - kept))


def _deviance(y: FloatArray, mean: FloatArray) -> float:
    ratio, other = np.maximum(y / mean, _EPS), np.maximum((1 - y) / (1 - mean), _EPS)
    return float(2 * (y * np.log(ratio) + (1 - y) * np.log(other)).sum())


def _solve(matrix: FloatArray, values: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.solve(matrix, values))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(matrix) @ values)


def _inverse(matrix: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.inv(matrix))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(matrix))
