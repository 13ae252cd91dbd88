"""How far apart two data sets are by a model's features, all together and class by class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.distribution_shift import FEWEST, MOST, DistributionShift, distribution_shift
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.record_map import features_in_order
from dermdash.workflows.dataset.compare_datasets import check_two
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.image_kinds import kind_of_datasets


@dataclass(frozen=True, slots=True)
class DatasetDistance:
    """Two data sets by the features of a model: ``overall``, and ``by_class`` for the classes that both have.

    Overall includes that the sets have other shares of classes; within a class it does not. ``in_both``: patients or
    lesions that both have, which are left out.
    """

    model_id: str
    first: str
    second: str
    seed: int
    overall: DistributionShift
    by_class: dict[str, DistributionShift]
    in_both: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "model": self.model_id, "first": self.first, "second": self.second, "seed": self.seed,
            "overall": shift_as_dict(self.overall),
            "in_both_left_out": self.in_both,
            "by_class": {code: shift_as_dict(shift) for code, shift in self.by_class.items()},
        }  # fmt: skip


def shift_as_dict(shift: DistributionShift) -> dict[str, Any]:
    """For JSON: null where nothing was measured, and ``reason`` why."""

    def estimate(found: tuple[float, float | None, float | None] | None) -> dict[str, float | None]:
        return dict(zip(("value", "low", "high"), found or (None, None, None), strict=True))

    return {
        "first_units": shift.first_units, "second_units": shift.second_units, "energy": estimate(shift.energy),
        "p": shift.p, "auc": shift.auc, "reason": shift.reason,
    }  # fmt: skip


def dataset_distance(workspace: Workspace, model_id: str, first: str, second: str, *, seed: int = 0) -> DatasetDistance:
    """Measure how far apart two data sets are.

    One image of each patient is drawn, else of each lesion (with what people confirmed to be one), so that the units
    are independent.

    Raises
    ------
    InvalidInput
        They are one data set, or of photographs and of drawn images.
    NotFound
        A data set or the model is not there, or a data set has no records.
    """
    check_two(workspace, first, second)
    simulated = kind_of_datasets(workspace, [first, second])
    _, features, facts = features_in_order(workspace, model_id, simulated)
    rng = np.random.default_rng(seed)
    unit = identity_groups(workspace).of(facts["id"].tolist())
    # What the acquisition gate rejected is no part of a data set, and who is in both would stand on either side.
    kept = ~facts["id"].isin(rejected_ids(workspace.engine, [first, second])).to_numpy()
    of = facts["dataset_id"].to_numpy(dtype=object)
    both = np.intersect1d(unit[kept & (of == first)], unit[kept & (of == second)])
    kept &= ~np.isin(unit, both)
    mine = {key: kept & (of == key) for key in (first, second)}
    places = {key: _units(mine[key], unit, rng) for key in (first, second)}
    overall = _between(features, places[first], places[second], rng, seed)
    if nothing := [key for key in (first, second) if not len(places[key])]:
        overall = replace(
            overall, reason=f"the model has predicted no image of {nothing[0]} (`dermdash predict`, or the page Models)"
        )
    dx = facts["dx"].to_numpy(dtype=object)
    of_class: dict[str, DistributionShift] = {}
    for code in sorted({d for d in dx[mine[first]] if d} & {d for d in dx[mine[second]] if d}):
        # Drawn within the class: else most melanomas would be lost to the nevi of their patients.
        one, other = (_units(mine[key] & (dx == code), unit, rng) for key in (first, second))
        if min(len(one), len(other)) >= FEWEST:
            of_class[code] = _between(features, one, other, rng, seed)
    return DatasetDistance(model_id, first, second, seed, overall, of_class, len(both))


def _units(mine: NDArray[np.bool_], unit: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.intp]:
    """One row of each group of records that show one patient or lesion, of the rows that are marked."""
    shuffled = rng.permutation(np.flatnonzero(mine))
    _, first = np.unique(unit[shuffled], return_index=True)
    return np.sort(shuffled[first])


def _between(
    features: NDArray[np.float32],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    rng: np.random.Generator,
    seed: int,
) -> DistributionShift:
    drawn = [places if len(places) <= MOST else rng.choice(places, MOST, replace=False) for places in (first, second)]
    return distribution_shift(features[drawn[0]], features[drawn[1]], seed=seed)
