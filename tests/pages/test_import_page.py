from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.import_page import PAGE, table_with, texts
from tests.pages.open_page import to_page
from tests.unit.dataset.image_factories import ham_csv, ham_row, make_jpeg, make_zip

from dermdash.storage.workspace import Workspace
from dermdash.ui import import_result, import_view
from dermdash.ui.import_view import progress_words
from dermdash.workflows.dataset import browse_records, import_log
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.import_report import ImportProgress

CSV = ham_csv(ham_row("ISIC_1"), ham_row("ISIC_2", lesion_id="HAM_2"), ham_row("ISIC_3", dx="wart"))


@pytest.fixture
def page(signed_in_app: AppTest) -> AppTest:
    to_page(signed_in_app, PAGE).run()
    signed_in_app.segmented_control(key="import.way").set_value("apart").run()
    assert not signed_in_app.exception
    return signed_in_app


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_zip(tmp_path / "images.zip", {"ISIC_1.jpg": make_jpeg(), "ISIC_2.jpg": make_jpeg()[:300]})


def test_an_empty_workspace_says_what_to_do(page: AppTest) -> None:
    assert page.title[0].value == "Import"
    assert "0 records in 0 data sets" in texts(page)
    assert "No import yet" in texts(page)


def test_a_visitor_who_is_not_signed_in_gets_no_form(visitor_app: AppTest) -> None:
    visitor_app.run()
    assert not visitor_app.get("form")
    assert visitor_app.title[0].value == "dermdash"


def test_uploaded_files_are_imported_and_what_was_left_out_is_listed(
    page: AppTest, app_workspace: Workspace, archive: Path
) -> None:
    page.file_uploader(key="import.metadata").set_value(("meta.csv", CSV, "text/csv"))
    page.file_uploader(key="import.images").set_value([("images.zip", archive.read_bytes(), "application/zip")])
    page.button(key="import.start").click().run()
    assert not page.exception
    assert page.success[0].value == "1 image imported into HAM10000."
    table = page.dataframe[0].value
    assert dict(zip(table["Reason"], table["Number"], strict=True)) == {
        "unknown diagnosis": 1,
        "unreadable image": 1,
    }
    assert "1 record in 1 data set" in texts(page)
    (run,) = import_log.list_import_runs(app_workspace)
    assert b"unreadable_image" in import_log.exclusions_csv(app_workspace, run["id"])
    assert list((app_workspace.home / "uploads").iterdir()) == []


def start_import(page: AppTest, metadata: bytes, archive: Path) -> None:
    page.file_uploader(key="import.metadata").set_value(("meta.csv", metadata, "text/csv"))
    page.file_uploader(key="import.images").set_value([("images.zip", archive.read_bytes(), "application/zip")])
    page.button(key="import.start").click().run()
    assert not page.exception


def test_the_result_stands_once_and_past_imports_do_not_repeat_it(page: AppTest, archive: Path) -> None:
    start_import(page, CSV, archive)
    shown = texts(page)
    assert shown.count("imported into") == 1
    assert shown.count("1 record in 1 data set") == 1
    assert "0 records" not in shown
    assert "Left out by the import of" not in shown
    assert page.dataframe[0].value.columns.tolist() == ["Reason", "Number", "Of"]
    assert len(page.dataframe) == 3  # what was left out by reason, one by one, and the past imports
    page.run()
    assert texts(page).count("imported into") == 1


def test_an_import_that_found_nothing_usable_warns_and_says_the_way_out(
    page: AppTest, app_workspace: Workspace, archive: Path
) -> None:
    start_import(page, ham_csv(ham_row("ISIC_8"), ham_row("ISIC_9", lesion_id="HAM_9")), archive)
    assert not page.success
    (warning,) = page.warning
    assert "Nothing was imported: 4 rows and files left out, most of all for no image file" in warning.value
    assert "the image ids are the names of the files" in warning.value
    assert "0 records in 0 data sets" in texts(page)
    assert browse_records.list_datasets(app_workspace) == []
    assert len(import_log.list_import_runs(app_workspace)) == 1


def test_the_same_import_again_says_that_nothing_is_new(page: AppTest, archive: Path) -> None:
    start_import(page, CSV, archive)
    start_import(page, CSV, archive)
    assert not page.success
    assert "Nothing new: what could be used is in HAM10000 already." in page.info[0].value
    assert "3 rows read, 1 already present" in texts(page)


def test_the_result_is_gone_when_the_page_is_opened_anew(page: AppTest, archive: Path) -> None:
    start_import(page, CSV, archive)
    to_page(page, "pages/dataset/records.py").run()
    to_page(page, PAGE).run()
    assert "imported into" not in texts(page)


def test_values_that_were_not_used_are_said_beside_that_nothing_was_left_out(
    app_workspace: Workspace, signed_in_app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = make_zip(tmp_path / "one.zip", {"ISIC_1.jpg": make_jpeg()})
    row = ham_csv(ham_row("ISIC_1", age="ninety"))
    report = import_dataset(app_workspace, adapter="ham10000", metadata=row, images=[images], processes=False)
    assert (report.imported, report.excluded, len(report.notes)) == (1, {}, 1)
    assert import_log.count_notes(app_workspace, report.run_id) == 1
    data_table = import_result.data_table

    def first_row_chosen(frame: pd.DataFrame, *, key: str, **options: object) -> object:
        shown = data_table(frame, key=key, **options)
        return {"selection": {"rows": [0]}} if key == "import.past" else shown

    monkeypatch.setattr(import_result, "data_table", first_row_chosen)
    to_page(signed_in_app, PAGE).run()
    shown = texts(signed_in_app)
    assert "No row and no file was left out." in shown
    assert "1 value or column not used; the list names what and why." in shown
    assert len(signed_in_app.get("download_button")) == 1


def test_folders_on_the_server_are_imported(page: AppTest, app_workspace: Workspace, archive: Path) -> None:
    page.radio(key="import.place").set_value("server").run()
    page.file_uploader(key="import.metadata").set_value(("meta.csv", CSV, "text/csv"))
    page.text_area(key="import.image_paths").set_value(f"{archive}\n\n")
    page.text_input(key="import.dataset_id").set_value("clinic")
    page.button(key="import.start").click().run()
    assert not page.exception
    assert [d["id"] for d in browse_records.list_datasets(app_workspace)] == ["clinic"]


@pytest.mark.parametrize(
    ("metadata", "paths", "message"),
    [
        (None, "/tmp", "Choose the metadata table first"),
        (CSV, "", "Name the images first"),
        (CSV, "/no/such/folder", "there is no directory or zip file /no/such/folder"),
        (b"image,dx\na,nv\n", "/tmp", "image_id (did you mean 'image'?)"),
        (b"", "/tmp", "the metadata file is empty"),
    ],
)
def test_what_cannot_be_used_is_said_in_words(page: AppTest, metadata: bytes | None, paths: str, message: str) -> None:
    page.radio(key="import.place").set_value("server").run()
    if metadata is not None:
        page.file_uploader(key="import.metadata").set_value(("meta.csv", metadata, "text/csv"))
    page.text_area(key="import.image_paths").set_value(paths)
    page.button(key="import.start").click().run()
    assert not page.exception
    assert message in page.error[0].value


def test_uploads_are_deleted_when_the_import_fails(page: AppTest, app_workspace: Workspace) -> None:
    page.file_uploader(key="import.metadata").set_value(("meta.csv", CSV, "text/csv"))
    page.file_uploader(key="import.images").set_value([("images.zip", b"no zip at all", "application/zip")])
    page.button(key="import.start").click().run()
    assert "neither a directory nor a complete zip or tar file" in page.error[0].value
    assert list((app_workspace.home / "uploads").iterdir()) == []


def test_past_imports_show_what_each_left_out(signed_in_app: AppTest, app_workspace: Workspace, archive: Path) -> None:
    import_dataset(app_workspace, adapter="ham10000", metadata=CSV, images=[archive], processes=False)
    to_page(signed_in_app, PAGE).run()
    past = signed_in_app.dataframe(key="import.past").value
    assert past[["Data set", "Rows", "Imported", "Left out"]].to_numpy().tolist() == [["HAM10000", 3, 1, 2]]
    assert "Choose a row" in "".join(caption.value for caption in signed_in_app.caption)
    assert len(signed_in_app.dataframe) == 1


def test_a_table_without_ending_is_tried_before_it_is_imported(page: AppTest, app_workspace: Workspace) -> None:
    archive = make_zip(app_workspace.home / "images.zip", {"ISIC_1.jpg": make_jpeg(), "stray.jpg": make_jpeg(seed=3)})
    page.file_uploader(key="import.metadata").set_value(("HAM10000_metadata", CSV, ""))
    page.file_uploader(key="import.images").set_value([("images.zip", archive.read_bytes(), "application/zip")])
    page.button(key="import.try").click().run()
    assert not page.exception
    assert "Nothing was stored. 1 image would be imported" in page.info[0].value
    assert import_log.list_import_runs(app_workspace) == []
    listed = table_with(page, "Row or file")
    assert set(zip(listed["Image id"], listed["Reason"], listed["Row or file"], strict=True)) == {
        ("ISIC_3", "unknown diagnosis", "row"), ("ISIC_2", "no image file", "row"),
        ("stray", "image without row", "file"),
    }  # fmt: skip


def test_rows_that_differ_are_shown_and_update_their_records_on_demand(
    page: AppTest, app_workspace: Workspace, archive: Path
) -> None:
    start_import(page, CSV, archive)
    corrected = ham_csv(ham_row("ISIC_1", dx="mel"), ham_row("ISIC_2", lesion_id="HAM_2"))
    start_import(page, corrected, archive)
    changes = table_with(page, "It came with")
    assert ["ISIC_1", "dx", "nv", "mel", "nothing"] in changes.to_numpy().tolist()
    page.toggle(key="import.update").set_value(True)
    start_import(page, corrected, archive)
    assert "1 record of HAM10000 updated." in page.success[0].value
    assert "1 changed (1 updated)" in texts(page)


def test_contradictions_of_an_import_lead_to_the_findings(page: AppTest, archive: Path) -> None:
    start_import(page, ham_csv(ham_row("ISIC_1"), ham_row("ISIC_1", dx="mel")), archive)
    assert "1 contradiction in the data set" in page.warning[0].value
    to_page(page, "pages/dataset/findings.py").run()
    page.segmented_control(key="findings.of").set_value("contradictions").run()
    assert not page.exception
    assert "0 of 1 decided" in texts(page)
    assert table_with(page, "Row 2, left out")["Row 2, left out"].tolist()[4] == "mel"
    page.button(key="contradictions.decide.mended").click().run()
    assert not page.exception
    assert "1 of 1 decided" in texts(page)
    assert "No contradiction passes these filters" in texts(page)


def test_progress_says_rate_and_remaining_time() -> None:
    assert progress_words(ImportProgress(0, 10), 0.0) == "0 of 10 images"
    assert (
        progress_words(ImportProgress(500, 2_000), 5.0)
        == "500 of 2,000 images, 100 per second, 15\N{NO-BREAK SPACE}s left"
    )


def test_the_page_runs_worker_processes_only_for_many_images(
    page: AppTest, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, object] = {}

    def note(*arguments: object, **options: object) -> object:
        asked.update(options)
        return import_dataset(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(import_view, "import_dataset", note)
    page.file_uploader(key="import.metadata").set_value(("meta.csv", CSV, "text/csv"))
    page.file_uploader(key="import.images").set_value([("images.zip", archive.read_bytes(), "application/zip")])
    page.button(key="import.start").click().run()
    assert asked["processes"] is None
