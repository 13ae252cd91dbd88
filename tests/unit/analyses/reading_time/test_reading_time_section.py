"""The section about reading time: every sentence has its numbers, everything left out is named."""

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.reading_time.run import TimeOptions, TimeResult, analyse_reading_time
from dermdash.analyses.reading_time.section import reading_time_section
from dermdash.analyses.section import Section
from dermdash.charts.palette import Theme
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.readings_table import ReadingsTable

QUICK = TimeOptions(replicates=100)


@cache
def standard() -> tuple[ReadingsTable, TimeResult, Section]:
    """A study of 8 readers and 28 cases, analysed once."""
    table = make_readings(readers=8, cases=28)
    result = analyse_reading_time(table, options=QUICK)
    return table, result, reading_time_section(result, table)


def section_of(table: ReadingsTable, options: TimeOptions = QUICK) -> Section:
    return reading_time_section(analyse_reading_time(table, options=options), table)


def test_the_numbers_in_words_are_those_of_the_result() -> None:
    _, result, section = standard()
    found = result.time
    ratios = next(t for t in section.tables if t.name == "time-ratios")
    assert ratios.numbers["ratio"].tolist() == [r.ratio for r in found.ratios]
    first = found.ratios[0]
    text = f"{first.ratio:.2f} ({first.low:.2f} to {first.high:.2f})"
    assert ratios.shown["Ratio (95\N{NO-BREAK SPACE}% interval)"][0] == text
    assert any(text in sentence for sentence in section.summary)
    assert section.summary[0] == (
        "448 readings of 8 readers on 28 cases with a time, 224 pairs before and after assistance."
    )


def test_no_table_shows_a_number_that_is_none() -> None:
    for table in (
        make_readings(readers=8, cases=28),
        make_readings(readers=1, cases=3),
        make_readings(readers=2, cases=9),
    ):
        section = section_of(table)
        for shown in section.tables:
            text = shown.shown.to_string().lower()
            assert "nan" not in text.split()
            assert "none" not in text.split()
        for figure in section.figures:
            assert figure.make(Theme.DARK).layout.height


def test_missing_and_implausible_times_are_told() -> None:
    table = standard()[0]
    ms = table.frame["client_ms"].copy()
    ms[0] = pd.NA
    ms[3] = 0
    ms[10] = 50
    ms[20] = 2_000_000
    section = section_of(replace(table, frame=table.frame.assign(client_ms=ms)))
    warnings = " ".join(section.warnings)
    assert "1 reading without a time; 1 time below 1 ms; 2 times without the other half" in warnings
    assert "Implausible: 1 time below 0.2\N{NO-BREAK SPACE}s, 1 time above 600\N{NO-BREAK SPACE}s" in warnings
    assert any(t.name == "time-sensitivity" for t in section.tables)
    assert not any(t.name == "time-sensitivity" for t in standard()[2].tables)


def test_the_clock_of_other_logs_is_not_claimed_to_be_ours() -> None:
    table, result, section = standard()
    assert "the painted image" in section.methods[0]
    other = reading_time_section(result, replace(table, format="dermachallenge")).methods[0]
    assert "those that the log gives" in other
    assert "painted" not in other


def test_what_the_log_does_not_know_is_named_in_the_methods() -> None:
    table = make_readings(readers=4, cases=14)
    frame = table.frame.assign(position=pd.NA, correct=pd.NA).astype(table.frame.dtypes.to_dict())
    section = section_of(replace(table, frame=frame))
    methods = " ".join(section.methods)
    assert "Learning over the session was not computed: the position in the session is not recorded" in methods
    assert "Speed and accuracy were not compared: no answer is known to be right or wrong" in methods
    assert [f.name for f in section.figures] == ["time-rows", "time-ratio"]


def test_logs_without_times_and_options_without_sense_are_refused() -> None:
    table = make_readings(readers=2, cases=7)
    bare = table.frame.assign(client_ms=pd.array([None] * len(table.frame), dtype="Float64"))
    with pytest.raises(MissingColumns, match="reading time needs client_ms"):
        analyse_reading_time(replace(table, frame=bare))
    zero = table.frame.assign(client_ms=pd.array([0.0] * len(table.frame), dtype="Float64"))
    with pytest.raises(InvalidInput, match="no time above 0 ms in 28 readings"):
        analyse_reading_time(replace(table, frame=zero))
    with pytest.raises(InvalidInput, match="expected 0 or more"):
        analyse_reading_time(table, options=TimeOptions(shortest=10, longest=5))
    with pytest.raises(InvalidInput, match="parts is 30: expected less than or equal to 20"):
        analyse_reading_time(table, options=TimeOptions(parts=30))


def test_an_analysis_named_in_the_protocol_is_not_exploratory() -> None:
    table, result, section = standard()
    assert section.exploratory
    assert not reading_time_section(result, replace(table, prespecified=("reading-time",))).exploratory
