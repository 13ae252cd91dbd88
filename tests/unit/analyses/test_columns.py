"""A column says once what stands in it; the CSV, the page and print are made from that."""

from dataclasses import dataclass

import pandas as pd
import pytest

from dermdash.analyses.columns import Column, csv_only, interval_column, share_column, shown_table, table_of
from dermdash.analyses.rate_cells import difference_column, rate_column
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.two_way import Rate, RateDifference
from dermdash.wording import number_interval, points


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the tables below."""

    name: str
    n: int
    share: Estimate
    change: RateDifference | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


LINES = (
    Line("first", 4, Estimate(0.5, 0.25, 0.75), RateDifference(0.1, -0.1, 0.3, 0.4), 1.5, 1.25, 2.0),
    Line("second", 0, Estimate(None, reason="no case to count")),
)


def test_the_csv_holds_numbers_under_keys_and_people_see_words_under_heads() -> None:
    columns: list[Column[Line]] = [
        Column("Name", "", lambda line: line.name.capitalize()),
        *csv_only("name"),
        Column("Readings", "n", None, lambda n: n or "none"),
        *csv_only("reason", of=lambda line: line.share),
    ]
    made = table_of("table", "Title", columns, LINES, "A note")
    assert made.numbers.fillna("").to_dict("records") == [
        {"name": "first", "n": 4, "reason": ""},
        {"name": "second", "n": 0, "reason": "no case to count"},
    ]
    assert made.shown.to_dict("records") == [{"Name": "First", "Readings": 4}, {"Name": "Second", "Readings": "none"}]
    assert (made.name, made.title, made.note) == ("table", "Title", "A note")


def test_a_figure_with_its_interval_makes_three_columns_of_the_csv_and_one_for_people() -> None:
    columns: list[Column[Line]] = [
        share_column("Share", "share", lambda line: line.share, why=True),
        interval_column("Change", "change", points, lambda line: line.change),
        interval_column("Ratio", "ratio", number_interval, of=("ratio", "low", "high"), bounds=("low", "high")),
    ]
    made = table_of("table", "Title", columns, LINES)
    assert list(made.numbers) == ["share", "share_low", "share_high", "change", "change_low", "change_high",
                                  "ratio", "low", "high"]  # fmt: skip
    assert made.numbers.iloc[0].tolist() == [0.5, 0.25, 0.75, 0.1, -0.1, 0.3, 1.5, 1.25, 2.0]
    assert made.numbers.iloc[1].isna().all()
    assert made.shown["Ratio"][0] == number_interval(1.5, 1.25, 2.0)
    assert made.shown["Change"].tolist() == [points(0.1, -0.1, 0.3), ""]
    assert made.shown["Share"][1] == "not computed (no case to count)"
    assert made.intervals == {"Share", "Change", "Ratio"}


def test_the_csv_holds_all_that_is_known_of_a_share_and_of_a_difference() -> None:
    rate = Rate(0.4, 0.2, 0.6, 0.1, 0.7, hits=4, total=10, readers=5, cases=6)
    columns: list[Column[Line]] = [
        rate_column("Switched", "switch", lambda _: rate),
        difference_column("Difference", "difference", lambda line: line.change or RateDifference(None, reason="few")),
    ]
    numbers = table_of("table", "Title", columns, LINES).numbers
    assert numbers.iloc[0].dropna().to_dict() == {
        "switch": 0.4, "switch_low": 0.2, "switch_high": 0.6, "switch_bootstrap_low": 0.1, "switch_bootstrap_high": 0.7,
        "switch_hits": 4, "switch_n": 10, "switch_readers": 5, "switch_cases": 6,
        "difference": 0.1, "difference_low": -0.1, "difference_high": 0.3, "difference_p": 0.4,
    }  # fmt: skip
    assert numbers["difference_reason"].tolist()[1] == "few"


def test_the_csv_may_have_another_order_and_more_rows_than_people_see() -> None:
    columns: list[Column[Line]] = [Column("Readings", "n"), Column("Name", "name")]
    made = table_of("table", "Title", columns, LINES, csv_first=("name",), shown_rows=LINES[:1])
    assert list(made.numbers) == ["name", "n"]
    assert list(made.shown) == ["Readings", "Name"]
    assert (len(made.numbers), len(made.shown)) == (2, 1)


def test_a_table_without_rows_keeps_its_columns() -> None:
    columns: list[Column[Line]] = [Column("Name", "name"), share_column("Share", "share", lambda line: line.share)]
    made = table_of("table", "Title", columns, ())
    assert list(made.numbers) == ["name", "share", "share_low", "share_high"]
    assert list(made.shown) == ["Name", "Share"]


@pytest.mark.parametrize("records", [[{"k": 1}, {"k": 2}], pd.DataFrame({"k": [1, 2]})])
def test_a_table_crossed_for_people_has_lines_of_its_own_in_the_csv(records: pd.DataFrame) -> None:
    made = shown_table("table", "Title", [Column("Name", "", lambda name: name)], ["all"], records, "A note")
    assert made.numbers["k"].tolist() == [1, 2]
    assert made.shown.to_dict("records") == [{"Name": "all"}]
    assert made.note == "A note"
