"""The import page with whatever somebody gives: recognised, mapped column by column, imported."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.import_page import PAGE, edits_of_tables, give, pictures, table_with, texts
from tests.pages.open_page import to_page
from tests.unit.dataset.image_factories import ham_csv, ham_row, make_jpeg

from dermdash.storage.workspace import Workspace
from dermdash.ui import uploads
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.saved_mappings import list_mappings

CLINIC = (
    "Aufnahme;Wer;Jahre;Was;Gr (cm)\n"
    "a1;m;45;Nävus;0,4\n"
    "a2;w;85+;MM;1,2\n"
    "a3;w;40;Warze;3x\n"
)  # fmt: skip


@pytest.fixture
def page(signed_in_app: AppTest) -> AppTest:
    to_page(signed_in_app, PAGE).run()
    assert not signed_in_app.exception
    return signed_in_app


@pytest.fixture
def edits(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    return edits_of_tables(monkeypatch)


def test_official_names_without_ending_are_recognised_and_imported(
    page: AppTest, app_workspace: Workspace, tmp_path: Path
) -> None:
    table = ham_csv(ham_row("ISIC_1"), ham_row("ISIC_2", lesion_id="HAM_2"))
    give(page, ("HAM10000_metadata", table), pictures(tmp_path, "ISIC_1", "ISIC_3"))
    assert "**HAM10000 metadata**, by the columns of HAM10000_metadata" in texts(page)
    assert "**2 rows**, 1 would come in · 1 left out" in texts(page)
    assert not [s for s in page.selectbox if s.key == "import.mapping"]
    page.button(key="import.go").click().run()
    assert not page.exception
    assert page.success[0].value == "1 image imported into HAM10000."
    assert [d["id"] for d in browse_records.list_datasets(app_workspace)] == ["ham10000"]
    assert list((app_workspace.home / "uploads").iterdir()) == []


def test_a_table_of_unknown_columns_comes_in_through_the_editor(
    page: AppTest, app_workspace: Workspace, tmp_path: Path, edits: dict[str, dict[str, str]]
) -> None:
    give(page, ("clinic.csv", CLINIC.encode()), pictures(tmp_path, "a1", "a2", "a3"))
    assert "No format is recognised" in texts(page)
    assert "No column names the images yet" in texts(page)
    edits["column"] = {
        "Aufnahme": "image_id", "Wer": "sex", "Jahre": "age_at_exam", "Was": "diagnosis",
        "Gr (cm)": "lesion_diameter_mm",
    }  # fmt: skip
    edits["word"] = {"MM": "mel", "Nävus": "nv"}
    page.run()
    page.button(key="import.dry_run").click().run()
    assert not page.exception
    problems = table_with(page, "Value")
    assert ["3", "Jahre", "85+"] in problems[["Row", "Column", "Value"]].astype(str).to_numpy().tolist()
    assert ["4", "Gr (cm)", "3x"] in problems[["Row", "Column", "Value"]].astype(str).to_numpy().tolist()
    assert "85 ⟨85+⟩" in table_with(page, "Age at examination (years)").iloc[1].tolist()
    assert "Into the new data set **clinic** (id `clinic`)." in texts(page)  # as the first of the files
    page.button(key="import.go").click().run()
    assert not page.exception
    assert "3 images imported into clinic" in page.success[0].value
    assert "clinic" in [d["id"] for d in browse_records.list_datasets(app_workspace)]


def test_a_mapping_is_saved_suggested_and_deleted(page: AppTest, app_workspace: Workspace, tmp_path: Path) -> None:
    table = b"photo,diagnosis,gender\na1,nevus,f\n"
    give(page, ("mine.csv", table), pictures(tmp_path, "a1"))
    assert "**Any table:**" in texts(page)
    page.text_input(key="import.mapping_name.").set_value("mine")
    page.button(key="import.mapping_save").click().run()
    assert not page.exception
    assert "The mapping was saved as mine." in texts(page)
    assert list(list_mappings(app_workspace.home).mappings) == ["mine"]
    to_page(page, "pages/dataset/records.py").run()
    to_page(page, PAGE).run()
    give(page, ("again.csv", b"photo,diagnosis,gender\nb1,melanoma,m\n"), pictures(tmp_path, "b1"))
    assert page.selectbox(key="import.mapping").value == "saved-mine"
    page.button(key="import.mapping_delete").click().run()
    assert not page.exception
    assert list_mappings(app_workspace.home).mappings == {}


def test_a_look_is_of_the_files_and_choices_that_it_was_made_for(page: AppTest, tmp_path: Path) -> None:
    give(page, ("HAM10000_metadata", ham_csv(ham_row("ISIC_1"))), pictures(tmp_path, "ISIC_1"))
    assert "by the columns of" in texts(page)
    page.selectbox(key="import.asked").set_value("ph2").run()
    assert "by the columns of" not in texts(page)
    assert not [b for b in page.button if b.key == "import.go"]
    page.button(key="import.look").click().run()
    assert not page.exception
    assert "is not PH2" in texts(page)


def test_a_hostile_name_of_an_upload_names_no_place(page: AppTest, app_workspace: Workspace, tmp_path: Path) -> None:
    assert uploads.usable_name("../../etc/cron.d/x.csv", 0) == "x.csv"
    assert uploads.usable_name("..", 2) == "file 3"
    assert uploads.usable_name("a\x00b\u202e.csv", 0) == "file 1.csv"
    give(page, ("../../../HAM10000_metadata", ham_csv(ham_row("ISIC_1"))), pictures(tmp_path, "ISIC_1"))
    assert "HAM10000 metadata" in texts(page)
    assert {p.name for p in app_workspace.home.parent.iterdir()} <= {"workspace", "pictures.zip"}


def test_a_folder_on_the_server_is_looked_at(page: AppTest, tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "HAM10000_metadata").write_bytes(ham_csv(ham_row("ISIC_1")))
    (folder / "ISIC_1.jpg").write_bytes(make_jpeg())
    page.radio(key="import.place").set_value("server").run()
    page.text_area(key="import.paths").set_value(str(folder))
    page.button(key="import.look").click().run()
    assert not page.exception
    assert "**1 row**, 1 would come in · none left out" in texts(page)
    page.text_area(key="import.paths").set_value("/no/such/place")
    page.button(key="import.look").click().run()
    assert "there is no file or folder /no/such/place: moved, renamed or deleted?" in page.error[0].value


def test_a_mapping_file_that_cannot_be_used_is_said_with_its_line(page: AppTest, tmp_path: Path) -> None:
    give(page, ("mine.csv", b"photo,diagnosis\na1,nevus\n"), pictures(tmp_path, "a1"))
    page.file_uploader(key="import.mapping_file").set_value(
        ("m.yaml", b"columns:\n  photo: image_idd\n", "application/yaml")
    ).run()
    assert not page.exception
    assert "m.yaml, line 2: columns, photo: unknown target 'image_idd' (did you mean image_id?)" in page.error[0].value
    assert page.selectbox(key="import.mapping").value == "proposed"


def test_what_is_there_already_is_counted_before_the_import(page: AppTest, tmp_path: Path) -> None:
    archive = pictures(tmp_path, "ISIC_1", "ISIC_2")
    give(page, ("HAM10000_metadata", ham_csv(ham_row("ISIC_1"))), archive)
    page.button(key="import.go").click().run()
    both = ham_csv(ham_row("ISIC_1"), ham_row("ISIC_2", lesion_id="HAM_2"))
    give(page, ("HAM10000_metadata", both), archive)
    assert "**2 rows**, 1 would come in · 1 already present · none left out" in texts(page)
