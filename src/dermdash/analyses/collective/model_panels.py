"""The model beside and among panels of readers, and how many readers it takes to equal it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dermdash.analyses.collective.panel_curves import (
    Gain,
    PanelCurve,
    PanelPoint,
    Panels,
    blended_values,
    gains,
    make_panels,
    panel_sizes,
    plurality_values,
)
from dermdash.analyses.collective.plurality import CaseValues
from dermdash.analyses.collective.vote_bootstrap import REPLICATES
from dermdash.analyses.collective.votes import Votes
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.analysis.estimates import clustered_proportion, json_number

LEAST_FOR_SIZE = 10
"""Readers and cases that percentiles need: a number of readers has no t distribution."""


@dataclass(frozen=True, slots=True)
class EqualSize:
    """How many readers it takes to equal the model: the smallest panel at least as accurate.

    ``size`` None: no panel up to ``largest`` is. ``low``, ``high``: percentile interval over the replicates, where None
    in ``high`` (or both) means more than ``largest``. Without ``share_reached`` there is none: no draws, or fewer than
    `LEAST_FOR_SIZE` readers or cases.
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

    ``accuracy``: the model's, with Wilson's interval over cases (lesions, patients). ``voting``: the model votes as one
    more member. ``averaged``: its probabilities are averaged with the panel's vote shares (None without probabilities).
    ``*_gain``: against the same panel without the model.
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
    share = clustered_proportion(right[:, 0] > 0, kept.case_units)
    accuracy = replace(model.curve.points[0], low=share.low, high=share.high, reason=None)
    return ModelPanels(
        model=opinions.name,
        origin=opinions.origin,
        accuracy=accuracy,
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
        gain = point.accuracy - model.curve.points[0].accuracy
        drawn = alone.replicates[:, column] - model.replicates[:, 0]
        low, high = alone.draws.interval(gain, drawn, of_readers=point.covers_readers) or (None, None)
        found.append(Gain(point.size, gain, low, high, point.covers_readers))
    return tuple(found)


def _equal_size(alone: Panels, model: Panels) -> EqualSize:
    sizes = [p.size for p in alone.curve.points]
    reached = [p.size for p in alone.curve.points if p.accuracy >= model.curve.points[0].accuracy - 1e-12]
    size = reached[0] if reached else None
    if not len(alone.replicates) or min(alone.draws.units_of(), alone.curve.readers) < LEAST_FOR_SIZE:
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
