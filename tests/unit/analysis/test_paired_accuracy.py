import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from dermdash.analysis.paired_accuracy import (
    PairedAccuracy,
    holm,
    paired_accuracy,
    reader_accuracy,
    two_way_bootstrap,
)
from dermdash.errors import InvalidInput, MissingColumns


def make_readings(
    *,
    readers: int = 12,
    cases: int = 20,
    gain: float = 0.2,
    modality: str = "cbir",
    seed: int = 0,
    share: float = 1.0,
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for r in range(readers):
        for c in range(cases):
            if rng.random() <= share:
                before = rng.random() < 0.6
                after = before or rng.random() < gain
                rows.append((f"r{r:02d}", f"c{c:02d}", modality, "unaided", bool(before)))
                rows.append((f"r{r:02d}", f"c{c:02d}", modality, "aided", bool(after)))
    return pd.DataFrame(rows, columns=["reader", "case", "modality", "phase", "correct"])


def one(readings: pd.DataFrame, **options: float) -> PairedAccuracy:
    (result,) = paired_accuracy(readings, seed=1, **options)  # type: ignore[arg-type]
    return result


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_t_p_and_intervals_agree_with_statsmodels(seed: int, confidence: float) -> None:
    """Independent implementations: statsmodels DescrStatsW and scipy's one-sample test, to 1e-12."""
    readings = make_readings(seed=seed, share=0.7)
    result = one(readings, confidence=confidence)
    wide = readings.groupby(["reader", "phase"])["correct"].mean().unstack()
    difference = (wide["aided"] - wide["unaided"]).to_numpy()
    t, p, df = DescrStatsW(difference).ttest_mean(0)
    low, high = DescrStatsW(difference).tconfint_mean(1 - confidence)
    assert (result.t, result.p_value) == pytest.approx((t, p), rel=1e-10)
    assert result.difference_interval is not None
    assert (result.difference_interval.low, result.difference_interval.high) == pytest.approx((low, high), rel=1e-10)
    assert result.p_value == pytest.approx(stats.ttest_1samp(difference, 0).pvalue, rel=1e-10)
    assert (result.unaided, result.aided) == pytest.approx((wide["unaided"].mean(), wide["aided"].mean()))
    assert df == result.readers - 1
    assert result.unaided_interval is not None
    assert result.unaided_interval.low < result.unaided < result.unaided_interval.high


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_the_bootstrap_agrees_with_a_brute_force_loop(share: float) -> None:
    """The loop draws its own readers and cases; quantiles agree within Monte Carlo error."""
    readings = make_readings(readers=8, cases=15, share=share, seed=3)
    wide = readings.pivot_table(index="reader", columns=["case"], values="correct", aggfunc=list)
    matrix = np.array(
        [[np.nan if not isinstance(v, list) else float(v[1]) - v[0] for v in row] for row in wide.to_numpy()]
    )
    rng = np.random.default_rng(9)
    brute = []
    for _ in range(4000):
        drawn_cases = rng.integers(0, matrix.shape[1], matrix.shape[1])
        values = []
        for reader in rng.integers(0, matrix.shape[0], matrix.shape[0]):
            read = [matrix[reader, case] for case in drawn_cases if not math.isnan(matrix[reader, case])]
            if read:
                values.append(sum(read) / len(read))
        brute.append(sum(values) / len(values))
    ours = two_way_bootstrap(matrix, replicates=4000, rng=np.random.default_rng(1))
    assert np.mean(ours) == pytest.approx(np.mean(brute), abs=0.004)
    assert np.std(ours) == pytest.approx(np.std(brute), rel=0.06)
    assert np.quantile(ours, [0.025, 0.975]) == pytest.approx(np.quantile(brute, [0.025, 0.975]), abs=0.015)


def test_the_bootstrap_follows_its_seed_and_not_the_order_of_rows() -> None:
    readings = make_readings()
    shuffled = readings.sample(frac=1, random_state=2)
    first = paired_accuracy(readings, seed=5)
    assert first == paired_accuracy(shuffled, seed=5)
    assert first[0].bootstrap_interval != paired_accuracy(readings, seed=6)[0].bootstrap_interval


def test_the_bootstrap_covers_cases_too_so_it_is_wider_when_cases_differ() -> None:
    """All readers gain on the same two of ten cases: readers agree, the choice of cases is what varies."""
    rows = []
    for r in range(20):
        for c in range(10):
            rows += [
                (f"r{r}", f"c{c}", "cbir", "unaided", c > 4),
                (f"r{r}", f"c{c}", "cbir", "aided", c > 2 or r == c),
            ]
    result = one(pd.DataFrame(rows, columns=["reader", "case", "modality", "phase", "correct"]))
    assert result.bootstrap_interval is not None
    assert result.difference_interval is not None
    width = result.bootstrap_interval.high - result.bootstrap_interval.low
    assert width > 3 * (result.difference_interval.high - result.difference_interval.low)


@pytest.mark.parametrize("seed", range(20))
def test_holm_agrees_with_statsmodels(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "gc.collect", lambda: 0
    )  # statsmodels asks for it at each correction; two seconds in a long run
    p = np.random.default_rng(seed).random(5) ** 3
    assert holm(list(p)) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_leaves_out_what_has_no_p_value() -> None:
    assert holm([0.04, None, 0.01]) == [0.04, None, 0.02]
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_identical_phases_give_zero_difference_and_no_p_value() -> None:
    result = one(make_readings(gain=0.0))
    assert result.difference == 0.0
    assert (result.t, result.p_value, result.p_holm, result.difference_interval) == (None, None, None, None)
    assert result.reason is not None
    assert "same amount" in result.reason
    # An interval from 0 to 0 would pretend certainty.
    assert result.bootstrap_interval is None


def test_one_reader_has_estimates_but_no_intervals_and_a_reason() -> None:
    result = one(make_readings(readers=1))
    assert result.readers == 1
    assert 0 <= result.unaided <= result.aided <= 1
    assert result.bootstrap_interval is result.difference_interval is result.unaided_interval is None
    assert result.reason is not None
    assert result.reason.startswith("one reader")


def test_one_case_has_no_bootstrap_and_says_so() -> None:
    result = one(make_readings(cases=1, gain=0.5, readers=40))
    assert result.bootstrap_interval is None
    assert result.reason is not None
    assert "one case" in result.reason


def test_nothing_is_ever_not_a_number() -> None:
    for readers, cases, gain in [(1, 1, 0.0), (2, 1, 0.0), (2, 2, 1.0), (1, 5, 1.0), (3, 2, 0.5)]:
        result = one(make_readings(readers=readers, cases=cases, gain=gain))
        numbers = [result.unaided, result.aided, result.difference, result.t, result.p_value, result.p_holm]
        assert all(value is None or math.isfinite(value) for value in numbers)


def test_readers_weigh_the_same_however_many_cases_they_read() -> None:
    rows = [("a", f"c{i}", "cbir", phase, True) for i in range(9) for phase in ("unaided", "aided")]
    rows += [("b", "c0", "cbir", "unaided", False), ("b", "c0", "cbir", "aided", True)]
    result = one(pd.DataFrame(rows, columns=["reader", "case", "modality", "phase", "correct"]))
    assert (result.unaided, result.aided, result.difference) == (0.5, 1.0, 0.5)


def test_readings_without_their_other_half_are_left_out() -> None:
    readings = make_readings()
    alone = pd.DataFrame([("late", "c00", "cbir", "unaided", False)], columns=readings.columns)
    assert paired_accuracy(pd.concat([readings, alone]), seed=1) == paired_accuracy(readings, seed=1)


def test_modalities_keep_the_given_order_and_empty_ones_are_left_out() -> None:
    both = pd.concat([make_readings(modality="cbir"), make_readings(modality="crowd_probability", seed=8)])
    results = paired_accuracy(both, seed=1, modalities=["crowd_probability", "multiclass_probability", "cbir"])
    assert [r.modality for r in results] == ["crowd_probability", "cbir"]
    raw = [r.p_value for r in results]
    assert [r.p_holm for r in results] == holm(raw)
    assert paired_accuracy(both.head(0), seed=1) == ()


def test_a_p_value_never_stands_without_its_difference_and_interval() -> None:
    frames = [make_readings(readers=readers, cases=cases) for readers in (1, 2, 5) for cases in (1, 2, 9)]
    for readings in frames:
        result = one(readings)
        assert (result.p_value is None) == (result.difference_interval is None) == (result.t is None)
        assert (result.p_value is None) == (result.p_holm is None)
        if result.p_value is not None and result.difference_interval is not None:
            covers_zero = result.difference_interval.low <= 0 <= result.difference_interval.high
            assert covers_zero == (result.p_value >= 0.05)


def test_reader_accuracy_lists_every_reader_and_modality() -> None:
    table = reader_accuracy(make_readings(readers=3))
    assert list(table.columns) == ["modality", "reader", "cases", "unaided", "aided", "difference"]
    assert len(table) == 3


def test_double_readings_missing_columns_and_odd_levels_are_refused() -> None:
    readings = make_readings(readers=1, cases=1)
    with pytest.raises(InvalidInput, match="two unaided readings of case c00"):
        paired_accuracy(pd.concat([readings, readings]), seed=1)
    with pytest.raises(MissingColumns, match="phase"):
        paired_accuracy(readings.drop(columns="phase"), seed=1)
    with pytest.raises(InvalidInput, match="confidence level"):
        paired_accuracy(readings, seed=1, confidence=95)
