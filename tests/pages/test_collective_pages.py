"""The pages Collective, Triage and Sample size: empty, with few readings, and with many."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.analyses.collective.run import analyse_collective
from dermdash.workflows.reader_study import readings_source

pytestmark = pytest.mark.slow

COLLECTIVE, TRIAGE, SAMPLE_SIZE = "collective", "triage", "pages/analysis/sample_size.py"


def test_few_readings_are_shown_as_few(filled_app: AppTest) -> None:
    app = show(filled_app, COLLECTIVE)
    shown = text_of(app)
    assert "should not be generalised" in shown
    assert "The model alone was right in 100.0\N{NO-BREAK SPACE}%" in shown
    assert app.dataframe


def test_the_collective_page_shows_what_the_workflow_finds(
    filled_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_readings()
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, COLLECTIVE)
    first = analyse_collective(table).unaided.points[0]
    assert first.low is not None
    assert first.high is not None
    expected = f"{100 * first.accuracy:.1f}\N{NO-BREAK SPACE}% ({100 * first.low:.1f} to {100 * first.high:.1f})"
    assert app.dataframe[0].value["Correct (95\N{NO-BREAK SPACE}% interval)"][0] == expected
    app.selectbox(key="collective.by").set_value("profession").run()
    assert not app.exception
    assert "Panels by profession" in [s.value for s in app.header]


def test_a_triage_of_a_study_is_shown_with_its_warning(filled_app: AppTest) -> None:
    app = show(filled_app, TRIAGE)
    assert "Where the cases go, by true class" in [s.value for s in app.header]
    before = app.dataframe[0].value["Readings per case"][1]
    app.number_input(key="triage.rule_out.value").set_value(90.0).run()
    assert not app.exception
    assert float(app.dataframe[0].value["Readings per case"][1]) < float(before)


def test_a_triage_without_probabilities_says_what_is_missing(
    filled_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_readings()
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    shown = text_of(show(filled_app, TRIAGE))
    assert "The model has not said how likely these cases are malignant" in shown


def test_sample_size_works_before_the_first_study(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, SAMPLE_SIZE)
    assert "80\N{NO-BREAK SPACE}% power to find a difference of +10.0\N{NO-BREAK SPACE}points" in text_of(app, "html")
    assert "These components are assumed" in text_of(app, "warning")
    app.number_input(key="sample_size.readers").set_value(20).run()
    app.number_input(key="sample_size.cases").set_value(60).run()
    assert not app.exception
    assert "20 readers with 60 cases have a power of" in text_of(app, "html")


def test_sample_size_of_two_modalities_takes_numbers_of_the_field(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, SAMPLE_SIZE)
    app.segmented_control(key="sample_size.design").set_value("mrmc").run()
    assert not app.exception
    assert "Obuchowski-Rockette" in text_of(app)
    app.selectbox(key="sample_size.basis.mrmc").set_value("example").run()
    assert "not of dermatoscopy" in text_of(app, "warning")


def test_numbers_that_do_not_go_together_are_named(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, SAMPLE_SIZE)
    app.number_input(key="sample_size.changed").set_value(5.0).run()
    assert not app.exception
    assert "expected at least the difference" in text_of(app, "error")


def test_sample_size_of_parallel_arms_takes_assumptions_and_the_example(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, SAMPLE_SIZE, design="arms", arms="3", readers="45", cases="200", figure="accuracy")
    shown = text_of(app, "html").replace("\N{NO-BREAK SPACE}", " ")
    assert "45 readers in 3 arms with 200 cases have a power of" in shown
    assert not [box for box in app.number_input if box.label in ("r1", "Correlation of a reader's two figures")]
    app.selectbox(key="sample_size.basis.arms").set_value("example").run()
    assert "Van Dyke" in text_of(app)
    app = show(signed_in_app, SAMPLE_SIZE, design="arms", readers="8", cases="200")
    assert "there is no such test" in text_of(app, "html")


def test_a_new_study_leads_to_the_sample_size(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, "pages/reader_study/new_study.py")
    assert any("How many readers" in link.proto.label for link in app.get("page_link"))
