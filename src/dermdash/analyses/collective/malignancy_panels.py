"""Panels that decide between benign and malignant: by majority, or malignant as soon as some say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import comb
from typing import Any

import numpy as np

from dermdash.analyses.collective.panel_curves import panel_sizes
from dermdash.analyses.collective.plurality import CaseValues, case_values
from dermdash.analyses.collective.vote_bootstrap import REPLICATES, VoteBootstrap
from dermdash.analyses.collective.votes import Votes
from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.errors import InvalidInput

BENIGN, MALIGNANT = "benign", "malignant"
SIDES = (BENIGN, MALIGNANT)


class VoteRule(StrEnum):
    """When a panel calls a case malignant."""

    MAJORITY = "majority"
    ANY = "any"

    @property
    def words(self) -> str:
        """The rule in words."""
        return {
            VoteRule.MAJORITY: "majority (a tie is broken at random)",
            VoteRule.ANY: "any single vote for malignant",
        }[self]


def call_probability(malignant: IntArray, readers: IntArray, size: int, rule: VoteRule) -> FloatArray:
    """Probability that a random panel of ``size`` among the readers of each case calls it malignant.

    The number of malignant votes is hypergeometric. NaN where fewer readers than ``size`` read the case.
    """
    if size < 1:
        raise InvalidInput(f"a panel of {size}: expected at least one member")
    pairs, back = np.unique(np.stack([malignant, readers], axis=1), axis=0, return_inverse=True)
    found = np.array([_one_call(int(m), int(n), size, rule) for m, n in pairs], dtype=float)
    return found[back.reshape(-1)]


def _one_call(malignant: int, readers: int, size: int, rule: VoteRule) -> float:
    panels = comb(readers, size)
    if not panels:
        return float("nan")
    if rule is VoteRule.ANY:
        return 1.0 - comb(readers - malignant, size) / panels
    total = 0.0
    for x in range(min(size, malignant) + 1):
        weight = 1.0 if 2 * x > size else 0.5 if 2 * x == size else 0.0
        total += weight * (comb(malignant, x) * comb(readers - malignant, size - x) / panels)
    return min(total, 1.0)


@dataclass(frozen=True, slots=True)
class PanelRate:
    """A share (0..1) with its interval; None, with the reason, where it cannot be had."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both bounds, None where there are none."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "value": self.value,
            "ci": None if self.low is None else [self.low, self.high],
            "reason": self.reason,
        }


def rate(
    draws: VoteBootstrap,
    value: float,
    replicates: FloatArray,
    among: BoolArray | None = None,
    *,
    of_readers: bool = True,
) -> PanelRate:
    """A share with the interval of its replicates; the other parameters are those of `VoteBootstrap.interval`."""
    if not np.isfinite(value):
        return PanelRate(None, reason="no such case")
    interval = draws.interval(value, replicates, among, of_readers=of_readers, level=True)
    if interval is None:
        return PanelRate(float(value), reason=draws.why_none(replicates, among))
    return PanelRate(float(value), *interval)


@dataclass(frozen=True, slots=True)
class MalignancyPanel:
    """Sensitivity and specificity for malignancy of panels of ``size`` under a rule.

    ``covers_readers``: whether the intervals cover the choice of readers, as of `PanelPoint`.
    """

    size: int
    rule: VoteRule
    sensitivity: PanelRate
    specificity: PanelRate
    covers_readers: bool = True

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "k": self.size, "rule": self.rule.value, "sensitivity": self.sensitivity.as_dict(),
            "specificity": self.specificity.as_dict(), "interval_covers_readers": self.covers_readers,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class MalignancyPanels:
    """Panels of 1..k under each rule, on one set of cases."""

    panels: tuple[MalignancyPanel, ...]
    readers: int
    malignant_cases: int
    benign_cases: int
    readings: int
    cases_left_out: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "n_readers": self.readers,
            "n_malignant_cases": self.malignant_cases,
            "n_benign_cases": self.benign_cases,
            "n_readings": self.readings,
            "cases_left_out": self.cases_left_out,
            "panels": [p.as_dict() for p in self.panels],
        }

    def of(self, rule: VoteRule) -> tuple[MalignancyPanel, ...]:
        """The panels of one rule, by size."""
        return tuple(p for p in self.panels if p.rule is rule)


def malignancy_panels(
    votes: Votes,
    *,
    rules: Sequence[VoteRule] = tuple(VoteRule),
    seed: int,
    limit: int | None = None,
    replicates: int = REPLICATES,
) -> MalignancyPanels | None:
    """Sensitivity and specificity of panels of readers whose votes have the classes ``SIDES``."""
    largest, kept, left_out = panel_sizes(votes, limit)
    if largest < 1:
        return None
    malignant = kept.truth == SIDES.index(MALIGNANT)
    fewest = int(kept.readers_per_case.sum(axis=1).min())
    found = []
    for rule in rules:
        values = case_values(kept.counts, partial(_calls, largest=largest, rule=rule))
        sensitive = split_rates(kept, values, malignant, seed=seed, replicates=replicates)
        found += [
            MalignancyPanel(k + 1, rule, sensitivity, specificity, fewest > k + 1)
            for k, (sensitivity, specificity) in enumerate(sensitive)
        ]
    return MalignancyPanels(
        tuple(found), len(kept.readers), int(malignant.sum()), int((~malignant).sum()), kept.total, left_out
    )  # fmt: skip


def _calls(rows: IntArray, _: IntArray, *, largest: int, rule: VoteRule) -> FloatArray:
    malignant = rows[:, :, SIDES.index(MALIGNANT)].sum(axis=1)
    readers = rows.sum(axis=(1, 2))
    return np.stack([call_probability(malignant, readers, k, rule) for k in range(1, largest + 1)], axis=1)


def split_rates(
    votes: Votes, calls: CaseValues, malignant: BoolArray, *, seed: int, replicates: int
) -> list[tuple[PanelRate, PanelRate]]:
    """Sensitivity and specificity of each column of call probabilities, of panels of 1, 2, ... readers."""
    spare = int(votes.readers_per_case.sum(axis=1).min(initial=0)) > np.arange(calls.value.shape[1]) + 1
    draws = votes.bootstrap(seed, replicates)
    table = []
    for among, flip in ((malignant, False), (~malignant, True)):
        drawn = draws.replicate_means(calls, among)
        values = calls.value[among].mean(axis=0) if among.any() else np.full(calls.value.shape[1], np.nan)
        table.append(
            [
                rate(
                    draws, 1 - v if flip else v, 1 - drawn[:, c] if flip else drawn[:, c], among,
                    of_readers=bool(spare[c]),
                )
                for c, v in enumerate(values)
            ]
        )  # fmt: skip
    return list(zip(table[0], table[1], strict=True))
