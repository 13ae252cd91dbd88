"""The Evaluation page over invented predictions: what is shown is what was measured."""

import csv
import io
import json
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.evaluated_workspace import NORTH, SECOND, fill_and_evaluate
from tests.filled_workspace import DATASET, MODEL, fill_records
from tests.made_once import MadeOnce
from tests.pages.test_pages import protos, show, text_of

from dermdash.analyses.evaluation.section import evaluation_json, evaluation_section
from dermdash.analysis.threshold_rates import YOUDENS, chosen_here
from dermdash.records.taxonomy import HAM7
from dermdash.storage.workspace import Workspace
from dermdash.ui.evaluation_choice import ModelRequest
from dermdash.ui.evaluation_run import json_file, run_evaluation
from dermdash.ui.evaluation_tabs import TABS
from dermdash.ui.messages import as_text
from dermdash.workflows.classifier.evaluate_model import evaluate_model
from dermdash.workflows.classifier.prediction_export import predictions_csv

pytestmark = pytest.mark.slow

PAGE = "pages/classifier/evaluation.py"


@pytest.fixture
def evaluated_home(made_once: MadeOnce, tmp_path: Path) -> None:
    made_once.copy(fill_and_evaluate, tmp_path / "workspace")


@pytest.fixture
def evaluated(evaluated_home: None, app_workspace: Workspace) -> Workspace:
    return app_workspace


@pytest.fixture
def page(evaluated: Workspace, signed_in_app: AppTest) -> AppTest:
    return show(signed_in_app, PAGE, model=SECOND)


@pytest.fixture
def pooled(page: AppTest) -> AppTest:
    """The page with both data sets, as asked."""
    page.multiselect(key=f"evaluation.datasets.{SECOND}").set_value([DATASET, NORTH]).run()
    assert not page.exception
    return page


def table(app: AppTest, column: str) -> list[dict[str, object]]:
    """The rows of the table that has this column."""
    found = next(frame.value for frame in app.dataframe if column in frame.value.columns)
    return [{str(k): v for k, v in row.items()} for row in found.to_dict("records")]


def test_a_workspace_without_predictions_says_what_to_do(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, PAGE)
    assert "No predictions to evaluate yet" in text_of(app)
    assert "**Models** page" in text_of(app)
    assert not app.dataframe


def test_the_page_opens_with_one_data_set_and_says_what_was_evaluated_and_left_out(page: AppTest) -> None:
    assert (
        f"**Second model ({SECOND}) on Clinic \N{MIDDLE DOT} 41 images of 8 patients and 20 lesions "
        "\N{MIDDLE DOT} left out: 1 trained on**"
    ) in text_of(page)


def test_data_sets_are_pooled_only_when_asked_and_it_is_said(pooled: AppTest) -> None:
    assert (
        f"**Second model ({SECOND}) on Clinic and North (pooled) \N{MIDDLE DOT} 125 images of 50 patients and 20 "
        "lesions \N{MIDDLE DOT} left out: 1 trained on**"
    ) in text_of(pooled)


def test_key_figures_and_class_table_are_those_of_the_evaluation(pooled: AppTest, evaluated: Workspace) -> None:
    page = pooled
    found = evaluate_model(evaluated, model_id=SECOND, dataset_ids=[DATASET, NORTH])
    figures = next(p.body for p in protos(page, "html") if "dd-figures" in p.body)
    recall = found.classification.mean_recall
    assert recall.value is not None
    assert recall.interval is not None
    assert f"<dd>{100 * recall.value:.1f}\N{NO-BREAK SPACE}%</dd>" in figures
    assert f"{100 * recall.interval[0]:.1f} to {100 * recall.interval[1]:.1f}" in figures
    for word in ("Mean recall", "Top-1 accuracy", "AUC, malignant", "AUC, melanoma"):
        assert word in figures
    answer = evaluation_section(found).answer
    assert answer is not None
    assert answer.sentence in unescape(next(p.body for p in protos(page, "html") if "dd-answer" in p.body))
    rows = table(page, "Specificity (benign)")
    assert [row["Cases"] for row in rows] == [18, 18, 18, 18, 18, 17, 18, 125, 54]
    melanoma = next(c for c in found.classes if c.code == "mel")
    shown = next(row for row in rows if row["Class"] == "Melanoma \N{MIDDLE DOT} malignant")
    auc = melanoma.auc.estimate
    assert auc.value is not None
    assert auc.interval is not None
    assert shown["AUC"] == f"{auc.value:.3f} ({auc.interval[0]:.3f} to {auc.interval[1]:.3f})"
    assert melanoma.specificity_malignant.value is not None
    assert str(shown["Specificity (malignant)"]).startswith(
        f"{100 * melanoma.specificity_malignant.value:.1f}\N{NO-BREAK SPACE}%"
    )
    assert rows[-2]["Class"] == "Average of 7 classes"


@pytest.mark.parametrize("tab", [title for title, _ in TABS.values()])
def test_every_tab_opens_and_only_the_open_one_is_drawn(page: AppTest, tab: str) -> None:
    page.session_state["evaluation.tab"] = tab
    page.run()
    assert not page.exception
    columns = {str(column) for frame in page.dataframe for column in frame.value.columns}
    of_tab = {"Thresholds": "Own Youden threshold", "Confusion": "Recall", "Calibration": "As stated"}
    assert {name for name in of_tab.values() if name in columns} == ({of_tab[tab]} if tab in of_tab else set())
    assert (len(page.get("plotly_chart")) > 1) == (tab != "Repeats"), "the first is that of the answer"


def test_the_threshold_tab_compares_the_chosen_threshold_between_data_sets(pooled: AppTest) -> None:
    page = pooled
    page.session_state["evaluation.tab"] = "Thresholds"
    page.run()
    rows = table(page, "Own Youden threshold")
    assert [row["Data set"] for row in rows] == ["Clinic", "North"]
    assert [row["Positive"] for row in rows] == [18, 36]
    assert all(str(row["Sensitivity, chosen threshold"]).endswith("%") for row in rows)
    assert "one threshold does not serve both" in text_of(page, "caption")


def test_records_the_model_trained_on_count_only_when_asked_and_with_a_warning(pooled: AppTest) -> None:
    page = pooled
    assert [warning.value for warning in page.warning] == [as_text(chosen_here(YOUDENS))]
    page.toggle(key=f"evaluation.trained.{SECOND}").set_value(True).run()
    assert not page.exception
    assert "126 images" in text_of(page)
    assert any("the figures are too good" in warning.value for warning in page.warning)


def test_one_data_set_alone_can_be_chosen_and_none_is_explained(page: AppTest) -> None:
    datasets = page.multiselect(key=f"evaluation.datasets.{SECOND}")
    datasets.set_value([NORTH]).run()
    assert f"Second model ({SECOND}) on North" in text_of(page)
    datasets.set_value([]).run()
    assert "Choose at least one data set" in page.info[0].value
    assert not page.dataframe


def test_repeats_show_mean_and_deviation(page: AppTest) -> None:
    page.multiselect(key=f"evaluation.repeats.{SECOND}").set_value([MODEL]).run()
    page.session_state["evaluation.tab"] = "Repeats"
    page.run()
    assert not page.exception
    found = [frame.value for frame in page.dataframe if "Cases" not in frame.value.columns]
    assert len(found[0]) == 8
    assert found[0]["AUC"].str.contains("\N{PLUS-MINUS SIGN}").all()


def test_the_complete_json_is_that_of_the_command_line(evaluated: Workspace) -> None:
    datasets = (DATASET, NORTH)
    on_page = run_evaluation(evaluated, ModelRequest(SECOND, datasets, bootstrap=2000))
    assert json.loads(json_file(on_page)) == json.loads(
        json.dumps(evaluation_json(evaluate_model(evaluated, model_id=SECOND, dataset_ids=datasets)), default=str)
    )


def test_the_answer_stands_first_and_the_rest_is_closed_until_the_address_names_it(page: AppTest) -> None:
    titles = {expander.label: expander.proto.expanded for expander in page.expander}
    assert titles["Details"] is False
    assert titles["Method"] is False
    opened = show(page, PAGE, model=SECOND, tab="confusion")
    assert {expander.label: expander.proto.expanded for expander in opened.expander}["Details"] is True


def file_page(app: AppTest, data: bytes, name: str = "outside.csv") -> AppTest:
    app = show(app, PAGE)
    app.segmented_control(key="evaluation.source").set_value("file").run()
    app.file_uploader(key="evaluation.files").set_value([(name, data, "text/csv")])
    return app


def predictions_of_north(workspace: Workspace) -> bytes:
    rows = list(csv.DictReader(io.StringIO(predictions_csv(workspace, SECOND).decode())))
    text = io.StringIO()
    writer = csv.DictWriter(text, ["image", *HAM7.codes], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in rows if row["dataset"] == NORTH)
    return text.getvalue().encode()


def test_an_uploaded_file_is_evaluated_as_a_model_is(evaluated: Workspace, signed_in_app: AppTest) -> None:
    app = file_page(signed_in_app, predictions_of_north(evaluated))
    app.selectbox(key="evaluation.file_dataset").set_value(NORTH)
    app.button(key="evaluation.start").click().run()
    assert not app.exception
    assert not app.error
    assert "outside.csv on North \N{MIDDLE DOT} 84 images" in text_of(app)
    from_file = table(app, "Specificity (benign)")
    of_model = run_evaluation(evaluated, ModelRequest(SECOND, (NORTH,)))
    assert of_model.malignancy is not None
    assert of_model.malignancy.auc.estimate.value is not None
    assert str(from_file[-1]["AUC"]).startswith(f"{of_model.malignancy.auc.estimate.value:.3f}")


def test_a_wrong_file_is_named_by_row_with_the_way_out_and_nothing_is_evaluated(
    evaluated: Workspace, signed_in_app: AppTest
) -> None:
    lines = predictions_of_north(evaluated).decode().splitlines()
    lines[3] = lines[3].split(",")[0] + ",0.9" * 7
    app = file_page(signed_in_app, "\n".join(lines).encode())
    app.selectbox(key="evaluation.file_dataset").set_value(NORTH)
    app.button(key="evaluation.start").click().run()
    assert not app.exception
    assert "row 4 (6.3)" in app.error[0].value
    assert "Divide rows that do not sum to 1" in app.error[0].value
    assert "Nothing was evaluated" in app.error[0].value
    assert not app.dataframe


def test_a_file_that_misses_images_names_the_switch_of_the_page(evaluated: Workspace, signed_in_app: AppTest) -> None:
    short = b"\n".join(predictions_of_north(evaluated).splitlines()[:-5])
    app = file_page(signed_in_app, short)
    app.selectbox(key="evaluation.file_dataset").set_value(NORTH)
    app.button(key="evaluation.start").click().run()
    assert "images without a prediction: 5" in app.error[0].value
    assert "Only the images that predictions and truth share" in app.error[0].value
    assert "--common" not in app.error[0].value
    app.toggle(key="evaluation.common").set_value(True)
    app.button(key="evaluation.start").click().run()
    assert not app.error
    assert "79 images" in text_of(app)
    assert "5 without a prediction" in text_of(app)


def test_a_file_needs_no_data_set_when_the_truth_comes_with_it(signed_in_app: AppTest) -> None:
    images = [(f"i{n}", HAM7.codes[n % 7]) for n in range(28)]
    truth = "image,dx\n" + "".join(f"{name},{dx}\n" for name, dx in images)
    header = "image," + ",".join(code.upper() for code in HAM7.codes)
    rows = [f"{name}," + ",".join("0.7" if code == dx else "0.05" for code in HAM7.codes) for name, dx in images]
    app = file_page(signed_in_app, "\n".join([header, *rows]).encode())
    app.button(key="evaluation.start").click().run()
    assert "There is no truth" in app.error[0].value
    app.file_uploader(key="evaluation.truth").set_value(("truth.csv", truth.encode(), "text/csv"))
    app.button(key="evaluation.start").click().run()
    assert not app.exception
    assert not app.error
    assert "outside.csv on truth.csv \N{MIDDLE DOT} 28 images of 28 single images" in text_of(app)


def test_hostile_names_of_files_stay_text(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    fill_records(app_workspace, per_class=1)
    app = file_page(signed_in_app, b"image,mel\nx,1\n", name="![x](http://example.org/x.png).csv")
    app.button(key="evaluation.start").click().run()
    assert not app.exception
    assert "no column for akiec" in app.error[0].value
    assert "![" not in text_of(app)


def test_the_records_that_are_chosen_are_evaluated_and_named(page: AppTest) -> None:
    page.multiselect(key="evaluation.records.verification_stage").set_value(["2"]).run()
    assert not page.exception
    text = text_of(page, "markdown") + text_of(page, "caption")
    assert "(only Verification stage: 2" in text
    assert "not let through by the filter" in text
