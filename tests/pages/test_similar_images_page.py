"""The similar images page: by record, by file, its filters, and how good the retrieval is."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET, MODEL, draw_jpeg, fill_records
from tests.pages.test_pages import protos, show, text_of

from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import embeddings, find_similar
from dermdash.workflows.classifier.model_in_use import choose_model

pytestmark = pytest.mark.slow

PAGE = "pages/classifier/similar_images.py"


@pytest.fixture
def filled_app(filled_app: AppTest, app_workspace: Workspace) -> AppTest:
    """The app over the filled workspace, whose model somebody chose."""
    choose_model(app_workspace, MODEL)
    return filled_app


def test_without_records_the_model_that_comes_along_says_what_to_do(signed_in_app: AppTest) -> None:
    shown = text_of(show(signed_in_app, PAGE))
    assert "comes with dermdash" in shown
    assert "has no features of photographs yet" in shown


def test_a_record_out_of_the_address_is_asked_with(filled_app: AppTest, app_workspace: Workspace) -> None:
    app = show(filled_app, PAGE, record="NV_0")
    assert app.text_input(key="similar.record").value == "NV_0"
    shown = text_of(app)
    assert "**8 similar images**" in shown
    found = find_similar.similar_records(app_workspace, f"{DATASET}:NV_0", model_id=MODEL)
    assert found
    assert "Shares of the images shown" in shown
    assert {f"{DATASET}:NV_0", f"{DATASET}:NV_0b"}.isdisjoint(n.record_id for n in found)


def test_the_page_begins_with_a_record_and_says_an_unknown_id(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert "**8 similar images**" in text_of(app)
    app.text_input(key="similar.record").set_value("[x](http://y) no such").run()
    assert not app.exception
    assert "There is no record" in app.error[0].value
    assert "\\[x" in app.error[0].value


def test_filters_narrow_what_is_found(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE, record="NV_0")
    app.multiselect(key="similar.classes").set_value(["mel"]).run()
    app.number_input(key="similar.k").set_value(20).run()
    assert "majority: **Melanoma** (4 of 4)" in text_of(app)
    app.multiselect(key="similar.stages").set_value(["1"]).run()
    assert "No record passes these filters" in text_of(app)


def test_a_file_that_cannot_be_compared_is_named(filled_app: AppTest) -> None:
    """The drawn model has features but no checkpoint file; a broken image is no image whatever the model."""
    app = show(filled_app, PAGE)
    app.segmented_control(key="similar.kind").set_value("file").run()
    app.file_uploader(key="similar.upload").set_value([("lesion.jpg", draw_jpeg("nv", seed=1), "image/jpeg")]).run()
    assert not app.exception
    assert f"checkpoint of the model {MODEL} is missing" in app.error[0].value


def test_records_without_features_are_counted(filled_app: AppTest, app_workspace: Workspace) -> None:
    fill_records(app_workspace, dataset="later", per_class=1)
    app = show(filled_app, PAGE)
    assert "14 of 56 photographs have no features" in text_of(app, "warning")


def test_retrieval_quality_is_measured_on_request_and_kept(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    assert "Not measured yet" in text_of(app)
    app.button(key="similar.measure").click().run()
    assert not app.exception
    assert "42 queries against 42 diagnosed photographs" in text_of(app)
    table = next(d.value for d in app.dataframe if "Precision@1" in d.value)
    assert list(table["Images"])[:2] == ["All images", "Mean over classes"]
    assert len(table) == 9
    assert "% (" in table["Average precision"][0]
    assert any(chart.id.endswith("similar.precision") for chart in protos(app, "plotly_chart"))
    app.run()
    assert "42 queries against" in text_of(app)


def test_new_features_ask_for_a_new_measurement(filled_app: AppTest, app_workspace: Workspace) -> None:
    app = show(filled_app, PAGE)
    app.button(key="similar.measure").click().run()
    ids, features = embeddings.stored_features(app_workspace, MODEL)
    embeddings.append_features(app_workspace, MODEL, ids[:1], -features[:1])
    app.run()
    assert "Not measured yet" in text_of(app)


@pytest.mark.parametrize("k", [1, 60])
def test_as_many_as_asked_for_come_where_there_are_as_many(filled_app: AppTest, k: int) -> None:
    app = show(filled_app, PAGE, record="NV_0")
    app.number_input(key="similar.k").set_value(k).run()
    assert not app.exception
    assert f"**{'1 similar image' if k == 1 else '38 similar images'}**" in text_of(app)
