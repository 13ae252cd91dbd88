"""Means by part with grouped intervals, against plain computation and a simulated coverage."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dermdash.analysis.faithfulness_summary import FIGURES, correct_minus_wrong, summarise, summarise_curves
from dermdash.analysis.perturbation import curve_area
from dermdash.errors import MissingColumns

CODES = ("mel", "nv", "df")


def table(n: int = 60, *, seed: int = 0, groups: int | None = None, **changes: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "group": [f"p{i % (groups or n)}" for i in range(n)],
            "dx": rng.choice(["mel", "nv"], n),
            "correct": rng.random(n) < 0.7,
        }
    )
    for figure in FIGURES:
        frame[figure] = rng.random(n)
        frame[f"{figure}_chance"] = 0.3
        frame[f"{figure}_centre"] = 0.4
    return frame.assign(**changes)


def test_each_part_has_its_mean_and_its_baselines() -> None:
    data = table()
    rows = {(row.figure, row.part): row for row in summarise(data, codes=CODES)}
    assert {part for _, part in rows} == {"all", "correct", "wrong", "mel", "nv"}
    parts = {
        "all": data, "correct": data[data["correct"]], "wrong": data[~data["correct"]],
        "mel": data[data["dx"] == "mel"], "nv": data[data["dx"] == "nv"],
    }  # fmt: skip
    for (figure, part), row in rows.items():
        assert row.records == len(parts[part])
        assert row.estimate.value == pytest.approx(parts[part][figure].mean())
        assert row.above_chance.value == pytest.approx(parts[part][figure].mean() - 0.3)
        assert (row.chance, row.centre) == (pytest.approx(0.3), pytest.approx(0.4))
        interval = row.estimate.interval
        assert interval is not None
        assert interval[0] < row.estimate.value < interval[1]


def test_the_interval_of_the_mean_has_the_width_that_theory_gives() -> None:
    data = table(400, seed=2)
    row = next(r for r in summarise(data, codes=CODES) if (r.figure, r.part) == ("share", "all"))
    expected = 2 * 1.96 * data["share"].std() / 20
    low, high = row.estimate.interval or (0, 0)
    assert high - low == pytest.approx(expected, rel=0.12)


def test_images_of_the_same_patient_count_as_one_observation() -> None:
    """Ten copies of each record under one patient give the interval of the originals, not one three times narrower."""
    once = table(40, seed=5)
    ten_times = pd.concat([once] * 10, ignore_index=True)
    widths = []
    for data in (once, ten_times):
        row = next(r for r in summarise(data, codes=CODES) if (r.figure, r.part) == ("share", "all"))
        low, high = row.estimate.interval or (0, 0)
        widths.append(high - low)
    assert widths[1] == pytest.approx(widths[0], rel=0.02)


def test_correct_and_wrong_are_compared() -> None:
    data = table(200, seed=3)
    data.loc[data["correct"], "share"] += 0.5
    found = correct_minus_wrong(data)
    share, pointing = found["share"], found["pointing"]
    means = data.groupby("correct")["share"].mean()
    assert share.value == pytest.approx(means[True] - means[False])
    assert share.interval is not None
    assert share.interval[0] > 0.35
    assert pointing.interval is not None
    assert pointing.interval[0] < 0 < pointing.interval[1]
    without = correct_minus_wrong(table(correct=True))["share"]
    assert without.value is None
    assert without.reason


def test_records_without_a_diagnosis_are_in_all_and_in_neither_part() -> None:
    data = table(30)
    data["correct"] = data["correct"].astype(object)
    data.loc[:9, ["correct", "dx"]] = None
    counts = {row.part: row.records for row in summarise(data, codes=CODES) if row.figure == "share"}
    assert counts["all"] == 30
    assert counts["correct"] + counts["wrong"] == 20
    assert counts["mel"] + counts["nv"] == 20


def test_one_record_has_a_mean_and_no_interval() -> None:
    row = summarise(table(1), codes=CODES)[0]
    assert row.estimate.value is not None
    assert row.estimate.interval is None


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumns, match="share_centre"):
        summarise(table().drop(columns="share_centre"), codes=CODES)


def test_curves_are_averaged_with_bands_and_compared_with_random_ones() -> None:
    rng = np.random.default_rng(4)
    curves = []
    for _ in range(30):
        noise = rng.normal(0, 0.02, (4, 5))
        curves.append(
            {
                "gradcam": {"deletion": [1, 0.2, 0.1, 0, 0] + noise[0], "insertion": [0, 0.8, 0.9, 1, 1] + noise[1]},
                "random": {"deletion": [1, 0.8, 0.5, 0.2, 0] + noise[2], "insertion": [0, 0.2, 0.5, 0.8, 1] + noise[3]},
            }
        )
    found = {(c.order, c.direction): c for c in summarise_curves(curves, [str(i) for i in range(30)])}
    own = found["gradcam", "deletion"]
    assert own.area.value == pytest.approx(np.mean([curve_area(c["gradcam"]["deletion"]) for c in curves]))
    assert own.low is not None
    assert own.high is not None
    assert (own.low <= own.mean).all()
    assert (own.mean <= own.high).all()
    assert own.area_above_random.interval is not None
    assert own.area_above_random.interval[1] < 0
    assert found["random", "insertion"].area_above_random.value == 0
    assert summarise_curves([], []) == []
    alone = summarise_curves(curves[:1], ["a"])[0]
    assert alone.low is None
    assert alone.area.interval is None
