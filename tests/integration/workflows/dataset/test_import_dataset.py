import errno
import io
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from PIL import Image
from tests.unit.dataset.image_factories import (
    draw_lesion,
    encode,
    exif_payload,
    ham_csv,
    ham_row,
    huge_png,
    jpeg_segment,
    make_jpeg,
    make_zip,
    with_segments,
)

from dermdash.errors import DermdashError, InvalidInput, MissingColumns, UnsafeUpload, WorkspaceFull
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import ASAN12, CLINICAL9, HAM7
from dermdash.settings import Settings
from dermdash.storage import object_store, records
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows import surviving_pool
from dermdash.workflows.dataset import import_run as module
from dermdash.workflows.dataset.browse_records import list_datasets, record_detail
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.import_log import exclusions_csv, list_import_runs
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write files of given names and bytes into a folder of images."""

    def write(files: dict[str, bytes], name: str = "images") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for file, data in files.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_bytes(data)
        return root

    return write


def run(workspace: Workspace, metadata: bytes, *images: Path, **options: object) -> ImportReport:
    given: dict[str, object] = {"adapter": "ham10000", "processes": False, **options}
    return import_dataset(workspace, metadata=metadata, images=images, **given)  # type: ignore[arg-type]


def stored_ids(workspace: Workspace) -> list[str]:
    return records.page_of_records(workspace.engine, RecordFilter(), limit=10_000)["image_id"].tolist()


def rows_of(count: int) -> bytes:
    return ham_csv(*(ham_row(f"ISIC_{i:03}", lesion_id=f"HAM_{i}") for i in range(count)))


def images_of(count: int) -> dict[str, bytes]:
    return {f"ISIC_{i:03}.jpg": make_jpeg(seed=i, width=40, height=30) for i in range(count)}


def reasons(report: ImportReport) -> dict[str, str]:
    return {e.image_id: str(e.reason) for e in report.exclusions}


def test_rows_and_images_become_records_on_both_engines(workspace: Workspace, folder: Folder) -> None:
    source = with_segments(make_jpeg(seed=1, width=300, height=200), jpeg_segment(0xFE, b"Dr. Secret"))
    images = folder({"ISIC_1.jpg": source, "ISIC_2.jpg": make_jpeg(seed=2)})
    metadata = ham_csv(ham_row("ISIC_1", dx="mel"), ham_row("ISIC_2", dx_type="confocal"), ham_row("ISIC_3"))
    report = run(workspace, metadata, images)
    assert (report.rows, report.imported, report.excluded) == (3, 2, {"no_image_file": 1})
    record = records.get_record(workspace.engine, "ham10000:ISIC_1")
    assert (record["dx"], record["dx_type"], record["verification_stage"]) == ("mel", "histo", 3)
    assert (record["lesion_id"], record["width"], record["height"]) == ("HAM_1", 300, 200)
    assert records.get_record(workspace.engine, "ham10000:ISIC_2")["verification_stage"] == 2
    stored = workspace.files.get(ORIGINALS, record["image_sha256"])
    assert b"Secret" not in stored
    thumbnail = Image.open(io.BytesIO(workspace.files.get(THUMBNAILS, record["image_sha256"])))
    assert max(thumbnail.size) == 224
    (logged,) = list_import_runs(workspace)
    assert (logged["id"], logged["excluded"]) == (report.run_id, {"no_image_file": 1})


def test_worker_processes_give_the_same_result(duckdb_workspace: Workspace, folder: Folder) -> None:
    report = run(duckdb_workspace, rows_of(3), folder(images_of(3)), processes=True)
    assert (report.imported, stored_ids(duckdb_workspace)) == (3, ["ISIC_000", "ISIC_001", "ISIC_002"])


def test_the_same_import_again_changes_nothing(workspace: Workspace, folder: Folder) -> None:
    images = folder(images_of(4))
    run(workspace, rows_of(5), images)
    again = run(workspace, rows_of(5), images)
    assert (again.imported, again.already_present, again.excluded) == (0, 4, {"no_image_file": 1})
    assert len(stored_ids(workspace)) == 4


def test_missing_or_misnamed_columns_are_named_with_the_expected_ones(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    metadata = ham_csv(ham_row(), header="lesion_id,image_id,diagnosis,dx_type,age,sex,localisation")
    with pytest.raises(MissingColumns, match=r"dx.*localization \(did you mean 'localisation'\?\).*Expected: "):
        run(duckdb_workspace, metadata, folder(images_of(1)))
    assert records.list_datasets(duckdb_workspace.engine) == []


def test_every_bad_row_and_image_is_left_out_for_its_reason_and_the_rest_is_imported(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    images = folder(
        {
            "good.jpg": make_jpeg(seed=1),
            "wart.jpg": make_jpeg(seed=2),
            "guess.jpg": make_jpeg(seed=3),
            "cut.jpg": make_jpeg(seed=4)[:900],
            "text.jpg": b"this is no image",
            "empty.jpg": b"",
            "huge.png": huge_png(),
            "copy.jpg": with_segments(make_jpeg(seed=1), jpeg_segment(0xFE, b"other comment")),
            "stray.jpg": make_jpeg(seed=5),
        }
    )
    rows = [ham_row(name) for name in ("good", "cut", "text", "empty", "huge", "copy", "absent", "good")]
    metadata = ham_csv(*rows, ham_row("wart", dx="wart"), ham_row("guess", dx_type="guess"), "a,b,c")
    report = run(duckdb_workspace, metadata, images)
    assert stored_ids(duckdb_workspace) == ["good"]
    assert reasons(report) == {
        "good": "duplicate_image_id",
        "wart": "unknown_diagnosis",
        "guess": "unknown_dx_type",
        "": "invalid_row",
        "absent": "no_image_file",
        "cut": "unreadable_image",
        "text": "unreadable_image",
        "empty": "empty_file",
        "huge": "unsafe_image",
        "copy": "duplicate_content",
        "stray": "image_without_row",
    }
    assert sum(report.left_out.values()) == len(report.exclusions) == 11
    assert (report.files_left_out, sum(report.excluded.values())) == ({"image_without_row": 1}, report.rows - 1)
    listed = exclusions_csv(duckdb_workspace, report.run_id).decode()
    assert listed.count("\n") >= 12
    assert "30,000 x 30,000 pixels" in listed
    assert "same content as good" in listed


def test_a_zip_with_paths_out_of_it_harms_nothing(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"../evil.jpg": make_jpeg(), "a/ISIC_000.jpg": make_jpeg(seed=3)})
    report = run(duckdb_workspace, ham_csv(ham_row("evil"), ham_row("ISIC_000")), archive)
    assert reasons(report) == {"evil": "unsafe_archive_entry"}
    assert stored_ids(duckdb_workspace) == ["ISIC_000"]
    assert not list(tmp_path.rglob("evil*"))


def test_a_bomb_in_a_zip_is_left_out(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"ISIC_000.png": bytes(20_000_000), "ISIC_001.jpg": make_jpeg()})
    report = run(duckdb_workspace, rows_of(2), archive)
    assert reasons(report) == {"ISIC_000": "unsafe_image"}
    assert report.imported == 1


def test_an_archive_larger_than_allowed_is_refused_as_a_whole(tmp_path: Path) -> None:
    workspace = open_workspace(Settings(home=tmp_path / "w", max_archive_gigabytes=1e-6))
    try:
        archive = make_zip(tmp_path / "z.zip", images_of(4))
        with pytest.raises(UnsafeUpload, match="DERMDASH_MAX_ARCHIVE_GIGABYTES"):
            run(workspace, rows_of(4), archive)
    finally:
        workspace.close()


def test_a_place_that_does_not_exist_is_named(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no directory or zip file"):
        run(duckdb_workspace, rows_of(1), tmp_path / "nowhere")


def test_an_impossible_age_is_noted_and_the_record_imported(duckdb_workspace: Workspace, folder: Folder) -> None:
    report = run(duckdb_workspace, ham_csv(ham_row("ISIC_000", age="850")), folder(images_of(1)))
    assert (report.imported, report.excluded) == (1, {})
    assert report.notes == (
        ("ISIC_000", "row 2: age '850' is outside 0-120 years and was left empty; its text is kept"),
    )
    assert "left empty" in exclusions_csv(duckdb_workspace, report.run_id).decode()


def test_columns_that_are_none_of_ours_are_noted(duckdb_workspace: Workspace, folder: Folder) -> None:
    metadata = b"image_id,dx,anatomical_sight\nISIC_000,nv,back\n"
    report = run(duckdb_workspace, metadata, folder(images_of(1)), adapter="csv", taxonomy=HAM7.name)
    said = "column 'anatomical_sight' is kept as a further column; did you mean 'anatomical_site'?"
    assert report.notes == (("", said),)
    assert "anatomical_sight" in exclusions_csv(duckdb_workspace, report.run_id).decode()


def test_the_diagnoses_of_a_table_are_of_the_taxonomy_that_is_named(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    metadata = b"image_id,dx,verification_stage\nISIC_000,melanoma,2\nISIC_001,dysplastic_nevus,2\n"
    named = {"adapter": "csv", "dataset_id": "clinic", "taxonomy": CLINICAL9.name}
    assert run(duckdb_workspace, metadata, folder(images_of(2)), **named).imported == 2
    assert list_datasets(duckdb_workspace)[0]["taxonomy"] == CLINICAL9.name
    melanoma, nevus = (record_detail(duckdb_workspace, f"clinic:ISIC_00{i}") for i in range(2))
    assert melanoma.verification_gaps == ["A malignant diagnosis needs histology (stage 3)."]
    assert nevus.verification_gaps == []
    # The missing histology of a melanoma is a gap, that of a borderline nevus none.
    assert melanoma.record["completeness"] < nevus.record["completeness"]
    again = {**named, "taxonomy": None}
    assert run(duckdb_workspace, metadata, folder(images_of(2)), **again).already_present == 2


def test_a_data_set_has_one_taxonomy_and_somebody_says_which(duckdb_workspace: Workspace, folder: Folder) -> None:
    metadata, images = b"image_id,dx\nISIC_000,bcc\n", folder(images_of(1))
    with pytest.raises(InvalidInput, match="does not say which taxonomy"):
        run(duckdb_workspace, metadata, images, adapter="csv")
    with pytest.raises(InvalidInput, match=r"asan12 \(asked for\)"):
        run(duckdb_workspace, rows_of(1), images, taxonomy=ASAN12.name)
    run(duckdb_workspace, metadata, images, adapter="csv", taxonomy=ASAN12.name)
    with pytest.raises(InvalidInput, match=r"asan12 \(the data set 'dataset'\), ham7 \(asked for\)"):
        run(duckdb_workspace, metadata, images, adapter="csv", taxonomy=HAM7.name)


def test_a_table_of_another_format_is_told_which(duckdb_workspace: Workspace, folder: Folder) -> None:
    one_hot = b"image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\nISIC_000,1,0,0,0,0,0,0\n"
    with pytest.raises(MissingColumns, match=r"looks like ISIC 2018 Task 3 ground truth: .*\(isic2018-test\)"):
        run(duckdb_workspace, one_hot, folder(images_of(1)))


def test_a_sideways_image_is_stored_so_that_it_shows_upright(duckdb_workspace: Workspace, folder: Folder) -> None:
    sideways = with_segments(make_jpeg(width=60, height=40), jpeg_segment(0xE1, exif_payload(6)))
    run(duckdb_workspace, rows_of(1), folder({"ISIC_000.jpg": sideways}))
    sha256 = records.get_record(duckdb_workspace.engine, "ham10000:ISIC_000")["image_sha256"]
    stored = duckdb_workspace.files.get(ORIGINALS, sha256)
    assert dict(Image.open(io.BytesIO(stored)).getexif()) == {0x0112: 6}
    assert b"Secret" not in stored


def make_mask(width: int = 40, height: int = 30, *, white: int = 255) -> bytes:
    return encode((draw_lesion(width, height)[..., 0] < 150).astype("uint8") * white, "PNG")


def test_masks_are_stored_beside_their_records(workspace: Workspace, folder: Folder) -> None:
    masks = folder({"ISIC_000_segmentation.png": make_mask(), "ISIC_001_segmentation.png": b"junk"}, "masks")
    report = run(workspace, rows_of(2), folder(images_of(2)), masks=[masks])
    assert (report.imported, report.masks, report.excluded) == (2, 1, {})
    assert report.files_left_out == {"unreadable_image": 1}
    sha256 = records.get_record(workspace.engine, "ham10000:ISIC_000")["mask_sha256"]
    assert Image.open(io.BytesIO(workspace.files.get(MASKS, sha256))).mode == "1"


def test_a_mask_of_another_size_and_a_photograph_are_no_masks_and_are_listed(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    masks = {
        "ISIC_000_Segmentation.png": make_mask(white=1),
        "ISIC_001_mask.png": make_mask(41),
        "ISIC_002.jpg": make_jpeg(seed=9, width=40, height=30),
        "ISIC_003_mask.png": make_mask(),
        "other_mask.png": make_mask(),
    }
    report = run(duckdb_workspace, rows_of(3), folder(images_of(3)), masks=[folder(masks, "masks")])
    assert (report.imported, report.masks) == (3, 1)
    assert report.files_left_out == {"unfit_mask": 2, "mask_without_image": 2}
    assert any("41 x 30 pixels, its image 40 x 30" in e.detail for e in report.exclusions)
    assert any("no mask but a photograph" in e.detail for e in report.exclusions)


def test_masks_that_come_later_must_have_the_size_of_the_stored_image(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    images = folder(images_of(2))
    run(duckdb_workspace, rows_of(2), images)
    masks = folder({"ISIC_000.png": make_mask(), "ISIC_001.png": make_mask(30, 40)}, "masks")
    later = run(duckdb_workspace, rows_of(2), images, masks=[masks])
    assert (later.masks, later.files_left_out) == (1, {"unfit_mask": 1})


def test_one_folder_for_images_and_masks_makes_no_photograph_a_mask(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    both = folder({**images_of(2), "ISIC_001_mask.png": make_mask()})
    report = run(duckdb_workspace, rows_of(2), both, masks=[both])
    assert (report.imported, report.masks, report.excluded) == (2, 1, {})


def test_names_that_several_files_have_are_left_out_and_matches_that_are_not_plain_are_noted(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    names = ["a/1.jpg", "b/1.jpg", "b/2.jpg", "0003.jpg"]
    images = folder({name: make_jpeg(seed=n, width=40, height=30) for n, name in enumerate(names)})
    report = import_dataset(
        duckdb_workspace, adapter="csv", metadata=b"image_id,dx\n1,nv\nb/2.jpg,mel\n3.0,nv\n", images=[images],
        taxonomy="ham7", processes=False,
    )  # fmt: skip
    assert (report.imported, report.excluded) == (2, {"ambiguous_image_name": 1})
    assert [image_id for image_id, note in report.notes if "was matched with 0003.jpg" in note] == ["3.0"]


def test_masks_may_come_later_than_the_images(duckdb_workspace: Workspace, folder: Folder) -> None:
    images = folder(images_of(2))
    run(duckdb_workspace, rows_of(2), images)
    masks = folder({"ISIC_001.png": make_mask()}, "masks")
    later = run(duckdb_workspace, rows_of(2), images, masks=[masks])
    assert (later.imported, later.already_present, later.masks) == (0, 2, 1)
    again = run(duckdb_workspace, rows_of(2), images, masks=[masks])
    assert again.masks == 0


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 4)
    monkeypatch.setattr(surviving_pool, "IN_FLIGHT", 1)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 4)


@pytest.mark.usefixtures("small_batches")
def test_an_interrupted_import_keeps_its_part_and_the_same_call_finishes_the_rest(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    images = folder(images_of(20))

    def interrupt(progress: ImportProgress) -> None:
        if progress.done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(duckdb_workspace, rows_of(20), images, progress=interrupt)
    kept = len(stored_ids(duckdb_workspace))
    assert 8 <= kept < 20
    rest = run(duckdb_workspace, rows_of(20), images)
    assert (rest.imported, rest.already_present, rest.excluded) == (20 - kept, kept, {})
    assert stored_ids(duckdb_workspace) == [f"ISIC_{i:03}" for i in range(20)]


@pytest.mark.usefixtures("small_batches")
def test_a_full_disk_keeps_earlier_batches_and_the_same_call_finishes_the_rest(
    duckdb_workspace: Workspace, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = folder(images_of(40))
    opened = 0
    real_open = os.open

    def full_later(path: Path, *arguments: int) -> int:
        nonlocal opened
        if ".writing-" in str(path):
            opened += 1
            if opened > 30:
                raise OSError(errno.ENOSPC, "No space left on device")
        return real_open(path, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(object_store.os, "open", full_later)
        with pytest.raises(WorkspaceFull, match="run the same command again"):
            run(duckdb_workspace, rows_of(40), images)
    kept = stored_ids(duckdb_workspace)
    assert 4 <= len(kept) < 40
    for image_id in kept:
        sha256 = records.get_record(duckdb_workspace.engine, f"ham10000:{image_id}")["image_sha256"]
        assert duckdb_workspace.files.get(ORIGINALS, sha256)
        assert duckdb_workspace.files.get(THUMBNAILS, sha256)
    assert not list(duckdb_workspace.home.rglob(".writing-*"))
    rest = run(duckdb_workspace, rows_of(40), images)
    assert rest.imported + len(kept) == 40
    assert len(stored_ids(duckdb_workspace)) == 40


class DyingPool(ThreadPoolExecutor):
    """A pool whose third piece of work kills its worker."""

    submitted = 0

    def submit(self, *arguments: object, **options: object) -> Future:  # type: ignore[override, type-arg]
        self.submitted += 1
        if self.submitted < 3:
            return super().submit(*arguments, **options)  # type: ignore[arg-type]
        dead: Future[object] = Future()
        dead.set_exception(BrokenProcessPool("A process in the process pool was terminated abruptly"))
        return dead


@pytest.mark.usefixtures("small_batches")
def test_workers_that_go_on_dying_are_explained_and_the_rest_can_be_done_again(
    duckdb_workspace: Workspace, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = folder(images_of(20))
    with monkeypatch.context() as patch:
        patch.setattr(surviving_pool, "MOST_DEATHS", 2)
        patch.setattr(module, "worker_pool", lambda *_, **__: DyingPool(1))
        with pytest.raises(DermdashError, match=r"memory.*DERMDASH_WORKERS=1"):
            run(duckdb_workspace, rows_of(20), images)
    kept = len(stored_ids(duckdb_workspace))
    assert kept >= 8
    assert run(duckdb_workspace, rows_of(20), images).imported == 20 - kept


def test_an_unknown_format_is_refused(duckdb_workspace: Workspace, folder: Folder) -> None:
    with pytest.raises(InvalidInput, match="choose ham10000"):
        run(duckdb_workspace, rows_of(1), folder(images_of(1)), adapter="dicom")
