"""How an answer depends on a number, within and between readers: one slope from generalised estimating equations.

The answers of one reader resemble each other. Generalised estimating equations (Liang and Zeger, Biometrika 1986) with
readers as clusters and exchangeable working correlation allow for it; their sandwich covariance is corrected for few
readers (Mancl and DeRouen, Biometrics 2001). The answers to one case resemble each other, too, and a predictor such as
the model's confidence belongs to the case: what the cases add, their variance minus what lies within a reader's answers
to a case, is added where it is positive (Cameron, Gelbach and Miller, J Bus Econ Stat 2011). The t distribution with
the smaller number of readers and cases - 1 degrees of freedom is used.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.clusters import clustering, squared_sums
from dermdash.analysis.distributions import t_quantile, t_two_sided
from dermdash.analysis.estimates import LEAST_DEGREES, equal_clusters, json_number
from dermdash.analysis.estimating_equations import Family, fit_exchangeable
from dermdash.analysis.group_contrasts import ALIKE
from dermdash.analysis.paired_accuracy import holm
from dermdash.wording import counted, number

MINIMUM_READERS = MINIMUM_CASES = 3
MINIMUM_READINGS = 20
LEAST_EQUAL_CASES = 5
"""Equal cases (lesions, patients) that unequal ones must count for."""
_LARGEST = 10.0
"""A log odds ratio per unit beyond this is a fit that ran away (all right on one side), not an estimate."""
_LARGEST_CLUSTER = 1000
"""Of a reader with more readings than this Mancl and DeRouen's correction takes nothing away."""
_NO_END = "the fit did not come to an end: too little varies within readers"


@dataclass(frozen=True, slots=True)
class Slope:
    """Effect of one unit of a predictor.

    ``ratio`` is the odds ratio of a yes/no outcome, or for a logarithm the ratio of geometric means; above 1: rises.
    None with a ``reason`` where it cannot be computed.
    """

    outcome: str
    predictor: str
    unit: str
    ratio: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    readers: int = 0
    cases: int = 0
    readings: int = 0
    correlation: float | None = None
    covariance: str | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers finite or None."""
        return {
            "outcome": self.outcome,
            "predictor": self.predictor,
            "unit": self.unit,
            "ratio": json_number(self.ratio),
            "ci": None if self.low is None or self.high is None else [self.low, self.high],
            "p": json_number(self.p_value),
            "p_holm": json_number(self.p_holm),
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_readings": self.readings,
            "correlation": json_number(self.correlation),
            "covariance": self.covariance,
            "reason": self.reason,
        }


def slope(
    outcome: npt.ArrayLike,
    predictor: npt.ArrayLike,
    *,
    reader: npt.NDArray[Any],
    case: npt.NDArray[Any],
    stratum: npt.NDArray[Any] | None = None,
    family: Family,
    names: tuple[str, str, str],
    per: float = 1.0,
    confidence: float = 0.95,
) -> Slope:
    """Fit the slope of an outcome on a predictor.

    Parameters
    ----------
    outcome
        0 or 1 (``binomial``), or a natural logarithm (``gaussian``); one entry per reading, as of all others.
    predictor
        Numbers; readings where it is NaN are left out.
    reader, case
        Labels of both kinds of clusters.
    stratum
        Labels of groups that get their own level (e.g. the modality); None: one level.
    names
        Of the outcome, of the predictor, and of what ``per`` is in words, e.g. "10 cases".
    per
        The unit of the slope in units of the predictor.
    """
    x = np.asarray(predictor, float)
    known = np.isfinite(x) & np.isfinite(np.asarray(outcome, float))
    y, x = np.asarray(outcome, float)[known], x[known] / per
    readers, groups = np.unique(np.asarray(reader, dtype=str)[known], return_inverse=True)
    cases, items = np.unique(np.asarray(case, dtype=str)[known], return_inverse=True)
    empty = Slope(*names, None, readers=len(readers), cases=len(cases), readings=len(y))
    if reason := _refusal(y, x, groups, items, family):
        return replace(empty, reason=reason)
    columns = [np.ones(len(y)), x - x.mean()]
    if stratum is not None:
        labels = np.asarray(stratum, dtype=str)[known]
        columns += [(labels == label).astype(float) for label in np.unique(labels)[1:]]
    design = np.column_stack(columns)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return replace(empty, reason=f"{names[1]} cannot be told apart from the groups it was adjusted for")
    return _fit(empty, y, design, groups, items, family=family, confidence=confidence)


def holm_slopes(slopes: list[Slope]) -> tuple[Slope, ...]:
    """The same with Holm's correction over all of them."""
    corrected = holm([s.p_value for s in slopes])
    return tuple(replace(s, p_holm=p) for s, p in zip(slopes, corrected, strict=True))


def _refusal(
    y: FloatArray, x: FloatArray, groups: npt.NDArray[Any], items: npt.NDArray[Any], family: str
) -> str | None:
    if len(y) < MINIMUM_READINGS:
        return f"{counted(len(y), 'reading')}: a slope needs at least {MINIMUM_READINGS}"
    if groups.max() + 1 < MINIMUM_READERS:
        return f"{counted(groups.max() + 1, 'reader')}: a slope needs at least {MINIMUM_READERS}"
    if items.max() + 1 < MINIMUM_CASES:
        return f"{counted(items.max() + 1, 'case')}: a slope needs at least {MINIMUM_CASES}"
    if (equal := equal_clusters(np.bincount(items))) < min(LEAST_EQUAL_CASES, ALIKE * (items.max() + 1)):
        return f"cases that count for {number(equal, 1)} equal ones: a slope needs at least {LEAST_EQUAL_CASES}"
    if np.ptp(x) < 1e-12:
        return "the predictor has one value only"
    if np.ptp(y) < 1e-12:
        return "the outcome is always the same"
    if family == "binomial" and (x[y == 1].min() >= x[y == 0].max() or x[y == 1].max() <= x[y == 0].min()):
        return "the predictor separates the two outcomes completely: the odds ratio has no bound"
    return None


def _fit(
    empty: Slope,
    y: FloatArray,
    design: FloatArray,
    groups: npt.NDArray[Any],
    items: npt.NDArray[Any],
    *,
    family: Family,
    confidence: float,
) -> Slope:
    corrected = int(np.bincount(groups).max()) <= _LARGEST_CLUSTER
    with np.errstate(all="ignore"):
        try:
            fit = fit_exchangeable(y, design, groups, family=family, corrected=corrected)
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
            return replace(empty, reason=_NO_END)
        estimate, error = float(fit.params[1]), float(np.sqrt(fit.covariance[1, 1]))
        if not fit.converged or not np.isfinite([estimate, error]).all() or error < 1e-9 or abs(estimate) > _LARGEST:
            return replace(empty, reason=_NO_END)
        try:
            of_cases, of_cells = case_covariances(y, design, groups, items, fit.params, fit.correlation, family=family)
        except np.linalg.LinAlgError:  # the level of a stratum ran away: all right or all wrong in it
            return replace(empty, reason=_NO_END)
    error = float(np.sqrt(error**2 + max(float(of_cases[1, 1] - of_cells[1, 1]), 0.0)))
    weight = _leverage(design)
    degrees = max(min(equal_clusters(np.bincount(kind, weight)) for kind in (groups, items)) - 1, LEAST_DEGREES)
    half = t_quantile((1 + confidence) / 2, degrees) * error
    return replace(
        empty,
        ratio=float(np.exp(estimate)),
        low=float(np.exp(estimate - half)),
        high=json_number(float(np.exp(min(estimate + half, 700.0)))),
        p_value=t_two_sided(estimate / error, degrees),
        correlation=fit.correlation,
        covariance="Mancl and DeRouen" if corrected else "Liang and Zeger",
    )


def _leverage(design: FloatArray) -> FloatArray:
    """How much of the slope rests on each reading: its predictor's squared distance from what the levels explain.

    Of a predictor of the case few cases lie far out: as many equal ones as these make tell how well a slope is known.
    """
    x, others = design[:, 1], np.delete(design, 1, axis=1)
    away: FloatArray = x - others @ np.linalg.lstsq(others, x, rcond=None)[0]
    return away**2


def case_covariances(
    y: FloatArray,
    design: FloatArray,
    groups: npt.NDArray[Any],
    items: npt.NDArray[Any],
    params: FloatArray,
    correlation: float,
    *,
    family: str,
) -> tuple[FloatArray, FloatArray]:
    """Sandwich covariances of the same fit with cases as clusters, and with a reader's readings of a case as clusters.

    Both times G / (G - 1) of the cases, so that they are equal where every case was read by one reader.
    """
    linear = design @ params
    mean = 1 / (1 + np.exp(-linear)) if family == "binomial" else linear
    spread = np.sqrt(mean * (1 - mean)) if family == "binomial" else np.ones(len(y))
    scaled = design * spread[:, None]
    # The inverse of an exchangeable correlation matrix, applied within each reader.
    sizes = np.bincount(groups).astype(float)
    sums = np.column_stack([np.bincount(groups, weights=column) for column in scaled.T])
    share = correlation / (1 + (sizes - 1) * correlation)
    weighted = (scaled - (share[:, None] * sums)[groups]) / (1 - correlation)
    bread = np.linalg.inv(scaled.T @ weighted)
    scores = weighted * ((y - mean) / spread)[:, None]
    rows = clustering(groups, items)
    assert rows.cells is not None
    cases = rows.sizes[1]
    of_cases, of_cells = (
        cases / (cases - 1) * bread @ squared_sums(scores, numbers) @ bread for numbers in (items, rows.cells)
    )
    return of_cases, of_cells
