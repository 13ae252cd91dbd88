"""The page Report: empty, before and after it is made, and where no browser prints PDF."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.test_pages import show, text_of

pytestmark = pytest.mark.slow

PAGE = "report"


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_without_readings_the_page_says_what_to_do(signed_in_app: AppTest) -> None:
    assert "No study yet" in text_of(show(signed_in_app, PAGE))


def test_before_it_is_made_the_page_says_how(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert "press **Make the report**" in app.info[0].value
    assert "No PDF here: no program that can print a PDF was found" in text_of(app, "caption")
    assert app.toggle(key="report.pdf").disabled
    assert not app.get("download_button")


def test_a_made_report_lists_what_was_done_and_offers_its_files(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    choice = next(m for m in app.multiselect if m.label == "Analyses")
    choice.set_value(["human-machine", "mrmc"]).run()
    app.button(key="report.start").click().run()
    assert not app.exception
    contents = app.dataframe[0].value
    assert dict(zip(contents["Analysis"], contents["Status"], strict=True))["Readers and model"] == "Exploratory"
    assert len(contents) == 2
    labels = [d.proto.label for d in app.get("download_button")]  # type: ignore[attr-defined]
    assert labels == ["HTML", "Everything (ZIP)"]
    choice = next(m for m in app.multiselect if m.label == "Analyses")
    choice.set_value(["human-machine"]).run()
    assert "has changed since this report was made" in text_of(app, "info")
    assert len(app.dataframe[0].value) == 2


def test_no_analysis_chosen_means_nothing_to_make(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    next(m for m in app.multiselect if m.label == "Analyses").set_value([]).run()
    assert app.button(key="report.start").disabled
