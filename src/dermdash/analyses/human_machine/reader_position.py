"""Where one reader stands beside a model's ROC curve on the cases they read, and how sure that is.

The model's curve is that of the reader's own cases. The distance to it is taken upwards (the model's sensitivity at the
reader's specificity minus theirs) and across (its specificity at their sensitivity minus theirs); intervals redraw
their cases in groups of patients (else lesions, else single cases), so that they say how the comparison would come out
on other cases.
The curve moves in steps: a distance needs cases of the side whose rate is matched, and has the wider of two intervals.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.as_json import to_json
from dermdash.analysis.auc_intervals import LEAST_SIDE, analytic_interval, equal_sides, paired_test_of, sides_of
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.delong import auc_covariance
from dermdash.analysis.estimates import json_number
from dermdash.analysis.matched_rates import matched_to_readers
from dermdash.analysis.reader_calls import (
    NO_SIDE,
    SENSITIVITY_AT_SPECIFICITY,
    SPECIFICITY_AT_SENSITIVITY,
    ReaderCalls,
    ReaderDifference,
    RocPoint,
    clean_difference,
    difference_of,
    point_of,
)
from dermdash.analysis.roc import area, missing_side
from dermdash.wording import counted

LEAST_MATCHED, MOST_OTHERS = 15, 3
"""Cases of the side whose rate is matched that a reader's distance needs, and how many others may stand beside each."""
ABOVE, BELOW, UNDECIDED = "above", "below", "undecided"


@dataclass(frozen=True, slots=True)
class ReaderArea:
    """Area under a reader's own empirical ROC curve, and the model's on the same cases (0..1).

    ``from_ratings``: the curve has a point for every level of the reader's rating; otherwise it is the one point of
    their calls joined to the corners, whose area is (sensitivity + specificity) / 2. ``difference`` is model minus
    reader with DeLong's paired interval (variance between groups); None with a ``reason`` where that cannot be had.
    """

    area: float | None
    low: float | None
    high: float | None
    model: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    from_ratings: bool
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = ("area", "low", "high", "model", "difference", "difference_low", "difference_high")
        return {name: json_number(getattr(self, name)) for name in names} | {
            "from_ratings": self.from_ratings,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """A reader's point, and model minus reader at equal specificity (``vertical``) and sensitivity (``horizontal``)."""

    point: RocPoint
    vertical: ReaderDifference
    horizontal: ReaderDifference

    @property
    def position(self) -> str | None:
        """``above`` or ``below`` the curve where the interval of the vertical distance excludes 0, else undecided."""
        if self.vertical.difference is None:
            return None
        low, high = self.vertical.low, self.vertical.high
        if low is None or high is None or low <= 0 <= high:
            return UNDECIDED
        return ABOVE if high < 0 else BELOW


@dataclass(frozen=True, slots=True)
class ReaderPosition:
    """One reader beside the model's curve.

    ``before`` and
    ``after`` are their points without and with assistance on the cases they read both ways (None: there is none).
    ``profile`` holds what is known of them, by column of the readings table.
    """

    reader: str
    profile: dict[str, str | None]
    positives: int
    negatives: int
    place: Place
    area: ReaderArea
    before: RocPoint | None = None
    after: RocPoint | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reader": self.reader,
            **self.profile,
            "positives": self.positives,
            "negatives": self.negatives,
            **to_json(self.place.point),
            "position": self.place.position,
            "at_equal_specificity": to_json(self.place.vertical),
            "at_equal_sensitivity": to_json(self.place.horizontal),
            "area": self.area.as_dict(),
            "before": to_json(self.before),
            "after": to_json(self.after),
        }


def place_readers(calls: ReaderCalls, bootstrap: GroupedBootstrap) -> tuple[Place, ...]:
    """The place of every reader, in their order."""
    places: list[Place | None] = [None] * len(calls.seen)
    # Readers of the same cases stand beside the same curve, in every draw.
    alike: dict[bytes, list[int]] = {}
    for row, seen in enumerate(calls.seen):
        alike.setdefault(seen.tobytes(), []).append(row)
    for rows in alike.values():
        cases = np.flatnonzero(calls.seen[rows[0]])
        found = _places(
            calls.for_readers(np.isin(np.arange(len(calls.seen)), rows)).for_cases(calls.seen[rows[0]]),
            bootstrap,
            cases,
        )
        for row, place in zip(rows, found, strict=True):
            places[row] = place
    return tuple(place for place in places if place is not None)


def _places(calls: ReaderCalls, bootstrap: GroupedBootstrap, cases: IntArray) -> tuple[Place, ...]:
    """The places of readers who all read these ``cases``, which are those of ``calls``."""
    target, groups = calls.target, bootstrap.groups[cases]
    own = matched_to_readers(np.ones((1, len(target)), np.float32), target, calls.score, calls.called)
    enough = len(np.unique(groups)) >= 2
    vertical: list[FloatArray] = []
    horizontal: list[FloatArray] = []
    if enough and missing_side(target) is None:
        for weight in bootstrap.case_counts(cases):
            drawn = matched_to_readers(weight, target, calls.score, calls.called)
            horizontal.append(clean_difference(drawn.score_specificity, drawn.specificity))
            vertical.append(clean_difference(drawn.score_sensitivity, drawn.sensitivity))
    up = np.concatenate(vertical) if vertical else np.empty((0, len(calls.called)))
    across = np.concatenate(horizontal) if horizontal else np.empty((0, len(calls.called)))
    sides = sides_of(target, groups)
    no_side = f"{missing_side(target) or NO_SIDE} for this reader"

    def distance(name: str, row: int, model: FloatArray, reader: FloatArray, draws: FloatArray) -> ReaderDifference:
        upwards = name == SENSITIVITY_AT_SPECIFICITY
        few = (
            _few_matched(sides[1], sides[0], "negative case")
            if upwards
            else _few_matched(sides[0], sides[1], "positive case")
        )
        return difference_of(
            name, float(model[0, row]), float(reader[0, row]), [draws[:, row]], bootstrap, clusters=min(sides),
            enough=enough, no_side=no_side, few=few, wider=True,
        )  # fmt: skip

    return tuple(
        Place(
            point_of(called, target),
            distance(SENSITIVITY_AT_SPECIFICITY, row, own.score_sensitivity, own.sensitivity, up),
            distance(SPECIFICITY_AT_SENSITIVITY, row, own.score_specificity, own.specificity, across),
        )
        for row, called in enumerate(calls.called)
    )


def _few_matched(matched: int, others: int, what: str) -> str | None:
    """Why a distance has no interval: the rate it is taken at moves in steps that are too coarse, or the others lack.

    A step is one case of the side that is matched on; beside many others, it is more than chance.
    """
    if others < LEAST_SIDE:
        return f"no interval: {counted(others, 'case')} of the other side, of the {LEAST_SIDE} that it needs"
    if matched >= max(LEAST_MATCHED, others / MOST_OTHERS):
        return None
    return (
        f"no interval: {counted(matched, what)}, of the {max(LEAST_MATCHED, math.ceil(others / MOST_OTHERS))} that a "
        f"distance beside {others:,} others needs"
    )


def reader_area(
    target: BoolArray,
    score: FloatArray,
    called: BoolArray,
    rating: FloatArray | None,
    groups: IntArray,
    *,
    confidence: float,
) -> ReaderArea:
    """Area of a reader beside the model's on the same cases.

    Parameters
    ----------
    rating
        float (cases,), higher speaks for the condition; None, or with a gap: the calls alone are used.
    """
    rated = rating is not None and bool(np.isfinite(rating).all()) and len(rating) > 0
    own = rating if rating is not None and rated else called.astype(float)
    if reason := missing_side(target):
        return ReaderArea(None, None, None, None, None, None, None, rated, reason)
    found = auc_covariance(target, np.stack([score, own]), groups=groups)
    variance = None if found.covariance is None else float(found.covariance[1, 1])
    interval = analytic_interval(float(found.areas[1]), variance, sides_of(target, groups), confidence=confidence)
    low, high = interval or (None, None)
    paired = paired_test_of(found, equal_sides(target, groups), confidence=confidence)
    # An interval of no width is what two rankings leave that do not differ on these few cases: no certainty.
    seen = paired.low is not None and paired.high is not None and paired.high > paired.low
    why = None if seen else paired.reason or "no interval of the difference: its variance cannot be seen on these cases"
    return ReaderArea(
        area(target, own),
        low,
        high,
        paired.first,
        paired.difference,
        paired.low if seen else None,
        paired.high if seen else None,
        rated,
        why,
    )
