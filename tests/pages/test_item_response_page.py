"""The page of abilities and difficulties: empty, refused, and fitted with the cases as tiles."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.analyses.item_response.run import analyse_item_response
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.reader_study.case_records import records_of_cases

pytestmark = pytest.mark.slow

PAGE = "item-response"


def test_two_readers_are_too_few_and_told_so(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert "at least 3 of each are needed" in text_of(app)
    assert not app.dataframe


def test_the_page_shows_what_the_workflow_finds(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=8, cases=28)
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, PAGE)
    hardest = analyse_item_response(table).hardest
    assert list(app.dataframe[0].value["Case"]) == [c.case for c in hardest]
    app.selectbox(key="item-response.phase").set_value("aided").run()
    app.selectbox(key="item-response.model").set_value("two").run()
    assert not app.exception
    aided = analyse_item_response(table, phase="aided", model="two").most_discriminating
    assert list(app.dataframe[1].value["Case"]) == [c.case for c in aided]


def test_the_cases_of_a_study_lead_to_their_records(filled: Filled, app_workspace: Workspace) -> None:
    table = readings_source.load_readings(app_workspace, f"study:{filled.study_id}")
    known = records_of_cases(app_workspace, f"study:{filled.study_id}")
    assert set(table.frame["case"]) <= set(known)
    assert all(record.endswith(f":{case}") for case, (record, _) in known.items())
    assert records_of_cases(app_workspace, "log:elsewhere") == {}
