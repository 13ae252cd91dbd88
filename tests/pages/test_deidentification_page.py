"""The page of de-identification: searching, deciding, covering, what was removed, the sign-off and the export."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.clinic_workspace import fill_clinic
from tests.pages.test_pages import show, text_of

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset import browse_records, burned_in_text

pytestmark = pytest.mark.slow
PAGE = "pages/dataset/deidentification.py"


@pytest.fixture
def clinic(signed_in_app: AppTest, app_workspace: Workspace) -> AppTest:
    fill_clinic(app_workspace)
    return signed_in_app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def to_tab(app: AppTest, title: str) -> AppTest:
    app.session_state["deidentification.tab"] = title
    app.run()
    assert not app.exception
    return app


def test_an_empty_workspace_is_sent_to_the_import(signed_in_app: AppTest) -> None:
    assert "This workspace is empty" in text_of(show(signed_in_app, PAGE))


def test_a_name_on_a_picture_is_found_covered_and_signed_for(clinic: AppTest, app_workspace: Workspace) -> None:
    app = show(clinic, PAGE)
    assert "0 of 3 images searched" in text_of(app)
    assert "3 images were not searched" in text_of(app, "info")
    press(app, "deidentification.search")
    assert "writing proposed in 1" in text_of(app, "success")
    assert "1 proposal waits" in text_of(app)
    before = burned_in_text.list_proposals(app_workspace)[0].image_sha256
    press(app, "deidentification.cover")
    assert "1 region covered in 1 record" in text_of(app, "success")
    assert not app_workspace.files.path("originals", before).exists()
    press(app, "deidentification.search")
    to_tab(app, "Sign-off")
    assert "Nobody has signed yet" in text_of(app)
    press(app, "deidentification.sign.clinic")
    assert "1 of 1 data set signed" in text_of(app)
    assert "Admin signed that none of the 3 images shows who somebody is. 1 image was covered" in text_of(app)


def test_writing_that_names_nobody_is_decided_and_taken_back(clinic: AppTest, app_workspace: Workspace) -> None:
    burned_in_text.screen(app_workspace, processes=False)
    app = show(clinic, PAGE)
    press(app, "deidentification.clear")
    assert "Nothing waits for a decision" in text_of(app)
    app.button_group(key="deidentification.show").set_value("decided").run()
    assert "Shows nobody, says Admin" in text_of(app, "success")
    press(app, "deidentification.open")
    assert burned_in_text.text_state(app_workspace).open == 1


def test_something_that_no_search_finds_is_covered_by_its_numbers(clinic: AppTest, app_workspace: Workspace) -> None:
    app = show(clinic, PAGE)
    app.text_input(key="deidentification.record").set_value("clean").run()
    sha256 = str(browse_records.record_detail(app_workspace, "clinic:clean").record["image_sha256"])
    assert app.button(key="deidentification.cover").disabled
    for name, value in {"left": 10, "top": 20, "width": 30, "height": 40}.items():
        app.number_input(key=f"deidentification.{name}.{sha256[:16]}").set_value(value).run()
    press(app, "deidentification.cover")
    now = str(browse_records.record_detail(app_workspace, "clinic:clean").record["image_sha256"])
    assert now != sha256


def test_the_page_lists_what_was_found_in_files_and_not_what_stood_there(clinic: AppTest) -> None:
    app = to_tab(show(clinic, PAGE), "Found and removed")
    table = app.dataframe[0].value
    assert table["Images"].tolist() == [1, 1]
    assert "**1 file** held nothing but pixels" in text_of(app)
    assert "Erika" not in str(table)


def test_the_export_says_what_may_be_said(clinic: AppTest, app_workspace: Workspace) -> None:
    app = to_tab(show(clinic, PAGE), "Export")
    assert "no more than that is de\\-identified" in text_of(app) or "no more than that is de-identified" in text_of(
        app
    )
    sha256 = str(browse_records.record_detail(app_workspace, "clinic:clean").record["image_sha256"])
    burned_in_text.mask_regions(app_workspace, OPERATOR, sha256, [TextRegion(0, 0, 9, 9, 0.0)])
    app.run()
    assert not app.exception
