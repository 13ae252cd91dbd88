"""The pages that judge an image and that choose operating points, through app.py."""

import io
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from tests.diagnosis_workspace import POINT, TINY, fill_diagnosis_by_tiny_model
from tests.filled_workspace import draw_jpeg
from tests.made_once import MadeOnce
from tests.pages.test_pages import protos, show, text_of
from tests.scored_workspace import HOME, fill_scored

from dermdash.classifier.reference_model import REFERENCE_NAME
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.ui.lesion_crop import LesionCrop, parse_crop
from dermdash.workflows.classifier import model_registry, operating_points

pytestmark = pytest.mark.slow

DIAGNOSE = "pages/classifier/diagnose.py"
POINTS = "pages/classifier/operating_points.py"


@pytest.fixture
def diagnosing_home(made_once: MadeOnce, tmp_path: Path) -> None:
    made_once.copy(fill_diagnosis_by_tiny_model, tmp_path / "workspace")


@pytest.fixture
def diagnosing(diagnosing_home: None, signed_in_app: AppTest) -> AppTest:
    return show(signed_in_app, DIAGNOSE)


def upload(app: AppTest, data: bytes, name: str = "lesion.jpg") -> AppTest:
    app.file_uploader[0].set_value((name, data, "image/jpeg"))
    app.run(timeout=120)
    assert not app.exception
    return app


def stored(workspace: Workspace) -> tuple[int, list[str]]:
    count = len(records.similarity_columns(workspace.engine))
    files = [str(p.relative_to(workspace.home)) for p in workspace.home.rglob("*") if p.is_file()]
    return count, sorted(name for name in files if not name.startswith("dermdash.duckdb"))


def test_the_page_says_what_it_is_not_and_asks_for_an_image(diagnosing: AppTest) -> None:
    assert "not a medical device" in diagnosing.info[0].value
    assert "one lesion" in text_of(diagnosing)
    assert len(diagnosing.camera_input) == 0  # it would ask for the camera unasked
    options = list(diagnosing.selectbox(key="diagnose.model").options)
    assert options == [f"Tiny model ({TINY})", f"{REFERENCE_NAME} ({model_registry.reference_model_id()})"]
    diagnosing.segmented_control(key="diagnose.source").set_value("camera").run()
    assert len(diagnosing.camera_input) == 1


def test_an_image_is_judged_and_nothing_of_it_is_stored(diagnosing: AppTest, app_workspace: Workspace) -> None:
    before = stored(app_workspace)
    app = upload(diagnosing, draw_jpeg("nv", 900, size=(160, 120)))
    shown = text_of(app)
    assert [s.value for s in app.header] == [
        "Lesion of interest", "Differential diagnosis", "Where the evidence lies",
        "Similar records with known diagnosis",
    ]  # fmt: skip
    assert f"*{POINT}*" in shown
    assert "Malignancy probability" in shown
    assert "95\N{NO-BREAK SPACE}% CI" in shown
    assert "strangeness" in shown
    assert "Grad-CAM" in shown or "Nothing in the square" in shown
    assert [p.label for p in protos(app, "download_button")] == ["Result (CSV)", "Result (JSON)"]
    app.run(timeout=120)
    assert stored(app_workspace) == before


def test_without_an_operating_point_the_most_probable_class_is_named(diagnosing: AppTest) -> None:
    upload(diagnosing, draw_jpeg("nv", 901, size=(160, 120)))
    diagnosing.selectbox(key=f"diagnose.point.{TINY}").set_value("none").run(timeout=120)
    assert not diagnosing.exception
    shown = text_of(diagnosing)
    assert "Most probable: **" in shown
    assert "no operating point says what to make of it" in shown


def test_an_unusable_image_is_judged_only_when_told_to(diagnosing: AppTest) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), (3, 2, 2)).save(buffer, "PNG")
    app = upload(diagnosing, buffer.getvalue(), "dark.png")
    assert "not good enough to be judged" in app.warning[0].value
    assert "Retake it" in app.warning[0].value
    assert not app.header
    next(box for box in app.checkbox if box.key.startswith("diagnose.anyway")).check().run(timeout=120)
    assert not app.exception
    assert "Differential diagnosis" in [s.value for s in app.header]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"<svg onload=alert(1)>", "no picture"), (draw_jpeg("nv", 1)[:300], "truncated")],
)
def test_what_is_no_image_is_explained(diagnosing: AppTest, data: bytes, words: str) -> None:
    app = upload(diagnosing, data)
    assert words in app.error[0].value
    assert not app.header


def test_an_image_is_kept_only_after_two_clicks(diagnosing: AppTest, app_workspace: Workspace) -> None:
    before = stored(app_workspace)
    app = upload(diagnosing, draw_jpeg("nv", 902, size=(160, 120)))
    assert app.button(key="diagnose.keep").disabled
    app.checkbox(key="diagnose.agreed").check().run(timeout=120)
    assert stored(app_workspace) == before
    app.button(key="diagnose.keep").click().run(timeout=120)
    assert not app.exception
    assert "Kept as record `uploads:upload-" in text_of(app, "success")
    assert stored(app_workspace)[0] == before[0] + 1
    record = next(i for i in records.similarity_columns(app_workspace.engine)["id"] if i.startswith("uploads:"))
    shown = text_of(show(app, "pages/dataset/record.py", id=record))
    assert "No diagnosis" in shown


def test_an_empty_workspace_judges_with_the_model_that_comes_along(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    app = upload(show(signed_in_app, DIAGNOSE), draw_jpeg("nv", 903, size=(400, 300)))
    shown = text_of(app)
    assert "over the threshold of *Reference model, Youden on held-out HAM10000*" in shown
    assert "of the malignant" in shown
    assert "Similar records with known diagnosis" in [s.value for s in app.header]


@pytest.mark.parametrize(
    "value", [None, {}, [], "x", {"x": 1}, {"x": "a", "y": 0, "share": 1}, {"x": 5, "y": 0.5, "share": 0.5},
              {"x": 0.5, "y": 0.5, "share": 0}, {"x": float("inf"), "y": 0.5, "share": 0.5}]
)  # fmt: skip
def test_a_crop_the_browser_makes_up_becomes_the_centre(value: object) -> None:
    assert parse_crop(value) == LesionCrop()


def test_a_crop_from_the_browser_is_taken() -> None:
    assert parse_crop({"x": 0.25, "y": 0.5, "share": 0.4}) == LesionCrop(0.25, 0.5, 0.4)


@pytest.fixture
def points_app(app_workspace: Workspace, signed_in_app: AppTest) -> AppTest:
    fill_scored(app_workspace)
    sha256 = set(records.similarity_columns(app_workspace.engine)["image_sha256"])
    for name in sha256:
        app_workspace.files.put("thumbnails", name, b"\xff\xd8\xff\xd9")
    return signed_in_app


def test_without_predictions_the_page_says_where_they_come_from(signed_in_app: AppTest) -> None:
    assert "`dermdash predict`" in text_of(show(signed_in_app, POINTS))


def test_a_point_is_previewed_and_saved(points_app: AppTest, app_workspace: Workspace) -> None:
    app = show(points_app, POINTS)
    assert "**1 saved threshold**" in text_of(app)  # that of the model that comes along
    assert "**209 held-out records** · left out: 1 trained on" in text_of(app)
    # What was saved is of a model that predicted nothing here: the page begins with one that did.
    assert app.segmented_control(key="points.view").value == "new"
    said = "".join(proto.body for proto in protos(app, "html"))
    assert "of the malignant and spares" in said
    assert said.count("dd-interval") - said.count(".dd-interval") == 4
    app.selectbox(key="points.rule").set_value("sensitivity").run()
    figures = next(d.value for d in app.dataframe if "Output" in d.value)
    assert figures["Output"].iloc[0] == "Malignancy"
    app.text_input(key="points.name").set_value("Screening")
    app.button(key="points.submit").click().run()
    assert not app.exception
    (point,) = operating_points.list_operating_points(app_workspace, model_id="m00000000001")
    assert (point.name, point.rule, point.target) == ("Screening", "sensitivity", 0.95)
    assert "**2 saved thresholds**" in text_of(app)
    assert app.segmented_control(key="points.view").value == "saved"
    assert app.selectbox(key="points.use").value == point.id
    assert "Screening" in app.dataframe[0].value["Name"].tolist()


def test_a_point_at_work_sorts_travels_and_is_withdrawn(points_app: AppTest, app_workspace: Workspace) -> None:
    point = operating_points.choose_operating_point(
        app_workspace, name="Screening", model_id="m00000000001", dataset_id=HOME, rule="sensitivity", target=0.9
    )
    app = show(points_app, POINTS)
    said = "".join(proto.body for proto in protos(app, "html"))
    assert "of 210 records of Home" in said
    assert "Malignant records in the list</dt><dd>9" in said
    app = show(app, POINTS, tab="elsewhere")
    assert "without intervals, since the figures it was chosen by are too good" in text_of(app)
    travel = next(d.value for d in app.dataframe if "The rule would choose" in d.value)
    assert travel["Change "].iloc[0].startswith("\N{MINUS SIGN}")
    app = show(app, POINTS, tab="withdraw")
    app.checkbox(key=f"points.sure.{point.id}").check().run()
    app.button(key="points.withdraw").click().run()
    assert not app.exception
    assert operating_points.list_operating_points(app_workspace, model_id="m00000000001") == []
    assert "**1 saved threshold**" in text_of(app)  # that of the model that comes along


def test_a_name_in_use_is_refused_on_the_page(points_app: AppTest, app_workspace: Workspace) -> None:
    operating_points.choose_operating_point(
        app_workspace, name="Screening", model_id="m00000000001", dataset_id=HOME, rule="youden"
    )
    app = show(points_app, POINTS, view="new")
    app.text_input(key="points.name").set_value("Screening")
    app.button(key="points.submit").click().run()
    assert "already" in app.error[0].value
    app.text_input(key="points.name").set_value("![x](http://example.org/x.png)")
    app.button(key="points.submit").click().run()
    assert not app.exception
    assert "![x](" not in text_of(app)
