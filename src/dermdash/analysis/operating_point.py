"""Thresholds chosen on one data set, what they reach there, and what they reach on another.

A class is "over its threshold" when its probability is **at or above** it, as everywhere in `analysis.roc`. The
malignancy probability has a threshold of its own, under the name ``malignancy``.

- ``choose_thresholds(cases, rule, target)``: one threshold per class and for malignancy
- ``measure_thresholds(cases, thresholds)``: sensitivity and specificity with intervals
- ``compare_figures(there, here)``: the difference that moving to another data set makes (Han et al., JID 2018: one
  threshold does not travel)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import hypot

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.estimates import Estimate, clustered_proportion, not_estimable
from dermdash.analysis.roc import RocCurve, missing_side, roc_curve, threshold_at_sensitivity, youden
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.analysis.threshold_rates import without_interval
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import level


class Rule(StrEnum):
    """How a threshold is chosen."""

    YOUDEN = "youden"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    VALUE = "value"

    @property
    def needs_target(self) -> bool:
        """Whether the rule aims at a number."""
        return self is not Rule.YOUDEN

    def words(self, target: float | None = None) -> str:
        """The rule in words, with its target where it has one."""
        if self is Rule.YOUDEN:
            return "Youden: greatest sensitivity + specificity"
        if self is Rule.VALUE:
            return f"Threshold {level(target or 0)} for every class"
        return f"{self.value.capitalize()} of at least {level(target or 0)}"


def names_of(taxonomy: Taxonomy) -> tuple[str, ...]:
    """What has a threshold: every class, then malignancy."""
    return (*taxonomy.codes, MALIGNANCY)


def cases_for(cases: ScoredCases, name: str) -> ScoredCases:
    """The cases that a threshold is judged on: of malignancy, those that count as malignant or benign."""
    return cases.sided if name == MALIGNANCY else cases


def score_of(cases: ScoredCases, name: str) -> FloatArray:
    """Probability of the class, or of malignancy, of every case."""
    return cases.malignancy if name == MALIGNANCY else cases.probabilities[:, cases.taxonomy.codes.index(name)]


def target_of(cases: ScoredCases, name: str) -> BoolArray:
    """Whether each case truly is of the class, or malignant."""
    return cases.malignant if name == MALIGNANCY else cases.truth == cases.taxonomy.codes.index(name)


@dataclass(frozen=True, slots=True)
class ThresholdFigures:
    """What one threshold reaches on some cases; ``threshold`` None where none could be chosen."""

    threshold: float | None
    sensitivity: Estimate
    specificity: Estimate

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "ThresholdFigures":
        """Read back what `as_json.to_json` wrote."""
        return cls(
            values["threshold"],  # type: ignore[arg-type]
            Estimate(**values["sensitivity"]),  # type: ignore[arg-type]
            Estimate(**values["specificity"]),  # type: ignore[arg-type]
        )


def check_target(rule: Rule, target: float | None) -> None:
    """Raise InvalidInput unless the target fits the rule: none for Youden, else above 0 and at most 1."""
    if rule.needs_target and (target is None or not 0 < target <= 1):
        raise InvalidInput(f"the rule {rule.value!r} needs a target above 0 and at most 1, not {target}")
    if not rule.needs_target and target is not None:
        raise InvalidInput(f"the rule {rule.value!r} takes no target")


def choose_threshold(curve: RocCurve, rule: Rule, target: float | None = None) -> float | None:
    """Choose a threshold on a ROC curve.

    Youden takes the greatest sensitivity + specificity; "at least a sensitivity" the highest threshold that reaches
    it; "at least a specificity" the lowest. None where no finite threshold does (a specificity that only calling
    nothing reaches) or where Youden finds none better than chance.

    Raises
    ------
    InvalidInput
        The target does not fit the rule.
    """
    check_target(rule, target)
    if rule is Rule.YOUDEN:
        point = youden(curve)
        return None if point is None else point.threshold
    assert target is not None
    if rule is Rule.VALUE:
        return target
    if rule is Rule.SENSITIVITY:
        return threshold_at_sensitivity(curve, target)
    # Thresholds fall along the curve, so the last that reaches the specificity is the lowest.
    last = int(np.flatnonzero(curve.specificity >= target - 1e-12)[-1])
    return float(curve.thresholds[last]) if last > 0 else None


def choose_thresholds(cases: ScoredCases, rule: Rule, target: float | None = None) -> dict[str, float | None]:
    """One threshold per class and for malignancy; None where the cases cannot tell (see `choose_threshold`)."""
    check_target(rule, target)
    chosen: dict[str, float | None] = {}
    for name in names_of(cases.taxonomy):
        judged = cases_for(cases, name)
        truth = target_of(judged, name)
        if rule is Rule.VALUE:
            chosen[name] = target
        elif missing_side(truth):
            chosen[name] = None
        else:
            chosen[name] = choose_threshold(roc_curve(truth, score_of(judged, name)), rule, target)
    return chosen


def measure_thresholds(cases: ScoredCases, thresholds: Mapping[str, float | None]) -> dict[str, ThresholdFigures]:
    """Sensitivity and specificity of each threshold on the cases, with Wilson intervals that count groups.

    Of the cases that the thresholds were chosen on: `figures_of_choice` takes the intervals away.
    """
    figures = {}
    for name in names_of(cases.taxonomy):
        threshold = thresholds.get(name)
        if threshold is None:
            none = not_estimable("no threshold")
            figures[name] = ThresholdFigures(None, none, none)
            continue
        judged = cases_for(cases, name)
        truth, over = target_of(judged, name), score_of(judged, name) >= threshold
        figures[name] = ThresholdFigures(
            threshold,
            clustered_proportion(over[truth], judged.groups[truth], empty="no such case"),
            clustered_proportion(~over[~truth], judged.groups[~truth], empty="no other case"),
        )
    return figures


def figures_of_choice(figures: Mapping[str, ThresholdFigures], rule: Rule) -> dict[str, ThresholdFigures]:
    """The figures on the cases that ``rule`` chose the thresholds on: without intervals, unless it is a value given."""
    if rule is Rule.VALUE:
        return dict(figures)
    return {
        name: ThresholdFigures(f.threshold, without_interval(f.sensitivity), without_interval(f.specificity))
        for name, f in figures.items()
    }


def difference(there: Estimate, here: Estimate) -> Estimate:
    """How much higher a share is here than there, from independent cases (-1..1); with interval where both have one.

    The interval joins those of the two shares (Newcombe, Statistics in Medicine 1998, method 10), which may know of
    several images per patient.
    """
    p, q = there, here
    if p.value is None or q.value is None:
        return not_estimable(q.reason or p.reason or "not measured on both")
    change = q.value - p.value
    if p.low is None or p.high is None or q.low is None or q.high is None:
        return Estimate(change, reason=q.reason or p.reason)
    low = change - hypot(q.value - q.low, p.high - p.value)
    high = change + hypot(q.high - q.value, p.value - p.low)
    return Estimate(change, max(-1.0, low), min(1.0, high))


@dataclass(frozen=True, slots=True)
class Transport:
    """One threshold where it was chosen and elsewhere, and the threshold the same rule would choose there."""

    there: ThresholdFigures
    here: ThresholdFigures
    sensitivity_change: Estimate
    specificity_change: Estimate
    own_threshold: float | None


def compare_figures(
    there: Mapping[str, ThresholdFigures],
    here: Mapping[str, ThresholdFigures],
    own_thresholds: Mapping[str, float | None],
) -> dict[str, Transport]:
    """Put the figures of the data set of choice and of another one side by side, by class."""
    return {
        name: Transport(
            there[name],
            here[name],
            difference(there[name].sensitivity, here[name].sensitivity),
            difference(there[name].specificity, here[name].specificity),
            own_thresholds.get(name),
        )
        for name in here
        if name in there
    }
