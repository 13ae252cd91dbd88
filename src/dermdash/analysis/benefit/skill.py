"""Change by skill, with skill measured on other cases than the change.

Readers who did badly on some cases by bad luck do better on the same cases the next time, with or without help
(regression to the mean). The cases are therefore halved at random: readers are ranked by their unaided share on one
half, and the change is measured on the other; both directions and several halvings are averaged.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from dermdash.analysis.benefit.clustered import GroupDifferences
from dermdash.analysis.benefit.rows import BenefitRow, with_holm
from dermdash.analysis.estimates import FloatArray
from dermdash.analysis.paired_accuracy import Interval, PairedAccuracy

THIRDS, HALVES = ("lower third", "middle third", "upper third"), ("lower half", "upper half")
_FOR_THIRDS, _FOR_HALVES = 9, 4
SPLITS = 20


@dataclass(frozen=True, slots=True)
class SkillResult:
    """Rows by skill and the test between them, or the reason why there are none."""

    rows: tuple[BenefitRow, ...]
    test: GroupDifferences
    reason: str | None = None


def change_by_skill(
    frame: pd.DataFrame, *, modality: str, scope: "pd.Series[bool]", seed: int, confidence: float, splits: int = SPLITS
) -> SkillResult:
    """Change within thirds (fewer than 9 readers: halves) of readers ranked by their unaided answers to other cases.

    Parameters
    ----------
    frame
        ``reader, case, unaided, aided``, one row per pair; all of them serve to rank.
    modality
        Name of the rows.
    scope
        The pairs whose change is measured.

    Returns
    -------
    SkillResult
        Intervals and the Wald test take readers as independent and the halvings as given: the influence of a reader
        on each mean is averaged over all halvings before it is squared. They do not cover the choice of cases.
    """
    readers, cases = sorted(frame["reader"].unique()), sorted(frame["case"].unique())
    levels = THIRDS if len(readers) >= _FOR_THIRDS else HALVES
    if len(readers) < _FOR_HALVES or len(cases) < 4:
        return _none("skill needs at least 4 readers and 4 cases")
    ranked = _matrix(frame, "unaided", readers, cases)
    part = frame[scope.to_numpy(bool)]
    measured = [_matrix(part, name, readers, cases) for name in ("unaided", "aided")]
    rng = np.random.default_rng([seed, len(readers), len(cases)])
    k = len(levels)
    means = np.zeros((2, k))
    influence = np.zeros((len(readers), k))
    sizes = np.zeros(k)
    used = 0
    for _ in range(splits):
        half = rng.permutation(len(cases)) < len(cases) // 2
        ties = rng.random(len(readers))
        for side in (half, ~half):
            found = _one_direction(ranked[:, side], [m[:, ~side] for m in measured], ties, k)
            if found is None:
                continue
            means += found[0]
            influence += found[1]
            sizes += found[2]
            used += 1
    if used < splits:
        return _none("too few readers have cases in both halves")
    means, influence, sizes = means / used, influence / used, sizes / used
    n = int((np.abs(influence).sum(axis=1) > 0).sum())
    covariance = influence.T @ influence * n / max(n - 1, 1)
    rows = [
        _row(modality, level, means[:, j], covariance[j, j], round(float(sizes[j])), n, part, confidence)
        for j, level in enumerate(levels)
    ]
    return SkillResult(with_holm(rows), _test(means[1] - means[0], covariance, n, confidence))


def _one_direction(
    ranked: FloatArray, measured: list[FloatArray], ties: FloatArray, k: int
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Means before and after (2, k), influence of each reader on the change (readers, k) and readers per group."""
    skill, before, after = (_row_means(m) for m in (ranked, *measured))
    usable = np.flatnonzero(np.isfinite(skill) & np.isfinite(before))
    if len(usable) < 2 * k:
        return None
    # Equal skill is ordered at random, so that groups keep their size.
    order = usable[np.lexsort((ties[usable], skill[usable]))]
    group = np.full(len(skill), -1)
    group[order] = np.arange(len(order)) * k // len(order)
    means, influence, sizes = np.zeros((2, k)), np.zeros((len(skill), k)), np.zeros(k)
    for j in range(k):
        inside = group == j
        sizes[j] = inside.sum()
        means[:, j] = before[inside].mean(), after[inside].mean()
        change = after[inside] - before[inside]
        influence[inside, j] = (change - change.mean()) / sizes[j]
    return means, influence, sizes


def _row(
    modality: str,
    level: str,
    means: FloatArray,
    variance: float,
    readers: int,
    n: int,
    part: pd.DataFrame,
    confidence: float,
) -> BenefitRow:
    difference, error = float(means[1] - means[0]), float(np.sqrt(variance))
    interval = t = p = None
    reason: str | None = "every reader changed by the same amount"
    if error > 1e-12:
        t = difference / error
        reach = float(stats.t.ppf((1 + confidence) / 2, readers - 1)) * error
        interval, p, reason = (
            Interval(difference - reach, difference + reach),
            float(2 * stats.t.sf(abs(t), readers - 1)),
            None,
        )
    change = PairedAccuracy(
        modality=modality,
        readers=readers,
        cases=int(part["case"].nunique()),
        readings=len(part),
        unaided=float(means[0]),
        aided=float(means[1]),
        difference=difference,
        unaided_interval=None,
        aided_interval=None,
        difference_interval=interval,
        bootstrap_interval=None,
        t=t,
        p_value=p,
        p_holm=None,
        reason=reason,
    )
    return BenefitRow(modality, change, group=level)


def _test(change: FloatArray, covariance: FloatArray, n: int, confidence: float) -> GroupDifferences:
    k = len(change)
    contrasts = np.hstack([-np.ones((k - 1, 1)), np.eye(k - 1)])
    inner = contrasts @ covariance @ contrasts.T
    if n <= k or np.linalg.matrix_rank(inner, tol=1e-14) < k - 1:
        return GroupDifferences(reason="no variation between readers: no test between these groups")
    difference = contrasts @ change
    f = float(difference @ np.linalg.solve(inner, difference)) / (k - 1)
    reach = float(stats.t.ppf((1 + confidence) / 2, n - 1) * np.sqrt(inner[-1, -1]))
    last = float(difference[-1])
    return GroupDifferences(f, k - 1, n - 1, float(stats.f.sf(f, k - 1, n - 1)), last, last - reach, last + reach)


def _none(reason: str) -> SkillResult:
    return SkillResult((), GroupDifferences(reason=reason), reason)


def _matrix(frame: pd.DataFrame, name: str, readers: list[str], cases: list[str]) -> FloatArray:
    """Readers x cases, NaN where not read; several pairs are averaged."""
    table = frame.pivot_table(index="reader", columns="case", values=name, aggfunc="mean")
    found: FloatArray = table.reindex(index=readers, columns=cases).to_numpy(float)
    return found


def _row_means(matrix: FloatArray) -> FloatArray:
    seen: npt.NDArray[np.bool_] = np.isfinite(matrix)
    count = seen.sum(axis=1)
    with np.errstate(invalid="ignore"):
        means: FloatArray = np.where(count > 0, np.nansum(matrix, axis=1) / np.maximum(count, 1), np.nan)
    return means
