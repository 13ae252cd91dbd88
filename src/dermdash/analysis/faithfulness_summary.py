"""Faithfulness of many records: means with grouped bootstrap intervals, by class and by correct or wrong.

- ``summarise(table) -> list of FaithfulnessRow``: each figure for each part of the records
- ``correct_minus_wrong(table)``: the difference between both, with its interval
- ``summarise_curves(curves, groups)``: mean insertion and deletion curves with bands, and their areas
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.distributions import t_quantile
from dermdash.analysis.drawn_intervals import drawn_interval, standard_error, too_few
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.perturbation import curve_area
from dermdash.errors import MissingColumns

FIGURES = ("share", "pointing", "iou_same_area", "iou_fixed")
"""Those with a chance level; of each there are ``*_chance`` and ``*_centre`` too."""

REPLICATES = 1000
_COLUMNS = ("group", "dx", "correct", *(f"{name}{part}" for name in FIGURES for part in ("", "_chance", "_centre")))


@dataclass(frozen=True, slots=True)
class FaithfulnessRow:
    """One figure over one part of the records.

    ``part``: "all", "correct", "wrong" or a class code (of the truth). ``estimate``: the mean (of 0..1) with its
    interval. ``chance``, ``centre``: means of the baselines over the same records. ``above_chance``: mean difference
    from chance, paired by record.
    """

    figure: str
    part: str
    records: int
    estimate: Estimate
    chance: float | None
    centre: float | None
    above_chance: Estimate


@dataclass(frozen=True, slots=True)
class CurveSummary:
    """Mean curve of one kind of map, its band (as the interval of the area; None for few groups) and mean area."""

    order: str
    direction: str
    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None
    area: Estimate
    area_above_random: Estimate


def summarise(table: pd.DataFrame, *, codes: Sequence[str], seed: int = 0) -> list[FaithfulnessRow]:
    """Summarise each figure over all records, correct ones, wrong ones, and those of each class.

    Parameters
    ----------
    table
        A row per record: ``group`` (patient, else lesion), ``dx`` (truth), ``correct`` (bool, None where no diagnosis
        is known), and every figure of ``FIGURES`` with its baselines.
    codes
        Classes in the order of the rows.
    seed
        Of the bootstrap; every figure uses the same draws.
    """
    missing = [name for name in _COLUMNS if name not in table]
    if missing:
        raise MissingColumns(f"the table lacks {', '.join(missing)}")
    bootstrap = _bootstrap(table, seed)
    rows = []
    for figure in FIGURES:
        value, chance, centre = (table[f"{figure}{part}"].to_numpy(float) for part in ("", "_chance", "_centre"))
        for part, among in _parts(table, codes):
            n = int(among.sum())
            rows.append(
                FaithfulnessRow(
                    figure,
                    part,
                    n,
                    _mean(bootstrap, value, among),
                    float(chance[among].mean()) if n else None,
                    float(centre[among].mean()) if n else None,
                    _mean(bootstrap, value - chance, among),
                )
            )
    return rows


def correct_minus_wrong(table: pd.DataFrame, *, seed: int = 0) -> dict[str, Estimate]:
    """Mean of each figure in records classified correctly minus that in wrong ones; not estimable without both."""
    bootstrap = _bootstrap(table, seed)
    right, wrong = (table["correct"].eq(value).to_numpy(bool) for value in (True, False))
    if not right.any() or not wrong.any():
        reason = "needs records classified correctly and wrong ones"
        return {figure: Estimate(None, reason=reason) for figure in FIGURES}
    found = {}
    for figure in FIGURES:
        value = table[figure].to_numpy(float)
        draws = _mean_draws(bootstrap, value, right) - _mean_draws(bootstrap, value, wrong)
        difference = float(value[right].mean() - value[wrong].mean())
        groups = min(_groups(bootstrap, right), _groups(bootstrap, wrong))
        found[figure] = _estimate(bootstrap, difference, draws, groups, len(table))
    return found


def summarise_curves(
    curves: Sequence[Mapping[str, Mapping[str, Sequence[float]]]], groups: Sequence[str], *, seed: int = 0
) -> list[CurveSummary]:
    """Summarise curves as ``perturbation_curves`` makes them (as dicts), one entry and one group per record."""
    if not curves:
        return []
    bootstrap = _bootstrap(pd.DataFrame({"group": list(groups)}), seed)
    every = np.ones(len(curves), bool)
    found = []
    for direction in ("deletion", "insertion"):
        by_order = {order: np.array([c[order][direction] for c in curves], float) for order in curves[0]}
        areas = {order: np.array([curve_area(row) for row in rows]) for order, rows in by_order.items()}
        for order, rows in by_order.items():
            draws = bootstrap.sums(rows) / bootstrap.sums(np.ones((len(rows), 1)))
            area = _mean(bootstrap, areas[order], every)
            low = high = None
            if area.bootstrap_low is not None:
                n = _groups(bootstrap, every)
                half = t_quantile((1 + bootstrap.confidence) / 2, n - 1) * standard_error(draws, n)
                low, high = rows.mean(axis=0) - half, rows.mean(axis=0) + half
            gain = areas[order] - areas["random"]
            found.append(
                CurveSummary(
                    order, direction, rows.mean(axis=0), low, high, area,
                    _mean(bootstrap, gain, every),
                )
            )  # fmt: skip
    return found


def _bootstrap(table: pd.DataFrame, seed: int) -> GroupedBootstrap:
    _, groups = np.unique(table["group"].astype(str), return_inverse=True)
    return GroupedBootstrap(groups.astype(np.int64), REPLICATES, seed)


def _parts(table: pd.DataFrame, codes: Sequence[str]) -> Iterator[tuple[str, BoolArray]]:
    yield "all", np.ones(len(table), bool)
    yield "correct", table["correct"].eq(True).to_numpy(bool)
    yield "wrong", table["correct"].eq(False).to_numpy(bool)
    for code in codes:
        among = table["dx"].eq(code).to_numpy(bool)
        if among.any():
            yield code, among


def _mean_draws(bootstrap: GroupedBootstrap, values: FloatArray, among: BoolArray) -> FloatArray:
    sums = bootstrap.sums(np.column_stack([np.where(among, values, 0.0), among]))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[:, 0] / sums[:, 1])


def _mean(bootstrap: GroupedBootstrap, values: FloatArray, among: BoolArray) -> Estimate:
    n = int(among.sum())
    if n == 0:
        return Estimate(None, total=0, reason="no such record")
    draws = _mean_draws(bootstrap, values, among)
    return _estimate(bootstrap, float(values[among].mean()), draws, _groups(bootstrap, among), n)


def _groups(bootstrap: GroupedBootstrap, among: BoolArray) -> int:
    return len(np.unique(bootstrap.groups[among]))


def _estimate(bootstrap: GroupedBootstrap, value: float, draws: FloatArray, groups: int, total: int) -> Estimate:
    """With the t distribution, and none of few groups (`drawn_intervals`)."""
    if few := too_few(groups, "record of its own patient or lesion", plural="records of their own patient or lesion"):
        return Estimate(value, total=total, reason=few)
    found = drawn_interval(value, draws, groups, confidence=bootstrap.confidence)
    if found is None:
        return Estimate(value, total=total)
    return Estimate(value, bootstrap_low=found.low, bootstrap_high=found.high, total=total)
