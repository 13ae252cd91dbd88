"""Two models, a model and a file, a model beside readers."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.evaluated_workspace import NORTH, SECOND, fill_evaluated
from tests.filled_workspace import DATASET, MODEL, Filled
from tests.pages.test_evaluation_page import predictions_of_north, table
from tests.pages.test_pages import protos, show, text_of

from dermdash.analyses.comparison.answer import comparison_answer
from dermdash.analyses.comparison.paired_cases import (
    BOTH_WRONG,
    ONLY_FIRST,
    ONLY_SECOND,
    model_disagreements,
    pair_models,
)
from dermdash.analyses.comparison.run import compare_model_with_readers
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, p_value, points

pytestmark = pytest.mark.slow

PAGE = "pages/classifier/comparison.py"


@pytest.fixture
def evaluated(filled: Filled, app_workspace: Workspace) -> Workspace:
    fill_evaluated(app_workspace)
    return app_workspace


def test_a_workspace_without_predictions_says_what_to_do(signed_in_app: AppTest) -> None:
    assert "No predictions to compare yet" in text_of(show(signed_in_app, PAGE))


def test_one_model_alone_is_told_how_to_get_another(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert "There is no second model" in app.info[0].value
    assert {link.proto.label for link in app.get("page_link")} >= {"Train another", "Models and what they predict"}
    assert not app.dataframe


def test_two_models_are_compared_as_the_workflow_does(evaluated: Workspace, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, PAGE)
    app.multiselect(key=f"comparison.datasets.{SECOND}").set_value([DATASET, NORTH]).run()
    found = pair_models(evaluated, SECOND, MODEL, dataset_ids=[DATASET, NORTH]).comparison
    assert f"{found.images} images" in text_of(app)
    assert "3 left out, which only one of both can be judged on" in text_of(app)
    metrics = table(app, "Figure")
    assert [row["Figure"] for row in metrics] == [
        "Top-1 accuracy", "Mean recall", "Mean AUC over classes", "Brier score (lower is better)",
        "AUC for malignancy",
    ]  # fmt: skip
    accuracy = found.metrics[0]
    assert accuracy.difference is not None
    assert str(metrics[0]["Difference"]) == points(accuracy.difference)
    classes = table(app, "p (Holm)")
    assert len(classes) == 8
    melanoma = next(c for c in found.classes if c.code == "mel")
    assert melanoma.p_holm is not None
    shown = next(row for row in classes if row["AUC of"] == "Melanoma")
    assert shown["p (Holm)"] == p_value(melanoma.p_holm)
    mcnemar = next(frame.value for frame in app.dataframe if "Second right" in frame.value.columns)
    counts = found.mcnemar
    assert mcnemar.iloc[:, 1:].to_numpy().tolist() == [
        [counts.both_right, counts.only_first], [counts.only_second, counts.both_wrong],
    ]  # fmt: skip
    assert app.get("plotly_chart")
    assert "A click opens the record" in text_of(app, "caption")
    assert comparison_answer(found).sentence in "".join(p.body for p in protos(app, "html"))


def test_disagreements_are_the_cases_named_differently(evaluated: Workspace) -> None:
    pair = pair_models(evaluated, SECOND, MODEL, dataset_ids=[DATASET, NORTH])
    differ = model_disagreements(pair)
    counts = differ["who"].value_counts()
    assert counts[ONLY_FIRST] == pair.comparison.mcnemar.only_first
    assert counts[ONLY_SECOND] == pair.comparison.mcnemar.only_second
    assert (differ["first"] != differ["second"]).all()
    assert (differ[differ["who"] == ONLY_FIRST]["first"] == differ[differ["who"] == ONLY_FIRST]["truth"]).all()
    wrong = differ[differ["who"] == BOTH_WRONG]
    assert (wrong["first"] != wrong["truth"]).all()
    assert (wrong["second"] != wrong["truth"]).all()


def test_a_file_is_compared_on_the_images_both_judged(evaluated: Workspace, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, PAGE)
    app.selectbox(key="comparison.model").set_value(MODEL).run()
    app.segmented_control(key="comparison.kind").set_value("file").run()
    data = b"\n".join(predictions_of_north(evaluated).splitlines()[:-4])
    app.file_uploader(key="comparison.file").set_value(("outside.csv", data, "text/csv"))
    app.selectbox(key=f"comparison.file_dataset.{MODEL}").set_value(NORTH)
    app.button(key="comparison.start").click().run()
    assert not app.exception
    assert not app.error
    assert "Drawn model (m00000000001) and outside.csv \N{MIDDLE DOT} 80 images" in text_of(app)
    assert [w.value.replace("\\", "") for w in app.warning] == [
        "outside.csv: Whether these predictions come from a model trained on these images is not known."
    ]
    app.file_uploader(key="comparison.file").set_value(("outside.csv", data.replace(b"N_BCC_3,0", b"N_BCC_3,7"), "x"))
    app.button(key="comparison.start").click().run()
    assert "do not sum to 1" in app.error[0].value
    assert not app.dataframe


def test_a_model_is_compared_with_the_unaided_answers_of_readers(
    evaluated: Workspace, filled: Filled, signed_in_app: AppTest
) -> None:
    # The address of before, when this was a part of another page.
    old = {"compare": "readers", "study": filled.study_id, "model": SECOND}
    app = show(signed_in_app, PAGE, **old)
    assert app.title[0].value == "Seven cases"
    found = compare_model_with_readers(evaluated, filled.study_id, model_id=SECOND)
    assert counted(len(found.readers), "reader") in text_of(app)
    assert f"{counted(found.answers, 'answer')} without assistance" in text_of(app)
    readers = table(app, "Id")
    assert [row["Id"] for row in readers] == [reader.reader for reader in found.readers]
    assert [row["Cases"] for row in readers] == [reader.cases for reader in found.readers]
    assert str(table(app, "Readers, mean")[0]["Figure"]) == "Accuracy of the diagnosis"
    assert app.get("plotly_chart")
    assert "Where the model and most readers disagree" in text_of(app, "subheader")
