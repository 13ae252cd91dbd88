"""The two pages of a report: what stands on them, and that the rest is left for the appendix."""

import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.declaration import AnalysisContext
from dermdash.report.first_pages import first_pages
from dermdash.report.html_report import render_html
from dermdash.report.study_report import StudyReport, build_report


@pytest.fixture(scope="module")
def report() -> StudyReport:
    table = make_readings(readers=6, cases=28, prespecified=("reading-time",))
    return build_report(table, AnalysisContext(), only=["reading-time", "reliance", "agreement"])


def test_the_first_answer_is_that_of_the_protocol(report: StudyReport) -> None:
    first = first_pages(report)
    assert report.primary is not None
    assert report.primary.key == "reading-time"
    assert report.primary.answer is not None
    assert first.answer == report.primary.answer.sentence
    assert "named in the frozen protocol" in first.status
    assert len(first.figures) <= 4
    assert [title for title, _ in first.others] == ["Agreement"]


def test_harms_are_counted_from_the_answers(report: StudyReport) -> None:
    misled, rescued, pairs = (sum(getattr(c, n) for c in report.votes) for n in ("misled", "rescued", "pairs"))
    assert any(f"{misled} " in text and f"{rescued} wrong before" in text for text in first_pages(report).harms)
    assert pairs >= misled + rescued


def test_two_pages_hold_no_table_and_one_figure(report: StudyReport) -> None:
    short, whole = render_html(report), render_html(report, appendix=True)
    assert short.count('class="plot"') == 1
    assert "<table" not in short
    assert "Reporting guidelines" not in short
    assert 'id="guidelines"' in whole
    assert whole.count('class="plot"') > 3
    assert first_pages(report).answer.split(";")[0] in short


def test_the_worst_cases_are_named_once_each_and_in_the_json(report: StudyReport) -> None:
    names = [case.votes.case for case in report.worst]
    assert len(names) == len(set(names)) > 0
    assert [c["case"] for c in report.as_dict()["worst_cases"]] == names
    assert not any(case.picture for case in report.worst)  # no workspace, no picture
