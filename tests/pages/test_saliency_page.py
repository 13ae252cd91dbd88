"""The saliency page and the map on the record page, through app.py."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import MODEL, fill_model, fill_records
from tests.pages.open_page import to_page
from tests.saliency_workspace import fill_with_masks

from dermdash.classifier.saliency_map import GRID, METHOD
from dermdash.settings import Settings
from dermdash.storage import saliency
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.ui import keys, saliency_gallery, saliency_view
from dermdash.workflows.classifier import classify, explain_predictions
from dermdash.workflows.classifier.model_in_use import choose_model

pytestmark = pytest.mark.slow

PAGE = "pages/classifier/saliency.py"
RECORD = "pages/dataset/record.py"
TEXTS = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info", "success")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], str]:
    """A workspace of 14 records, 12 with masks, and a tiny model's predictions; beside it the same, explained."""
    home = tmp_path_factory.mktemp("saliency-page") / "workspace"
    workspace = open_workspace(Settings(home=home))
    ids, model_id = fill_with_masks(workspace, per_class=1)
    choose_model(workspace, model_id)
    classify.predict_records(workspace, model_id=model_id)
    workspace.close()
    shutil.copytree(home, home.with_name("explained"))
    workspace = open_workspace(Settings(home=home.with_name("explained")))
    explain_predictions.explain_records(workspace, model_id=model_id)
    workspace.close()
    return home, ids, model_id


@pytest.fixture
def masked_app(template: tuple[Path, list[str], str], tmp_path: Path, request: pytest.FixtureRequest) -> AppTest:
    """The app over records with masks and predictions that nothing explains yet."""
    shutil.copytree(template[0], tmp_path / "workspace")
    app: AppTest = request.getfixturevalue("signed_in_app")
    return app


@pytest.fixture
def explained_app(template: tuple[Path, list[str], str], tmp_path: Path, request: pytest.FixtureRequest) -> AppTest:
    """The app over the same records, each explained."""
    shutil.copytree(template[0].with_name("explained"), tmp_path / "workspace")
    app: AppTest = request.getfixturevalue("signed_in_app")
    return app


def show(app: AppTest, script: str, /, **query: str) -> AppTest:
    to_page(app, script)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for kind in TEXTS for element in app.get(kind))


def store_map(workspace: Workspace, record_id: str, *, model_id: str = MODEL, heat: bytes | None = None) -> None:
    row = {
        "record_id": record_id, "model_id": model_id, "target": "predicted", "method": METHOD, "explained": "nv",
        "probability": 0.7, "heat": heat or bytes(range(196)) * 4,
    }  # fmt: skip
    saliency.save_maps(workspace.engine, [row])


def test_without_a_model_the_page_says_how_to_get_one(signed_in_app: AppTest) -> None:
    assert "comes with dermdash" in text_of(show(signed_in_app, PAGE))


def test_a_model_without_records_asks_for_an_import(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    fill_model(app_workspace, [])
    shown = text_of(show(signed_in_app, PAGE))
    assert "0 of 0 photographs explained" in shown
    assert "Import a data set" in shown


def test_the_page_begins_with_some_maps_and_explains_the_rest_when_asked(masked_app: AppTest) -> None:
    app = show(masked_app, PAGE)
    assert f"**{saliency_view.AT_ONCE} of 14 photographs explained by Tiny model" in text_of(app)
    assert f"{saliency_view.AT_ONCE} of {saliency_view.AT_ONCE} maps" in text_of(app)
    assert f"{14 - saliency_view.AT_ONCE} records have no map" in text_of(app)
    app.button(key="saliency.explain").click().run(timeout=120)
    assert not app.exception
    shown = text_of(app)
    assert "**14 of 14 photographs explained by Tiny model" in shown
    assert "14 of 14 maps" in shown
    assert "saliency.explain" not in {button.key for button in app.button}
    table = app.dataframe[0].value
    share = table[(table["Figure"] == "Share of the evidence inside") & (table["Records"] == "All records")].iloc[0]
    assert share["n"] == 12
    assert share["Mean"].endswith("%")
    assert share["Chance"].endswith("%")
    app.selectbox(key="saliency.figure").set_value("iou_same_area").run()
    assert not app.exception


def test_maps_are_filtered_by_diagnosis_and_by_outcome(explained_app: AppTest) -> None:
    app = show(explained_app, PAGE)
    app.multiselect(key="saliency.dx").set_value(["mel"]).run()
    assert "2 of 14 maps" in text_of(app)
    app.multiselect(key="saliency.dx").set_value([]).run()
    counts = []
    for outcome in ("correct", "wrong"):
        app.segmented_control(key="saliency.outcome").set_value(outcome).run()
        assert not app.exception
        counts += [int(c.value.split(" of ")[0]) for c in app.caption if c.value.endswith("of 14 maps")] or [0]
    assert sum(counts) == 14
    app.segmented_control(key="saliency.outcome").set_value("all").run()
    app.selectbox(key="saliency.order").set_value("low").run()
    app.slider(key="saliency.opacity").set_value(0).run()
    assert not app.exception
    assert "14 of 14 maps" in text_of(app)


def test_many_maps_come_in_pages_and_other_filters_begin_at_the_first(
    explained_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saliency_gallery, "PER_PAGE", 4)
    shown: list[list[str]] = []
    monkeypatch.setattr(saliency_gallery, "gallery", lambda tiles, **_: shown.append([tile["id"] for tile in tiles]))
    app = show(explained_app, PAGE)
    first = shown[-1]
    app.session_state[keys.saliency_pager(4)] = 4
    app.run()
    assert not app.exception
    assert len(first) == 4
    assert len(shown[-1]) == 2
    assert not set(first) & set(shown[-1])
    app.multiselect(key="saliency.dx").set_value(["mel"]).run()
    assert not app.exception
    assert len(shown[-1]) == 2


def test_targets_are_counted_apart(explained_app: AppTest) -> None:
    app = show(explained_app, PAGE)
    assert "**14 of 14 photographs explained by Tiny model" in text_of(app)
    app.segmented_control(key="saliency.target").set_value("malignant").run()
    assert f"**{saliency_view.AT_ONCE} of 14 photographs explained by Tiny model" in text_of(app)


def test_curves_are_made_on_request(explained_app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saliency_view, "CURVE_RECORDS", 2)
    app = show(explained_app, PAGE)
    app.button(key="saliency.curves").click().run(timeout=120)
    assert not app.exception
    assert "Means over 2 records" in text_of(app)
    assert "Make curves for 2 more records" in [b.label for b in app.button]


def test_a_missing_checkpoint_is_said_and_nothing_is_stored(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    ids = fill_records(app_workspace, per_class=1)
    fill_model(app_workspace, ids)
    app = show(signed_in_app, PAGE, model=MODEL)
    assert f"checkpoint of the model {MODEL} is missing" in app.error[0].value


def test_the_record_page_offers_to_explain_and_then_shows_the_map(
    masked_app: AppTest, template: tuple[Path, list[str], str]
) -> None:
    app = show(masked_app, RECORD, id=template[1][0])
    assert "Saliency map:" not in text_of(app)
    app.button(key="record.explain").click().run(timeout=60)
    assert not app.exception
    assert "Saliency map: where Tiny model (" in text_of(app)
    assert "record.explain" not in {button.key for button in app.button}


def test_a_stored_map_needs_no_network(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    ids = fill_records(app_workspace, per_class=1)
    fill_model(app_workspace, ids)
    store_map(app_workspace, ids[0])
    store_map(app_workspace, ids[1], heat=bytes(GRID * GRID))
    assert "found evidence for Melanocytic nevus (70\N{NO-BREAK SPACE}%)" in text_of(
        show(signed_in_app, RECORD, id=ids[0])
    )
    assert "nothing in the image spoke for Melanocytic nevus" in text_of(show(signed_in_app, RECORD, id=ids[1]))
