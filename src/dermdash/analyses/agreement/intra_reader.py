"""Agreement of readers with themselves: cases that the same reader was shown again."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.agreement.change import AgreementChange, paired_change
from dermdash.analysis.agreement.coefficients import Coefficient, no_interval
from dermdash.analysis.agreement.cohen import CohenKappa, cohen_kappa
from dermdash.analysis.agreement.few_items import MINIMUM_GROUPS
from dermdash.analysis.agreement.ratings import agreement_weights
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.estimates import clustered_proportion, json_number
from dermdash.errors import InvalidInput

STATISTICS = ("percent", "cohen")


@dataclass(frozen=True, slots=True)
class RepeatedRatings:
    """Pairs of ratings of one reader and case, the earlier first; all have one entry per pair.

    ``units``: number of the case (lesion, patient) of each pair; none: no two pairs are of one.
    """

    readers: Sequence[str]
    first: Sequence[Hashable]
    second: Sequence[Hashable]
    units: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class ReaderRepeats:
    """One reader: pairs, how many of them agree with the Wilson interval of their share, and Cohen's kappa.

    The interval knows that pairs of one case (lesion, patient) resemble each other (`clustered_proportion`).
    """

    reader: str
    pairs: int
    agreeing: int
    low: float
    high: float
    kappa: CohenKappa

    @property
    def share(self) -> float:
        """Share of pairs that agree, 0..1."""
        return self.agreeing / self.pairs

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reader": self.reader,
            "pairs": self.pairs,
            "percent": self.share,
            "low": self.low,
            "high": self.high,
            "kappa": json_number(self.kappa.value),
            "kappa_se": json_number(self.kappa.se),
            "reason": self.kappa.reason,
        }


@dataclass(frozen=True, slots=True)
class IntraReader:
    """Agreement with oneself before and after assistance, per reader and of all pairs together."""

    before: tuple[ReaderRepeats, ...]
    after: tuple[ReaderRepeats, ...]
    pooled: tuple[AgreementChange, ...]

    @property
    def pairs_before(self) -> int:
        """Pairs of readings before assistance."""
        return sum(r.pairs for r in self.before)

    @property
    def pairs_after(self) -> int:
        """Pairs of readings after assistance."""
        return sum(r.pairs for r in self.after)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pairs_before": self.pairs_before,
            "pairs_after": self.pairs_after,
            "pooled": [change.as_dict() for change in self.pooled],
            "before": [r.as_dict() for r in self.before],
            "after": [r.as_dict() for r in self.after],
        }


def intra_reader_agreement(
    before: RepeatedRatings,
    after: RepeatedRatings,
    *,
    categories: Sequence[Hashable],
    scheme: str = "unweighted",
    replicates: int = 2000,
    seed: int = 2020,
    confidence: float = 0.95,
) -> IntraReader:
    """Percent agreement and Cohen's kappa of repeated readings.

    Of all pairs together, the tables of the readers are added up, because a reader has few repeats and their own kappa
    is often undefined. Intervals redraw whole readers; before and after are compared in the same draws.

    Raises
    ------
    InvalidInput
        A rating outside the categories.
    """
    readers = sorted({*before.readers, *after.readers})
    tables = [_tables(part, readers, categories) for part in (before, after)]
    weights = agreement_weights(scheme, len(categories))
    bootstrap = GroupedBootstrap(
        np.arange(len(readers)), replicates if len(readers) >= MINIMUM_GROUPS else 0, seed, confidence
    )
    pooled = tuple(_pooled(key, tables, weights, bootstrap, len(readers)) for key in STATISTICS)
    of_reader = [
        tuple(
            _reader(name, table, half, scheme, confidence)
            for name, table in zip(readers, part, strict=True)
            if table.sum()
        )
        for part, half in zip(tables, (before, after), strict=True)
    ]
    return IntraReader(of_reader[0], of_reader[1], pooled)


def _tables(part: RepeatedRatings, readers: Sequence[str], categories: Sequence[Hashable]) -> FloatArray:
    """Counts of pairs: (readers, categories, categories)."""
    row = {name: i for i, name in enumerate(readers)}
    place = {category: k for k, category in enumerate(categories)}
    tables = np.zeros((len(readers), len(categories), len(categories)))
    for reader, first, second in zip(part.readers, part.first, part.second, strict=True):
        if wrong := [value for value in (first, second) if value not in place]:
            raise InvalidInput(f"reader {reader} answered {wrong[0]!r}: expected {', '.join(map(str, categories))}")
        tables[row[reader], place[first], place[second]] += 1
    return tables


def _reader(name: str, table: FloatArray, half: RepeatedRatings, scheme: str, confidence: float) -> ReaderRepeats:
    pairs, agreeing = int(table.sum()), int(np.trace(table))
    own = [i for i, reader in enumerate(half.readers) if reader == name]
    same = np.array([half.first[i] == half.second[i] for i in own])
    units = np.array([half.units[i] for i in own] if half.units else own)
    share = clustered_proportion(same, units, confidence=confidence)
    assert share.low is not None
    assert share.high is not None
    return ReaderRepeats(name, pairs, agreeing, share.low, share.high, cohen_kappa(table, scheme))


def _pooled(
    key: str, tables: Sequence[FloatArray], weights: FloatArray, bootstrap: GroupedBootstrap, readers: int
) -> AgreementChange:
    found = []
    for table in tables:
        value = _of_tables(key, table.sum(axis=0)[None], weights)[0] if table.size else np.nan
        if not np.isfinite(value):
            why = "no case was read twice" if not table.sum() else "all repeated ratings are the same"
            found.append((Coefficient(key, None, reason=why), np.empty(0)))
            continue
        flat = table.reshape(len(table), -1)
        draws = [_of_tables(key, (c @ flat).reshape(-1, *table.shape[1:]), weights) for c in bootstrap.group_counts()]
        drawn = np.concatenate(draws) if draws else np.empty(0)
        interval = drawn_interval(
            float(value),
            drawn,
            _with_pairs(table),
            confidence=bootstrap.confidence,
            bounds=(-1.0, 1.0),
            log_odds=True,
        )
        if interval is None:
            missing = no_interval(drawn, items=readers)
            missing = missing and missing.replace("case", "reader")
            found.append((Coefficient(key, float(value), reason=missing), drawn))
        else:
            limits = (interval.low, interval.high)
            if key == "percent":
                limits = _share_interval(table, bootstrap.confidence) or limits
            found.append((Coefficient(key, float(value), *limits), drawn))
    (first, first_draws), (second, second_draws) = found
    return paired_change(first, second, first_draws, second_draws, bootstrap)


def _share_interval(table: FloatArray, confidence: float) -> tuple[float, float] | None:
    """Wilson's with the variance between readers, as of every share: t alone missed in 7 % with 10 readers."""
    pairs = table.sum(axis=(1, 2)).astype(int)
    agreeing = np.trace(table, axis1=1, axis2=2).astype(int)
    same = np.concatenate([np.arange(n) < k for n, k in zip(pairs, agreeing, strict=True)])
    found = clustered_proportion(same, np.repeat(np.arange(len(pairs)), pairs), confidence=confidence)
    return None if found.low is None or found.high is None else (found.low, found.high)


def _with_pairs(table: FloatArray) -> int:
    """Readers with a pair."""
    return int((table.sum(axis=(1, 2)) > 0).sum())


def _of_tables(key: str, tables: FloatArray, weights: FloatArray) -> FloatArray:
    """Percent agreement or Cohen's kappa of each table: (draws, categories, categories) to (draws,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = tables / tables.sum(axis=(1, 2), keepdims=True)
        if key == "percent":
            percent: FloatArray = np.trace(shares, axis1=1, axis2=2)
            return percent
        observed = (shares * weights).sum(axis=(1, 2))
        chance = np.einsum("bi,ij,bj->b", shares.sum(axis=2), weights, shares.sum(axis=1))
        return np.where(chance > 1 - 1e-9, np.nan, (observed - chance) / (1 - chance))
