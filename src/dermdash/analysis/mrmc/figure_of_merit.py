"""Figures of merit of each reader under each modality, and the part every case has in them.

The covariances need more than the figure itself: the jackknife needs the figure without each case, DeLong's needs the
part of each case. `measure` gives both for all readers, modalities and cases at once.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.delong import placement_values
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.partial_area import partial_area
from dermdash.errors import InvalidInput
from dermdash.wording import level

AREAS = frozenset({Figure.AUC, Figure.PARTIAL_AUC})
"""Figures that need no threshold."""
_NAMES = {
    Figure.AUC: "AUC",
    Figure.PARTIAL_AUC: "partial AUC",
    Figure.SENSITIVITY: "sensitivity",
    Figure.SPECIFICITY: "specificity",
    Figure.ACCURACY: "accuracy",
    Figure.WEIGHTED_ACCURACY: "weighted accuracy",
}


@dataclass(frozen=True, slots=True)
class FigureOfMerit:
    """A figure of merit with what it depends on.

    Attributes
    ----------
    figure : Figure
    threshold : float or None
        A rating at or above it calls the condition; needed by all but the areas.
    call : str
        What the threshold means, in words after the figure's name; empty: "at a rating of at least" the threshold.
    over : {"specificity", "sensitivity"}
        Of the partial area: the side whose range is given.
    low, high : float
        Of the partial area: that range, 0..1. It is divided by its width: the mean sensitivity over a range of
        specificities, or the mean specificity over a range of sensitivities.
    weight : float
        Of the weighted accuracy: what the sensitivity counts, 0..1; the specificity counts the rest. 0.5 is the
        balanced accuracy.
    """

    figure: Figure = Figure.AUC
    threshold: float | None = None
    over: Literal["specificity", "sensitivity"] = "specificity"
    low: float = 0.8
    high: float = 1.0
    weight: float = 0.5
    call: str = ""

    def __post_init__(self) -> None:
        if self.figure not in AREAS and (self.threshold is None or not np.isfinite(self.threshold)):
            raise InvalidInput(
                f"{_NAMES[self.figure]} needs a threshold: the rating at or above which a reader calls the condition"
            )
        if self.figure is Figure.PARTIAL_AUC and not 0 <= self.low < self.high <= 1:
            raise InvalidInput(
                f"the partial AUC is asked for a {self.over} of {self.low} to {self.high}: expected "
                "0 <= low < high <= 1"
            )
        if self.figure is Figure.WEIGHTED_ACCURACY and not 0 < self.weight < 1:
            raise InvalidInput(f"the weight of the sensitivity is {self.weight}: expected a number between 0 and 1")

    @property
    def name(self) -> str:
        """The figure in words."""
        if self.figure is Figure.PARTIAL_AUC:
            mean = "sensitivity" if self.over == "specificity" else "specificity"
            return f"partial AUC (mean {mean} at a {self.over} of {100 * self.low:g} to {level(self.high)})"
        if self.figure is Figure.AUC:
            return "AUC"
        at = self.call or f"at a rating of at least {self.threshold:g}"
        if self.figure is Figure.WEIGHTED_ACCURACY:
            if self.weight == 0.5:
                return f"balanced accuracy {at}"
            return f"weighted accuracy (sensitivity {self.weight:g}, specificity {1 - self.weight:g}) {at}"
        return f"{_NAMES[self.figure]} {at}"

    @property
    def short_name(self) -> str:
        """The figure without threshold or range."""
        return _NAMES[self.figure]

    def sides(self, truth: BoolArray) -> tuple[BoolArray, ...]:
        """The samples of cases that the figure averages over, each as a mask of the cases."""
        if self.figure is Figure.SENSITIVITY:
            return (truth,)
        if self.figure is Figure.SPECIFICITY:
            return (~truth,)
        if self.figure is Figure.ACCURACY:
            return (np.ones_like(truth),)
        return truth, ~truth


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The figure of merit of a study.

    Attributes
    ----------
    data, merit
        What was measured.
    values : FloatArray
        (readers, modalities); NaN where a reader has no case of a side that is needed.
    parts : FloatArray or None
        (readers, modalities, cases): the share of each case in the figure, so that the figure changes by
        (mean of parts of its side - part) / (cases of the side - 1) when the case is left out. NaN where not read or of
        no concern. None for the partial area, which is no mean over cases.
    deleted : FloatArray
        (readers, modalities, cases): the figure without the case; NaN as in ``parts`` and where a side would be empty.
    sides : tuple of BoolArray
        The samples of cases concerned.
    """

    data: MrmcData
    merit: FigureOfMerit
    values: FloatArray
    parts: FloatArray | None
    deleted: FloatArray
    sides: tuple[BoolArray, ...]

    @property
    def counts(self) -> FloatArray:
        """Cases read of each side, (sides, readers, modalities)."""
        read = self.data.read
        return np.stack([read[:, :, side].sum(axis=2) for side in self.sides]).astype(float)

    @property
    def usable(self) -> BoolArray:
        """Where the figure and a variance exist: two cases read of every side, (readers, modalities)."""
        return np.asarray((self.counts >= 2).all(axis=0))


def measure(data: MrmcData, merit: FigureOfMerit) -> Measured:
    """Figure of merit of every reader under every modality, with what the covariances need.

    Raises
    ------
    InvalidInput
        No case of a side that the figure needs.
    """
    sides = merit.sides(data.truth)
    for side in sides:
        if not side.any():
            which = "without" if data.truth.all() else "with"
            raise InvalidInput(f"{data.source} has no case {which} the condition: {_NAMES[merit.figure]} needs some")
    if merit.figure is Figure.PARTIAL_AUC:
        return _measure_partial(data, merit, sides)
    parts = _placements(data) if merit.figure is Figure.AUC else _hits(data, merit, sides)
    with np.errstate(invalid="ignore", divide="ignore"):
        means, counts = [], []
        for side in sides:
            known = ~np.isnan(parts[:, :, side])
            counts.append(known.sum(axis=2).astype(float))
            means.append(np.where(known, parts[:, :, side], 0.0).sum(axis=2) / counts[-1])
        values = means[0] if merit.figure is Figure.AUC else np.sum(means, axis=0)
        deleted = np.full(parts.shape, np.nan)
        for side, mean, count in zip(sides, means, counts, strict=True):
            change = (mean[:, :, None] - parts[:, :, side]) / (count[:, :, None] - 1)
            deleted[:, :, side] = np.where(count[:, :, None] > 1, values[:, :, None] + change, np.nan)
    return Measured(data, merit, values, parts, deleted, sides)


def _placements(data: MrmcData) -> FloatArray:
    """Share of the other side that each case is told apart from (ties half): both sides' parts average to the AUC."""
    readers, modalities, cases = data.ratings.shape
    parts = np.full(data.ratings.shape, np.nan)
    if data.complete:
        v10, v01 = placement_values(data.truth, data.ratings.reshape(readers * modalities, cases))
        parts[:, :, data.truth] = v10.reshape(readers, modalities, -1)
        parts[:, :, ~data.truth] = v01.reshape(readers, modalities, -1)
        return parts
    for j in range(readers):
        for i in range(modalities):
            seen = data.read[j, i]
            truth = data.truth[seen]
            if truth.all() or not truth.any():
                continue
            v10, v01 = placement_values(truth, data.ratings[j, i, seen][None])
            parts[j, i, seen & data.truth], parts[j, i, seen & ~data.truth] = v10[0], v01[0]
    return parts


def _hits(data: MrmcData, merit: FigureOfMerit, sides: tuple[BoolArray, ...]) -> FloatArray:
    """1 where a reading is right, 0 where it is wrong, times the weight of its side."""
    assert merit.threshold is not None
    right = ((data.ratings >= merit.threshold) == data.truth).astype(float)
    parts = np.where(data.read & np.any(sides, axis=0), right, np.nan)
    if merit.figure is Figure.WEIGHTED_ACCURACY:
        parts *= np.where(data.truth, merit.weight, 1 - merit.weight)
    return parts


def _measure_partial(data: MrmcData, merit: FigureOfMerit, sides: tuple[BoolArray, ...]) -> Measured:
    readers, modalities, _ = data.ratings.shape
    values, deleted = np.full((readers, modalities), np.nan), np.full(data.ratings.shape, np.nan)
    # The mean specificity over sensitivities is the same area seen from the other side.
    flip = merit.over == "sensitivity"
    truth = ~data.truth if flip else data.truth
    for j in range(readers):
        for i in range(modalities):
            seen = data.read[j, i]
            ratings = data.ratings[j, i, seen]
            target = truth[seen]
            if target.all() or not target.any():
                continue
            values[j, i], deleted[j, i, seen] = partial_area(
                target, -ratings if flip else ratings, low=1 - merit.high, high=1 - merit.low
            )
    return Measured(data, merit, values, None, deleted, sides)
