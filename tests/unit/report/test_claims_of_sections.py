"""Sentences claim what the numbers behind them say, and no more."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses import bibliography
from dermdash.analyses.benefit.measures import Outcome
from dermdash.analyses.benefit.run import analyse_benefit
from dermdash.analyses.benefit.section import benefit_section
from dermdash.analyses.collective.run import CollectiveOptions, analyse_collective
from dermdash.analyses.collective.section import collective_section
from dermdash.analyses.item_response.run import analyse_item_response
from dermdash.analyses.item_response.section import item_response_section
from dermdash.analyses.mrmc.run import ModelToCompare, analyse_mrmc_readings
from dermdash.analyses.mrmc.section import mrmc_section
from dermdash.analyses.reliance.run import RelianceOptions, RelianceResult, analyse_reliance
from dermdash.analyses.reliance.section import reliance_section
from dermdash.analyses.sample_size.run import (
    EXAMPLE,
    Basis,
    Question,
    assumed_changes,
    plan_mrmc,
    plan_paired,
)
from dermdash.analyses.sample_size.section import sample_size_section
from dermdash.analyses.section import Section
from dermdash.analysis.two_way import RateDifference
from dermdash.charts.palette import Theme
from dermdash.readings.readings_table import ReadingsTable, make_readings_table
from dermdash.report.study_report import StudyReport

SPACE = "\N{NO-BREAK SPACE}"


@cache
def relied() -> tuple[ReadingsTable, RelianceResult]:
    table = make_readings(readers=8, cases=28)
    return table, analyse_reliance(table, options=RelianceOptions(replicates=0))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            RateDifference(0.031, -0.028, 0.09, 0.302),
            "There was no clear difference in how often readers changed to right and to wrong advice; right "
            "minus wrong: +3.1 points (−2.8 to 9.0) (p 0.302).",
        ),
        (
            RateDifference(-0.031, -0.09, 0.028, 0.302),
            "There was no clear difference in how often readers changed to right and to wrong advice; right "
            "minus wrong: −3.1 points (−9.0 to 2.8) (p 0.302).",
        ),
        (
            RateDifference(0.2, 0.1, 0.3, 0.002),
            "Readers changed to right advice more often than to wrong advice, by +20.0 points (10.0 to 30.0) "
            "(p 0.002).",
        ),
        (
            RateDifference(-0.2, -0.3, -0.1, 0.002),
            "Readers changed to wrong advice more often than to right advice; right minus wrong: −20.0 points "
            "(−30.0 to −10.0) (p 0.002).",
        ),
    ],
)
def test_which_advice_readers_took_more_often_is_said_only_where_the_interval_says_it(
    found: RateDifference, said: str
) -> None:
    table, result = relied()
    compared = tuple(replace(w, switch_difference=found) for w in result.reliance.wrong_advice)
    section = reliance_section(replace(result, reliance=replace(result.reliance, wrong_advice=compared)), table)
    sentences = [text.replace(SPACE, " ").replace("p = ", "p ") for text in section.summary]
    assert said in sentences
    assert not any("as often as" in text for text in sentences)


def of_answers(right: list[str]) -> Section:
    """One string of 0 and 1 per reader, one character per case."""
    rows = [
        {"reader": f"r{i:02}", "case": f"c{j}", "phase": "unaided", "modality": "none", "truth_dx": "mel"}
        | {"dx": "mel" if answer == "1" else "nv"}
        for i, answers in enumerate(right)
        for j, answer in enumerate(answers)
    ]
    table = make_readings_table(rows, source="Ties", format="study", taxonomy="ham7")
    return item_response_section(analyse_item_response(table))


def test_cases_that_nobody_got_right_share_the_greatest_difficulty() -> None:
    section = of_answers(["00111011011", "00110111011", "00111110110", "00101111011", "00110111101", "00111101111"] * 3)
    said = section.summary[1].replace(SPACE, " ")
    assert re.search(
        r"^2 cases share the greatest difficulty, \d\.\d\d: c0 \(melanoma\), c1 \(melanoma\), answered right by 0 % of "
        "their readers; ",
        said,
        re.IGNORECASE,
    )
    assert "The hardest case" not in said


def test_one_hardest_case_is_named_alone() -> None:
    said = of_answers(["0111011011", "0110111011", "0111110110", "0101111011", "0110111101", "0111101111"] * 3).summary[
        1
    ]
    assert said.startswith("The hardest case is c0 (")


def test_a_list_of_hardest_cases_that_ends_within_a_tie_says_so() -> None:
    patterns = ["0" * 30 + "1111101", "0" * 30 + "1101111", "0" * 30 + "1111011", "0" * 30 + "0111111"]
    table = next(t for t in of_answers(patterns * 3).tables if t.name == "hardest-cases")
    missing = 30 - len(table.shown)
    assert 0 < missing < 30
    assert f"{missing} further cases of difficulty" in table.note


def test_every_reference_of_a_report_stands_in_it_once(report: StudyReport) -> None:
    known = set(bibliography.EVERY)
    assert len(report.references) > 20
    assert set(report.references) <= known

    def source(text: str) -> tuple[str, str]:
        """First author and the last words, which are journal, year and pages: not how many authors were written out."""
        return text.split()[0], re.sub(r"\W", "", text.rpartition(". ")[2] if "." in text else text)

    assert len({source(text) for text in known}) == len(known)


def test_what_the_methods_cite_is_among_the_references(report: StudyReport) -> None:
    for section in report.sections:
        for text in section.methods:
            for year in re.finditer(r"\b(?:19|20)\d\d\b(?=[;,)])", text):
                before = text[max(0, year.start() - 60) : year.start()]
                cited = [r for r in section.references if year[0] in r and r.split()[0] in before]
                assert cited, (section.key, text[max(0, year.start() - 60) : year.end()])


@pytest.mark.parametrize("design", ["paired", "non-inferiority"])
def test_a_plan_says_what_it_rests_on(design: str) -> None:
    if design == "paired":
        change = assumed_changes(0.1, changed=0.25, reader_sd=0.08)
        plan = plan_paired(change, Question(0.1, cases=40), basis=Basis.ASSUMED, modalities=4)
        wanted = (
            "This rests on a true difference of +10.0 points; a paired t test over readers, two-sided alpha 0.05 "
            "divided by 4 tests (the first step of Holm's correction); 4 kinds of assistance, one per case; SD of "
            "readers' true changes 0.080 and variance of a change within a reader 0.234, from assumptions: 25 % of "
            "readings change between right and wrong, SD of readers' changes 0.08; cases taken as they are."
        )
    else:
        plan = plan_mrmc(EXAMPLE, Question(0.0, margin=0.05, readers=8), basis=Basis.EXAMPLE)
        wanted = (
            "This rests on a true difference of 0.0 points and a margin of 5.0 points; the Obuchowski-Rockette test of "
            "two modalities, one-sided alpha 0.025, for readers and cases like these; every reader reading every case "
            f"under both; variances and covariances from {EXAMPLE.origin}."
        )
    assert sample_size_section(plan).summary[-1].replace(SPACE, " ") == wanted


def of_cases(turned: dict[str, int], *, readers: int = 30, cases: int = 12) -> Section:
    """Every reader sees the first so many cases of a modality put right, the other cases unchanged."""
    rows = []
    for modality, n in turned.items():
        for r in range(readers):
            for c in range(cases):
                about = {"reader": f"r{r}", "case": f"{modality}{c}", "modality": modality, "truth_dx": "mel"}
                right = c < n + (r % 2)
                rows += [about | {"phase": "unaided", "dx": "nv"}]
                rows += [about | {"phase": "aided", "dx": "mel" if right else "nv"}]
    table = make_readings_table(rows, source="x", format="study", taxonomy="ham7")
    return benefit_section(analyse_benefit(table, breakdowns=(), replicates=0))


def test_intervals_for_other_cases_are_said_of_every_modality_or_of_none() -> None:
    said = [w for w in of_cases({"cbir": 4, "multiclass_probability": 0}).warnings if "speaks of these cases" in w]
    assert len(said) == 1
    for name in ("Similar images", "Class probabilities", "All modalities"):
        assert f"{name} +" in said[0]
    assert "the intervals are wider" not in said[0]
    same = of_cases({"cbir": 0}, cases=40)
    assert not [
        w for w in same.warnings if "Similar images +" in w and "speaks of these cases" in w
    ] or "All" not in str(same.warnings)


def test_every_sentence_on_how_modalities_were_compared_names_its_comparison() -> None:
    """One reader did not read all cases with class probabilities: another design than with similar images."""
    whole = make_readings(readers=5, cases=28, modalities=("cbir",)).frame
    part = make_readings(readers=5, cases=28, seed=2, modalities=("multiclass_probability",)).frame
    part = part[~((part["reader"] == "r04") & (part["case"] < "c010"))].assign(case="x" + part["case"])
    table = make_readings_table(pd.concat([whole, part]), source="x", format="study", taxonomy="ham7")
    result = analyse_mrmc_readings(table)
    designs = {c.name: c.result.design for c in result.comparisons if c.result is not None}
    assert len(set(designs.values())) == 2
    methods = mrmc_section(result).methods
    for name, design in designs.items():
        assert any(
            text.startswith(f"{name}: The design, found from the readings, was {design.label}") for text in methods
        )
    assert any(text.startswith("Every comparison: Cases were taken as independent") for text in methods)
    assert any("over 2 comparisons: " + "; ".join(designs) in text for text in methods)


def test_comparisons_with_a_model_are_named_apart_and_one_comparison_needs_no_name() -> None:
    table = make_readings(readers=5, cases=28, modalities=("cbir",))
    alone = mrmc_section(analyse_mrmc_readings(table)).methods
    assert any(text.startswith("The design, found from the readings, was") for text in alone)
    scores = {case: float(i % 5) / 5 for i, case in enumerate(sorted(set(table.frame["case"])))}
    beside = analyse_mrmc_readings(table, model=ModelToCompare("net", scores))
    told = [text for text in mrmc_section(beside).methods if "The design" in text]
    assert told
    assert all(text.startswith(("Every comparison: ", beside.comparisons[0].name, "Model and ")) for text in told)


def managed() -> ReadingsTable:
    """Four malignant and twelve benign cases: undertreated in one of four, overtreated in three of twelve, unaided."""
    rows = []
    for r in range(6):
        for c in range(16):
            about = {"reader": f"r{r}", "case": f"c{c:02}", "modality": "cbir", "truth_dx": "mel" if c < 4 else "nv"}
            action = "dismiss" if c == 0 else "biopsy" if c < 4 else "excise" if c < 7 else "dismiss"
            rows += [about | {"phase": "unaided", "management": action}]
            rows += [about | {"phase": "aided", "management": "biopsy" if c < 4 else "dismiss"}]
    return make_readings_table(rows, source="x", format="study", taxonomy="ham7")


def test_undertreatment_is_of_malignant_and_overtreatment_of_benign_cases() -> None:
    found = analyse_benefit(managed(), outcome=Outcome.MANAGEMENT, breakdowns=(), replicates=0)
    before = {str(m.measure): m.rows[0].change.unaided for m in found.found.measures}
    assert before["undertreatment_malignant"] == pytest.approx(1 / 4)
    assert before["overtreatment_benign"] == pytest.approx(3 / 12)
    assert (before["undertreatment"], before["overtreatment"]) == (pytest.approx(1 / 16), pytest.approx(3 / 16))
    cases = {str(m.measure): m.rows[0].change.cases for m in found.found.measures}
    assert (cases["undertreatment_malignant"], cases["overtreatment_benign"], cases["undertreatment"]) == (4, 12, 16)
    table = next(t for t in benefit_section(found).tables if t.name == "benefit-measures")
    assert list(dict.fromkeys(table.shown["Measure"])) == [
        "Appropriate management", "Undertreatment of malignant cases", "Overtreatment of benign cases",
        "Undertreatment, all cases", "Overtreatment, all cases",
    ]  # fmt: skip
    assert "share of managements of malignant cases the rubric calls too little" in table.note


@cache
def panels() -> Section:
    """Five readers of every case: a panel of five is all of them."""
    result = analyse_collective(make_readings(readers=5, cases=28), options=CollectiveOptions(replicates=60))
    assert [p.covers_readers for p in result.unaided.points] == [True, True, True, True, False]
    return collective_section(result)


def test_the_line_of_panels_breaks_where_a_panel_is_all_readers() -> None:
    for name in ("collective-readers", "collective-assistance", "collective-malignancy"):
        figure = next(f for f in panels().figures if f.name == name)
        lines = [t for t in figure.make(Theme.LIGHT).data if t.mode == "lines+markers"]
        assert lines
        for trace in lines:
            assert [x is None for x in trace.x][-2:] == [True, False]
            assert trace.y[len(trace.x) - 2] is None
            assert trace.marker.symbol[-1] == "circle-open"
        assert re.search(
            r"With \d readers the line breaks \(open marks\): the panel is all readers of a case, so that it is the "
            "answer of these readers, with an interval over cases only, and no longer that of readers like them.",
            figure.description,
        )
    bands = [t for t in panels().figures[0].make(Theme.LIGHT).data if t.fill == "toself"]
    assert all(max(t.x) == 4 for t in bands)


def test_a_panel_of_all_readers_is_said_to_be_of_these_readers() -> None:
    assert "(all readers of a case: of these readers, the interval over cases only)" in panels().summary[0]
    assert "its answer is that of these readers and no longer that of readers like them" in " ".join(panels().methods)


def test_a_line_of_panels_that_leave_readers_over_does_not_break() -> None:
    options = CollectiveOptions(replicates=60, limit=3)
    section = collective_section(analyse_collective(make_readings(readers=5, cases=28), options=options))
    assert "breaks" not in " ".join(f.description for f in section.figures[:1])
    assert None not in section.figures[0].make(Theme.LIGHT).data[-1].x
    assert np.all(pd.notna(section.tables[0].numbers["accuracy"]))
