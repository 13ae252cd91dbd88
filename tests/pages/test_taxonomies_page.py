"""The page of taxonomies: classes, what becomes of them elsewhere, what words mean, and adding one's own."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.factories import make_image, make_record
from tests.pages.open_page import to_page
from tests.pages.test_pages import text_of

from dermdash.records.taxonomy import CLINICAL9, TAXONOMIES
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.taxonomies import add_taxonomy

PAGE = "pages/dataset/taxonomies.py"


def opened(app: AppTest, **query: str) -> AppTest:
    for name, value in query.items():
        app.query_params[name] = value
    to_page(app, PAGE).run()
    assert not app.exception
    return app


def test_the_classes_of_a_taxonomy_stand_with_origin_and_status(signed_in_app: AppTest) -> None:
    app = opened(signed_in_app, taxonomy="clinical9")
    frame = app.dataframe[0].value
    assert list(frame["Code"]) == list(CLINICAL9.codes)
    assert frame.set_index("Code").loc["dysplastic_nevus", "Status"] == "borderline"
    assert "No data set is of these classes." in text_of(app)


def test_what_becomes_of_each_class_elsewhere_is_in_the_address(signed_in_app: AppTest) -> None:
    app = opened(signed_in_app, taxonomy="clinical9", tab="map", **{"in": "ham7"})
    frame = app.dataframe[1].value.set_index("Class")
    assert frame.loc["Dysplastic nevus", "Becomes"] == "Melanocytic nevus"
    assert "Is borderline; Melanocytic nevus is benign." in frame.loc["Dysplastic nevus", "What is lost"]
    assert frame.loc["Papilloma", "Becomes"] == "nothing"


@pytest.mark.parametrize(
    ("words", "said"),
    [("Pigmentnävus", "Melanocytic nevus"), ("Melanoma?", "No class"), ("Benign::Cysts", "No class")],
)
def test_what_words_mean_is_said_with_the_reason(signed_in_app: AppTest, words: str, said: str) -> None:
    app = opened(signed_in_app, taxonomy="ham7", tab="words", words=words)
    assert any(m.value.startswith(f"**{said}**") for m in app.markdown)


def test_one_of_the_workspace_is_offered_and_its_data_sets_are_named(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    text = (
        "name: own\ntitle: Of our own\nclasses:\n"
        "- {code: mole, name: Mole, origin: melanocytic, status: benign, covers: [nevus]}\n"
        "- {code: mel, name: Melanoma, origin: melanocytic, status: malignant}\n"
    )
    add_taxonomy(app_workspace.home, text, file="own.yaml")
    values = {"id": "clinic", "name": "Clinic", "taxonomy": "own", "simulated": False}
    records.save_dataset(app_workspace.engine, values=values)
    rows = [make_record(f"m{i}", dataset_id="clinic", dx="mole", verification_stage=2) for i in range(3)]
    records.save_batch(app_workspace.engine, images=[make_image()], records=rows)
    app = opened(signed_in_app, taxonomy="own")
    assert "Of the data sets Clinic." in text_of(app)
    app.switch_page("pages/dataset/records.py").run()
    assert not app.exception
    app.query_params["id"] = "clinic:m0"
    app.switch_page("pages/dataset/record.py").run()
    assert not app.exception
    assert "Mole" in text_of(app)


def test_a_spoilt_file_of_the_workspace_is_named(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    folder = Path(app_workspace.home) / "taxonomies"
    folder.mkdir()
    (folder / "spoilt.yaml").write_text("name: spoilt\n")
    TAXONOMIES.use_workspace(app_workspace.home)
    app = opened(signed_in_app)
    assert any("title, classes is missing" in w.value for w in app.warning)
