"""What an import says is so: rows add up, rows that come again are compared, contradictions are found."""

import errno
import os
import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.unit.dataset.image_factories import ham_csv, ham_row, jpeg_segment, make_jpeg, with_segments
from tests.unit.records.spreadsheet_factory import make_workbook

from dermdash.errors import InvalidInput, WayOut, WorkspaceReadOnly
from dermdash.records.acts import Act
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import change_log, findings, import_runs, object_store, records, tables
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, OPERATOR
from dermdash.workflows.dataset import find_contradictions, import_log, import_run
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.import_report import ImportReport
from dermdash.workflows.dataset.import_scores import import_scores
from dermdash.workflows.verification.change_log import verify_log
from dermdash.workflows.verification.reopen import correct_field

Folder = Callable[..., Path]
HEAD = "image_id,dx,age_at_exam,sex,patient_id,lesion_id"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write images of given names, each drawn by its seed."""

    def write(name: str = "images", **seeds: int) -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for image_id, seed in seeds.items():
            (root / f"{image_id}.jpg").write_bytes(make_jpeg(seed=seed, width=24, height=16))
        return root

    return write


def run(workspace: Workspace, table: str | bytes, *images: Path, **options: object) -> ImportReport:
    data = table if isinstance(table, bytes) else table.encode()
    given: dict[str, object] = {"adapter": "csv", "taxonomy": "ham7", "processes": False, "workers": 1, **options}
    return import_dataset(workspace, metadata=data, images=images, **given)  # type: ignore[arg-type]


def changes(report: ImportReport) -> list[tuple[str, str, object, object, str]]:
    return [(c.image_id, c.field, c.old, c.new, c.outcome) for c in report.changes]


def count_records(workspace: Workspace) -> int:
    return records.count_records(workspace.engine, RecordFilter())


def adds_up(report: ImportReport) -> bool:
    counted = report.imported + report.already_present + report.changed + sum(report.excluded.values())
    listed = len(report.exclusions) - report.files
    return counted == report.rows and listed == sum(report.excluded.values())


@pytest.mark.parametrize("seed", range(3))
def test_every_row_is_one_of_imported_present_changed_and_left_out(
    duckdb_workspace: Workspace, folder: Folder, seed: int
) -> None:
    chance = random.Random(seed)
    names = [f"i{n}" for n in range(12)]
    images = folder(**{name: chance.randrange(8) for name in chance.sample(names, 8)})
    (images / "i1.jpg").write_bytes(b"no picture")

    def table() -> str:
        labels, ages = ["nv", "nv", "mel", "wart"], ["", "40", "50", "x"]
        rows = [",".join(map(chance.choice, (names, labels, ages))) for _ in range(chance.randrange(1, 20))]
        return "\n".join(["image_id,dx,age_at_exam", *rows, *(["a,b"] if chance.random() < 0.5 else [])]) + "\n"

    for turn in range(4):
        rows = table()
        tried = run(duckdb_workspace, rows, images, dry_run=True)
        report = run(duckdb_workspace, rows, images, update=turn % 2 == 1)
        assert adds_up(tried), tried
        assert adds_up(report), report
    assert verify_log(duckdb_workspace).whole


def test_a_site_from_before_sites_were_harmonised_is_no_difference_and_an_update_takes_it_along(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    images, table = folder(a=1), "image_id,dx,anatomical_site\na,nv,back\n"
    run(duckdb_workspace, table, images)
    with duckdb_workspace.engine.begin() as connection:
        connection.execute(sa.update(tables.record).values(anatomical_site="back", source_site=None))
    report = run(duckdb_workspace, table, images)
    assert (report.already_present, report.changed, changes(report)) == (1, 0, [])
    assert run(duckdb_workspace, table, images, update=True).updated == 1
    row = records.get_record(duckdb_workspace.engine, "dataset:a")
    assert (row["anatomical_site"], row["source_site"]) == ("posterior torso", "back")


def test_rows_that_differ_are_told_with_old_and_new_and_change_nothing(workspace: Workspace, folder: Folder) -> None:
    images = folder(a=1, b=2)
    run(workspace, f"{HEAD}\na,nv,50,female,,\nb,nv,60,male,,\n", images)
    report = run(workspace, f"{HEAD}\na,mel,51,female,P1,\nb,nv,60,male,,\n", images)
    assert (report.imported, report.already_present, report.changed, report.updated) == (0, 1, 1, 0)
    assert changes(report) == [
        ("a", "patient_id", None, "P1", "told"),
        ("a", "source_label", "nv", "mel", "told"),
        ("a", "dx", "nv", "mel", "told"),
        ("a", "age_at_exam", 50, 51, "told"),
        ("a", "clinical_diagnosis", "nv", "mel", "told"),
    ]
    assert records.get_record(workspace.engine, "dataset:a")["dx"] == "nv"
    stored = import_runs.import_changes(workspace.engine, report.run_id)
    assert [(row["image_id"], row["field"], row["old"], row["new"]) for row in stored][3] == (
        "a",
        "age_at_exam",
        50,
        51,
    )
    (run_row, _) = import_log.list_import_runs(workspace)
    assert (run_row["changed"], run_row["updated"]) == (1, 0)


def test_an_update_logs_each_field_and_the_log_stays_whole(workspace: Workspace, folder: Folder) -> None:
    images = folder(a=1, b=2)
    run(workspace, f"{HEAD}\na,nv,50,female,,\nb,nv,60,male,,\n", images)
    corrected = f"{HEAD}\na,mel,51,female,P1,\nb,nv,60,male,,\n"
    report = run(workspace, corrected, images, update=True)
    assert (report.changed, report.updated) == (1, 1)
    record = records.get_record(workspace.engine, "dataset:a")
    assert (record["dx"], record["age_at_exam"], record["patient_id"]) == ("mel", 51, "P1")
    entries = [e for e in change_log.entries(workspace.engine, record_id="dataset:a") if e.act == Act.IMPORT]
    assert {(e.field, e.old, e.new) for e in entries} >= {("dx", "nv", "mel"), ("age_at_exam", 50, 51)}
    assert {(e.account_id, e.reason) for e in entries} == {(ADMIN_ACCOUNT, f"import {report.run_id}")}
    assert verify_log(workspace).whole
    again = run(workspace, corrected, images)
    assert (again.already_present, again.changed) == (2, 0)


def test_what_people_here_decided_is_kept_and_told(duckdb_workspace: Workspace, folder: Folder) -> None:
    images = folder(a=1)
    run(duckdb_workspace, f"{HEAD}\na,nv,50,female,,\n", images)
    correct_field(duckdb_workspace, OPERATOR, "dataset:a", "age_at_exam", 55, reason="asked the patient")
    same = run(duckdb_workspace, f"{HEAD}\na,nv,50,female,,\n", images, update=True)
    assert (same.already_present, same.changed) == (1, 0)
    report = run(duckdb_workspace, f"{HEAD}\na,nv,51,male,,\n", images, update=True)
    assert changes(report) == [("a", "age_at_exam", 50, 51, "kept"), ("a", "sex", "female", "male", "updated")]
    record = records.get_record(duckdb_workspace.engine, "dataset:a")
    assert (record["age_at_exam"], record["sex"]) == (55, "male")
    assert verify_log(duckdb_workspace).whole


def test_a_row_that_now_scores_its_image_1_updates_nothing_and_says_where_such_scores_go(
    duckdb_workspace: Workspace, folder: Folder, tmp_path: Path
) -> None:
    images = folder(a=1, b=2)
    run(duckdb_workspace, f"{HEAD}\na,nv,50,female,,\nb,nv,60,male,,\n", images)
    scored = f"{HEAD},image_quality_score\na,mel,51,female,,,1\nb,nv,61,male,,,3\n"
    report = run(duckdb_workspace, scored, images, update=True)
    assert (report.excluded, report.scored_lower, report.updated) == ({"low_quality_score": 1}, 1, 1)
    assert report.to_json()["scored_lower"] == 1
    record = records.get_record(duckdb_workspace.engine, "dataset:a")
    assert (record["dx"], record["age_at_exam"], record["acquisition"], record["image_quality_score"]) == (
        "nv", 50, None, None,
    )  # fmt: skip
    assert count_records(duckdb_workspace) == 2
    table = tmp_path / "scores.csv"
    table.write_text("image_id,score\na,1\n")
    assert import_scores(duckdb_workspace, OPERATOR, table).rejected == 1
    assert count_records(duckdb_workspace) == 1
    again = run(duckdb_workspace, scored, images, update=True)  # it says the same as the gate has said
    assert (again.scored_lower, count_records(duckdb_workspace)) == (1, 1)
    assert verify_log(duckdb_workspace).whole


def test_a_table_without_a_column_says_nothing_against_it_and_an_emptied_cell_does(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    images = folder(a=1, b=2)
    run(duckdb_workspace, f"{HEAD}\na,nv,50,female,P1,L1\nb,nv,60,male,P2,L2\n", images)
    fewer = run(duckdb_workspace, "image_id,dx\na,nv\nb,nv\n", images, update=True)
    assert (fewer.already_present, fewer.changed) == (2, 0)
    emptied = run(duckdb_workspace, "image_id,dx,age_at_exam\na,nv,\nb,nv,60\n", images, update=True)
    assert changes(emptied) == [("a", "age_at_exam", 50, None, "updated")]


def test_ids_of_another_data_set_are_refused_and_nothing_is_stored(workspace: Workspace, folder: Folder) -> None:
    run(workspace, "image_id,dx\na,nv\nb,nv\n", folder(a=1, b=2))
    other = folder("other", a=3, c=4)
    with pytest.raises(InvalidInput, match=r"1 of 1 image id .* another picture \(a\)") as refused:
        run(workspace, "image_id,dx\na,bcc\nc,bcc\n", other, update=True)
    assert refused.value.way_out is WayOut.OWN_DATASET
    assert count_records(workspace) == 2
    assert run(workspace, "image_id,dx\na,bcc\nc,bcc\n", other, dataset_id="second").imported == 2


def test_one_other_picture_among_many_is_left_out_and_keeps_nothing_from_the_rest(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    run(duckdb_workspace, "image_id,dx\na,nv\nb,nv\nc,nv\n", folder(a=1, b=2, c=3))
    report = run(duckdb_workspace, "image_id,dx\na,mel\nb,nv\nc,nv\nd,nv\n", folder("later", a=9, b=2, c=3, d=4))
    assert (report.imported, report.already_present, report.changed) == (1, 2, 0)
    assert report.excluded == {"other_picture": 1}
    assert records.get_record(duckdb_workspace.engine, "dataset:a")["dx"] == "nv"


def test_the_same_picture_with_other_metadata_is_the_same(duckdb_workspace: Workspace, folder: Folder) -> None:
    images = folder(a=1)
    run(duckdb_workspace, "image_id,dx\na,nv\n", images)
    picture = images / "a.jpg"
    picture.write_bytes(with_segments(picture.read_bytes(), jpeg_segment(0xFE, b"a comment")))
    assert run(duckdb_workspace, "image_id,dx\na,nv\n", images).already_present == 1


@pytest.mark.parametrize(
    ("kind", "damage"), [(ORIGINALS, "gone"), (ORIGINALS, "other bytes"), (THUMBNAILS, "gone"), (THUMBNAILS, "cut")]
)
def test_stored_files_are_made_whole_by_importing_again(
    duckdb_workspace: Workspace, folder: Folder, kind: str, damage: str
) -> None:
    images = folder()
    (images / "a.jpg").write_bytes(make_jpeg(seed=1, width=400, height=300))
    run(duckdb_workspace, "image_id,dx\na,nv\n", images)
    sha256 = records.get_record(duckdb_workspace.engine, "dataset:a")["image_sha256"]
    path = duckdb_workspace.files.path(kind, sha256)
    whole = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"\0" * len(whole))
    report = run(duckdb_workspace, "image_id,dx\na,nv\n", images)
    assert (report.restored, report.already_present) == (1, 1)
    assert path.read_bytes() == whole
    assert run(duckdb_workspace, "image_id,dx\na,nv\n", images).restored == 0


def test_a_dry_run_stores_nothing_and_says_what_would_be(duckdb_workspace: Workspace, folder: Folder) -> None:
    images = folder(a=1, b=2)
    tried = run(duckdb_workspace, "image_id,dx\na,nv\nb,nv\nc,nv\n", images, dry_run=True)
    assert (tried.imported, tried.excluded, tried.dry_run) == (2, {"no_image_file": 1}, True)
    assert (count_records(duckdb_workspace), import_log.list_import_runs(duckdb_workspace)) == (0, [])
    assert not (duckdb_workspace.home / "originals").exists()
    run(duckdb_workspace, "image_id,dx\na,nv\n", images)
    tried = run(duckdb_workspace, "image_id,dx\na,mel\n", images, dry_run=True, update=True)
    assert (tried.changed, tried.updated, tried.imported) == (1, 0, 0)
    assert records.get_record(duckdb_workspace.engine, "dataset:a")["dx"] == "nv"


def test_the_encoding_of_a_table_can_be_said(duckdb_workspace: Workspace, folder: Folder) -> None:
    table = "image_id,dx,examiner_id\na,nv,Иванова\n"
    run(duckdb_workspace, table.encode("koi8-r"), folder(a=1), encoding="koi8-r")
    assert records.get_record(duckdb_workspace.engine, "dataset:a")["examiner_id"] == "Иванова"
    with pytest.raises(InvalidInput, match="line 2 of the metadata file is no utf-8"):
        run(duckdb_workspace, table.encode("cp1251"), folder(a=1), encoding="utf-8")
    workbook = make_workbook({"t": [["image_id", "dx"], ["b", "nv"]]})
    assert run(duckdb_workspace, workbook, folder(b=2), encoding="koi8-r").imported == 1, "a workbook says its own"
    with pytest.raises(InvalidInput, match="there is no encoding 'klingon'"):
        run(duckdb_workspace, table.encode(), folder(a=1), encoding="klingon")


def test_a_folder_that_cannot_be_written_is_one_sentence(
    duckdb_workspace: Workspace, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = os.open

    def read_only(path: Path, *arguments: int) -> int:
        if ".writing-" in str(path):
            raise OSError(errno.EROFS, "Read-only file system")
        return real_open(path, *arguments)

    monkeypatch.setattr(object_store.os, "open", read_only)
    with pytest.raises(WorkspaceReadOnly, match=r"originals/.. cannot be written \(Read-only file system\)"):
        run(duckdb_workspace, "image_id,dx\na,nv\n", folder(a=1))


class KillingPool(ThreadPoolExecutor):
    """A pool of which one image kills every worker that reads it."""

    def submit(self, *arguments: object, **options: object) -> Future:  # type: ignore[override, type-arg]
        if "'deadly'" in repr(arguments):
            dead: Future[object] = Future()
            dead.set_exception(BrokenProcessPool("terminated abruptly"))
            return dead
        return super().submit(*arguments, **options)  # type: ignore[arg-type]


def test_an_image_that_kills_its_worker_is_left_out_and_no_other(
    duckdb_workspace: Workspace, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = folder(a=1, deadly=2, b=3)
    table = "image_id,dx\na,nv\ndeadly,nv\nb,nv\n"
    with monkeypatch.context() as patch:
        patch.setattr(import_run, "worker_pool", lambda *_, **__: KillingPool(1))
        report = run(duckdb_workspace, table, images)
        assert (report.imported, report.excluded) == (2, {"worker_died": 1})
        again = run(duckdb_workspace, table, images)
        assert (again.already_present, again.excluded) == (2, {"worker_died": 1})
    assert run(duckdb_workspace, table, images).imported == 1
    with monkeypatch.context() as patch:
        patch.setattr(import_run, "worker_pool", lambda *_, **__: KillingPool(1))
        report = run(duckdb_workspace, table, images)
    assert (report.already_present, report.excluded, report.files_left_out) == (3, {}, {"worker_died": 1})


RESULT = "image_id,dx,dx_type,histopathology_result,verification_stage,sex,anatomical_site,patient_id,lesion_id"
CONTRADICTIONS = {
    "same_picture_other_diagnosis": ("image_id,dx\na,nv\nsame,mel\n", {"a", "same"}),
    "repeated_id_other_diagnosis": ("image_id,dx\na,nv\na,mel\na,bcc\n", {"a"}),
    "diagnosis_against_histology": (f"{RESULT}\na,mel,histo,nevus,3,,,,\n", {"a"}),
    "lesion_of_several_patients": ("image_id,dx,lesion_id,patient_id\na,nv,L,P1\nb,nv,L,P2\nc,nv,L,P2\n", {*"abc"}),
    "lesion_of_several_diagnoses": ("image_id,dx,lesion_id\na,nv,L\nb,mel,L\n", {"a", "b"}),
    "sex_against_site": ("image_id,dx,sex,anatomical_site\na,nv,male,labia majora\nb,nv,female,Scrotum\n", {"a"}),
    "patient_of_both_sexes": ("image_id,dx,sex,patient_id\na,nv,male,P\nb,nv,female,P\n", {"a", "b"}),
    "stage_3_without_result": ("image_id,dx,verification_stage\na,nv,3\n", {"a"}),
}  # fmt: skip


def test_a_contradiction_is_a_finding_with_both_rows(workspace: Workspace, folder: Folder) -> None:
    rows = {"repeated_id_other_diagnosis": 3, "lesion_of_several_patients": 3, "diagnosis_against_histology": 1}
    rows |= {"sex_against_site": 1}
    for number, (kind, (table, concerned)) in enumerate(CONTRADICTIONS.items()):
        images = folder(kind, a=10 * number, b=10 * number + 1, c=10 * number + 2, same=10 * number)
        report = run(workspace, table, images, dataset_id=kind)
        assert report.contradictions[kind] == (2 if kind == "sex_against_site" else 1)
        first = find_contradictions.list_contradictions(workspace, kinds=[kind], dataset_id=kind)[0]
        assert set(first.image_ids) == concerned
        said = first.to_json()
        assert (said["kind"], said["verdict"], said["decision"]) == (kind, "contradiction", None)
        assert len(said["rows"]) == rows.get(kind, 2)
        assert said["what_to_do"]


def test_a_sound_table_has_no_contradiction(duckdb_workspace: Workspace, folder: Folder) -> None:
    table = (
        f"{RESULT}\na,mel,histo,Melanoma,3,female,vulva,P1,L1\nb,nv,consensus,,2,male,penis,P2,L2\n"
        "c,nv,,,1,male,back,P2,L3\nc,nv,,,1,male,back,P2,L3\n"
    )
    report = run(duckdb_workspace, table, folder(a=1, b=2, c=3))
    assert (report.imported, report.excluded, report.contradictions) == (3, {"duplicate_image_id": 1}, {})


def test_the_same_picture_in_two_data_sets_under_two_diagnoses_is_found(workspace: Workspace, folder: Folder) -> None:
    run(workspace, "image_id,dx\na,nv\n", folder(a=1))
    report = run(workspace, "image_id,dx\nz,mel\n", folder("other", z=1), dataset_id="second")
    assert report.contradictions == {"same_picture_other_diagnosis": 1}
    (found,) = find_contradictions.list_contradictions(workspace, dataset_id="dataset")
    assert found.records == found.image_ids == ("dataset:a", "second:z")
    run(workspace, "image_id,dx\nz,bcc\n", folder("other"), dataset_id="third")
    (found,) = find_contradictions.list_contradictions(workspace)
    assert found.records == ("dataset:a", "second:z", "third:z"), "the pair is part of it"


def test_a_picture_of_two_data_sets_leaves_what_else_contradicts_one_of_them(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    images = folder(a=1)
    run(duckdb_workspace, "image_id,dx,histopathology_result\na,mel,nv\n", images, dataset_id="one")
    run(duckdb_workspace, "image_id,dx\na,bcc\n", images, dataset_id="two")
    kinds = {c.spec.key: c.records for c in find_contradictions.list_contradictions(duckdb_workspace)}
    assert kinds == {
        "same_picture_other_diagnosis": ("one:a", "two:a"), "diagnosis_against_histology": ("one:a",),
    }  # fmt: skip


def test_a_contradiction_that_was_mended_is_none_any_more_and_decisions_stay(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    images = folder(a=1, b=2)
    run(duckdb_workspace, "image_id,dx,lesion_id\na,nv,L\na,mel,L\nb,bcc,L\n", images)
    kinds = {c.spec.key: c for c in find_contradictions.list_contradictions(duckdb_workspace)}
    assert set(kinds) == {"repeated_id_other_diagnosis", "lesion_of_several_diagnoses"}
    lesion = kinds["lesion_of_several_diagnoses"]
    find_contradictions.decide(duckdb_workspace, lesion.id, "unsure", account_id=ADMIN_ACCOUNT)
    again = run(duckdb_workspace, "image_id,dx,lesion_id\na,nv,L\na,mel,L\nb,bcc,L\n", images)
    assert again.contradictions == {"repeated_id_other_diagnosis": 1}
    other_rows = run(duckdb_workspace, "image_id,dx,lesion_id\nb,bcc,L\n", images)
    assert other_rows.contradictions == {"repeated_id_other_diagnosis": 1}, "its table does not speak of a"
    mended = run(duckdb_workspace, "image_id,dx,lesion_id\na,nv,L\nb,nv,L\n", images, update=True)
    assert mended.contradictions == {}
    assert find_contradictions.list_contradictions(duckdb_workspace) == []
    assert [row["decision"] for row in findings.list_decisions(duckdb_workspace.engine)] == ["unsure"]
    back = run(duckdb_workspace, "image_id,dx,lesion_id\na,nv,L\nb,bcc,L\n", images, update=True)
    assert back.contradictions == {}, "the decision about it still counts"


def test_a_ham10000_table_with_a_repeated_id_is_compared_row_by_row(
    duckdb_workspace: Workspace, folder: Folder
) -> None:
    table = ham_csv(ham_row("a"), ham_row("a", age="85"), ham_row("a", dx="mel"))
    report = run(duckdb_workspace, table, folder(a=1), adapter="ham10000", taxonomy=None)
    assert [e.detail for e in report.exclusions] == [
        "row 3: a already stands in row 2 and says otherwise of age_at_exam",
        "row 4: a already stands in row 2 and says otherwise of source_label, dx, clinical_diagnosis, "
        "histopathology_result",
    ]
    (found,) = find_contradictions.list_contradictions(duckdb_workspace)
    assert [row["dx"] for row in found.rows] == ["nv", "mel"]
