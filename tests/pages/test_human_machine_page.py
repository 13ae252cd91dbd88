"""The page Readers and model: empty, with few readings, with many, and with a file of predictions."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings
from tests.unit.report.report_factory import predictions_for

from dermdash.analyses.human_machine.run import analyse_human_machine
from dermdash.analyses.model_scores import scores_of_file
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import percent_interval
from dermdash.workflows.reader_study import readings_source

pytestmark = pytest.mark.slow

PAGE = "human-machine"


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> ReadingsTable:
    table = make_readings(readers=5, cases=21)
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    return table


def column(app: AppTest, name: str) -> list[Any]:
    return next(list(f.value[name]) for f in app.dataframe if name in f.value.columns)


def test_the_study_s_own_model_is_compared_with_its_reader(filled_app: AppTest, filled: Filled) -> None:
    app = show(filled_app, PAGE)
    assert not app.error
    assert "Drawn model" in text_of(app)
    assert "Only 1 reader" in text_of(app, "warning")
    assert "Exploratory" in text_of(app, "caption")
    assert column(app, "Reader") == [filled.finished_reader]


def test_a_file_of_predictions_shows_what_the_workflow_finds(filled_app: AppTest, many: ReadingsTable) -> None:
    app = show(filled_app, PAGE)
    assert "has no prediction that counts" in app.error[0].value  # the drawn model never saw these cases
    app.selectbox(key="human-machine.model").set_value("file").run()
    assert "Choose a predictions file" in app.info[0].value
    file = predictions_for(many)
    app.file_uploader(key="human-machine.file").set_value((file.name, file.source, "text/csv"))
    app.run()
    assert not app.exception
    assert not app.error
    found = analyse_human_machine(many, scores_of_file(file, many))
    mean = found.target("malignancy").means[0].mean
    low, high = mean.sensitivity.interval or (None, None)
    assert column(app, "Sensitivity")[0] == percent_interval(mean.sensitivity.value, low, high)
    assert len(column(app, "Class")) == 8
    assert len(app.get("plotly_chart")) == 4
    app.selectbox(key="human-machine.code").set_value("mel").run()
    assert not app.exception
    assert "Each reader and the model, melanoma" in text_of(app, "header")


def test_readings_that_hold_no_score_say_where_one_comes_from(
    filled_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_readings(readers=3, cases=7)
    table = replace(table, frame=table.frame.assign(advice_probability=float("nan")))
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, PAGE)
    app.selectbox(key="human-machine.model").set_value("shown").run()
    assert not app.exception
    assert not app.error
    assert "predictions file above" in text_of(app)


def test_a_broken_file_is_refused_by_name_and_row(filled_app: AppTest, many: ReadingsTable) -> None:
    app = show(filled_app, PAGE)
    app.selectbox(key="human-machine.model").set_value("file").run()
    app.file_uploader(key="human-machine.file").set_value(
        ("broken.csv", b"image,malignancy_probability\nc000,7\n", "x")
    )
    app.run()
    assert not app.exception
    assert "row 2" in app.error[0].value
    assert not app.dataframe
