"""The page of multi-reader multi-case comparisons: empty, from readings, and from a file of ratings."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.mrmc_factory import as_frame, make_study
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.analyses.mrmc.run import ModelToCompare, analyse_mrmc_readings
from dermdash.analyses.mrmc.words import difference_text
from dermdash.analysis.mrmc.analysis import analyse_mrmc
from dermdash.analysis.mrmc.effect import Inference
from dermdash.ui.analysis import mrmc_view
from dermdash.workflows.reader_study import readings_source

pytestmark = pytest.mark.slow

PAGE, FILE = "mrmc", "pages/analysis/ratings_file.py"


def test_readings_without_malignancy_are_refused_in_words(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=2, cases=7)
    table.frame[["malignancy_rating", "malignant_answer"]] = None
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, PAGE)
    assert "cannot be compared by malignancy" in text_of(app)


def test_the_page_shows_what_the_workflow_finds(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=8, cases=42, seed=4)
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    app = show(filled_app, PAGE)
    shown = app.dataframe[0].value
    expected = [
        difference_text(c.result.merit, c.result.overall[kind])
        for c in analyse_mrmc_readings(table).comparisons
        if c.result is not None
        for kind in Inference
    ]
    assert list(shown["Difference (95\N{NO-BREAK SPACE}% CI)"]) == expected
    assert len(expected) == 6
    assert "8 readers, 42 cases" in text_of(app, "markdown")
    app.selectbox(key="mrmc.figure").set_value("sensitivity").run()
    app.selectbox(key="mrmc.comparison").set_value("multiclass_probability").run()
    app.number_input(key="mrmc.margin").set_value(0.1).run()
    app.toggle(key="mrmc.with_model").set_value(True).run()
    assert not app.exception
    assert "points" in app.dataframe[0].value["Difference (95\N{NO-BREAK SPACE}% CI)"].iloc[0]
    assert "by a margin of 10.0\N{NO-BREAK SPACE}points" in text_of(app, "markdown")
    # The workspace has a model that saw other images: said, and the readers are compared all the same.
    assert "no prediction that counts for an image of Made-up study" in text_of(app, "warning")


def test_the_page_sets_the_model_against_the_readers(filled_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_readings(readers=6, cases=42, seed=4)
    scores = {case: int(case[1:]) * 5 % 11 / 11 for case in table.frame["case"].unique()}
    monkeypatch.setattr(readings_source, "load_readings", lambda workspace, key, **_: table)
    monkeypatch.setattr(mrmc_view, "model_in", lambda *_: ModelToCompare("Network", scores, 0.5))
    app = show(filled_app, PAGE)
    app.toggle(key="mrmc.with_model").set_value(True).run()
    assert not app.exception
    assert "Model against readers" in text_of(app, "header")
    assert "Model minus mean of the readers (No assistance), AUC" in text_of(app, "markdown")


def test_a_file_of_ratings_is_compared_without_being_stored(signed_in_app: AppTest) -> None:
    study = make_study()
    study.ratings[1, 1] = study.ratings[1, 0]  # one score of each case: it can be a model
    app = show(signed_in_app, FILE)
    data = as_frame(study).to_csv(index=False).encode()
    app.file_uploader(key="mrmc.file").set_value(("study.csv", data, "text/csv")).run()
    assert not app.exception
    assert "4 readers, 2 modalities, 30 cases (12 with the condition), 240 ratings" in text_of(app, "markdown")
    result = analyse_mrmc(study)
    shown = app.dataframe[0].value
    assert list(shown["Difference (95\N{NO-BREAK SPACE}% CI)"]) == [
        difference_text(result.merit, t) for t in result.overall.values()
    ]
    app.selectbox(key="mrmc.figure").set_value("accuracy").run()
    next(n for n in app.number_input if n.label.startswith("Called from")).set_value(4.0).run()
    assert not app.exception
    assert "accuracy at a rating of at least 4" in text_of(app, "caption").lower()
    app.selectbox(key="mrmc.model_reader").set_value("r1").run()
    assert not app.exception
    assert "Model minus mean of the readers (m0), accuracy" in text_of(app, "markdown")


def test_a_file_that_is_wrong_names_row_and_value(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, FILE)
    data = b"reader,modality,case,truth,rating\n1,a,x,0,2\n1,a,y,5,2\n"
    app.file_uploader(key="mrmc.file").set_value(("study.csv", data, "text/csv")).run()
    assert not app.exception
    assert "row 3: truth is '5'" in app.error[0].value


def test_a_study_too_small_for_any_comparison_says_why(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert "not compared, Seven cases" in text_of(app, "markdown")
    assert not app.dataframe
    assert not app.error


def test_a_file_with_a_reader_spelt_twice_is_asked_about_before_it_is_analysed(signed_in_app: AppTest) -> None:
    frame = as_frame(make_study())
    frame["reader"] = ["R 1" if r == "r1" and i % 3 else r for i, r in enumerate(frame["reader"])]
    app = show(signed_in_app, FILE)
    app.file_uploader(key="mrmc.file").set_value(("study.csv", frame.to_csv(index=False).encode(), "text/csv")).run()
    assert not app.exception
    assert not app.dataframe
    (question,) = app.radio
    assert question.label.replace("\\", "") == "These spellings look like one reader: 'R 1' (40 rows), 'r1' (20 rows)"
    question.set_value("merge").run()
    assert "4 readers, 2 modalities" in text_of(app, "markdown")
    assert "Taken for one reader, as was decided" in text_of(app, "markdown")
    expected = analyse_mrmc(make_study())
    shown = app.dataframe[0].value["Difference (95\N{NO-BREAK SPACE}% CI)"]
    assert list(shown) == [difference_text(expected.merit, t) for t in expected.overall.values()]
    app.radio[0].set_value("apart").run()
    assert "5 readers, 2 modalities" in text_of(app, "markdown")


def test_a_file_upside_down_is_said_and_can_be_turned_round(signed_in_app: AppTest) -> None:
    frame = as_frame(make_study())
    data = frame.assign(rating=6 - frame["rating"]).to_csv(index=False).encode()
    app = show(signed_in_app, FILE)
    app.file_uploader(key="mrmc.file").set_value(("study.csv", data, "text/csv")).run()
    assert not app.exception
    assert "Ratings under m0 seem reversed: mean AUC of 4 readers 0." in text_of(app, "warning").replace("\\", "")
    app.toggle(key="mrmc.reversed").set_value(True).run()
    assert not app.exception
    assert "seem reversed" not in text_of(app, "warning")
    expected = analyse_mrmc(make_study())
    shown = app.dataframe[0].value["Difference (95\N{NO-BREAK SPACE}% CI)"]
    assert list(shown) == [difference_text(expected.merit, t) for t in expected.overall.values()]
