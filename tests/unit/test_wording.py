from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from dermdash import wording
from dermdash.analysis.estimates import Estimate, not_estimable

NB = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


def test_a_share_and_its_percent_sign_stay_on_one_line() -> None:
    assert wording.percent(0.6994) == f"69.9{NB}%"
    assert wording.percent(0.5, 0) == f"50{NB}%"
    assert wording.percent_interval(0.636, 0.61, 0.662) == f"63.6{NB}% (61.0 to 66.2)"
    assert wording.percent_range(0.843, 0.951) == f"84.3 to 95.1{NB}%"
    assert wording.percent_spread(0.712, 0.008) == f"71.2 ± 0.8{NB}%"
    assert wording.level(0.95) == f"95{NB}%"
    assert wording.level(0.975) == f"97.5{NB}%"


def test_what_is_neither_nothing_nor_all_never_reads_as_nothing_or_all() -> None:
    assert [wording.percent(v, 0) for v in (0, 0.004, 0.996, 1)] == [
        f"0{NB}%", f"<{NB}1{NB}%", f">{NB}99{NB}%", f"100{NB}%",
    ]  # fmt: skip
    assert wording.percent(0.0004) == f"<{NB}0.1{NB}%"
    assert wording.percent(0.9996) == f">{NB}99.9{NB}%"


def test_thresholds_have_the_places_that_small_ones_need() -> None:
    assert [wording.threshold(v) for v in (0.0429, 0.0003, 0.000012, 0.0)] == [
        f"4.29{NB}%", f"0.0300{NB}%", f"0.0012{NB}%", f"0.00{NB}%",
    ]  # fmt: skip


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert wording.points(0.061, -0.0001, 0.12) == f"+6.1{NB}points (0.0 to 12.0)"
    for nothing in (0.0, -0.0, 0.0001, -0.0001):
        assert wording.points(nothing) == f"0.0{NB}points"
        assert wording.difference(nothing) == "0.000"
        assert wording.number(nothing) == "0.000"
    assert wording.percent_interval(-0.02, -0.05, -0.0001) == f"{MINUS}2.0{NB}% ({MINUS}5.0 to 0.0)"


def test_differences_have_their_sign_and_a_true_minus() -> None:
    assert wording.points(-0.012, -0.03, 0.006) == f"{MINUS}1.2{NB}points ({MINUS}3.0 to 0.6)"
    assert wording.difference(0.0123, -0.004, 0.0281) == f"+0.012 ({MINUS}0.004 to 0.028)"


@pytest.mark.parametrize(
    ("p", "head", "sentence"),
    [
        (0.0, f"<{NB}0.001", f"p{NB}<{NB}0.001"),
        (0.0009999, f"<{NB}0.001", f"p{NB}<{NB}0.001"),
        (0.001, "0.001", f"p{NB}={NB}0.001"),
        (0.0124, "0.012", f"p{NB}={NB}0.012"),
        (0.99, "0.990", f"p{NB}={NB}0.990"),
        (0.9996, f">{NB}0.99", f"p{NB}>{NB}0.99"),
        (1.0, f">{NB}0.99", f"p{NB}>{NB}0.99"),
        (None, "not computed", f"p{NB}not computed"),
        (float("nan"), "not computed", f"p{NB}not computed"),
    ],
)
def test_a_p_value_is_never_written_as_nothing_or_one(p: float | None, head: str, sentence: str) -> None:
    assert wording.p_value(p) == head
    assert wording.p_words(p) == sentence


def test_a_corrected_p_value_stands_beside_the_other_in_the_same_words() -> None:
    assert wording.p_words(0.012, 0.024) == f"p{NB}={NB}0.012, Holm{NB}p{NB}={NB}0.024"
    assert wording.holm_words(0.0001) == f"Holm{NB}p{NB}<{NB}0.001"


def test_counts_agree_with_their_noun() -> None:
    assert [wording.counted(n, "image") for n in (0, 1, 2, 5984)] == ["0 images", "1 image", "2 images", "5,984 images"]
    assert wording.counted(1, "study", "studies") == "1 study"
    assert wording.counted(2, "study", "studies") == "2 studies"
    assert [wording.form(n, "is", "are") for n in (0, 1, 2)] == ["are", "is", "are"]


def test_names_that_collide_are_told_apart_by_their_ids() -> None:
    names = {"a1": "HAM10000", "b2": "PH2", "c3": "HAM10000"}
    assert wording.told_apart(names) == {"a1": "HAM10000 (a1)", "b2": "PH2", "c3": "HAM10000 (c3)"}
    assert wording.told_apart({}) == {}


def test_what_was_chosen_is_written_as_chosen() -> None:
    assert [wording.level(c) for c in (0.95, 0.975, 0.8)] == [f"95{NB}%", f"97.5{NB}%", f"80{NB}%"]
    assert [wording.time_limit(ms) for ms in (250, 600_000, 3_600_000)] == [f"0.25{NB}s", f"600{NB}s", f"3,600{NB}s"]
    assert wording.margin(0.05) == f"5.0{NB}points"
    assert [wording.similarity(c) for c in (1, 0.8349, -0.001)] == [
        f"similarity{NB}{n}" for n in ("1.00", "0.83", "0.00")
    ]


def test_an_estimate_without_a_value_says_so_and_why() -> None:
    assert wording.estimated_percent(Estimate(0.91, 0.843, 0.951)) == f"91.0{NB}% (84.3 to 95.1)"
    assert wording.estimated_percent(Estimate(0.91)) == f"91.0{NB}%"
    assert wording.estimated_number(Estimate(0.912, 0.8, 0.95, 0.874, 0.941)) == "0.912 (0.874 to 0.941)"
    nothing = not_estimable("no melanoma")
    assert wording.estimated_percent(nothing) == wording.estimated_number(nothing) == "not computed"
    assert wording.estimated_percent(nothing, why=True) == "not computed (no melanoma)"


def test_what_is_not_known_is_said_in_words() -> None:
    nan = float("nan")
    for nothing in (None, nan):
        words = {
            f(nothing)
            for f in (
                wording.percent, wording.points, wording.number, wording.difference, wording.p_value, wording.threshold,
                wording.seconds,
            )
        }  # fmt: skip
        assert words == {"not computed"}
    assert wording.points(0.1, None, 0.2) == f"+10.0{NB}points"
    assert wording.number_interval(0.5, nan, 0.6) == "0.500"
    assert wording.bounds(None, 1) == wording.percent_range(0, nan) == wording.spread(None, 1) == "not computed"
    assert wording.spread(0.5, None) == "0.500"


def test_times_say_their_unit_and_zone() -> None:
    assert [wording.duration(s) for s in (0.4, 40, 59.6, 720, 3599, 11_100)] == [
        f"less than 1{NB}s", f"40{NB}s", f"1{NB}min", f"12{NB}min", f"1{NB}h 00{NB}min", f"3{NB}h 05{NB}min",
    ]  # fmt: skip
    assert wording.seconds(7_900, 7_000, 9_100) == f"7.9{NB}s (7.0 to 9.1)"
    assert wording.seconds(125_400) == f"125{NB}s"
    noon = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    assert wording.moment(noon) == wording.moment(noon.replace(tzinfo=None)) == f"2026-03-01 12:05{NB}UTC"
    assert wording.moment(noon.astimezone(timezone(timedelta(hours=14)))) == f"2026-03-01 12:05{NB}UTC"
    assert wording.day(noon.astimezone(timezone(timedelta(hours=14)))) == "2026-03-01"


def test_a_cell_holds_whole_numbers_as_such_and_nothing_where_nothing_is_known() -> None:
    assert [wording.cell(v) for v in (None, float("nan"), np.nan, pd.NA, pd.NaT)] == [""] * 5
    assert [wording.cell(v) for v in (46.0, np.float64(46.0), 46, 45.5, True, np.bool_(False), "mel")] == [
        "46", "46", "46", "45.5", "yes", "no", "mel",
    ]  # fmt: skip
    assert wording.cell(["a", 2.0]) == "a, 2"
    assert wording.years(46.0) == f"46{NB}years"
    assert wording.years(1) == f"1{NB}year"


def test_sizes_of_files_have_their_unit() -> None:
    assert wording.file_size(12_345_678) == f"12{NB}MB"
    assert wording.file_size(1_400_000) == f"1.4{NB}MB"
    assert wording.file_size(456_789) == f"457{NB}kB"
