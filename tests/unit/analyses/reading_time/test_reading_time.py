"""Reading times: recovered from planted ones, against scipy, statsmodels and numpy, and for logs with holes."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.readings_factory import make_readings

from dermdash.analyses.reading_time.ratios import paired_ratios, within_reader_ratios
from dermdash.analyses.reading_time.speed_accuracy import correlation
from dermdash.analyses.reading_time.study import ReadingTime, reading_time
from dermdash.analyses.reading_time.timed_readings import TimeRule, time_pairs, timed_readings
from dermdash.errors import InvalidInput
from dermdash.readings.readings_table import ReadingsTable


def timed_study(
    *,
    readers: int = 20,
    cases: int = 42,
    ratio: float = 0.5,
    per_ten_cases: float = 1.0,
    doubling: float = 0.0,
    seed: int = 3,
) -> ReadingsTable:
    """Times around 8 s with a ratio aided / unaided, a factor per 10 cases, and log odds of being right that change by
    ``doubling`` with every doubling of the time.
    """
    rng = np.random.default_rng(seed)
    table = make_readings(readers=readers, cases=cases, seed=seed)
    frame = table.frame.copy()
    names = sorted(frame["reader"].unique())
    skill = dict(zip(names, rng.normal(0, 0.2, readers), strict=True))
    noise = rng.normal(0, 0.4, len(frame))
    log_ms = (
        np.log(8000)
        + frame["reader"].map(skill).to_numpy(float)
        + np.log(ratio) * (frame["phase"] == "aided").to_numpy(float)
        + np.log(per_ten_cases) * frame["position"].to_numpy(float) / 10
        + noise
    )
    right = rng.random(len(frame)) < 1 / (1 + np.exp(-(0.5 + doubling * noise / np.log(2))))
    frame = frame.assign(client_ms=pd.array(np.exp(log_ms), dtype="Float64"), correct=pd.array(right, dtype="boolean"))
    return replace(table, frame=frame)


def measured(table: ReadingsTable, **options: object) -> ReadingTime:
    settings = {"modalities": table.modalities, "seed": 1, "replicates": 0} | options
    found = reading_time(table.frame, **settings)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_planted_ratio_is_recovered() -> None:
    """Half the time after assistance: geometric ratio 0.5 within its interval, both answers 1.5-fold."""
    found = measured(timed_study(ratio=0.5), replicates=500)
    overall = next(r for r in found.ratios if r.modality == "all" and not r.group)
    assert overall.ratio == pytest.approx(0.5, rel=0.03)
    for r in [r for r in found.ratios if not r.group]:
        assert r.low < 0.5 < r.high
        assert r.bootstrap_low < 0.5 < r.bootstrap_high
    total = next(r for r in found.total_ratios if r.modality == "all")
    assert 1.5 < total.ratio < 1.56
    assert total.p_value is None


def test_the_ratio_is_scipys_paired_t_test_on_reader_means() -> None:
    """scipy ttest_rel on each reader's mean logarithm before and after, to 1e-12."""
    table = timed_study(readers=9)
    pairs = time_pairs(timed_readings(table.frame))
    (ours, *_) = paired_ratios(pairs, ["cbir", "multiclass_probability"], replicates=0, seed=1, confidence=0.9)
    part = pairs[pairs["modality"] == "multiclass_probability"]
    logs = part.assign(a=np.log(part["ms_aided"]), u=np.log(part["ms_unaided"])).groupby("reader")[["a", "u"]].mean()
    test = stats.ttest_rel(logs["a"], logs["u"])
    interval = test.confidence_interval(0.9)
    assert ours.ratio == pytest.approx(np.exp((logs["a"] - logs["u"]).mean()), rel=1e-12)
    assert (ours.low, ours.high) == pytest.approx((np.exp(interval.low), np.exp(interval.high)), rel=1e-12)
    assert (ours.t, ours.p_value) == pytest.approx((test.statistic, test.pvalue), rel=1e-10)
    assert (ours.readers, ours.pairs) == (9, len(part))


def test_swapping_the_phases_inverts_the_ratio() -> None:
    table = timed_study(readers=8, cases=14)
    frame = table.frame
    other = frame.assign(phase=frame["phase"].map({"unaided": "aided", "aided": "unaided"}))
    forward, backward = measured(table), measured(replace(table, frame=other))
    for a in [r for r in forward.ratios if not r.group]:
        b = next(r for r in backward.ratios if r.modality == a.modality and not r.group)
        assert (b.ratio, b.low, b.high) == pytest.approx((1 / a.ratio, 1 / a.high, 1 / a.low))
        assert b.p_value == pytest.approx(a.p_value)


def test_order_names_and_units_change_nothing_they_should_not() -> None:
    table = timed_study(readers=8, cases=14)
    frame = table.frame.assign(reader=table.frame["reader"].map(lambda r: f"x{20 - int(r[1:])}"))
    one = measured(table).ratios
    other = measured(replace(table, frame=frame.sample(frac=1, random_state=1))).ratios
    assert [r.ratio for r in other] == pytest.approx([r.ratio for r in one])
    slow = time_pairs(timed_readings(table.frame.assign(client_ms=table.frame["client_ms"] * 3)))
    other = paired_ratios(slow, table.modalities, replicates=0, seed=1, confidence=0.95)
    assert [r.ratio for r in other] == pytest.approx([r.ratio for r in one])


def test_medians_and_quartiles_are_numpys_and_the_geometric_mean_is_scipys() -> None:
    table = timed_study(readers=6, cases=14)
    found = measured(table)
    for s in found.summaries:
        if s.group:
            continue
        rows = table.frame[table.frame["phase"] == s.phase]
        rows = rows if s.modality == "all" else rows[rows["modality"] == s.modality]
        ms = rows["client_ms"].to_numpy(float)
        assert (s.median, s.first_quartile, s.third_quartile) == pytest.approx(np.percentile(ms, [50, 25, 75]))
        assert s.geometric_mean == pytest.approx(stats.gmean(ms))
        assert s.low < s.geometric_mean < s.high


def test_the_parts_by_right_and_wrong_hold_every_reading_once() -> None:
    found = measured(make_readings(readers=6, cases=21))
    for phase in ("unaided", "aided"):
        counts = {s.group: s.readings for s in found.summaries if s.phase == phase and s.modality == "all"}
        assert counts[""] == 126
        assert counts["right answers"] + counts["wrong answers"] == 126
        assert counts["changed answers"] + counts["kept answers"] == 126


def test_readers_who_become_faster_are_seen_to() -> None:
    """10 % less time per 10 cases; accuracy does not move."""
    found = measured(timed_study(per_ten_cases=0.9)).learning
    slopes = {s.outcome: s for s in found.slopes}
    for outcome in ("time unaided", "time aided"):
        assert slopes[outcome].ratio == pytest.approx(0.9, abs=0.025)
        assert slopes[outcome].p_holm < 0.001
    assert slopes["accuracy unaided"].p_value > 0.001
    parts = [p for p in found.parts if p.phase == "unaided"]
    assert parts[0].time > parts[-1].time
    assert sum(p.readings for p in parts) == 20 * 42


def test_a_planted_price_of_haste_is_found_within_readers() -> None:
    """Log odds +0.6 per doubling: slope within its interval, the curve rises, and no slope where there is none."""
    found = measured(timed_study(doubling=0.6, readers=30)).speed_accuracy
    for s in found.slopes:
        assert s.low < np.exp(0.6) < s.high
        assert s.p_holm < 0.001
    curve = [p.accuracy.value for p in found.curve if p.phase == "unaided"]
    assert len(curve) == 5
    assert curve[-1] - curve[0] > 0.15
    flat = measured(timed_study(doubling=0.0, readers=30)).speed_accuracy
    assert all(s.low < 1 < s.high for s in flat.slopes)


def test_each_reader_is_parted_by_his_own_times() -> None:
    """A reader ten times slower than all others is in every part with a fifth of their readings."""
    table = timed_study(readers=5, cases=40)
    slow = table.frame["client_ms"].where(table.frame["reader"] != "r00", table.frame["client_ms"] * 10)
    found = measured(replace(table, frame=table.frame.assign(client_ms=slow))).speed_accuracy
    assert [p.readings for p in found.curve] == [40] * 10
    assert all(p.accuracy.readers == 5 for p in found.curve)


def test_the_correlation_over_readers_is_scipys() -> None:
    """scipy.stats.spearmanr to 1e-12; the interval by Bonett and Wright's formula."""
    rng = np.random.default_rng(1)
    time, accuracy = rng.normal(size=12), rng.normal(size=12)
    ours, scipys = correlation("aided", time, accuracy, 0.95), stats.spearmanr(time, accuracy)
    assert (ours.value, ours.p_value) == pytest.approx((scipys.statistic, scipys.pvalue), abs=1e-12)
    half = 1.959964 * np.sqrt((1 + ours.value**2 / 2) / 9)
    assert ours.low == pytest.approx(np.tanh(np.arctanh(ours.value) - half), abs=1e-6)
    assert "needs at least" in str(correlation("aided", time[:3], accuracy[:3], 0.95).reason)
    assert correlation("aided", time, time, 0.95).low is None
    assert "same" in str(correlation("aided", time * 0, accuracy, 0.95).reason)


def test_changed_answers_that_take_longer_are_seen_within_readers() -> None:
    table = make_readings(readers=10, cases=42)
    pairs = timed_readings(table.frame).frame
    longer = table.frame["client_ms"].to_numpy(float) * np.where(pairs["changed"] == 1, 1.5, 1.0)
    found = within_reader_ratios(timed_readings(table.frame.assign(client_ms=longer)), confidence=0.95)
    changed = {r.group: r for r in found if "changed" in r.name}
    assert changed["aided"].low < 1.5 < changed["aided"].high
    assert changed["unaided"].low < 1.5 < changed["unaided"].high
    wrong = next(r for r in found if r.name.startswith("wrong") and r.group == "unaided")
    means = pairs[pairs["phase"] == "unaided"].assign(ms=longer[(table.frame["phase"] == "unaided").to_numpy()])
    logs = np.log(means["ms"]).groupby([means["reader"], means["right"]]).mean().unstack()
    assert wrong.p_value == pytest.approx(stats.ttest_rel(logs[0.0], logs[1.0]).pvalue, rel=1e-9)


def test_missing_impossible_and_implausible_times_are_counted_and_never_lost_in_silence() -> None:
    table = timed_study(readers=6, cases=21)
    ms = table.frame["client_ms"].to_numpy(float).copy()
    ms[[0, 1, 2]] = np.nan
    ms[[10, 11]] = 0, 5e-324
    ms[[20, 21, 22, 23]] = 150
    ms[30] = 700_000
    broken = replace(table, frame=table.frame.assign(client_ms=pd.array(ms, dtype="Float64").astype("Float64")))
    broken.frame.loc[[0, 1, 2], "client_ms"] = pd.NA
    found = measured(broken)
    counts = found.counts
    assert (counts.readings, counts.usable, counts.missing, counts.below_least) == (252, 247, 3, 2)
    assert (counts.too_short, counts.too_long, counts.implausible) == (4, 1, 5)
    # Readings 0 and 1 are one pair, 2 is half of another; 10 and 11 are a pair.
    assert found.unpaired == 1
    assert found.pairs == 126 - 3
    everything = next(r for r in found.ratios if r.modality == "all" and not r.group)
    sensible = next(r for r in found.sensitivity if r.modality == "all" and not r.group)
    assert sensible.pairs == everything.pairs - 3
    assert measured(table).sensitivity == ()


def test_a_rule_that_says_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="600000 to 200 ms"):
        TimeRule(600_000, 200)


def test_without_times_there_is_nothing() -> None:
    table = make_readings(readers=2, cases=7)
    assert reading_time(table.frame.assign(client_ms=pd.NA), modalities=table.modalities, seed=1) is None


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({}, {"readers": 1, "cases": 7}),
        ({}, {"readers": 3, "cases": 1}),
        ({"client_ms": 5000.0}, {"readers": 4, "cases": 14}),
        ({"correct": True}, {"readers": 4, "cases": 14}),
        ({"correct": pd.NA, "position": pd.NA}, {"readers": 4, "cases": 14}),
        ({"phase": "unaided", "modality": "none"}, {"readers": 4, "cases": 14}),
    ],
    ids=["one reader", "one case", "constant times", "perfect", "no truth, no position", "no assistance"],
)
def test_degenerate_studies_give_numbers_or_reasons_and_json(change: dict, options: dict) -> None:
    table = make_readings(**options)
    frame = table.frame
    if "phase" in change:
        frame = frame[frame["phase"] == "unaided"].reset_index(drop=True)
    frame = frame.assign(**change).astype(frame.dtypes.to_dict())
    table = replace(table, frame=frame)
    found = measured(table, replicates=50)
    json.dumps(found.as_dict(), allow_nan=False)
    for r in (*found.ratios, *found.within):
        assert r.ratio is not None or r.reason
        assert r.low is None or r.low < r.high
        assert r.p_value is None or r.low is not None
    for s in (*found.learning.slopes, *found.speed_accuracy.slopes):
        assert s.ratio is not None or s.reason
