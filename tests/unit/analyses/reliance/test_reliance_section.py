"""The section about reliance: every sentence has its numbers, everything left out is named."""

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.reliance.run import RelianceOptions, RelianceResult, analyse_reliance
from dermdash.analyses.reliance.section import reliance_section
from dermdash.analyses.section import Section
from dermdash.charts.palette import Theme
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.readings_table import ReadingsTable

QUICK = RelianceOptions(replicates=100)


@cache
def standard() -> tuple[ReadingsTable, RelianceResult, Section]:
    """A study of 8 readers and 28 cases, analysed once."""
    table = make_readings(readers=8, cases=28)
    result = analyse_reliance(table, options=QUICK)
    return table, result, reliance_section(result, table)


def section_of(table: ReadingsTable, options: RelianceOptions = QUICK) -> Section:
    return reliance_section(analyse_reliance(table, options=options), table)


def test_the_numbers_in_words_are_those_of_the_result() -> None:
    _, result, section = standard()
    found = result.reliance
    by_modality = next(t for t in section.tables if t.name == "reliance-by-modality")
    assert by_modality.numbers["switch"].tolist() == [r.switch.value for r in found.rates]
    first = found.rates[0].switch
    text = f"{100 * first.value:.1f}\N{NO-BREAK SPACE}% ({100 * first.low:.1f} to {100 * first.high:.1f})"
    assert by_modality.shown["Switch fraction"][0] == text
    assert text in section.summary[1]
    assert section.summary[0].startswith("8 readers gave 224 pairs of answers, before and after advice, on 28 cases")


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
            assert "inf" not in text.split()
        for figure in section.figures:
            assert figure.make(Theme.DARK).layout.height


def test_names_of_tables_and_figures_are_unique() -> None:
    section = standard()[2]
    names = [t.name for t in section.tables] + [f.name for f in section.figures]
    assert len(names) == len(set(names))


def test_small_groups_and_what_is_left_out_are_told() -> None:
    table = make_readings(readers=6, cases=21, excluded={"withdrawn": 4})
    frame = table.frame.copy()
    frame.loc[(frame["case"] == "c000") & (frame["phase"] == "aided"), ["advice_dx", "advice_malignant"]] = None
    warnings = " ".join(section_of(replace(table, frame=frame[1:])).warnings)
    assert "Fewer than 5 readers or 10 cases stand behind: under 1 year" in warnings
    assert "4 readings: withdrawn" in warnings
    assert "1 reading: the other half of the pair is missing" in warnings
    assert "5 pairs: the advice is not recorded" in warnings


def test_the_methods_name_what_was_done_and_what_was_not() -> None:
    methods = " ".join(standard()[2].methods)
    assert "100 draws, seed 1" in methods
    assert "Multi" not in methods
    assert "Class probabilities by diagnosis" in methods
    assert "Not computed: weight of advice, because malignancy ratings are on a scale of their own" in methods
    assert "draws" not in " ".join(section_of(make_readings(readers=3, cases=7), RelianceOptions(replicates=0)).methods)


def test_an_analysis_named_in_the_protocol_is_not_exploratory() -> None:
    table, result, section = standard()
    assert section.exploratory
    assert not reliance_section(result, replace(table, prespecified=("reliance",))).exploratory


def test_a_log_without_advice_is_refused_with_what_is_missing() -> None:
    table = make_readings(readers=2, cases=7)
    columns = ["advice_dx", "advice_malignant", "advice_correct"]
    bare = table.frame.assign(**dict.fromkeys(columns)).astype(table.frame.dtypes.to_dict())
    with pytest.raises(MissingColumns, match="Made-up study does not record"):
        analyse_reliance(replace(table, frame=bare))
    alone = replace(table, frame=table.frame[table.frame["phase"] == "aided"])
    with pytest.raises(InvalidInput, match="all answers were given with assistance"):
        analyse_reliance(alone)
    with pytest.raises(InvalidInput, match="bins is 1: expected"):
        analyse_reliance(table, options=RelianceOptions(bins=1))


def test_what_never_happened_is_said_so_in_the_summary() -> None:
    section = section_of(make_readings(readers=3, cases=14, advice_accuracy=1.1))
    assert "there were no right answers with wrong advice" in section.summary[1]
    assert not any("not computed" in sentence for sentence in section.summary)


def test_faulty_advice_is_named_so() -> None:
    table = make_readings(readers=4, cases=14)
    wrong = (table.frame["advice_correct"] == False).where(table.frame["phase"] == "aided")  # noqa: E712
    section = section_of(replace(table, frame=table.frame.assign(advice_faulty=wrong.astype("boolean"))))
    assert any(t.title == "Other advice against faulty advice" for t in section.tables)
    assert "made wrong on purpose; it was compared" in " ".join(section.methods)


def test_ratings_on_the_scale_of_the_advice_get_a_weight_of_advice() -> None:
    table = make_readings(readers=4, cases=14)
    rating = pd.Series(range(len(table.frame)), dtype="Float64") % 17 / 20
    section = section_of(replace(table, frame=table.frame.assign(malignancy_rating=rating)))
    weights = next(t for t in section.tables if t.name == "weight-of-advice")
    assert list(weights.shown["Modality"]) == ["Malignancy probability", "Class probabilities"]
    assert any("Yaniv" in reference for reference in section.references)
