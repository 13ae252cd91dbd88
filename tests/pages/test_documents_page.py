"""The page of documents and exports: what would leave, an export built beside it, questions answered in place."""

import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.exported_workspace import CLINIC, fill_clinic
from tests.made_once import MadeOnce
from tests.pages.test_pages import protos, show, text_of

from dermdash.storage.object_store import MANIFESTS
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, OPERATOR
from dermdash.workflows.dataset.dataset_answers import dataset_answers
from dermdash.workflows.dataset.tag_version import tag_version
from dermdash.workflows.exports.answer_drafts import draft_of, keep_answer_draft
from dermdash.workflows.exports.running_export import export_of, last_export

PAGE = "pages/dataset/documents.py"


@pytest.fixture
def clinic_app(made_once: MadeOnce, tmp_path: Path, request: pytest.FixtureRequest) -> AppTest:
    made_once.copy(fill_clinic, tmp_path / "workspace")
    app: AppTest = request.getfixturevalue("signed_in_app")
    return app


def test_an_empty_workspace_says_what_to_do(signed_in_app: AppTest) -> None:
    assert "Nothing to export yet" in text_of(show(signed_in_app, PAGE))


def test_the_address_chooses_format_and_records_and_what_is_lost_is_said(clinic_app: AppTest) -> None:
    app = show(clinic_app, PAGE, format="ham10000", verification_stage="1")
    said = text_of(app).replace("\\", "")
    assert "Only: Verification stage: 1" in said
    assert "not confirmed: 1" in said
    assert "those with an initial annotation only, are left out" in text_of(app)


def test_an_export_is_built_beside_the_page_and_can_be_taken_away(
    clinic_app: AppTest, app_workspace: Workspace
) -> None:
    app = show(clinic_app, PAGE, format="folder")
    app.button(key="documents.build").click().run()
    job = export_of(app_workspace.home, ADMIN_ACCOUNT)
    assert job is not None
    assert job.wait(20)
    assert job.error is None
    kept = last_export(app_workspace.home, ADMIN_ACCOUNT)
    assert kept is not None
    assert kept.file is not None
    assert "metadata.csv" in zipfile.ZipFile(kept.file).namelist()
    app.run()
    assert "6 records of 6" in text_of(app)
    assert "Download" in {proto.label for proto in protos(app, "download_button")}
    app.button(key="documents.remove").click().run()
    assert not kept.file.exists()


def test_a_version_whose_manifest_is_lost_cannot_be_built(clinic_app: AppTest, app_workspace: Workspace) -> None:
    tag_version(app_workspace, OPERATOR, CLINIC, "v1", note="first")
    app = show(clinic_app, PAGE, format="folder", version="v1")
    assert "documents.build" in {button.key for button in app.button}
    (manifest,) = (app_workspace.home / MANIFESTS).rglob("*/*")
    manifest.unlink()
    told = text_of(app.run())
    assert "The manifest of the version 'v1' of clinic is missing" in told
    assert "tag it again under the same name" in told
    assert "documents.build" not in {button.key for button in app.button}
    app.query_params.clear()
    app = show(clinic_app, PAGE, format="folder")
    assert "version v1, whose manifest cannot be read" in text_of(app)


def test_what_is_being_written_is_kept_and_becomes_an_answer_by_an_act(
    clinic_app: AppTest, app_workspace: Workspace
) -> None:
    field = f"{keys.ANSWER}.{CLINIC}.purpose"
    keep_answer_draft(app_workspace.home, ADMIN_ACCOUNT, CLINIC, "purpose", "To tes")
    app = show(clinic_app, PAGE, tab="documents", edit="M1")
    assert "Nobody has answered this yet." in text_of(app)
    assert app.text_area(key=field).value == "To tes"
    assert "Not saved yet" in text_of(app)
    app.text_area(key=field).set_value("To test.").run()
    assert draft_of(app_workspace.home, ADMIN_ACCOUNT, CLINIC, "purpose") == "To test."
    assert dataset_answers(app_workspace, CLINIC) == {}
    app.button(key=f"{field}.save").click().run()
    assert dataset_answers(app_workspace, CLINIC)["purpose"].text == "To test."
    assert draft_of(app_workspace.home, ADMIN_ACCOUNT, CLINIC, "purpose") is None
    assert "The answer is kept." in text_of(app)
