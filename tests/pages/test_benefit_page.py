"""The page of the benefit of assistance: empty, with few readings, with many, and with counts per image."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.analyses.benefit.measures import Outcome
from dermdash.analyses.benefit.run import analyse_benefit
from dermdash.analyses.benefit.section import benefit_section
from dermdash.readings.readings_table import ReadingsTable
from dermdash.workflows.reader_study import readings_source

pytestmark = pytest.mark.slow

PAGE = "benefit"


def with_management(table: ReadingsTable) -> ReadingsTable:
    action = table.frame["malignant_answer"].astype(bool).map({True: "manage_biopsy", False: "manage_dismiss"})
    return ReadingsTable(table.frame.assign(management=action), "Managed", "study", taxonomy="ham7")


def test_few_readings_have_estimates_and_reasons(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert set(app.dataframe[0].value["p"]) == {"not computed"}
    assert "an interval over readers needs at least two" in text_of(app, "markdown")
    assert "1 reader and 3 cases" in text_of(app, "warning")
    assert "Exploratory" in text_of(app, "caption")


def test_the_page_shows_what_the_workflow_finds(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=4, cases=7)
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, PAGE)
    section = benefit_section(analyse_benefit(table))
    pd.testing.assert_frame_equal(app.dataframe[0].value, section.tables[0].shown)
    assert list(app.selectbox(key="benefit.outcome").options) == [
        "Correct diagnosis",
        "Malignant or benign",
        "Agreement with the model",
    ]
    app.selectbox(key="benefit.by").set_value("profession")
    app.selectbox(key="benefit.scope").set_value("multiclass_probability").run()
    assert not app.exception
    groups = next(f.value for f in app.dataframe if "Group" in f.value)
    assert list(groups["Group"]) == ["Dermatologist, board-certified", "Medical student"]
    app.selectbox(key="benefit.outcome").set_value(Outcome.MALIGNANCY).run()
    assert not app.exception
    assert "answers on the right side" in text_of(app, "markdown")


def test_management_is_asked_for_where_it_was_answered(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = with_management(make_readings(readers=3, cases=7))
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, PAGE)
    app.selectbox(key="benefit.outcome").set_value(Outcome.MANAGEMENT).run()
    assert not app.exception
    assert "appropriate management" in text_of(app, "markdown")
    assert "Which management counts as what" in [e.label for e in app.expander]


def test_results_of_a_study_lead_to_this_page(filled_app: AppTest, filled: Filled) -> None:
    app = show(filled_app, "results", source=f"study:{filled.study_id}")
    assert not app.exception
    links = [element.proto.label for element in app.get("page_link")]  # type: ignore[attr-defined]
    assert any("More of the benefit" in label for label in links)
