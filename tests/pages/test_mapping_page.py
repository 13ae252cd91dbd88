"""The editor of mappings with several tables, and what becomes of what was edited when the page is left."""

import json
import platform
import threading
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.pages.conftest import REPOSITORY
from tests.pages.import_page import PAGE, edits_of_tables, give, pictures, table_with, texts
from tests.pages.open_page import to_page
from tests.signed_in import admin_session
from tests.unit.dataset.formats.clinic_tables import IMAGES, clinic_files
from tests.unit.dataset.image_factories import make_jpeg

from dermdash.storage.workspace import Workspace
from dermdash.ui import any_import_view, import_watch, keys
from dermdash.workflows.accounts import access
from dermdash.workflows.dataset import browse_records, running_import
from dermdash.workflows.dataset.saved_mappings import find_mapping, list_mappings

Edits = dict[str, dict[str, str]]
MINE = ("mine.csv", b"photo,diagnosis,gender\na1,nevus,f\n")


@pytest.fixture
def edits(monkeypatch: pytest.MonkeyPatch) -> Edits:
    return edits_of_tables(monkeypatch)


@pytest.fixture
def page(signed_in_app: AppTest) -> AppTest:
    signed_in_app.run()
    return opened(signed_in_app)


def opened(app: AppTest) -> AppTest:
    to_page(app, PAGE).run()
    assert not app.exception
    return app


def another_browser(workspace: Workspace) -> AppTest:
    """The same account elsewhere, or here after a reload: nothing of the session is left."""
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = admin_session(workspace)
    app.run()
    return opened(app)


def clinic(page: AppTest, tmp_path: Path) -> AppTest:
    return give(page, *clinic_files().items(), pictures(tmp_path, *IMAGES))


def test_three_tables_of_a_clinic_come_in_as_proposed(page: AppTest, app_workspace: Workspace, tmp_path: Path) -> None:
    clinic(page, tmp_path)
    said = texts(page)
    assert "**3 of 4 rows (75 %)** that say a lesion id find a row here by Очаг" in said
    assert "1 key without a row; 1 row here of no image; 3 keys spelt otherwise" in said
    assert "**3 of 3 rows (100 %)** that say a patient id find a row here by № карты" in said
    assert "Дата осмотра: 2 dates may have the day or the month first" in said
    stored = table_with(page, "Label")
    row = stored[stored["Image id"] == "a2_m"].iloc[0]
    assert (row["Lesion"], row["Sex"], row["Diagnosis"]) == ("2", "male", "empty ⟨НЗН⟩")
    assert row["Age at examination (years)"] == "85 ⟨85+⟩"
    page.text_input(key="import.dataset_id").set_value("clinic").run()
    page.button(key="import.go").click().run()
    assert not page.exception
    assert "7 images imported into clinic" in page.success[0].value
    (dataset,) = browse_records.list_datasets(app_workspace)
    assert dataset["records"] == 7


def test_what_the_page_saves_is_what_the_command_reads(
    page: AppTest, app_workspace: Workspace, tmp_path: Path, edits: Edits
) -> None:
    clinic(page, tmp_path)
    edits["word"] = {"НЗН": "nv"}
    edits["unit"] = {"Дата осмотра": "day first"}
    page.run()
    assert "may have the day or the month first" not in texts(page)
    page.text_input(key="import.mapping_name.").set_value("three")
    page.button(key="import.mapping_save").click().run()
    assert not page.exception
    photos, lesions, patients = find_mapping(app_workspace.home, "three").layout.tables
    assert [(p.column, dict(p.constants)) for p in photos.pictures] == [
        ("Фото дерматоскоп", {"image_type": "dermoscopic"}), ("Фото общее", {"image_type": "clinical_overview"}),
    ]  # fmt: skip
    by_name = {c.name: c for c in lesions.columns}
    assert by_name["Диагноз"].values["НЗН"] == "nv"
    assert (by_name["Дата осмотра"].order, by_name["Диаметр, см"].unit) == ("day first", "cm")
    assert (lesions.key, lesions.of, patients.key, patients.of) == ("Очаг", "lesion_id", "№ карты", "patient_id")
    assert patients.ignored == ("ФИО",)


def test_tables_of_one_name_are_told_apart(page: AppTest, tmp_path: Path) -> None:
    tables = (b"photo,lesion\na1,1\na2,2\n", b"lesion,dx\n1,nv\n2,mel\n")
    give(page, *(("data.csv", data) for data in tables), pictures(tmp_path, "a1", "a2"))
    assert len([s for s in page.selectbox if s.label == "This table"]) == 2
    assert list(table_with(page, "Label")["Diagnosis"]) == ["Melanocytic nevus", "Melanoma"]


def test_of_tables_that_name_no_image_the_first_is_asked_about(page: AppTest, tmp_path: Path) -> None:
    give(page, ("a.csv", b"x,y\n1,2\n2,3\n"), ("b.csv", b"z,w\n7,8\n"), pictures(tmp_path, "a1"))
    assert [s.value for s in page.selectbox if s.label == "This table"] == ["images", "unused"]
    assert "No column names the images yet" in texts(page)


def test_a_table_that_the_mapping_joins_and_nobody_gave_is_said(
    page: AppTest, app_workspace: Workspace, tmp_path: Path
) -> None:
    clinic(page, tmp_path)
    page.text_input(key="import.mapping_name.").set_value("three")
    page.button(key="import.mapping_save").click().run()
    files = clinic_files()
    files.pop("patients.xlsx")
    again = give(another_browser(app_workspace), *files.items(), pictures(tmp_path, *IMAGES))
    again.selectbox(key="import.mapping").set_value("saved-three").run()
    assert not again.exception
    assert "The mapping also joins what is not among the files: patients (with № карты)" in texts(again)
    again.button(key="import.mapping_save").click().run()
    assert not again.exception
    assert not again.error
    kept = list_mappings(app_workspace.home).mappings["three"]
    assert [kind.kind for kind in kept.layout.tables][-1] == "patients", "it stays in the mapping that is saved"
    assert len(kept.layout.tables) == 3


def test_a_table_can_be_joined_by_hand_or_not_used(page: AppTest, tmp_path: Path) -> None:
    clinic(page, tmp_path)
    roles = [s for s in page.selectbox if s.label == "This table"]
    assert [r.value for r in roles] == ["images", "joined", "joined"]
    roles[2].set_value("unused").run()
    assert not page.exception
    assert "Nothing of it is stored." in [c.value for c in page.caption]
    assert "Sex" not in table_with(page, "Label").columns
    next(s for s in page.selectbox if s.label == "Joined by its column").set_value("диаметр, см").run()
    assert not page.exception
    assert "**2 of 4 rows (50 %)** that say a lesion id find a row here by Диаметр, см" in texts(page)
    roles = [s for s in page.selectbox if s.label == "This table"]
    roles[1].set_value("images").run()
    assert "2 tables say that their rows are images" in texts(page)
    assert not [b for b in page.button if b.key == "import.go"]


def test_what_was_edited_is_there_after_a_reload_and_in_another_browser(
    page: AppTest, app_workspace: Workspace, tmp_path: Path, edits: Edits
) -> None:
    give(page, MINE, pictures(tmp_path, "a1"))
    edits["column"] = {"gender": "left_out"}
    page.run()
    edits["column"] = {}
    elsewhere = another_browser(app_workspace)
    assert "1 mapping that you edited and did not save is kept" in "\n".join(c.value for c in elsewhere.caption)
    give(elsewhere, MINE, pictures(tmp_path, "a1"))
    assert elsewhere.selectbox(key="import.mapping").value.startswith("draft-")
    assert "1 left out: gender" in "\n".join(c.value for c in elsewhere.caption)
    elsewhere.selectbox(key="import.mapping").set_value("proposed").run()
    assert "left out" not in "\n".join(c.value for c in elsewhere.caption)


def test_two_browsers_do_not_overwrite_what_the_other_edits(
    page: AppTest, app_workspace: Workspace, tmp_path: Path, edits: Edits
) -> None:
    other = another_browser(app_workspace)
    for app in (page, other):
        give(app, MINE, pictures(tmp_path, "a1"))
    for app, to in ((page, "left_out"), (other, "text")):
        edits["column"] = {"gender": to}
        app.run()
    edits["column"] = {}
    third = give(another_browser(app_workspace), MINE, pictures(tmp_path, "a1"))
    drafts = [o for o in third.selectbox(key="import.mapping").options if o.startswith("Not saved yet")]
    assert len(drafts) == 2


def test_another_taxonomy_takes_no_edit_away(page: AppTest, tmp_path: Path, edits: Edits) -> None:
    give(page, MINE, pictures(tmp_path, "a1"))
    edits["column"] = {"gender": "left_out"}
    page.run()
    edits["column"] = {}
    page.selectbox(key="import.classes").set_value("isic2019").run()
    assert not page.exception
    assert "1 left out: gender" in "\n".join(c.value for c in page.caption)


def test_what_was_edited_is_there_when_a_further_table_is_given(page: AppTest, tmp_path: Path, edits: Edits) -> None:
    files = clinic_files()
    give(page, *((n, files[n]) for n in ("photos.csv", "lesions.csv")), pictures(tmp_path, *IMAGES))
    edits["column"] = {"Аппарат": "left_out"}
    page.run()
    edits["column"] = {}
    clinic(page, tmp_path)
    assert page.selectbox(key="import.mapping").value.startswith("draft-")
    captions = "\n".join(c.value for c in page.caption)
    assert "1 left out: Аппарат" in captions
    assert "It could be joined by № карты" in captions


def test_a_mapping_without_an_image_yet_is_kept_as_a_draft(
    page: AppTest, app_workspace: Workspace, tmp_path: Path, edits: Edits
) -> None:
    table = ("odd.csv", b"a,b\nx1,male\nx2,female\n")
    give(page, table, pictures(tmp_path, "x1"))
    assert "No column names the images yet" in texts(page)
    edits["column"] = {"b": "left_out"}
    page.run()
    edits["column"] = {}
    again = give(another_browser(app_workspace), table, pictures(tmp_path, "x1"))
    assert "1 left out: b" in "\n".join(c.value for c in again.caption)


def test_a_draft_is_gone_when_it_was_saved(
    page: AppTest, app_workspace: Workspace, tmp_path: Path, edits: Edits
) -> None:
    give(page, MINE, pictures(tmp_path, "a1"))
    edits["column"] = {"gender": "left_out"}
    page.run()
    page.text_input(key="import.mapping_name.").set_value("mine")
    page.button(key="import.mapping_save").click().run()
    assert not page.exception
    assert list(list_mappings(app_workspace.home).mappings) == ["mine"]
    edits["column"] = {}
    again = give(another_browser(app_workspace), MINE, pictures(tmp_path, "a1"))
    assert again.selectbox(key="import.mapping").value == "saved-mine"


def test_what_nobody_edited_is_no_draft(page: AppTest, app_workspace: Workspace, tmp_path: Path) -> None:
    give(page, MINE, pictures(tmp_path, "a1"))
    page.button(key="import.dry_run").click().run()
    page.run()
    assert not page.exception
    assert not list(app_workspace.home.glob("mappings/drafts/*"))


def test_an_edit_outlasts_a_run_that_does_not_draw_its_table(page: AppTest, tmp_path: Path, edits: Edits) -> None:
    clinic(page, tmp_path)
    edits["column"] = {"Возраст": "left_out"}
    page.run()
    edits["column"] = {}  # the browser holds no edits of a table that was not drawn
    roles = [s for s in page.selectbox if s.label == "This table"]
    roles[2].set_value("unused").run()
    next(s for s in page.selectbox if s.label == "This table" and s.value == "unused").set_value("joined").run()
    assert not page.exception
    assert "2 left out: ФИО, Возраст" in "\n".join(c.value for c in page.caption)


def test_a_mapping_file_that_was_given_is_begun_with(page: AppTest, tmp_path: Path) -> None:
    give(page, MINE, pictures(tmp_path, "a1"))
    text = b"taxonomy: ham7\ncolumns:\n  photo: image_id\n  diagnosis: diagnosis\nignored: [gender]\n"
    page.file_uploader(key="import.mapping_file").set_value(("m.yaml", text, "application/yaml")).run()
    page.run()
    assert not page.exception
    assert page.selectbox(key="import.mapping").value == "file"
    assert "1 left out: gender" in "\n".join(c.value for c in page.caption)


def test_folders_whose_names_are_no_diagnoses_are_mapped(page: AppTest, tmp_path: Path, edits: Edits) -> None:
    for place, name in enumerate(("НЗН/a.jpg", "НЗН/b.jpg", "М/c.jpg")):
        path = tmp_path / "classes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_jpeg(seed=place))
    page.radio(key="import.place").set_value("server").run()
    page.text_area(key="import.paths").set_value(str(tmp_path / "classes"))
    edits["word"] = {"НЗН": "nv", "М": "mel"}
    page.button(key="import.look").click().run()
    assert not page.exception
    stored = table_with(page, "Label")
    assert list(stored["Diagnosis"]) == ["Melanoma", "Melanocytic nevus", "Melanocytic nevus"]
    page.button(key="import.go").click().run()
    assert not page.exception
    assert "3 images imported" in page.success[0].value


def test_the_class_of_a_column_that_is_1_can_be_chosen(page: AppTest, tmp_path: Path, edits: Edits) -> None:
    give(page, ("t.csv", b"photo,MEL,odd\na1,1,0\na2,0,1\na3,0,0\n"), pictures(tmp_path, "a1", "a2", "a3"))
    edits["column"] = {"MEL": "one_hot", "odd": "one_hot"}
    edits["word"] = {"odd": "bcc"}
    page.run()
    next(s for s in page.selectbox if s.label == "All of them 0 means").set_value("nv").run()
    assert not page.exception
    assert list(table_with(page, "Label")["Diagnosis"]) == ["Melanoma", "Basal cell carcinoma", "Melanocytic nevus"]


def test_an_import_goes_on_while_its_page_is_drawn_anew_and_any_tab_shows_its_end(
    page: AppTest, app_workspace: Workspace, tmp_path: Path
) -> None:
    give(page, MINE, pictures(tmp_path, "a1"))
    go_on = threading.Event()
    run = any_import_view.import_prepared

    def late(*arguments: Any, **options: Any) -> Any:
        go_on.wait(20)
        return run(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_watch, "_follow", lambda _: st.stop())  # its tab is closed as soon as it has begun
        patch.setattr(any_import_view, "import_prepared", late)
        page.button(key="import.go").click().run()
        assert not page.exception
        assert page.button(key="import.go").disabled
        assert not page.success
        go_on.set()
    elsewhere = another_browser(app_workspace)
    assert "1 image imported" in elsewhere.success[0].value
    elsewhere.run()
    assert "1 image imported" in elsewhere.success[0].value
    to_page(elsewhere, "pages/dataset/records.py").run()
    assert not opened(elsewhere).success


def test_an_import_that_was_broken_off_is_said_until_somebody_heard_it(page: AppTest, app_workspace: Workspace) -> None:
    account = access.account_of(app_workspace, str(page.session_state[keys.SESSION_TOKEN]))
    assert account is not None
    marker = running_import._marker(app_workspace.home, account.id)
    marker.parent.mkdir(exist_ok=True)
    said = {
        "pid": 2**22 + 1,
        "host": platform.node(),
        "begun_at": "2026-01-02T03:04:00+00:00",
        "done": 7,
        "total": 9,
    }
    marker.write_text(json.dumps(said | {"done": 7, "total": 9}))
    page.run()
    assert "was broken off at 7 of 9 images, as the app was stopped. What was stored is kept" in texts(page)
    page.button(key="import.broken_off").click().run()
    assert not page.exception
    assert "was broken off" not in texts(page)
