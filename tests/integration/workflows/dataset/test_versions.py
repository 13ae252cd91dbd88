"""Tagged versions of a data set: immutable, verified, compared, and what an export says of them."""

import hashlib
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import make_image, make_record

from dermdash.errors import AccessDenied, FileMissing, InvalidInput, NotFound
from dermdash.storage import records
from dermdash.storage import tables as t
from dermdash.storage.object_store import MANIFESTS, ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.dataset.compare_versions import changes_csv
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.manifest import manifest_now
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares
from dermdash.workflows.dataset.tag_version import (
    compare_versions,
    list_versions,
    tag_version,
    verify_version,
    version_of,
)


def fill(workspace: Workspace, n: int = 12) -> None:
    records.save_dataset(workspace.engine, values={"id": "clinic", "name": "Clinic", "taxonomy": "ham7"})
    add(workspace, *(f"I{i:03}" for i in range(n)))


def add(workspace: Workspace, *image_ids: str) -> None:
    rows = []
    for image_id in image_ids:
        data = image_id.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        workspace.files.put(ORIGINALS, sha256, data)
        rows.append(make_record(image_id, "clinic", image_sha256=sha256, dominant_colors=["brown", "black"]))
    images = [make_image(row["image_sha256"]) for row in rows]
    records.save_batch(workspace.engine, images=images, records=rows)


def change(workspace: Workspace, image_id: str, **values: Any) -> None:
    with workspace.engine.begin() as connection:
        connection.execute(sa.update(t.record).where(t.record.c.id == f"clinic:{image_id}").values(**values))


def test_a_version_stays_what_it_was_when_records_change(workspace: Workspace) -> None:
    fill(workspace)
    assert version_of(workspace, "clinic").words == "unversioned"
    version, made, _ = tag_version(workspace, OPERATOR, "clinic", "v1", note="first")
    assert made
    assert version.manifest_sha256 == manifest_now(workspace, "clinic").sha256
    assert version_of(workspace, "clinic").words == "version v1"
    change(workspace, "I000", dx="mel", verification_stage=3)
    change(workspace, "I001", sex=None)
    add(workspace, "J")
    assert version_of(workspace, "clinic").words == "unversioned since v1: 3 records differ"
    changes = compare_versions(workspace, "clinic", "v1")
    assert changes.added == ("J",)
    assert changes.diagnoses == {("nv", "mel"): 1}
    assert [(c.image_id, c.field, c.old, c.new) for c in changes.labels] == [
        ("I000", "dx", "nv", "mel"),
        ("I000", "verification_stage", 2, 3),
    ]
    assert [(c.image_id, c.field, c.old, c.new) for c in changes.fields] == [("I001", "sex", "female", None)]
    tag_version(workspace, OPERATOR, "clinic", "v2", note="second")
    assert compare_versions(workspace, "clinic", "v1", "v2") == changes
    assert compare_versions(workspace, "clinic", "v2", "v1").removed == ("J",)
    assert compare_versions(workspace, "clinic", "v2").none
    assert [v.name for v in list_versions(workspace, "clinic")] == ["v2", "v1"]
    verified = verify_version(workspace, "clinic", "v1")
    assert (verified.whole, verified.files, verified.changed_since) == (True, 12, 3)


def test_a_split_made_later_does_not_make_other_records(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first")
    make_split(duckdb_workspace, OPERATOR, SplitPlan("s", read_shares("50/50"), 1, ("clinic",)))
    assert version_of(duckdb_workspace, "clinic").words == "version v1, with splits made or withdrawn since"
    changes = compare_versions(duckdb_workspace, "clinic", "v1")
    assert (changes.records, changes.splits_added) == (0, ("s",))
    tag_version(duckdb_workspace, OPERATOR, "clinic", "v2", note="with a split")
    assert version_of(duckdb_workspace, "clinic").words == "version v2"
    assert set(manifest_now(duckdb_workspace, "clinic").splits()["s"]["parts"]) == {"train", "test"}


def test_changes_leave_with_pseudonyms_where_asked(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first")
    change(duckdb_workspace, "I000", patient_id="Jane Doe", acquisition_date="2026-05-04", dx="mel")
    changes = compare_versions(duckdb_workspace, "clinic", "v1")
    assert b"Jane Doe" in changes_csv(duckdb_workspace, "clinic", changes)
    hidden = changes_csv(duckdb_workspace, "clinic", changes, privacy=Privacy(names=True))
    assert b"Jane Doe" not in hidden
    assert b"2026-05-04" not in hidden
    assert b"I000,dx,nv,mel" in hidden


def test_what_cannot_be_tagged_is_refused_and_the_same_again_is_no_error(duckdb_workspace: Workspace) -> None:
    records.save_dataset(duckdb_workspace.engine, values={"id": "empty", "name": "E", "taxonomy": "ham7"})
    fill(duckdb_workspace)
    for dataset, name, note, match in (
        ("empty", "v1", "n", "no record yet"),
        ("nowhere", "v1", "n", "no data set 'nowhere'"),
        ("clinic", "v:1", "n", "no name for a version"),
        ("clinic", "now", "n", "means the present state"),
        ("clinic", "v1", " ", "needs a note"),
    ):
        with pytest.raises((InvalidInput, NotFound), match=match):
            tag_version(duckdb_workspace, OPERATOR, dataset, name, note=note)
    with pytest.raises(AccessDenied):
        tag_version(duckdb_workspace, Account("r", "R", frozenset({Role.REVIEWER})), "clinic", "v1", note="n")
    assert list_versions(duckdb_workspace) == []
    assert tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="n")[1]
    assert not tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="n")[1]
    with pytest.raises(InvalidInput, match="a version 'v1' already"):
        tag_version(duckdb_workspace, OPERATOR, "clinic", "V1", note="n")
    change(duckdb_workspace, "I000", dx="mel")
    with pytest.raises(InvalidInput, match="of another state"):
        tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="n")


def test_missing_and_damaged_files_of_a_version_are_named(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    version = tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first").version
    entries = list(manifest_now(duckdb_workspace, "clinic").records())
    duckdb_workspace.files.path(ORIGINALS, entries[2]["image_sha256"]).unlink()
    duckdb_workspace.files.path(ORIGINALS, entries[5]["image_sha256"]).write_bytes(b"other")
    verified = verify_version(duckdb_workspace, "clinic", "v1")
    assert [(f.image_id, f.kind, f.why) for f in verified.faults] == [
        ("I002", "image", "missing"),
        ("I005", "image", "damaged"),
    ]
    path = duckdb_workspace.files.path(MANIFESTS, version.file_sha256)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    with pytest.raises(InvalidInput, match="damaged"):
        verify_version(duckdb_workspace, "clinic", "v1")
    path.unlink()
    with pytest.raises(FileMissing, match="manifest of the version 'v1' of clinic is missing"):
        verify_version(duckdb_workspace, "clinic", "v1")
    state = version_of(duckdb_workspace, "clinic")
    assert (state.name, state.manifest_lost) == ("v1", True)
    assert state.words == "version v1, whose manifest cannot be read"
    change(duckdb_workspace, "I000", dx="mel")
    assert "cannot be read" in version_of(duckdb_workspace, "clinic").words


def test_a_lost_manifest_is_written_again_by_tagging_the_same_state(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    version = tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first").version
    path = duckdb_workspace.files.path(MANIFESTS, version.file_sha256)
    whole = path.read_bytes()
    for lose in (path.unlink, lambda: path.write_bytes(whole[:-9])):
        lose()
        again = tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first")
        assert (again.version, again.made, again.written_again) == (version, False, True)
        assert path.read_bytes() == whole
    assert not tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first").written_again
    assert verify_version(duckdb_workspace, "clinic", "v1").whole
    path.unlink()
    change(duckdb_workspace, "I000", dx="mel")
    with pytest.raises(InvalidInput, match="of another state"):
        tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first")
    assert not path.exists()


def test_a_value_with_any_line_end_comes_back_from_a_manifest(duckdb_workspace: Workspace) -> None:
    fill(duckdb_workspace)
    change(duckdb_workspace, "I000", clinical_diagnosis="nävus\u2028\x85\r\nand more")
    tag_version(duckdb_workspace, OPERATOR, "clinic", "v1", note="first")
    change(duckdb_workspace, "I000", clinical_diagnosis="x")
    (changed,) = compare_versions(duckdb_workspace, "clinic", "v1").fields
    assert changed.old == "nävus\u2028\x85\r\nand more"
