"""Accuracy of the plurality of k readers against k, alone and with the model as a member."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.collective.plurality import CaseValues, Size, case_values, plurality_share
from dermdash.analyses.collective.vote_bootstrap import REPLICATES, VoteBootstrap
from dermdash.analyses.collective.votes import Votes, largest_panel
from dermdash.analysis.arrays import FloatArray

MAX_PANEL = 15


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
    """Accuracy of one panel minus that of another on the same cases (-1..1), with the interval of paired draws.

    ``covers_readers`` as of `PanelPoint`, of both panels.
    """

    size: int
    difference: float
    low: float | None
    high: float | None
    covers_readers: bool = True

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "k": self.size,
            "difference": self.difference,
            "ci": None if self.low is None else [self.low, self.high],
            "interval_covers_readers": self.covers_readers,
        }


@dataclass(frozen=True, slots=True)
class Panels:
    """A curve with the replicates behind it and the draws that made them, for differences."""

    curve: PanelCurve
    replicates: FloatArray
    draws: VoteBootstrap


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
    draws = votes.bootstrap(seed, replicates)
    drawn = draws.replicate_means(values)
    n = votes.readers_per_case
    points = []
    for column, size in enumerate(sizes):
        wanted, accuracy = np.array(size), float(values.value[:, column].mean())
        spare = bool(np.all((n > wanted) | (wanted == 0)))
        of_readers = spare and any(size)
        interval = draws.interval(accuracy, drawn[:, column], of_readers=of_readers, level=True)
        low, high = interval or (None, None)
        points.append(
            PanelPoint(
                size=sum(size),
                members=size,
                accuracy=accuracy,
                low=low,
                high=high,
                covers_readers=spare,
                reason=draws.why_none(drawn) if interval is None else None,
            )
        )
    curve = PanelCurve(label, tuple(points), len(votes.readers), len(votes.cases), votes.total, left_out)
    return Panels(curve, drawn, draws)


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
        gain = a.accuracy - b.accuracy
        drawn = after.replicates[:, column] - before.replicates[:, column]
        of_readers = a.covers_readers or b.covers_readers
        low, high = after.draws.interval(gain, drawn, of_readers=of_readers) or (None, None)
        found.append(Gain(a.size, gain, low, high, a.covers_readers and b.covers_readers))
    return tuple(found)
