"""The study that was chosen is the study of every page, until another is chosen; where that cannot be, it is said."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, begin, invite, make_protocol, read_cases
from tests.pages.open_page import to_page
from tests.pages.test_pages import REPOSITORY, show, source_of, text_of
from tests.reading_log_files import nature_medicine

from dermdash.analyses.registry import ANALYSES
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import create_study
from dermdash.workflows.readings.import_reading_log import import_reading_log

pytestmark = pytest.mark.slow

STUDY_PAGES = ("protocol", "results")
COUNTS_PAGES = ("benefit", "report")
READINGS_PAGES = tuple(a.key for a in ANALYSES if a.page and not a.counts)


@pytest.fixture
def older(filled: Filled) -> str:
    return f"study:{filled.study_id}"


@pytest.fixture
def newer(older: str, app_workspace: Workspace) -> str:
    """A newer study that one reader has finished."""
    study_id = create_study.create_study(app_workspace, make_protocol(name="Newer study"))
    _, reader_id = begin(app_workspace, invite(app_workspace, study_id, "Dora")[0])
    read_cases(app_workspace, study_id, reader_id)
    return f"study:{study_id}"


def follow_the_menu(app: AppTest, page: str) -> AppTest:
    """Open a page as the menu does: without any parameter."""
    app.query_params.clear()
    to_page(app, page).run()
    assert not app.exception
    return app


def test_a_study_chosen_on_one_page_is_the_study_of_every_other(older: str, newer: str, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, "results")
    assert source_of(app) == newer
    app.selectbox(key="source.choice").set_value(older).run()
    for page in (*STUDY_PAGES, *COUNTS_PAGES, *READINGS_PAGES):
        follow_the_menu(app, page)
        assert source_of(app) == older, page
        assert app.selectbox(key="source.choice").value == older, page
        assert not any("newest" in warning.value for warning in app.warning), page


@pytest.mark.parametrize("page", ["results", *COUNTS_PAGES, *READINGS_PAGES])
def test_verified_cases_alone_are_a_switch_that_stands_in_the_address(
    older: str, signed_in_app: AppTest, page: str
) -> None:
    app = show(signed_in_app, page)
    said = "Only cases verified by histology (stage 3) are in these results"
    assert not any(said in warning.value for warning in app.warning)
    app.toggle(key="source.stage3").set_value(True).run()
    assert not app.exception
    assert "on" in app.query_params["stage-3"]
    assert any(said in warning.value and "1 of 7 cases" in warning.value for warning in app.warning)


def test_verified_cases_alone_are_one_switch_for_every_page(older: str, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, "benefit")
    app.toggle(key="source.stage3").set_value(True).run()
    for page in ("results", *COUNTS_PAGES, *READINGS_PAGES):
        follow_the_menu(app, page)
        assert app.toggle(key="source.stage3").value is True, page
        assert "on" in app.query_params["stage-3"], page
    app.toggle(key="source.stage3").set_value(False).run()
    follow_the_menu(app, "results")
    assert app.toggle(key="source.stage3").value is False
    # A page that is gone back to is what its address says, whatever was chosen since.
    app.toggle(key="source.stage3").set_value(True).run()
    app.query_params.clear()
    app.query_params["source"] = older
    app.query_params["went"] = "back"
    to_page(app, "benefit").run()
    assert app.toggle(key="source.stage3").value is False


def test_an_address_decides_against_what_was_chosen_before(older: str, newer: str, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, "results", source=older)
    app.query_params["source"] = newer
    to_page(app, "benefit").run()
    assert source_of(app) == newer
    # Back on the same page.
    app.query_params["source"] = older
    app.run()
    assert source_of(app) == older
    assert app.selectbox(key="source.choice").value == older


def test_another_tab_of_the_same_browser_begins_with_what_was_chosen(
    older: str, newer: str, signed_in_app: AppTest
) -> None:
    show(signed_in_app, "results", source=older)
    token = signed_in_app.session_state["session_token"]
    other_tab = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    other_tab.session_state["session_token"] = token
    assert source_of(show(other_tab, "reading-time")) == older


def test_a_study_without_readings_is_not_quietly_replaced(
    older: str, app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    empty = create_study.create_study(app_workspace, make_protocol(name="Begins tomorrow"))
    app = show(signed_in_app, "results", source=f"study:{empty}")
    assert "No readings yet" in text_of(app)
    follow_the_menu(app, "agreement")
    assert app.title[0].value == "Begins tomorrow"
    assert "No readings yet" in text_of(app)
    assert source_of(app) == f"study:{empty}"


def test_a_log_is_not_quietly_replaced_on_the_pages_of_studies_nor_counts_where_readings_are_needed(
    older: str, app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    log, _ = import_reading_log(app_workspace, nature_medicine().encode(), name="Public counts")
    app = show(signed_in_app, "benefit", source=log.key)
    assert "Imported counts per image" in text_of(app, "caption")
    follow_the_menu(app, "results")
    assert "Imported counts per image" in text_of(app, "caption")
    follow_the_menu(app, "monitoring")
    assert "“Public counts” is an imported log" in text_of(app, "warning")
    show(app, "benefit", source=log.key)
    follow_the_menu(app, "agreement")
    assert "“Public counts” counts answers per image" in text_of(app, "warning")
    assert source_of(app) == log.key
