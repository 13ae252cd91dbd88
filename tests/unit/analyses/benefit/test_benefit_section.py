"""What page, command and report say about the benefit of assistance."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.benefit.change_figures import accuracy_change_figure
from dermdash.analyses.benefit.figures import ForestRow, TurnedAnswers, benefit_forest_figure, turned_answers_figure
from dermdash.analyses.benefit.measures import Measure, Outcome
from dermdash.analyses.benefit.run import BenefitResult, analyse_benefit
from dermdash.analyses.benefit.section import benefit_section
from dermdash.analyses.section import Section
from dermdash.charts.palette import MODALITY_COLORS, SERIES_COLORS, Theme, modality_color
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.modality import ALL_MODALITIES, Modality
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable, make_readings_table
from dermdash.records.taxonomy import HAM7
from dermdash.wording import p_words, points


def analysed(table: ReadingsTable | AggregateTable, **options: Any) -> BenefitResult:
    few = {} if isinstance(table, AggregateTable) else {"breakdowns": ("profession", "truth_malignant")}
    return analyse_benefit(table, **({"replicates": 100} | few | options))


def make_counts() -> AggregateTable:
    pairs = reading_pairs(make_readings(readers=8, cases=21))
    rows = []
    for (case, modality), part in pairs.groupby(["case", "modality"]):
        row: dict[str, Any] = {"case": case, "modality": modality, "truth_dx": part["truth_dx"].iloc[0]}
        for code in HAM7.codes:
            row |= {f"{p}_{code}": int((part[f"dx_{p}"] == code).sum()) for p in ("unaided", "aided")}
            row |= {f"model_{code}": 1 / 7, f"crowd_{code}": None}
        rows.append(row)
    return AggregateTable(pd.DataFrame(rows), "counts.csv", "nature_medicine", "ham7")


def words(section: Section) -> str:
    tables = [table.shown.to_string() + table.note for table in section.tables]
    return "\n".join([*section.summary, *section.methods, *section.warnings, *tables])


def texts(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_the_effect_with_its_interval_stands_before_p_and_the_numbers_beside_them() -> None:
    result = analysed(make_readings(readers=8, cases=28))
    section = benefit_section(result)
    for sentence, row in zip(section.summary, result.found.main.rows, strict=False):
        low, high = row.change.difference_interval.low, row.change.difference_interval.high
        found = f"{points(row.change.difference, low, high)}, {p_words(row.change.p_value, row.change.p_holm)}"
        assert found in sentence
        assert f"{row.change.readers} readers" in sentence
        assert f"{row.change.readings} pairs of answers" in sentence
    assert section.exploratory
    assert "exploratory" in section.methods[-1]
    assert "Holm" in section.methods[-1]


def test_methods_name_every_choice_that_was_made() -> None:
    result = analysed(make_readings(readers=8, cases=28, seed=11), breakdowns=("profession", "unaided_skill"))
    methods = " ".join(benefit_section(result).methods)
    for named in (
        "paired t test",
        "100 draws",
        "seed 11",
        "estimating equations",
        "McNemar",
        "25",
        "4,999",
        "20 times",
    ):
        assert named in methods
    counts = " ".join(benefit_section(analysed(make_counts(), replicates=100)).methods)
    assert "every participant's answer weighed the same" in counts
    assert "paired t test" not in counts


def test_a_named_analysis_is_not_exploratory_but_its_other_breakdowns_are() -> None:
    table = make_readings(readers=6, cases=14, prespecified=("benefit", "benefit:profession"))
    section = benefit_section(analysed(table, breakdowns=("profession", "truth_malignant")))
    assert not section.exploratory
    assert "Of the breakdowns, profession were named in it; all others are exploratory" in section.methods[-1]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"readers": 1},
        {"cases": 1},
        {"readers": 1, "cases": 1},
        {"followed": 0.0},
        {"unaided_accuracy": 1.0, "followed": 0.0},
    ],
)
@pytest.mark.parametrize("outcome", [Outcome.DIAGNOSIS, Outcome.MALIGNANCY])
def test_no_page_says_nan_or_shows_p_without_an_interval(changes: dict[str, Any], outcome: Outcome) -> None:
    options: dict[str, Any] = {"readers": 4, "cases": 14} | changes
    section = benefit_section(analysed(make_readings(**options), outcome=outcome))
    said = words(section).lower().replace("(", " ").replace(")", " ").split()
    assert not {"nan", "inf", "none", "-inf"} & set(said)
    numbers = section.tables[0].numbers
    assert (numbers["p"].isna() | numbers["ci_low"].notna()).all()
    for figure in section.figures:
        drawn = figure.make(Theme.DARK)
        for trace in drawn.data:
            assert np.isfinite(np.array(trace.x, float)).all()


def test_small_groups_and_left_out_readings_are_said_in_words() -> None:
    table = make_readings(readers=3, cases=7, excluded={"no answer": 4})
    alone = (table.frame["reader"] == "r00") & (table.frame["phase"] == "aided") & (table.frame["case"] == "c000")
    section = benefit_section(analysed(table.subset(~alone)))
    warned = " ".join(section.warnings)
    assert "small group: 3 readers" in warned
    assert "4 readings were left out: no answer" in warned
    assert "1 reading was left out: the answer before or after assistance is missing" in warned


def test_the_tables_hold_the_numbers_of_the_result() -> None:
    result = analysed(make_readings(readers=6, cases=14), breakdowns=None)
    section = benefit_section(result)
    by_name = {table.name: table for table in section.tables}
    found = result.as_dict()
    numbers = by_name["benefit-by-modality"].numbers
    assert list(numbers["difference"])[:2] == [row["difference"] for row in found["modalities"]]
    assert list(numbers["modality"]) == ["Malignancy Probability (AI)", "Multiclass Probabilities (AI)", ALL_MODALITIES]
    groups = by_name["benefit-by-group"].numbers
    assert set(groups["modality"]) == set(numbers["modality"])
    assert set(by_name["benefit-by-group"].shown["Breakdown"]) == {
        "Experience", "Profession", "True class", "Malignant or benign", "Confidence before assistance",
        "Advice right or wrong", "Skill before assistance",
    }  # fmt: skip
    only = benefit_section(result, scope="multiclass_probability", only="profession")
    shown = {table.name: table for table in only.tables}["benefit-by-group"].shown
    assert list(shown["Group"]) == ["Dermatologist, board-certified", "Medical student"]
    interactions = by_name["benefit-group-tests"].numbers
    assert len(interactions) == 7 * 3


def test_all_measures_of_malignancy_stand_in_one_table() -> None:
    section = benefit_section(analysed(make_readings(), outcome=Outcome.MALIGNANCY, breakdowns=()))
    table = {table.name: table for table in section.tables}["benefit-measures"]
    assert set(table.shown["Measure"]) == {
        "Accuracy for malignancy", "Sensitivity", "Specificity", "Balanced accuracy", "Called malignant",
    }  # fmt: skip
    assert "not over the measures" in table.note


def test_a_measure_that_no_reader_has_is_said_and_shows_no_empty_table() -> None:
    table = make_readings(readers=4, cases=14)
    one_sided = table.subset(table.frame["truth_malignant"].astype(bool) == (table.frame["reader"] < "r02"))
    section = benefit_section(analysed(one_sided, outcome=Outcome.MALIGNANCY, breakdown_measure=Measure.BALANCED))
    assert "Balanced accuracy cannot be compared" in section.summary[0]
    assert "no reader has both malignant and benign cases" in " ".join(section.warnings)
    assert all(len(t.shown) for t in section.tables)
    assert section.figures[0].make(Theme.LIGHT) is not None


def test_the_rubric_that_was_used_is_a_table() -> None:
    table = make_readings(readers=6, cases=21)
    action = np.where(table.frame["malignant_answer"].astype(bool), "biopsy", "dismiss")
    managed = ReadingsTable(table.frame.assign(management=action), "x", "x", taxonomy="ham7")
    section = benefit_section(analysed(managed, outcome=Outcome.MANAGEMENT, breakdowns=()))
    assert section.tables[-1].name == "management-rubric"
    assert "put right" in " ".join(texts(section.figures[-1].make(Theme.LIGHT)))


def test_counts_say_what_they_do_not_support() -> None:
    section = benefit_section(analysed(make_counts()))
    assert "does not support: a result per reader" in section.summary[-1]
    assert "Readers" not in section.tables[0].shown.columns
    assert list(section.tables[0].shown["Images"])[-1] == 21
    assert "No lesion is known" in " ".join(section.warnings)


def test_modalities_of_other_studies_have_names_and_colours() -> None:
    table = make_readings(modalities=("AI <support>", "cbir"))
    section = benefit_section(analysed(table, breakdowns=()))
    assert any("AI <support>" in sentence for sentence in section.summary)
    figure = section.figures[0].make(Theme.LIGHT)
    assert "<b>AI &lt;support&gt;</b>" in texts(figure)
    assert modality_color("AI <support>", 1) == SERIES_COLORS[1]
    assert modality_color("cbir") == MODALITY_COLORS[Modality.CBIR]
    assert not accuracy_change_figure(()).data


@pytest.mark.parametrize("theme", list(Theme))
def test_the_forest_draws_changes_in_points_and_opens_small_groups(theme: Theme) -> None:
    rows = [
        ForestRow("Profession"),
        ForestRow("Nurse <b>", 0.1, 0.05, 0.15, counts="8 readers"),
        ForestRow("Student", -0.02, None, None, "small group: 1 reader"),
    ]
    figure = benefit_forest_figure(rows, measure="Correct diagnosis", overall=0.04, theme=theme)
    assert [trace.x[0] for trace in figure.data] == pytest.approx([10, -2])
    assert figure.data[0].error_x.array[0] == pytest.approx(5)
    assert figure.data[1].marker.symbol == "circle-open"
    assert "Nurse &lt;b&gt;" in texts(figure)[2]
    assert "+10.0 (5.0 to 15.0)" in texts(figure)
    assert figure.layout.xaxis.range[0] < -2
    assert figure.layout.xaxis.range[1] > 15
    assert texts(benefit_forest_figure([], measure="x", theme=theme))[0].endswith(".")


def test_turned_answers_are_drawn_to_both_sides() -> None:
    rows = [TurnedAnswers("Similar images", 30, 12, "#00a55a"), TurnedAnswers("None", 0, 0, "#788787")]
    figure = turned_answers_figure(rows, gained="put right", lost="put wrong")
    assert [trace.x[0] for trace in figure.data] == [30, -12, 0, 0]
    assert "30 put right, 12 put wrong" in texts(figure)
    assert not turned_answers_figure(rows[1:], gained="a", lost="b").data


@pytest.mark.parametrize(("turned", "said"), [("cases", True), ("readers", False)])
def test_an_interval_that_hides_the_choice_of_cases_stands_beside_the_wider_one(turned: str, said: bool) -> None:
    """Where readers hardly differ but cases do, other cases would give another change."""
    rows = []
    for r in range(30):
        for c in range(12):
            about = {"reader": f"r{r}", "case": f"c{c}", "modality": "cbir", "truth_dx": "mel"}
            changes = c < 4 + (r % 2) if turned == "cases" else r % 2 == 0
            rows += [about | {"phase": "unaided", "dx": "nv"}]
            rows += [about | {"phase": "aided", "dx": "mel" if changes else "nv"}]
    table = make_readings_table(rows, source="x", format="study", taxonomy="ham7")
    found = [w for w in benefit_section(analysed(table)).warnings if "speaks of these cases" in w]
    assert [(f"Similar images {points(0.375)}" in w) for w in found] == ([True] if said else [])


def test_a_headline_says_of_whom_each_result_speaks() -> None:
    result = analysed(make_readings(readers=8, cases=28))
    section = benefit_section(result)
    for sentence, row in zip(section.summary, [*result.found.main.rows, result.found.main.overall], strict=True):
        wider = row.populations.both
        assert "for other readers, these cases; for other readers and other cases " in sentence
        assert points(wider.difference, wider.low, wider.high) in sentence
        assert p_words(wider.p, wider.p_holm if row.modality != ALL_MODALITIES else None) in sentence
    (table,) = [t for t in section.tables if t.name == "benefit-by-population"]
    assert list(table.shown["Holds for"])[:3] == [
        "Other readers and other cases", "Other readers, these cases", "These readers, other cases",
    ]  # fmt: skip
    assert list(table.numbers["inference"])[:3] == ["rrrc", "rrfc", "frrc"]
    methods = " ".join(section.methods)
    assert "Obuchowski and Rockette" in methods
    assert "(Malignancy probability, Class probabilities: readers read different cases" in methods
    assert "All modalities: every reader read every case)" in methods


def test_too_few_readers_are_told_that_nothing_holds_for_other_cases() -> None:
    section = benefit_section(analysed(make_readings(readers=4, cases=28)))
    assert "for other readers and other cases: no test (4 readers: what holds for" in section.summary[0]
    assert "with fewer than 5" in section.summary[0]


def test_that_there_is_one_reader_only_is_said_once_of_each_change_and_once_below() -> None:
    section = benefit_section(analysed(make_readings(readers=1, cases=28)))
    for sentence in section.summary:
        assert sentence.count("one reader:") == 1
        assert "; nor for other readers and other cases (1 reader, " in sentence
    assert [text for text in section.warnings if "1 reader" in text or "one reader" in text] == [
        "Too few readers or cases to generalise from: Malignancy probability (small group: 1 reader); "
        "Class probabilities (small group: 1 reader)."
    ]


def test_counts_per_image_speak_of_other_images_and_these_participants() -> None:
    section = benefit_section(analysed(make_counts()))
    assert "for these readers, other cases" in section.summary[0]


def test_the_analysis_for_other_readers_and_cases_can_be_the_one_that_was_planned() -> None:
    table = make_readings(readers=8, cases=28, prespecified=("benefit:readers_and_cases",))
    result = analysed(table)
    section = benefit_section(result)
    assert not section.exploratory
    assert "It was named in the frozen protocol." in " ".join(section.methods)
    assert result.as_dict()["exploratory"]
    assert not result.as_dict()["exploratory_readers_and_cases"]
    assert analysed(make_readings(readers=8, cases=28)).as_dict()["exploratory_readers_and_cases"]


def test_json_has_every_population_of_a_modality() -> None:
    row = analysed(make_readings(readers=8, cases=28)).as_dict()["modalities"][0]
    assert row["population"] == "other readers, these cases"
    found = row["populations"]
    assert found["rrrc"]["population"] == "other readers and other cases"
    assert found["frrc"]["population"] == "these readers, other cases"
    assert found["design"] == "incomplete"
    assert found["rrrc"]["p_holm"] >= found["rrrc"]["p"]
    assert found["rrrc"]["difference"] == row["difference"]
