"""The Agreement page: empty, with few readings, and with many."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.analyses.agreement.run import analyse_agreement
from dermdash.workflows.reader_study import readings_source

pytestmark = pytest.mark.slow

PAGE = "agreement"


def test_too_few_readings_give_reasons(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert set(app.dataframe[0].value["Before (95\N{NO-BREAK SPACE}% CI)"]) == {"not computed"}
    assert "say little about others" in text_of(app, "warning")
    assert "Exploratory" in text_of(app, "caption")


def test_the_page_shows_what_the_workflow_finds(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings()
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, PAGE)
    shown = app.dataframe[0].value
    found = dict(zip(shown["Coefficient"], shown["Before (95\N{NO-BREAK SPACE}% CI)"], strict=True))
    alpha = analyse_agreement(table).overall.changes[0].before
    assert found["Krippendorff's alpha"] == f"{alpha.value:.3f} ({alpha.low:.3f} to {alpha.high:.3f})"
    app.selectbox(key="agreement.rating").set_value("confidence").run()
    assert not app.exception
    assert "Krippendorff's alpha, ordinal" in list(app.dataframe[0].value["Coefficient"])
