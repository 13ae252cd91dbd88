"""The change in each group of readers, cases or advice, and whether it differs between the groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.benefit.grouping import GROUPINGS, SKILL, Grouping, group_pairs
from dermdash.analyses.benefit.rows import BenefitRow, benefit_row, with_holm
from dermdash.analyses.benefit.skill import change_by_skill
from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.clustered_pairs import GroupDifferences, group_differences, interval_or_none
from dermdash.analysis.distributions import t_quantile
from dermdash.analysis.estimates import json_number
from dermdash.analysis.paired_accuracy import holm
from dermdash.analysis.reader_means import reader_cells, reader_means
from dermdash.readings.modality import ALL_MODALITIES

PERMUTATIONS = 4999
MINIMUM_FOR_INTERVAL = 4
"""Readers of a group: with 2 beside 10, Welch's interval missed no difference in 11 % of null studies."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """Test that the change is the same in all groups.

    ``test`` is ``permutation`` (groups of readers: their labels were permuted) or ``wald`` (pairs of one reader lie in
    several groups: two-way cluster-robust F test with ``df1`` and ``df2``). ``contrast`` is the change in ``last``
    minus that in ``first`` with its interval. ``p_holm`` is corrected over the breakdowns of the modality.
    ``left_out`` names the groups too small for the test, each with the reason.
    """

    test: str
    statistic: float | None
    df1: int | None
    df2: float | None
    p_value: float | None
    contrast: float | None
    low: float | None
    high: float | None
    first: str
    last: str
    reason: str | None = None
    p_holm: float | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "test": self.test,
            "statistic": json_number(self.statistic),
            "df1": self.df1,
            "df2": self.df2,
            "p": json_number(self.p_value),
            "p_holm": json_number(self.p_holm),
            "contrast": json_number(self.contrast),
            "contrast_ci": interval_or_none(self.low, self.high),
            "first": self.first,
            "last": self.last,
            "left_out": dict(self.left_out),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The change by groups, with one modality or all; ``unknown`` pairs have no group and are left out."""

    key: str
    modality: str
    rows: tuple[BenefitRow, ...]
    interaction: Interaction | None
    unknown: int = 0
    reason: str | None = None

    @property
    def title(self) -> str:
        """What the groups are made from."""
        return GROUPINGS[self.key].title

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "breakdown": self.key,
            "modality": self.modality,
            "groups": [row.as_dict() for row in self.rows],
            "interaction": None if self.interaction is None else self.interaction.as_dict(),
            "pairs_without_group": self.unknown,
            "reason": self.reason,
        }


def breakdowns(
    frame: pd.DataFrame,
    *,
    keys: Sequence[str],
    modalities: Sequence[str],
    seed: int,
    confidence: float,
    replicates: int,
    orders: dict[str, Sequence[str]],
) -> tuple[Breakdown, ...]:
    """Every breakdown of all modalities together and of each; those that cannot be made carry a reason.

    Parameters
    ----------
    frame
        Pairs with the outcome (`outcomes.OutcomePairs`).
    orders
        Order of the groups of a breakdown, where it is not alphabetical.
    """
    found = []
    scopes = [ALL_MODALITIES, *modalities] if len(modalities) > 1 else list(modalities)
    numbered = _numbered(frame)
    for modality in scopes:
        scope = pd.Series(modality == ALL_MODALITIES, index=frame.index) | (frame["modality"] == modality)
        part, described = numbered[scope], frame[scope]
        made = []
        for key in keys:
            if key == SKILL:
                made.append(_by_skill(numbered, scope, modality=modality, seed=seed, confidence=confidence))
                continue
            grouping = group_pairs(described, key, order=orders.get(key, ()))
            made.append(_breakdown(part, grouping, modality, seed=seed, confidence=confidence, replicates=replicates))
        corrected = holm([None if b.interaction is None else b.interaction.p_value for b in made])
        found += [
            b if b.interaction is None else replace(b, interaction=replace(b.interaction, p_holm=p))
            for b, p in zip(made, corrected, strict=True)
        ]
    return tuple(found)


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """What the statistics need, readers and cases as their places among the sorted names.

    A hundred groups are cut out and their readers and cases looked up: with forty columns and names that takes seconds.
    """
    names = [name for name in ("reader", "case", "unit") if name in frame]
    numbers = {name: pd.factorize(frame[name], sort=True)[0] for name in names}
    return frame[[*names, "unaided", "aided", "stratum"]].assign(**numbers)


def _by_skill(
    frame: pd.DataFrame, scope: "pd.Series[bool]", *, modality: str, seed: int, confidence: float
) -> Breakdown:
    result = change_by_skill(frame, modality=modality, scope=scope, seed=seed, confidence=confidence)
    if not result.rows:
        return Breakdown(SKILL, modality, (), None, reason=result.reason)
    names = [str(row.group) for row in result.rows]
    return Breakdown(SKILL, modality, result.rows, _interaction("wald", result.test, names))


def _breakdown(
    part: pd.DataFrame, grouping: Grouping, modality: str, *, seed: int, confidence: float, replicates: int
) -> Breakdown:
    known = grouping.labels.notna()
    unknown = int((~known).sum())
    if len(grouping.levels) < 2:
        only = f"all are {grouping.levels[0]!r}" if grouping.levels else "it is not recorded"
        return Breakdown(grouping.key, modality, (), None, unknown, f"no groups to compare: {only}")
    kept = part[known]
    index = {level: i for i, level in enumerate(grouping.levels)}
    number = np.array([index[label] for label in grouping.labels[known]], np.int64)
    rows = [
        benefit_row(kept[number == i], modality, seed=seed, confidence=confidence, replicates=replicates, group=level)
        for level, i in index.items()
    ]
    interaction = _test(kept, number, grouping, seed=seed, confidence=confidence)
    return Breakdown(grouping.key, modality, with_holm([row for row in rows if row is not None]), interaction, unknown)


def _test(kept: pd.DataFrame, number: IntArray, grouping: Grouping, *, seed: int, confidence: float) -> Interaction:
    reader = kept["reader"].to_numpy()
    groups = len(grouping.levels)
    if len(np.unique(reader * groups + number)) == len(np.unique(reader)):
        cells = reader_cells(kept)
        means = reader_means(cells)
        of_reader = np.zeros(int(reader.max()) + 1, np.int64)
        of_reader[reader] = number
        test = permutation_test(
            (means.aided - means.unaided)[means.complete],
            of_reader[cells.readers[means.complete].astype(np.int64)],
            seed=seed,
            confidence=confidence,
            groups=groups,
        )
        return _interaction("permutation", test, grouping.levels)
    test = group_differences(
        (kept["aided"] - kept["unaided"]).to_numpy(float),
        number,
        clusters=(pd.factorize(reader)[0], pd.factorize(kept["unit" if "unit" in kept else "case"].to_numpy())[0]),
        stratum=kept["stratum"].to_numpy(),
        confidence=confidence,
    )
    return _interaction("wald", test, grouping.levels)


def _interaction(test: str, found: GroupDifferences, levels: Sequence[str]) -> Interaction:
    return Interaction(
        test,
        found.f,
        found.df1,
        found.df2,
        found.p_value,
        found.contrast,
        found.contrast_low,
        found.contrast_high,
        levels[found.first or 0],
        levels[-1 if found.last is None else found.last],
        found.reason,
        left_out={levels[j]: why for j, why in found.left_out.items()},
    )


def permutation_test(
    change: FloatArray,
    group: IntArray,
    *,
    seed: int,
    confidence: float = 0.95,
    groups: int | None = None,
    permutations: int = PERMUTATIONS,
) -> GroupDifferences:
    """Whether readers of different groups change differently: the F of an analysis of variance, groups permuted.

    Parameters
    ----------
    change
        One mean change per reader.
    group
        Number of each reader's group, 0, 1, ....

    Returns
    -------
    GroupDifferences
        p = (1 + permutations that reach F) / (1 + permutations). The contrast of the last and the first group has the
        interval of Welch's t, where both have `MINIMUM_FOR_INTERVAL` readers.
    """
    k = int(group.max()) + 1 if groups is None else groups
    sizes = np.bincount(group, minlength=k)
    if (sizes < 2).any():
        return GroupDifferences(reason="a group has fewer than two readers: no test between these groups")
    if len(change) <= k or np.ptp(change) < 1e-12:
        return GroupDifferences(reason="too few readers, or no variation between them, for a test between these groups")
    first, last = change[group == 0], change[group == k - 1]
    contrast = float(last.mean() - first.mean())
    enough = min(len(first), len(last)) >= MINIMUM_FOR_INTERVAL
    low, high = (_welch_interval(last, first, confidence) if enough else None) or (None, None)
    centred = change - change.mean()
    rng = np.random.default_rng([seed, len(change), k])
    order = np.argsort(rng.random((permutations, len(change))), axis=1)
    members = (group[:, None] == np.arange(k)).astype(float)

    def between(values: FloatArray) -> FloatArray:
        found: FloatArray = ((values @ members) ** 2 / sizes).sum(axis=-1)
        return found

    # The total sum of squares is the same in every permutation: F grows with the part between the groups.
    observed = float(between(centred))
    reached = int((between(centred[order]) >= observed - 1e-12).sum())
    within = float((centred**2).sum()) - observed
    f = observed / (k - 1) / (within / (len(change) - k)) if within > 1e-12 else None
    p = (1 + reached) / (1 + permutations)
    why = None if enough else f"an interval of the difference needs {MINIMUM_FOR_INTERVAL} readers in both groups"
    return GroupDifferences(f, k - 1, len(change) - k, p, contrast, low, high, reason=why)


def _welch_interval(last: FloatArray, first: FloatArray, confidence: float) -> tuple[float, float] | None:
    """Interval of the difference of two means of unequal variance (Welch, Biometrika 1947); None without variance."""
    parts = [float(values.var(ddof=1)) / len(values) for values in (last, first)]
    variance = sum(parts)
    if variance < 1e-24:
        return None
    df = variance**2 / sum(v**2 / (len(x) - 1) for v, x in zip(parts, (last, first), strict=True))
    reach = t_quantile((1 + confidence) / 2, df) * variance**0.5
    difference = float(last.mean() - first.mean())
    return difference - reach, difference + reach
