"""Accuracy of the plurality of k readers against k, alone and with the model as a member."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analysis.collective.plurality import CaseValues, Size, case_values, plurality_share
from dermdash.analysis.collective.vote_bootstrap import REPLICATES, percentile_interval
from dermdash.analysis.collective.votes import ModelOpinions, Votes, largest_panel
from dermdash.analysis.estimates import FloatArray, json_number

MAX_PANEL = 15
NO_SPREAD = "every draw of readers and cases gives the same value"


@dataclass(frozen=True, slots=True)
class PanelPoint:
    """One panel: its size, its accuracy (0..1) with interval, and whether that covers the choice of readers.

    Where some case has no reader left over, leaving one out is impossible, and the interval covers cases only.
    """

    size: int
    accuracy: float
    low: float | None
    high: float | None
    covers_readers: bool
    reason: str | None = None
    members: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "k": self.size,
            "members": list(self.members),
            "accuracy": self.accuracy,
            "ci": None if self.low is None else [self.low, self.high],
            "interval_covers_readers": self.covers_readers,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class PanelCurve:
    """Accuracy against panel size, on one fixed set of cases.

    ``cases_left_out``: those read by fewer readers than the largest panel has.
    """

    label: str
    points: tuple[PanelPoint, ...]
    readers: int
    cases: int
    readings: int
    cases_left_out: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "label": self.label,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_readings": self.readings,
            "cases_left_out": self.cases_left_out,
            "panels": [point.as_dict() for point in self.points],
        }

    def at(self, size: int) -> PanelPoint | None:
        """The panel of that size, where it was computed."""
        return next((p for p in self.points if p.size == size), None)


@dataclass(frozen=True, slots=True)
class Gain:
    """Accuracy of one panel minus that of another on the same cases (-1..1), with the interval of paired draws."""

    size: int
    difference: float
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "k": self.size,
            "difference": self.difference,
            "ci": None if self.low is None else [self.low, self.high],
        }


@dataclass(frozen=True, slots=True)
class Panels:
    """A curve with the replicates behind it, for differences."""

    curve: PanelCurve
    replicates: FloatArray


def panel_sizes(votes: Votes, limit: int | None) -> tuple[int, Votes, int]:
    """The largest panel, the votes on the cases that can seat it, and the number of cases left out."""
    n = votes.readers_per_case.sum(axis=1)
    largest = largest_panel(n, MAX_PANEL) if limit is None else min(limit, int(n.max(initial=0)))
    keep = n >= max(largest, 1)
    return largest, votes.of_cases(keep), int((~keep).sum())


def plurality_values(votes: Votes, sizes: Sequence[Size], offsets: FloatArray | None = None) -> CaseValues:
    """Probability that the plurality is right, per case and panel."""
    return case_values(
        votes.counts,
        lambda rows, case: plurality_share(
            rows, votes.truth[case], sizes, None if offsets is None else offsets[case]
        ),
    )  # fmt: skip


def blended_values(votes: Votes, largest: int, probabilities: FloatArray) -> CaseValues:
    """As `plurality_values` for panels of 1..largest whose vote shares are averaged with the model's probabilities.

    The shares of k votes and the probabilities weigh the same, so that in units of votes the model adds k times its
    probability to each class.
    """
    parts = [plurality_values(votes, [(k,)], k * probabilities) for k in range(1, largest + 1)]
    return CaseValues(
        np.concatenate([p.value for p in parts], axis=1), np.concatenate([p.without for p in parts], axis=2)
    )


def make_panels(
    votes: Votes,
    values: CaseValues,
    sizes: Sequence[Size],
    *,
    label: str,
    left_out: int,
    seed: int,
    replicates: int = REPLICATES,
) -> Panels:
    """Average over cases, with intervals from the bootstrap over readers and cases."""
    drawn = votes.bootstrap(seed, replicates).replicate_means(values)
    n = votes.readers_per_case
    points = []
    for column, size in enumerate(sizes):
        interval = percentile_interval(drawn[:, column])
        wanted = np.array(size)
        spare = bool(np.all((n > wanted) | (wanted == 0)))
        low, high = (None, None) if interval is None else (max(0.0, interval[0]), min(1.0, interval[1]))
        points.append(
            PanelPoint(
                size=sum(size),
                members=size,
                accuracy=float(values.value[:, column].mean()),
                low=low,
                high=high,
                covers_readers=spare,
                reason=_no_interval(votes) if interval is None else None,
            )
        )
    curve = PanelCurve(label, tuple(points), len(votes.readers), len(votes.cases), votes.total, left_out)
    return Panels(curve, drawn)


def _no_interval(votes: Votes) -> str:
    return "one case: an interval needs at least two" if len(votes.cases) < 2 else NO_SPREAD


def panel_curve(
    votes: Votes, *, label: str, seed: int, limit: int | None = None, replicates: int = REPLICATES
) -> Panels | None:
    """The curve of pluralities of 1..k readers; None without a vote.

    ``limit`` is the largest panel; None: the largest that half of the cases can seat, at most ``MAX_PANEL``. All panels
    are judged on the cases that can seat the largest one.
    """
    largest, kept, left_out = panel_sizes(votes, limit)
    if largest < 1:
        return None
    sizes = [(k,) for k in range(1, largest + 1)]
    values = plurality_values(kept, sizes)
    return make_panels(kept, values, sizes, label=label, left_out=left_out, seed=seed, replicates=replicates)


def gains(after: Panels, before: Panels) -> tuple[Gain, ...]:
    """Differences panel by panel of two curves drawn with the same seed on the same readers and cases."""
    found = []
    for column, (a, b) in enumerate(zip(after.curve.points, before.curve.points, strict=True)):
        interval = percentile_interval(after.replicates[:, column] - before.replicates[:, column])
        low, high = (None, None) if interval is None else interval
        found.append(Gain(a.size, a.accuracy - b.accuracy, low, high))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class EqualSize:
    """How many readers it takes to equal the model: the smallest panel at least as accurate.

    ``size`` None: no panel up to ``largest`` is. ``low``, ``high``: percentile interval over the replicates, where None
    in ``high`` (or both) means more than ``largest``.
    """

    size: int | None
    low: int | None
    high: int | None
    largest: int
    share_reached: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "k": self.size, "ci": [self.low, self.high], "largest_panel": self.largest,
            "share_of_draws_reaching_it": json_number(self.share_reached),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelPanels:
    """The model beside and among the readers, on the cases that both have.

    ``model_accuracy`` is an interval over cases. ``voting``: the model votes as one more member. ``averaged``: its
    probabilities are averaged with the panel's vote shares (None without probabilities). ``*_gain``: against the same
    panel without the model.
    """

    model: str
    origin: str
    accuracy: PanelPoint
    readers_alone: PanelCurve
    voting: PanelCurve
    voting_gain: tuple[Gain, ...]
    averaged: PanelCurve | None
    averaged_gain: tuple[Gain, ...]
    equal: EqualSize
    panel_minus_model: tuple[Gain, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "model": self.model,
            "origin": self.origin,
            "accuracy": self.accuracy.accuracy,
            "ci": None if self.accuracy.low is None else [self.accuracy.low, self.accuracy.high],
            "readers_alone": self.readers_alone.as_dict(),
            "with_model_voting": self.voting.as_dict(),
            "gain_of_voting": [g.as_dict() for g in self.voting_gain],
            "with_probabilities_averaged": None if self.averaged is None else self.averaged.as_dict(),
            "gain_of_averaging": [g.as_dict() for g in self.averaged_gain],
            "panel_minus_model": [g.as_dict() for g in self.panel_minus_model],
            "readers_to_equal_the_model": self.equal.as_dict(),
        }


def model_panels(
    votes: Votes,
    opinions: ModelOpinions,
    *,
    seed: int,
    limit: int | None = None,
    replicates: int = REPLICATES,
) -> ModelPanels | None:
    """Panels alone, with the model voting, and averaged with its probabilities; None without a common case."""
    index = {code: i for i, code in enumerate(votes.classes)}
    known = np.array([opinions.diagnosis.get(case) in index for case in votes.cases], dtype=bool)
    without_opinion = int((~known).sum())
    largest, kept, left_out = panel_sizes(votes.of_cases(known), limit)
    if largest < 1:
        return None
    sizes = [(k,) for k in range(1, largest + 1)]
    said = np.array([index[opinions.diagnosis[case]] for case in kept.cases], dtype=np.int64)
    one_vote = np.zeros((len(kept.cases), len(kept.classes)))
    one_vote[np.arange(len(said)), said] = 1.0

    def panels(values: CaseValues, label: str) -> Panels:
        return make_panels(
            kept, values, sizes, label=label, left_out=left_out + without_opinion, seed=seed, replicates=replicates
        )

    alone = panels(plurality_values(kept, sizes), "Readers alone")
    voting = panels(plurality_values(kept, sizes, one_vote), "Readers and the model, one vote each")
    averaged = None
    if all(case in opinions.probabilities for case in kept.cases):
        table = np.array([[opinions.probabilities[case].get(c, 0.0) for c in kept.classes] for case in kept.cases])
        averaged = panels(blended_values(kept, largest, table), "Vote shares and model probabilities averaged")
    right = (said == kept.truth).astype(float)[:, None]
    cells = len(kept.strata) * len(kept.classes)
    # The model does not change with the readers: its value has no slope.
    alike = CaseValues(right, np.full((len(right), cells, 1), np.nan))
    model = make_panels(
        kept, alike, [(0,) * len(kept.strata)], label="Model", left_out=0, seed=seed, replicates=replicates
    )
    return ModelPanels(
        model=opinions.name,
        origin=opinions.origin,
        accuracy=model.curve.points[0],
        readers_alone=alone.curve,
        voting=voting.curve,
        voting_gain=gains(voting, alone),
        averaged=None if averaged is None else averaged.curve,
        averaged_gain=() if averaged is None else gains(averaged, alone),
        equal=_equal_size(alone, model),
        panel_minus_model=_minus_model(alone, model),
    )


def _minus_model(alone: Panels, model: Panels) -> tuple[Gain, ...]:
    found = []
    for column, point in enumerate(alone.curve.points):
        interval = percentile_interval(alone.replicates[:, column] - model.replicates[:, 0])
        low, high = (None, None) if interval is None else interval
        found.append(Gain(point.size, point.accuracy - model.curve.points[0].accuracy, low, high))
    return tuple(found)


def _equal_size(alone: Panels, model: Panels) -> EqualSize:
    sizes = [p.size for p in alone.curve.points]
    reached = [p.size for p in alone.curve.points if p.accuracy >= model.curve.points[0].accuracy - 1e-12]
    size = reached[0] if reached else None
    if not len(alone.replicates):
        return EqualSize(size, None, None, sizes[-1], None)
    there = alone.replicates >= model.replicates - 1e-12
    never = sizes[-1] + 1
    first = np.where(there.any(axis=1), np.array(sizes)[there.argmax(axis=1)], never)
    low, high = np.quantile(first, [0.025, 0.975], method="inverted_cdf")
    return EqualSize(
        size,
        None if low == never else int(low),
        None if high == never else int(high),
        sizes[-1],
        float((first < never).mean()),
    )
