"""The pages Reliance and Reading time: empty, with few readings, and with many."""

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.analyses.reading_time.run import analyse_reading_time
from dermdash.analyses.reliance.run import analyse_reliance
from dermdash.readings.readings_table import ReadingsTable
from dermdash.workflows.reader_study import readings_source

pytestmark = pytest.mark.slow

RELIANCE, TIME = "reliance", "reading-time"


def give(monkeypatch: pytest.MonkeyPatch, table: ReadingsTable) -> None:
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)


@pytest.mark.parametrize("page", [RELIANCE, TIME])
def test_few_readings_give_reasons_and_warnings(filled_app: AppTest, page: str) -> None:
    app = show(filled_app, page)
    assert "say little about other" in text_of(app, "warning")
    assert "Exploratory" in text_of(app, "caption")
    assert "nan" not in text_of(app).lower().split()


def test_reliance_shows_what_the_workflow_finds(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=8, cases=28)
    give(monkeypatch, table)
    app = show(filled_app, RELIANCE)
    rates = analyse_reliance(table).reliance.rates
    shown = app.dataframe[0].value
    assert list(shown["Modality"]) == ["Malignancy probability", "Class probabilities", "All modalities"]
    assert shown["Switch fraction"][2].startswith(f"{100 * rates[2].switch.value:.1f}\N{NO-BREAK SPACE}% (")
    assert f"{100 * rates[2].switch.value:.1f}\N{NO-BREAK SPACE}%" in text_of(app, "markdown")
    app.segmented_control(key="reliance.level").set_value("malignancy").run()
    assert not app.exception
    assert set(app.dataframe[0].value["Judged by"]) == {"malignancy"}


def test_reading_time_shows_what_the_workflow_finds(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=8, cases=28)
    give(monkeypatch, table)
    app = show(filled_app, TIME)
    found = analyse_reading_time(table).time
    ratio = found.ratios[0]
    assert app.dataframe[1].value["Ratio (95\N{NO-BREAK SPACE}% interval)"][0] == (
        f"{ratio.ratio:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
    )
    app.number_input(key="reading-time.longest").set_value(20.0).run()
    assert not app.exception
    long = int((table.frame["client_ms"] > 20_000).sum())
    assert f"{long} times above 20\N{NO-BREAK SPACE}s" in text_of(app, "warning")


def test_a_log_without_advice_or_times_says_what_to_do(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=3, cases=7)
    columns = ["advice_dx", "advice_malignant", "advice_correct", "advice_probability", "client_ms"]
    bare = table.frame.assign(**dict.fromkeys(columns, pd.NA)).astype(table.frame.dtypes.to_dict())
    give(monkeypatch, replace(table, frame=bare))
    assert "No advice is recorded here" in text_of(show(filled_app, RELIANCE))
    assert "No times are recorded here" in text_of(show(filled_app, TIME))
