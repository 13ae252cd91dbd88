"""Change by skill, with skill measured on other cases than the change.

Readers who did badly on some cases by bad luck do better on the same cases the next time, with or without help
(regression to the mean). The cases are therefore halved at random, images of one lesion or patient on one side: readers
are ranked by their unaided share on one half, and the change is measured on the other; both directions and several
halvings are averaged.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dermdash.analyses.benefit.rows import BenefitRow, with_holm
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.clustered_pairs import GroupDifferences
from dermdash.analysis.distributions import f_above, t_quantile, t_two_sided
from dermdash.analysis.paired_accuracy import Interval, PairedAccuracy

THIRDS, HALVES = ("lower third", "middle third", "upper third"), ("lower half", "upper half")
_FOR_THIRDS, _FOR_HALVES = 9, 4
SPLITS = 20
_MOST_PARTS = 60


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
        ``reader, case, unaided, aided`` and perhaps ``unit`` (the case's lesion or patient), one row per pair; all of
        them serve to rank.
    modality
        Name of the rows.
    scope
        The pairs whose change is measured.

    Returns
    -------
    SkillResult
        Intervals and the Wald test come from a jackknife over readers (who are ranked again each time), the test with
        readers minus groups degrees of freedom, a group's interval with as many as it has readers; they take the
        halvings as given and do not cover the choice of cases. Readers and readings of a row are means over the
        halvings.
    """
    if "stratum" in frame.columns and frame["stratum"].nunique() > 1:
        return _none("a mean over malignant and benign cases: choose the sensitivity or the specificity for skill")
    readers, cases = sorted(frame["reader"].unique()), sorted(frame["case"].unique())
    levels = THIRDS if len(readers) >= _FOR_THIRDS else HALVES
    units = _units(frame, cases)
    if len(readers) < _FOR_HALVES or len(np.unique(units)) < _FOR_HALVES:
        return _none("skill needs at least 4 readers and 4 cases")
    halvings = _halvings(frame, frame[scope.to_numpy(bool)], readers, cases, units, splits=splits, seed=seed)
    k = len(levels)
    everybody = np.arange(len(readers))
    found = _estimate(halvings, everybody, k)
    if found is None:
        return _none("too few readers have cases in both halves")
    means, sizes, pairs = found
    covariance = _jackknife(halvings, everybody, k)
    if covariance is None:
        return _none("too few readers have cases in both halves for an interval")
    part = frame[scope.to_numpy(bool)]
    # As in an analysis of variance: k means were taken from these readers. What one group shows of its own variance
    # rests on its readers alone: with the same degrees of freedom its interval missed in 6 to 8 % of simulated studies.
    df, own = max(len(readers) - k, 1), max(len(readers) // k, 1)
    rows = [
        _row(
            modality,
            level,
            means[:, j],
            covariance[j, j],
            round(float(sizes[j])),
            round(float(pairs[j])),
            own,
            part,
            confidence,
        )
        for j, level in enumerate(levels)
    ]
    return SkillResult(with_holm(rows), _test(means[1] - means[0], covariance, df, confidence))


@dataclass(frozen=True, slots=True)
class _Halving:
    """Readers in the order of their skill on one half, and their shares on the other (NaN: no such case).

    ``pairs``: how many pairs of answers each reader has on both halves.
    """

    order: npt.NDArray[np.int64]
    before: FloatArray
    after: FloatArray
    pairs: npt.NDArray[np.int64]


def _halvings(
    ranked: pd.DataFrame,
    measured: pd.DataFrame,
    readers: list[str],
    cases: list[str],
    units: npt.NDArray[np.int64],
    *,
    splits: int,
    seed: int,
) -> list[_Halving]:
    skill = _matrix(ranked, "unaided", readers, cases)
    before, after = (_matrix(measured, name, readers, cases) for name in ("unaided", "aided"))
    pairs = np.asarray(measured.groupby("reader").size().reindex(readers, fill_value=0), np.int64)
    rng = np.random.default_rng([seed, len(readers), len(cases)])
    found, count = [], int(units.max()) + 1
    for _ in range(splits):
        half = (rng.permutation(count) < count // 2)[units]
        ties = rng.random(len(readers))
        for side in (half, ~half):
            on_side = _row_means(skill[:, side])
            other = _row_means(before[:, ~side])
            usable = np.flatnonzero(np.isfinite(on_side) & np.isfinite(other))
            # Equal skill is ordered at random, so that groups keep their size.
            order = usable[np.lexsort((ties[usable], on_side[usable]))]
            found.append(_Halving(order, other, _row_means(after[:, ~side]), pairs))
    return found


def _units(frame: pd.DataFrame, cases: list[str]) -> npt.NDArray[np.int64]:
    """Number of each case's unit: of two images of a lesion one must not rank the readers whom the other measures."""
    if "unit" not in frame:
        return np.arange(len(cases))
    of_case = frame.drop_duplicates("case").set_index("case")["unit"]
    return pd.factorize(of_case.loc[cases], sort=True)[0].astype(np.int64)


def _estimate(
    halvings: list[_Halving], kept: npt.NDArray[np.int64], k: int
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Means before and after (2, k), readers and pairs per group, averaged over the halvings, or None for too few."""
    inside = np.zeros(int(max(h.before.size for h in halvings)), bool)
    inside[kept] = True
    # All halvings end to end: the jackknife asks this sixty times, and each has forty of them.
    which = np.repeat(np.arange(len(halvings)), [len(h.order) for h in halvings])
    reader = np.concatenate([h.order for h in halvings])
    here = inside[reader]
    which, reader = which[here], reader[here]
    length = np.bincount(which, minlength=len(halvings))
    place = np.arange(len(which)) - (np.cumsum(length) - length)[which]
    used = length >= k
    if used.sum() < len(halvings) / 2:
        return None
    enough = used[which]
    # Reader i of n belongs to group i * k // n.
    cell = (which * k + place * k // np.maximum(length[which], 1))[enough]

    def sums(values: FloatArray) -> FloatArray:
        found = np.bincount(cell, weights=values[which, reader][enough], minlength=len(halvings) * k)
        return found.reshape(len(halvings), k)[used].astype(float)

    size = np.bincount(cell, minlength=len(halvings) * k).reshape(len(halvings), k)[used]
    before, after, pairs = (np.stack([getattr(h, name) for h in halvings]) for name in ("before", "after", "pairs"))
    means = np.stack([(sums(values) / size).mean(axis=0) for values in (before, after)])
    return means, size.mean(axis=0), sums(pairs.astype(float)).mean(axis=0)


def _jackknife(halvings: list[_Halving], everybody: npt.NDArray[np.int64], k: int) -> FloatArray | None:
    """Covariance of the changes, leaving out one reader (or one of ``_MOST_PARTS`` parts of them) after the other."""
    parts = np.array_split(everybody, min(len(everybody), _MOST_PARTS))
    changes = []
    for part in parts:
        found = _estimate(halvings, np.setdiff1d(everybody, part), k)
        if found is None:
            return None
        changes.append(found[0][1] - found[0][0])
    spread = np.array(changes) - np.mean(changes, axis=0)
    covariance: FloatArray = spread.T @ spread * (len(parts) - 1) / len(parts)
    return covariance


def _row(
    modality: str,
    level: str,
    means: FloatArray,
    variance: float,
    readers: int,
    pairs: int,
    df: int,
    part: pd.DataFrame,
    confidence: float,
) -> BenefitRow:
    difference, error = float(means[1] - means[0]), float(np.sqrt(variance))
    interval = t = p = None
    reason: str | None = "every reader changed by the same amount"
    if error > 1e-12:
        t = difference / error
        reach = t_quantile((1 + confidence) / 2, df) * error
        interval, p, reason = (
            Interval(max(-1.0, difference - reach), min(1.0, difference + reach)),
            t_two_sided(t, df),
            None,
        )
    change = PairedAccuracy(
        modality=modality,
        readers=readers,
        cases=int(part["case"].nunique()),
        readings=pairs,
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


def _test(change: FloatArray, covariance: FloatArray, df: int, confidence: float) -> GroupDifferences:
    k = len(change)
    contrasts = np.hstack([-np.ones((k - 1, 1)), np.eye(k - 1)])
    inner = contrasts @ covariance @ contrasts.T
    if df < k - 1 or np.linalg.matrix_rank(inner, tol=1e-14) < k - 1:
        return GroupDifferences(reason="no variation between readers: no test between these groups")
    difference = contrasts @ change
    f = float(difference @ np.linalg.solve(inner, difference)) / (k - 1)
    reach = float(t_quantile((1 + confidence) / 2, df) * np.sqrt(inner[-1, -1]))
    last = float(difference[-1])
    return GroupDifferences(f, k - 1, df, f_above(f, k - 1, df), last, last - reach, last + reach)


def _none(reason: str) -> SkillResult:
    return SkillResult((), GroupDifferences(reason=reason), reason)


def _matrix(frame: pd.DataFrame, name: str, readers: list[str], cases: list[str]) -> FloatArray:
    """Readers x cases, NaN where not read; several pairs are averaged."""
    shape = len(readers), len(cases)
    reader, case = pd.Index(frame["reader"]), pd.Index(frame["case"])
    cell = np.asarray(pd.Index(readers).get_indexer(reader)) * shape[1] + pd.Index(cases).get_indexer(case)
    count = np.bincount(cell, minlength=shape[0] * shape[1])
    sums = np.bincount(cell, weights=frame[name].to_numpy(float), minlength=count.size)
    found: FloatArray = np.where(count > 0, sums / np.maximum(count, 1), np.nan).reshape(shape)
    return found


def _row_means(matrix: FloatArray) -> FloatArray:
    seen: npt.NDArray[np.bool_] = np.isfinite(matrix)
    count = seen.sum(axis=1)
    with np.errstate(invalid="ignore"):
        means: FloatArray = np.where(count > 0, np.nansum(matrix, axis=1) / np.maximum(count, 1), np.nan)
    return means
