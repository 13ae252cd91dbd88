"""What a way of deciding does to the patients: the measures that every simulated pathway is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.collective.malignancy_panels import PanelRate, rate
from dermdash.analyses.collective.plurality import CaseValues
from dermdash.analyses.collective.vote_bootstrap import VoteBootstrap
from dermdash.analyses.collective.votes import Votes
from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.estimates import clustered_proportion


@dataclass(frozen=True, slots=True)
class RateChange:
    """A difference of shares (-1..1) with its interval."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"value": self.value, "ci": None if self.low is None else [self.low, self.high]}


@dataclass(frozen=True, slots=True)
class Pathway:
    """One way of deciding between benign and malignant, and what it costs.

    ``readings_per_case``: how many readings a case takes on average. ``missed_by_class``: malignant cases called
    benign, expected number by true class.
    """

    name: str
    sensitivity: PanelRate
    specificity: PanelRate
    accuracy: PanelRate
    readings_per_case: float
    sensitivity_change: RateChange
    specificity_change: RateChange
    missed: float
    missed_by_class: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pathway": self.name,
            "sensitivity": self.sensitivity.as_dict(),
            "specificity": self.specificity.as_dict(),
            "accuracy": self.accuracy.as_dict(),
            "readings_per_case": self.readings_per_case,
            "sensitivity_change": self.sensitivity_change.as_dict(),
            "specificity_change": self.specificity_change.as_dict(),
            "missed_malignant": self.missed,
            "missed_by_class": self.missed_by_class,
        }


@dataclass(frozen=True, slots=True)
class PathwayInput:
    """Votes on malignancy with what the truth of each case is: what pathways are computed on.

    ``malignant``: whether each case is; ``classes``: name of the true class of each case, for what is missed.
    """

    votes: Votes
    malignant: BoolArray
    classes: tuple[str, ...]
    seed: int
    replicates: int


def judge_pathways(
    cases: PathwayInput, calls: Mapping[str, CaseValues], readings: Mapping[str, FloatArray]
) -> tuple[Pathway, ...]:
    """Judge pathways by the probability that each calls a case malignant; the first one is what changes are against.

    Parameters
    ----------
    calls
        Per pathway, `CaseValues` of one column: the probability of the call "malignant".
    readings
        Per pathway, how many readings each case takes.
    """
    draws = cases.votes.bootstrap(cases.seed, cases.replicates)
    malignant, benign = cases.malignant, ~cases.malignant
    found: list[Pathway] = []
    base: dict[bool, tuple[float, FloatArray]] = {}
    for name, values in calls.items():
        sides = {}
        for side, among in ((True, malignant), (False, benign)):
            as_true = values if side else CaseValues(1 - values.value, 1 - values.without)
            drawn = draws.replicate_means(as_true, among)[:, 0]
            sides[side] = (float(as_true.value[among, 0].mean()) if among.any() else float("nan"), drawn)
        correct = CaseValues(
            np.where(malignant[:, None], values.value, 1 - values.value),
            np.where(malignant[:, None, None], values.without, 1 - values.without),
        )
        accuracy = rate(draws, float(correct.value.mean()), draws.replicate_means(correct)[:, 0])
        found_rates = (rate(draws, *sides[True], malignant), rate(draws, *sides[False], benign), accuracy)
        if not readings[name].any():
            # Nobody reads: calls do not depend on readers, and Wilson's interval also knows 0 % and 100 %.
            right = correct.value[:, 0] > 0.5
            units = cases.votes.case_units
            found_rates = (
                share_of_cases(right[malignant], units[malignant]),
                share_of_cases(right[benign], units[benign]),
                share_of_cases(right, units),
            )
        base = base or sides
        missed = np.where(malignant, 1 - values.value[:, 0], 0.0)
        by_class = {c: float(missed[np.array(cases.classes) == c].sum()) for c in dict.fromkeys(sorted(cases.classes))}
        found.append(
            Pathway(
                name,
                *found_rates,
                float(readings[name].mean()),
                change(draws, sides[True], base[True], malignant),
                change(draws, sides[False], base[False], benign),
                float(missed.sum()),
                {c: m for c, m in by_class.items() if malignant[np.array(cases.classes) == c].any()},
            )
        )
    return tuple(found)


def change(
    draws: VoteBootstrap,
    after: tuple[float, FloatArray],
    before: tuple[float, FloatArray],
    among: BoolArray | None = None,
) -> RateChange:
    """Difference of two shares with the interval of their paired replicates."""
    if not (np.isfinite(after[0]) and np.isfinite(before[0])):
        return RateChange(None)
    interval = draws.interval(after[0] - before[0], after[1] - before[1], among)
    return RateChange(after[0] - before[0], *(interval or (None, None)))


def share_of_cases(hits: BoolArray, units: IntArray) -> PanelRate:
    """A share of cases with Wilson's interval on independent units, for what does not depend on the readers."""
    found = clustered_proportion(hits, units, empty="no such case")
    return PanelRate(found.value, found.low, found.high, found.reason)
