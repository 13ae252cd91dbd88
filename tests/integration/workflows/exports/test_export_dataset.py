"""Exports whole or not at all: what is chosen, what is left out and listed, who said what, and bad input."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.exported_workspace import CLINIC, fill_clinic
from tests.factories import make_image, make_record
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.reviewed_workspace import fill_reviewed

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.dataset.exports.registry import EXPORTS
from dermdash.errors import AccessDenied, FileMissing, InvalidInput, NotAsStored, NotFound, WorkspaceFull
from dermdash.records.record_filter import RecordFilter
from dermdash.records.split_parts import split_digest
from dermdash.storage import records, splits
from dermdash.storage import tables as t
from dermdash.storage.object_store import MANIFESTS, ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.dataset.assess_acquisition import assess
from dermdash.workflows.dataset.judge_images import mask_regions
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares
from dermdash.workflows.dataset.tag_version import tag_version
from dermdash.workflows.exports.export_dataset import export_dataset
from dermdash.workflows.exports.export_report import ExportReport
from dermdash.workflows.exports.foresee_export import foresee_export
from dermdash.workflows.exports.selection import Selection, choose
from dermdash.workflows.verification.reopen import correct_field


@pytest.fixture
def clinic(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill_clinic, tmp_path / "clinic")
    yield workspace
    let_go(workspace)


def export(workspace: Workspace, out: Path, key: str = "folder", **how: Any) -> ExportReport:
    chosen = {"dataset_id": CLINIC} | {n: how.pop(n) for n in tuple(how) if n in Selection.__slots__}
    return export_dataset(workspace, OPERATOR, EXPORTS[key], Selection(**chosen), out, **how)


_PACKED = (".jpg", ".png", ".dcm", ".parquet")
"""Files in whose bytes two letters stand by chance."""


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_a_record_whose_image_is_missing_or_damaged_is_listed_and_the_export_goes_on(
    clinic: Workspace, tmp_path: Path
) -> None:
    hashes = records.image_hashes(clinic.engine, ["clinic:A1", "clinic:B1"])
    clinic.files.path(ORIGINALS, hashes["clinic:A1"]).unlink()
    clinic.files.path(ORIGINALS, hashes["clinic:B1"]).write_bytes(b"broken")
    report = export(clinic, tmp_path / "out")
    assert (report.records, report.of, report.left_out) == (4, 6, {"image_missing": 1, "image_damaged": 1})
    listed = {row["image_id"]: row["reason"] for row in rows_of(tmp_path / "out" / "left_out.csv")}
    assert listed == {"A1": "image_missing", "B1": "image_damaged"}
    assert {row["image_id"] for row in rows_of(tmp_path / "out" / "metadata.csv")}.isdisjoint(listed)


def test_stage_quality_and_filter_choose_and_the_report_says_so(clinic: Workspace, tmp_path: Path) -> None:
    chosen = export(clinic, tmp_path / "a", stages=(3,), record_filter=RecordFilter.from_words(["sex=female"]))
    assert chosen.records == 2
    assert "Verification stage: 3" in chosen.only
    assert export(clinic, tmp_path / "b", quality=4).records >= 1
    with pytest.raises(InvalidInput, match="the filter chooses verification stage already"):
        export(clinic, tmp_path / "c", stages=(3,), record_filter=RecordFilter.from_words(["verification_stage=2"]))


def test_nothing_is_written_where_nothing_passes_or_the_place_is_taken(clinic: Workspace, tmp_path: Path) -> None:
    records.save_dataset(
        clinic.engine,
        values={"id": "empty", "name": "Empty", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    file = tmp_path / "file"
    file.write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InvalidInput, match="no record of it passes: Diagnosis: Dermatofibroma"):
        export(clinic, tmp_path / "out", record_filter=RecordFilter.from_words(["dx=df"]))
    with pytest.raises(InvalidInput, match="it holds no record"):
        export(clinic, tmp_path / "out", dataset_id="empty")
    with pytest.raises(NotFound, match="There is no data set 'other'"):
        export(clinic, tmp_path / "out", dataset_id="other")
    with pytest.raises(InvalidInput, match="is not empty: name a folder that is empty or not there"):
        export(clinic, taken)
    with pytest.raises(InvalidInput, match="is a file: name a folder"):
        export(clinic, file)
    with pytest.raises(InvalidInput, match=r"HAM10000 is written as a \.csv file, a folder or a \.zip file"):
        export(clinic, tmp_path / "out.parquet", "ham10000")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["out", "out.zip", "out.csv"])
def test_an_export_that_is_stopped_leaves_nothing_and_what_was_there(
    clinic: Workspace, tmp_path: Path, name: str
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    out = tmp_path / "places" / name
    out.parent.mkdir()
    if out.suffix:
        out.write_text("earlier")
    before = {p.name: p.read_bytes() for p in out.parent.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        export(clinic, out, progress=stop)
    assert {p.name: p.read_bytes() for p in out.parent.iterdir()} == before


def test_a_full_disk_is_said_and_nothing_is_left(clinic: Workspace, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 500_000)
    with pytest.raises(WorkspaceFull, match="is full"):
        export(clinic, small_disk / "out")
    assert [p.name for p in small_disk.iterdir()] == ["filler"]


def test_what_an_export_that_was_killed_has_left_goes_with_the_next_one(clinic: Workspace, tmp_path: Path) -> None:
    left = tmp_path / ".writing-4194999-1-out"
    left.mkdir()
    (left / "half.csv").write_text("half")
    export(clinic, tmp_path / "out")
    assert not left.exists()


def test_classes_of_another_taxonomy_are_mapped_or_left_out_and_counted(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    engine = duckdb_workspace.engine
    records.save_dataset(
        engine,
        values={"id": CLINIC, "name": "C", "taxonomy": "clinical9", "source": "", "licence": "", "simulated": False},
    )
    classes = ["melanoma", "dysplastic_nevus", "papilloma", "squamous_cell_carcinoma", None]
    rows = [make_record(f"I{n}", CLINIC, dx=dx, source_label=dx) for n, dx in enumerate(classes)]
    records.save_batch(engine, images=[make_image()], records=rows)
    report = export(duckdb_workspace, tmp_path / "truth.csv", "challenge-truth")
    assert report.left_out == {"label_outside_the_format": 2, "no_diagnosis": 1}
    assert "Dysplastic nevus was written as Melanocytic nevus (1 record)." in report.notes
    truth = rows_of(tmp_path / "truth.csv")
    assert [(r["image"], r["MEL"], r["NV"]) for r in truth] == [("I0", "1.0", "0.0"), ("I1", "0.0", "1.0")]
    assert {r["image_id"] for r in rows_of(tmp_path / "truth.left_out.csv")} == {"I2", "I3", "I4"}


def test_a_data_set_of_one_class_is_a_truth_with_all_columns(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    records.save_dataset(
        duckdb_workspace.engine,
        values={"id": CLINIC, "name": "C", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    records.save_batch(duckdb_workspace.engine, images=[make_image()], records=[make_record("I", CLINIC)])
    export(duckdb_workspace, tmp_path / "truth.csv", "challenge-truth")
    (row,) = rows_of(tmp_path / "truth.csv")
    assert list(row) == ["image", "MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"]


def test_names_are_hidden_in_every_file_and_ages_stand_in_bins(clinic: Workspace, tmp_path: Path) -> None:
    for key in EXPORTS:
        if key == "folder-per-class":
            continue
        export(clinic, tmp_path / key, key, privacy=Privacy(names=True, age_years=5))
        for path in (tmp_path / key).rglob("*"):
            if path.is_file():
                said = path.read_bytes()
                assert b"Dr. Weiss" not in said, path
                assert b"2021-03-04" not in said, path
                assert b"P1" not in said.replace(b"P10", b"") or path.suffix in _PACKED, path
    ages = {row["age_at_exam"] for row in rows_of(tmp_path / "folder" / "metadata.csv")}
    assert ages == {"60-64", "30-34", "", "85+", "40-44"}
    assert {row["age"] for row in rows_of(tmp_path / "isic-metadata" / "metadata.csv")} == {"60", "30", "", "85", "40"}


def test_who_said_what_of_each_label_leaves_with_it(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    fill_reviewed(duckdb_workspace)
    (dataset,) = records.list_datasets(duckdb_workspace.engine)
    export(duckdb_workspace, tmp_path / "out.parquet", "parquet", dataset_id=dataset["id"])
    told = rows_of(tmp_path / "out.labels.csv")
    consensus = next(row for row in told if row["act"] == "consensus")
    agreed = [row for row in told if row["image_id"] == consensus["image_id"]]
    assert consensus["outcome"] == "holds"
    assert consensus["person"] == "person 2; person 3; person 4"
    assert {row["act"] for row in agreed} == {"initial_annotation", "review", "consensus"}
    assert {row["outcome"] for row in agreed} == {"holds", "agrees"}
    assert {row["blind_to_initial"] for row in agreed if row["act"] == "review"} == {"True"}
    assert not {"ada", "ben", "cem", "dora"} & {row["person"] for row in told}
    import pyarrow.parquet as pq

    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    inside = next(row for row in table if row["image_id"] == consensus["image_id"])
    assert [row["act"] for row in json.loads(inside["label_history"])] == [row["act"] for row in agreed]


def test_who_may_not_read_answers_may_not_export(clinic: Workspace, tmp_path: Path) -> None:
    reviewer = Account("r", "R", frozenset({Role.REVIEWER}))
    with pytest.raises(AccessDenied):
        export_dataset(clinic, reviewer, EXPORTS["folder"], Selection(dataset_id=CLINIC), tmp_path / "out")


def test_cells_that_a_spreadsheet_would_execute_are_escaped(clinic: Workspace, tmp_path: Path) -> None:
    export(clinic, tmp_path / "out")
    remarks = {row["image_id"]: row["further:remark"] for row in rows_of(tmp_path / "out" / "metadata.csv")}
    assert remarks["A1"] == "'=2+2"


def test_a_split_chooses_and_names_the_part_of_each_record(clinic: Workspace, tmp_path: Path) -> None:
    parts = {"clinic:A1": "train", "clinic:A2": "train", "clinic:B1": "test"}
    splits.save_split(
        clinic.engine, OPERATOR.id,
        {
            "id": "s", "name": "halves", "kind": "parts", "seed": 1, "datasets": [CLINIC], "record_filter": {},
            "parts": [{"name": "train", "share": 0.5, "records": 2}, {"name": "test", "share": 0.5, "records": 1}],
            "grouping": {"patient": 0, "lesion": 0, "twin": 0, "alone": 3, "groups": 3},
            "digest": split_digest(parts),
        },
        parts,
    )  # fmt: skip
    report = export(clinic, tmp_path / "both", split="halves")
    assert (report.records, report.split) == (3, "halves")
    named = {row["image_id"]: row["split_part"] for row in rows_of(tmp_path / "both" / "metadata.csv")}
    assert named == {"A1": "train", "A2": "train", "B1": "test"}
    export(clinic, tmp_path / "classes", "folder-per-class", split="halves")
    assert (tmp_path / "classes" / "test" / "nv" / "B1.jpg").is_file()
    assert export(clinic, tmp_path / "one", split="halves", part="test").records == 1
    with pytest.raises(NotFound, match="has no part 'dev'"):
        export(clinic, tmp_path / "none", split="halves", part="dev")
    with pytest.raises(NotFound, match="There is no split 'thirds'"):
        export(clinic, tmp_path / "none", split="thirds")


def test_a_version_leaves_as_it_was_though_records_have_changed_since(clinic: Workspace, tmp_path: Path) -> None:
    tag_version(clinic, OPERATOR, CLINIC, "v1", note="first")
    assert export(clinic, tmp_path / "now").version == "v1"
    correct_field(clinic, OPERATOR, "clinic:B1", "elevation", "palpable", reason="looked again")
    later = export(clinic, tmp_path / "later")
    assert (later.version, later.state) == ("", "unversioned since v1: 1 record differs")
    report = export(clinic, tmp_path / "then", version="v1")
    assert (report.version, report.records) == ("v1", 6)
    assert (tmp_path / "then" / "metadata.csv").read_bytes() == (tmp_path / "now" / "metadata.csv").read_bytes()
    assert (tmp_path / "later" / "metadata.csv").read_bytes() != (tmp_path / "now" / "metadata.csv").read_bytes()


@pytest.mark.parametrize("changed", [False, True])
def test_a_version_whose_manifest_is_lost_does_not_leave_by_its_name(
    clinic: Workspace, tmp_path: Path, changed: bool
) -> None:
    """Also where the data set is in that state still: nobody can verify any more what the name stands for."""
    version = tag_version(clinic, OPERATOR, CLINIC, "v1", note="first").version
    if changed:
        correct_field(clinic, OPERATOR, "clinic:B1", "elevation", "palpable", reason="looked again")
    path = clinic.files.path(MANIFESTS, version.file_sha256)
    whole = path.read_bytes()
    path.write_bytes(b"another file")
    with pytest.raises(NotAsStored, match=r"The manifest of the version 'v1' of clinic is damaged: .*restore"):
        export(clinic, tmp_path / "out", version="v1")
    path.unlink()
    with pytest.raises(FileMissing, match=r"The manifest of the version 'v1' of clinic is missing: .*restore"):
        export(clinic, tmp_path / "out", version="v1")
    with pytest.raises(FileMissing):
        foresee_export(clinic, EXPORTS["folder"], Selection(dataset_id=CLINIC, version="v1"))
    assert not (tmp_path / "out").exists()
    assert "manifest cannot be read" in export(clinic, tmp_path / "now").state
    path.write_bytes(whole)
    assert export(clinic, tmp_path / "out", version="v1").version == "v1"


def test_a_split_whose_records_were_changed_in_the_database_chooses_nothing(clinic: Workspace, tmp_path: Path) -> None:
    make_split(clinic, OPERATOR, SplitPlan("halves", read_shares("50/50"), 1, (CLINIC,)))
    other = splits.parts_of_records(clinic.engine, splits.list_splits(clinic.engine)[0]["id"])
    moved = next(record for record, part in other.items() if part == "train")
    with clinic.engine.begin() as connection:
        connection.execute(t.split_record.update().where(t.split_record.c.record_id == moved).values(part="test"))
    for how in ({"split": "halves"}, {"record_filter": RecordFilter.from_words(["split=halves:test"])}):
        with pytest.raises(NotAsStored, match=r"'halves' cannot be read \(its records are not those.*make another one"):
            export(clinic, tmp_path / "out", **how)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [["verification_stage=3"], ["dx=mel", "dx=unknown"], ["malignancy=malignant"], ["age_min=40"], ["text=a1"],
     ["claimed=true"], ["sex=female"], ["acquisition=rejected"],
     ["quality_source=human", "quality=2", "quality=unknown"], ["age_max=30", "anatomical_site=unknown"]],
)  # fmt: skip
def test_a_filter_of_an_earlier_version_is_the_filter_of_that_day(
    clinic: Workspace, tmp_path: Path, words: list[str]
) -> None:
    assess(clinic, OPERATOR, records.image_hashes(clinic.engine, ["clinic:A1"])["clinic:A1"], 2)
    tag_version(clinic, OPERATOR, CLINIC, "v1", note="first")
    chosen = RecordFilter.from_words(words)
    before = choose(clinic, Selection(dataset_id=CLINIC, record_filter=chosen, version="v1"))
    assert before.as_of is None
    expected = records.record_ids(clinic.engine, before.record_filter)
    correct_field(clinic, OPERATOR, "clinic:B1", "elevation", "palpable", reason="looked again")
    correct_field(clinic, OPERATOR, "clinic:B1", "sex", "male", reason="looked again")
    later = choose(clinic, Selection(dataset_id=CLINIC, record_filter=chosen, version="v1"))
    assert later.as_of is not None
    hidden = {key for key, was in later.as_of.items() if was["fields"].get("acquisition") == "rejected"}
    assert set(later.as_of) - (set() if later.rejected_too else hidden) == expected
    assert later.words == before.words


def test_what_a_version_does_not_keep_is_no_filter_of_it(clinic: Workspace, tmp_path: Path) -> None:
    tag_version(clinic, OPERATOR, CLINIC, "v1", note="first")
    correct_field(clinic, OPERATOR, "clinic:B1", "elevation", "palpable", reason="looked again")
    with pytest.raises(InvalidInput, match="keeps the score that a person gave, and no estimate"):
        export(clinic, tmp_path / "filtered", version="v1", quality=4)
    with pytest.raises(InvalidInput, match="version 'v1' keeps no reviewers"):
        export(clinic, tmp_path / "filtered", version="v1", record_filter=RecordFilter(reviewers=("3",)))
    report = export(clinic, tmp_path / "out", version="v1", record_filter=RecordFilter(text="a1"))
    assert (report.records, report.only) == (1, "Id contains: a1")


def test_what_the_acquisition_gate_rejected_is_counted_and_listed(clinic: Workspace, tmp_path: Path) -> None:
    assess(clinic, OPERATOR, records.image_hashes(clinic.engine, ["clinic:A1"])["clinic:A1"], 2)
    report = export(clinic, tmp_path / "out")
    assert (report.records, report.of, report.left_out) == (5, 6, {"rejected_at_acquisition": 1})
    (listed,) = rows_of(tmp_path / "out" / "left_out.csv")
    assert (listed["image_id"], listed["detail"]) == ("A1", "image quality score 2")


def test_only_what_the_gate_rejected_is_left_out_of_a_version(clinic: Workspace, tmp_path: Path) -> None:
    tag_version(clinic, OPERATOR, CLINIC, "v1", note="first")
    sha = records.image_hashes(clinic.engine, ["clinic:A1"])["clinic:A1"]
    assess(clinic, OPERATOR, sha, 2)
    tag_version(clinic, OPERATOR, CLINIC, "v2", note="second")
    assess(clinic, OPERATOR, sha, 4)
    assert export(clinic, tmp_path / "first", version="v1").left_out == {}
    assert export(clinic, tmp_path / "second", version="v2").left_out == {"rejected_at_acquisition": 1}
    foreseen = foresee_export(clinic, EXPORTS["folder"], Selection(dataset_id=CLINIC, version="v2"))
    assert (foreseen.chosen, foreseen.written) == (6, 5)


def test_an_image_that_was_covered_since_the_version_stays_locked_away(clinic: Workspace, tmp_path: Path) -> None:
    tag_version(clinic, OPERATOR, CLINIC, "v1", note="first")
    sha = records.image_hashes(clinic.engine, ["clinic:A1"])["clinic:A1"]
    mask_regions(clinic, OPERATOR, sha, [TextRegion(2, 2, 20, 10, 0.0)])
    report = export(clinic, tmp_path / "then", version="v1")
    assert report.left_out == {"covered_since_the_version": 1}
    names = {path.name for path in (tmp_path / "then" / "images").iterdir()}
    assert "A1.jpg" not in names


def test_a_list_of_what_was_left_out_says_nothing_of_the_machine(clinic: Workspace, tmp_path: Path) -> None:
    sha = records.image_hashes(clinic.engine, ["clinic:A1"])["clinic:A1"]
    clinic.files.path(ORIGINALS, sha).unlink()
    export(clinic, tmp_path / "out")
    said = (tmp_path / "out" / "left_out.csv").read_text() + (tmp_path / "out" / "README.txt").read_text()
    assert str(clinic.home) not in said
