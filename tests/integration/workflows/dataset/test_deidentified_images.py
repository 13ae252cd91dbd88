"""From a name written on a picture to a version without it, and what may be said of a data set meanwhile."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
import pytest
import sqlalchemy as sa
from PIL import Image
from tests.clinic_workspace import fill_clinic
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.unit.dataset.image_factories import draw_lesion, encode, jpeg_segment, with_segments

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.dataset.local_descriptors import DESCRIPTORS
from dermdash.dataset.uploaded_image import read_upload
from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.records.acts import Act
from dermdash.records.record_filter import RecordFilter
from dermdash.settings import Settings
from dermdash.storage import change_log, deidentification, records
from dermdash.storage import tables as t
from dermdash.storage.object_store import LOCKED, ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.dataset import browse_records, search_for_text
from dermdash.workflows.dataset.covered_versions import SHOWN_COVERED
from dermdash.workflows.dataset.deidentification_state import (
    image_to_judge,
    list_proposals,
    looked_at_by_image,
    text_state,
)
from dermdash.workflows.dataset.export_dicom import export_dicom
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.import_report import ImportProgress
from dermdash.workflows.dataset.judge_images import clean_files, decide, mask_regions, sign_off
from dermdash.workflows.dataset.keep_image import keep_image
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.dataset.removed_metadata import removed_by_kind, removed_table
from dermdash.workflows.dataset.search_for_text import screen
from dermdash.workflows.verification.change_log import verify_log
from dermdash.workflows.verification.reopen import undo
from dermdash.workflows.workspace.check_workspace import check_workspace

CURATOR = Account("curator", "C. Urator", frozenset({Role.CURATOR}))
READER = Account("reviewer", "R. Eviewer", frozenset({Role.REVIEWER}))


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_clinic, tmp_path / "workspace")
    yield opened
    let_go(opened)


def image_of(workspace: Workspace, image_id: str) -> str:
    return str(browse_records.record_detail(workspace, f"clinic:{image_id}").record["image_sha256"])


def test_what_was_taken_out_of_each_file_is_kept_and_not_what_stood_there(workspace: Workspace) -> None:
    kinds = removed_by_kind(workspace, ["clinic"])
    assert {str(kind): n for kind, n in kinds.counts.items()} == {"exif": 1, "comment": 1}
    assert (kinds.clean, kinds.unknown) == (1, 0)
    table = removed_table(workspace, ["clinic"])
    assert table["image_id"].tolist() == ["comment", "named"]
    assert "Erika" not in table.to_csv()


def test_nothing_is_called_deidentified_before_somebody_signed(workspace: Workspace) -> None:
    assert "3 of 3 images not searched" in text_state(workspace).statement
    with pytest.raises(InvalidInput, match="3 images not searched"):
        sign_off(workspace, CURATOR, "clinic")
    report = screen(workspace, processes=False)
    assert (report.screened, report.proposed) == (3, 1)
    assert screen(workspace, processes=False).screened == 0
    assert "1 image with what may be text" in text_state(workspace).statement
    with pytest.raises(InvalidInput, match="1 proposal not decided"):
        sign_off(workspace, CURATOR, "clinic")
    proposal = list_proposals(workspace)[0]
    assert [record["image_id"] for record in proposal.records] == ["named"]
    decide(workspace, CURATOR, proposal.image_sha256, "clear", note="the name of a device")
    assert "Nobody has signed" in text_state(workspace).statement
    assert not text_state(workspace).deidentified
    sign_off(workspace, CURATOR, "clinic", note="looked at all")
    state = text_state(workspace)
    assert state.deidentified
    assert state.statement.startswith("De-identified")
    decide(workspace, CURATOR, proposal.image_sha256, "open")
    assert not text_state(workspace).deidentified


def test_an_act_that_a_browser_sends_again_undoes_nothing_that_was_decided_since(workspace: Workspace) -> None:
    sha256 = image_of(workspace, "named")
    decide(workspace, CURATOR, sha256, "clear", delivery=1_790_000_000_000)
    decide(workspace, OPERATOR, sha256, "open", delivery=1_790_000_000_000)
    log = len(list(change_log.entries(workspace.engine)))
    decide(workspace, CURATOR, sha256, "clear", delivery=1_790_000_000_000)
    assert image_to_judge(workspace, sha256).verdict is None
    assert len(list(change_log.entries(workspace.engine))) == log
    decide(workspace, CURATOR, sha256, "clear", delivery=1_790_000_000_001)
    assert image_to_judge(workspace, sha256).verdict == "clear"


def test_a_covered_region_is_a_new_version_and_the_old_one_is_locked_away(workspace: Workspace) -> None:
    screen(workspace, processes=False)
    before = image_of(workspace, "named")
    original = workspace.files.get(ORIGINALS, before)
    workspace.files.put(DESCRIPTORS, before, b"what was computed of the picture as it was")
    proposal = list_proposals(workspace)[0]
    new = mask_regions(workspace, CURATOR, before, proposal.regions, note="a name")
    assert image_of(workspace, "named") == new
    for kind in (ORIGINALS, THUMBNAILS):
        assert not workspace.files.path(kind, before).exists()
        assert workspace.files.path(kind, new).exists()
    assert not workspace.files.path(DESCRIPTORS, before).exists()
    assert workspace.files.get(LOCKED, before) == original
    assert workspace.files.path(LOCKED, before).stat().st_mode & 0o077 == 0
    # What was outside the region is as it was, and the image lies as it lay.
    old, covered = (Image.open(io.BytesIO(data)) for data in (original, workspace.files.get(ORIGINALS, new)))
    assert dict(covered.getexif()) == {0x0112: 6}
    one, other = np.asarray(old.convert("RGB")), np.asarray(covered.convert("RGB"))
    changed = (one != other).any(axis=2)
    assert (other[changed] == 128).all()
    assert 0.02 < changed.mean() < 0.4
    assert screen(workspace, processes=False).proposed == 0
    assert text_state(workspace).masked == 1
    assert not list(check_workspace(workspace).faults)
    assert verify_log(workspace).problems == ()
    with pytest.raises(NotFound):
        mask_regions(workspace, CURATOR, before, proposal.regions)


def test_the_change_log_says_who_covered_what_and_it_cannot_be_taken_back(workspace: Workspace) -> None:
    before = image_of(workspace, "clean")
    source = browse_records.record_detail(workspace, "clinic:clean").record["source_sha256"]
    new = mask_regions(workspace, CURATOR, before, [TextRegion(5, 5, 40, 20, 0.0)], note="tattoo")
    with workspace.engine.connect() as connection:
        rows = connection.execute(sa.select(t.change_log).where(t.change_log.c.act == str(Act.MASKING))).all()
    assert [(row.account_id, row.field, row.record_id, row.reason) for row in rows] == [
        ("curator", "image_sha256", "clinic:clean", "tattoo")
    ]
    assert before in rows[0].old
    assert new in rows[0].new
    with pytest.raises(InvalidInput, match="stays covered"):
        undo(workspace, OPERATOR, rows[0].sequence, reason="no")
    assert image_of(workspace, "clean") == new
    # Who uploads the file as it came is told that it is this record.
    assert records.record_ids_of_files(workspace.engine, [source]) == ["clinic:clean"]


def test_a_sign_off_holds_for_the_images_as_they_were(workspace: Workspace) -> None:
    screen(workspace, processes=False)
    mask_regions(workspace, CURATOR, image_of(workspace, "named"), list_proposals(workspace)[0].regions)
    screen(workspace, processes=False)
    sign_off(workspace, CURATOR, "clinic")
    assert text_state(workspace).deidentified
    mask_regions(workspace, CURATOR, image_of(workspace, "clean"), [TextRegion(0, 0, 10, 10, 0.0)])
    screen(workspace, processes=False)
    assert text_state(workspace).unsigned == ("clinic",)


def test_only_a_curator_decides(workspace: Workspace) -> None:
    sha256 = image_of(workspace, "clean")
    for act in (
        lambda: decide(workspace, READER, sha256, "clear"),
        lambda: mask_regions(workspace, READER, sha256, [TextRegion(0, 0, 9, 9, 0.0)]),
        lambda: sign_off(workspace, READER, "clinic"),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert image_of(workspace, "clean") == sha256


def test_a_region_outside_the_image_changes_nothing(workspace: Workspace) -> None:
    sha256 = image_of(workspace, "clean")
    with pytest.raises(InvalidInput, match="300 x 240"):
        mask_regions(workspace, CURATOR, sha256, [TextRegion(400, 0, 10, 10, 0.0)])
    assert image_of(workspace, "clean") == sha256
    assert workspace.files.path(ORIGINALS, sha256).exists()


def store_as_an_older_version_did(workspace: Workspace, image_id: str, data: bytes) -> str:
    """Let a record have a file that holds more than pixels; its hash."""
    earlier, sha256 = image_of(workspace, image_id), hashlib.sha256(data).hexdigest()
    workspace.files.put(ORIGINALS, sha256, data)
    workspace.files.put(THUMBNAILS, sha256, data)
    with workspace.engine.connect() as connection:
        row = dict(connection.execute(sa.select(t.image).where(t.image.c.sha256 == earlier)).mappings().one())
    deidentification.replace_image(
        workspace.engine, image_sha256=earlier, masked={**row, "sha256": sha256}, regions=[], note="", account_id="x"
    )
    return sha256


def test_a_file_that_an_older_version_stored_with_a_name_in_it_is_no_deidentified_one(workspace: Workspace) -> None:
    data = workspace.files.get(ORIGINALS, image_of(workspace, "comment"))
    named = with_segments(data, jpeg_segment(0xFE, b"Erika M."))
    path = workspace.files.path(ORIGINALS, store_as_an_older_version_did(workspace, "comment", named))
    screen(workspace, processes=False)
    state = text_state(workspace)
    assert state.surplus == 1
    assert "clean them" in state.statement
    before, pixels = image_of(workspace, "comment"), np.asarray(Image.open(path))
    assert clean_files(workspace, CURATOR) == 1
    new = workspace.files.path(ORIGINALS, image_of(workspace, "comment"))
    assert b"Erika" not in new.read_bytes()
    assert np.array_equal(np.asarray(Image.open(new)), pixels)
    assert workspace.files.path(LOCKED, before).exists()
    screen(workspace, processes=False)
    assert text_state(workspace).surplus == text_state(workspace).masked == 0
    assert verify_log(workspace).problems == ()


def test_an_export_with_pseudonyms_names_nobody_and_says_who_is_the_same(workspace: Workspace) -> None:
    data = browse_records.records_csv(workspace, RecordFilter(), privacy=Privacy(names=True, age_years=5)).decode()
    for name in ("Erika", "Hans", "Weber", "weber", ",L1,"):
        assert name not in data
    frame = pd.read_csv(io.StringIO(data)).set_index("image_id")
    assert frame.loc["named", "patient_id"] == frame.loc["comment", "patient_id"] != frame.loc["clean", "patient_id"]
    assert frame.loc["named", "examiner_id"] == frame.loc["comment", "examiner_id"]
    assert frame["age_at_exam"].to_dict() == {"named": "85+", "comment": "40-44", "clean": "35-39"}
    again = browse_records.records_csv(workspace, RecordFilter(), privacy=Privacy(names=True, age_years=5)).decode()
    assert again == data
    assert not list(workspace.home.rglob("*pseudonyms*"))


def test_an_import_with_pseudonyms_stores_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(draw_lesion(60, 50, seed=3), "PNG"))
    rows = b"image_id,dx,lesion_id,patient_id,examiner_id\na,nv,Erika-1,Erika Mustermann,Dr. Weber\n"
    opened = open_workspace(Settings(home=tmp_path / "workspace", workers=1))
    how = {"adapter": "csv", "metadata": rows, "images": [folder], "taxonomy": "ham7", "dataset_id": "c"}
    import_dataset(opened, processes=False, pseudonyms=True, **how)
    record = browse_records.record_detail(opened, "c:a").record
    exported = browse_records.records_csv(opened, RecordFilter(), privacy=Privacy(names=True)).decode()
    opened.close()
    assert record["patient_id"].startswith("P-")
    assert record["lesion_id"].startswith("L-")
    assert record["examiner_id"].startswith("E-")
    # An export with pseudonyms keeps those that came in.
    assert record["patient_id"] in exported
    stored = b"".join(path.read_bytes() for path in (tmp_path / "workspace").rglob("*") if path.is_file())
    for name in (b"Erika", b"Weber"):
        assert name not in stored


def test_further_columns_and_rows_that_were_left_out_name_nobody_either(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(draw_lesion(60, 50, seed=3), "PNG"))
    rows = (
        b"image_id,dx,lesion_id,patient_id,examiner_id,insured\na,nv,Anna-1,Anna Krause,Dr. Vogel,Bernd\n"
        b"a,mel,Clara-1,Clara Roth,Dr. Lang,Dora\n"
    )
    opened = open_workspace(Settings(home=tmp_path / "workspace", workers=1))
    how = {"adapter": "csv", "metadata": rows, "images": [folder], "taxonomy": "ham7", "processes": False}
    report = import_dataset(opened, pseudonyms=True, dataset_id="hidden", **how)
    assert "with pseudonyms further columns are not stored: 'insured'" in [note for _, note in report.notes]
    opened.engine.dispose()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "workspace").rglob("*") if path.is_file())
    for name in (b"Anna", b"Krause", b"Vogel", b"Bernd", b"Clara", b"Roth", b"Lang", b"Dora"):
        assert name not in stored, name
    import_dataset(opened, dataset_id="shown", **how)
    assert "Bernd" in browse_records.records_csv(opened, RecordFilter()).decode()
    exported = browse_records.records_csv(opened, RecordFilter(), privacy=Privacy(names=True)).decode()
    opened.close()
    assert "Bernd" not in exported
    assert "insured" not in exported


def test_dicom_files_with_pseudonyms_have_those_of_the_csv(workspace: Workspace, tmp_path: Path) -> None:
    record = browse_records.record_detail(workspace, "clinic:named").record
    exported = browse_records.records_csv(workspace, RecordFilter(), privacy=Privacy(names=True))
    expected = pd.read_csv(io.BytesIO(exported)).set_index("image_id").loc["named", "patient_id"]
    for hide, patient in ((False, record["patient_id"]), (True, expected)):
        export_dicom(workspace, RecordFilter(), tmp_path / str(hide), privacy=Privacy(names=hide))
        file = tmp_path / str(hide) / "clinic" / "named.dcm"
        assert str(pydicom.dcmread(file).PatientID) == patient
        assert (str(record["patient_id"]).encode() in file.read_bytes()) is not hide


def test_a_picture_that_was_covered_comes_again_covered_whatever_its_file(workspace: Workspace, tmp_path: Path) -> None:
    before, named = image_of(workspace, "clean"), image_of(workspace, "named")
    data, jpeg = workspace.files.get(ORIGINALS, before), workspace.files.get(ORIGINALS, named)
    first = mask_regions(workspace, CURATOR, before, [TextRegion(0, 0, 10, 10, 0.0)], note="a face")
    covered = mask_regions(workspace, CURATOR, first, [TextRegion(50, 50, 10, 10, 0.0)])
    sideways = mask_regions(workspace, CURATOR, named, [TextRegion(10, 190, 280, 40, 0.0)])
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "face.png").write_bytes(data)
    Image.open(io.BytesIO(data)).save(folder / "tiff.tiff")
    (folder / "jpeg.jpg").write_bytes(with_segments(jpeg, jpeg_segment(0xFE, b"once more")))
    (folder / "other.png").write_bytes(encode(draw_lesion(300, 240, seed=77, texture=2.0), "PNG"))
    rows = b"image_id,dx\nface,nv\ntiff,nv\njpeg,mel\nother,nv\n"
    how = {"adapter": "csv", "metadata": rows, "images": [folder], "taxonomy": "ham7", "processes": False}
    report = import_dataset(workspace, dataset_id="other", **how)
    # Of a data set that has the picture twice one record is left, as ever.
    assert (report.imported, report.excluded) == (3, {"duplicate_content": 1})
    assert ("face", SHOWN_COVERED) in report.notes
    shown = [browse_records.record_detail(workspace, f"other:{i}").record["image_sha256"] for i in ("face", "jpeg")]
    assert shown == [covered, sideways]
    for sha256 in (before, first, named):
        assert not workspace.files.path(ORIGINALS, sha256).exists()
        assert not workspace.files.path(THUMBNAILS, sha256).exists()
    screen(workspace, processes=False)
    assert text_state(workspace, ["other"]).open == 0
    sign_off(workspace, CURATOR, "other")
    assert not list(check_workspace(workspace).faults)


@pytest.mark.parametrize("meanwhile", [0, 1], ids=["before its file is read", "before its row is stored"])
def test_a_picture_that_is_covered_while_another_import_brings_it_comes_in_covered(
    workspace: Workspace, tmp_path: Path, meanwhile: int
) -> None:
    before = image_of(workspace, "clean")
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "face.png").write_bytes(workspace.files.get(ORIGINALS, before))
    covered = []

    def cover_at(progress: ImportProgress) -> None:
        if progress.done == meanwhile and not covered:
            covered.append(mask_regions(workspace, CURATOR, before, [TextRegion(0, 0, 10, 10, 0.0)]))

    report = import_dataset(
        workspace, adapter="csv", metadata=b"image_id,dx\nface,nv\n", images=[folder], taxonomy="ham7",
        dataset_id="other", processes=False, progress=cover_at,
    )  # fmt: skip
    assert [browse_records.record_detail(workspace, "other:face").record["image_sha256"]] == covered
    assert ("face", SHOWN_COVERED) in report.notes
    assert not workspace.files.path(ORIGINALS, before).exists()
    assert not workspace.files.path(THUMBNAILS, before).exists()
    assert not list(check_workspace(workspace).faults)


def test_importing_a_data_set_again_after_covering_finds_the_pictures_it_has(
    workspace: Workspace, tmp_path: Path
) -> None:
    before = image_of(workspace, "clean")
    folder = tmp_path / "again"
    folder.mkdir()
    Image.open(io.BytesIO(workspace.files.get(ORIGINALS, before))).save(
        folder / "clean.tiff"
    )  # other bytes, same pixels
    covered = mask_regions(workspace, CURATOR, before, [TextRegion(0, 0, 10, 10, 0.0)], note="a face")
    how = {"adapter": "csv", "metadata": b"image_id,dx\nclean,nv\n", "images": [folder], "taxonomy": "ham7"}
    report = import_dataset(workspace, dataset_id="clinic", processes=False, **how)
    assert (report.imported, report.excluded) == (0, {})
    assert image_of(workspace, "clean") == covered


def test_a_covered_picture_that_somebody_diagnoses_and_keeps_is_kept_covered(workspace: Workspace) -> None:
    before = image_of(workspace, "clean")
    data = workspace.files.get(ORIGINALS, before)
    covered = mask_regions(workspace, CURATOR, before, [TextRegion(0, 0, 10, 10, 0.0)])
    record_id = keep_image(workspace, read_upload(data), taxonomy="ham7")
    assert browse_records.record_detail(workspace, record_id).record["image_sha256"] == covered
    assert not workspace.files.path(ORIGINALS, before).exists()
    assert not list(check_workspace(workspace).faults)


def test_somebody_looks_at_every_image_once_and_the_sign_off_says_how_many_were_seen(workspace: Workspace) -> None:
    screen(workspace, processes=False)
    assert set(looked_at_by_image(workspace, ["clinic"]).values()) == {False}
    named, clean = image_of(workspace, "named"), image_of(workspace, "clean")
    decide(workspace, CURATOR, clean, "clear")
    covered = mask_regions(workspace, CURATOR, named, list_proposals(workspace)[0].regions)
    # Whoever covers has looked; the new version was searched at once.
    looked = looked_at_by_image(workspace, ["clinic"])
    assert {sha256 for sha256, seen in looked.items() if seen} == {clean, covered}
    state = text_state(workspace)
    assert (state.screened, state.looked_at) == (3, 2)
    judged = image_to_judge(workspace, clean)
    assert (judged.verdict, judged.decided_by) == ("clear", "curator")
    assert image_to_judge(workspace, covered).verdict == "masked"
    # An image in which nothing is proposed does not stand among the proposals.
    assert list_proposals(workspace) == []
    sign_off(workspace, CURATOR, "clinic")
    assert (
        "A person has looked at 2 of 3 images one by one; 1 only the search has seen."
        in text_state(workspace).statement
    )
    with workspace.engine.connect() as connection:
        told = connection.execute(sa.select(t.change_log.c.new).where(t.change_log.c.act == "text_sign_off")).scalar()
    assert '"looked_at":2' in str(told).replace("'", '"').replace(" ", "")
    decide(workspace, CURATOR, clean, "open")
    assert text_state(workspace).looked_at == 1


def test_of_two_people_at_one_image_the_second_is_told_what_the_first_did(workspace: Workspace) -> None:
    sha256 = image_of(workspace, "clean")
    mask_regions(workspace, CURATOR, sha256, [TextRegion(5, 5, 40, 20, 0.0)])
    for act in (
        lambda: decide(workspace, OPERATOR, sha256, "clear"),
        lambda: mask_regions(workspace, OPERATOR, sha256, [TextRegion(50, 50, 40, 20, 0.0)]),
        lambda: image_to_judge(workspace, sha256),
    ):
        with pytest.raises(NotFound, match="covered or cleaned this image meanwhile"):
            act()


def test_searching_goes_through_many_chunks(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_for_text, "_CHUNK", 1)
    seen: list[tuple[int, int]] = []
    screen(workspace, processes=False, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
