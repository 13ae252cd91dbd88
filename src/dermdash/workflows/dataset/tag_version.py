"""Tagged versions of data sets: give the present state a name, list, verify, compare; say which version a state is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from dermdash.errors import FileMissing, InvalidInput, NotAsStored, NotFound
from dermdash.storage import records, versions
from dermdash.storage.object_store import LOCKED, MASKS, ORIGINALS, object_name
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.compare_versions import VersionChanges, compare_manifests
from dermdash.workflows.dataset.manifest import Manifest, manifest_now, read_manifest, store_manifest
from dermdash.workflows.dataset.split_plan import check_name
from dermdash.workflows.page_tasks import Report, no_report

NOW = "now"
"""Names the present state where versions are compared."""


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """A tagged state of a data set.

    ``manifest_sha256`` is its id: of equal states it is the same.
    """

    dataset_id: str
    name: str
    manifest_sha256: str
    records_sha256: str
    file_sha256: str
    records: int
    note: str
    tagged_by: str
    tagged_at: datetime

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "dataset": self.dataset_id,
            "name": self.name,
            "manifest_sha256": self.manifest_sha256,
            "records": self.records,
            "note": self.note,
            "tagged_by": self.tagged_by,
            "tagged_at": self.tagged_at.isoformat(),
        }


def _version(row: Mapping[str, Any]) -> DatasetVersion:
    return DatasetVersion(**{name: value for name, value in row.items() if name != "sequence"})


def list_versions(workspace: Workspace, dataset_id: str | None = None) -> list[DatasetVersion]:
    """Tagged versions, latest first; of one data set where it is named."""
    return [_version(row) for row in versions.list_versions(workspace.engine, dataset_id)]


def get_version(workspace: Workspace, dataset_id: str, name: str) -> DatasetVersion:
    """A version by its name.

    Raises
    ------
    NotFound
        The data set has none of that name.
    """
    every = list_versions(workspace, dataset_id)
    found = next((version for version in every if version.name == name), None)
    if found is None:
        there = ", ".join(version.name for version in every) or "none yet"
        raise NotFound(f"The data set {dataset_id!r} has no version {name!r}; it has: {there}.")
    return found


class Tagged(NamedTuple):
    """A version, whether it was made just now, and whether its manifest, which was lost, was written again."""

    version: DatasetVersion
    made: bool
    written_again: bool = False

    @property
    def words(self) -> str:
        """What was done."""
        if self.made:
            return "is tagged"
        again = ", and its manifest, which was missing or damaged, is written again" if self.written_again else ""
        return f"was tagged already{again}"


def tag_version(
    workspace: Workspace, account: Account | None, dataset_id: str, name: str, *, note: str, report: Report = no_report
) -> Tagged:
    """Give the present state of a data set a name for good. Where that state has the name already nothing changes, but
    that its manifest is written again if it was lost.

    ``report`` hears how far it is, and may raise: nothing is stored then.

    Raises
    ------
    AccessDenied
        The account may not.
    NotFound
        No such data set, or it has no record.
    InvalidInput
        No name or note, or the name stands for another state.
    NotAsStored
        Its lost manifest cannot be written as it was.
    """
    account = require_right(account, Right.KEEP_VERSIONS)
    check_name(name, "version")
    if name == NOW:
        raise InvalidInput(f"{NOW!r} means the present state: choose another name.")
    if not note.strip():
        raise InvalidInput("A version needs a note: say in a few words what it is for.")
    manifest = manifest_now(workspace, dataset_id, report=report)
    if not manifest.record_lines:
        raise NotFound(f"The data set {dataset_id!r} has no record yet: there is nothing to tag.")
    taken = next((version for version in list_versions(workspace, dataset_id) if version.name == name), None)
    if taken is not None:
        if taken.manifest_sha256 == manifest.sha256:  # a form that a browser sends again
            return Tagged(taken, made=False, written_again=_written_again(workspace, taken, manifest))
        raise InvalidInput(
            f"The data set {dataset_id!r} has a version {name!r} already, of another state: choose another name."
        )
    report("Writing the manifest", 0, 1)
    values = {
        "dataset_id": dataset_id,
        "name": name,
        "manifest_sha256": manifest.sha256,
        "records_sha256": manifest.records_sha256,
        "file_sha256": store_manifest(workspace, manifest),
        "records": len(manifest.record_lines),
        "note": note.strip(),
    }
    made = versions.save_version(workspace.engine, account.id, values)
    return Tagged(get_version(workspace, dataset_id, name), made)


def _written_again(workspace: Workspace, version: DatasetVersion, manifest: Manifest) -> bool:
    """Whether the manifest of a version was lost, and is now written again from the very state that was tagged."""
    try:
        read_manifest(workspace, _row(version))
    except (FileMissing, NotAsStored):
        if store_manifest(workspace, manifest) == version.file_sha256:
            return True
        raise NotAsStored(
            f"The manifest of the version {version.name!r} is lost, and this machine compresses the same text to other "
            "bytes: restore the file from a backup (`dermdash restore`)."
        ) from None
    return False


def manifest_of(workspace: Workspace, dataset_id: str, name: str, *, report: Report = no_report) -> Manifest:
    """The manifest of a version, or (`NOW`) of the present state.

    Raises
    ------
    NotFound, FileMissing, NotAsStored
        There is no such version, or its file is missing or damaged.
    """
    if name == NOW:
        return manifest_now(workspace, dataset_id, report=report)
    report(f"Reading {name}", 0, 1)
    version = get_version(workspace, dataset_id, name)
    return read_manifest(workspace, _row(version))


def _row(version: DatasetVersion) -> dict[str, Any]:
    names = ("dataset_id", "name", "manifest_sha256", "file_sha256")
    return {name: getattr(version, name) for name in names}


def compare_versions(
    workspace: Workspace, dataset_id: str, old: str, new: str = NOW, *, report: Report = no_report
) -> VersionChanges:
    """What differs from one version to another, or to the present state. ``report`` may raise.

    Raises
    ------
    NotFound, FileMissing, NotAsStored
        As `manifest_of` says.
    """
    was, now = (manifest_of(workspace, dataset_id, name, report=report) for name in (old, new))
    report("Comparing", 0, 1)
    return compare_manifests(was, now)


@dataclass(frozen=True, slots=True)
class VersionState:
    """Which version the present state of a data set is.

    Attributes
    ----------
    name
        The version whose records these are; None where records differ from every version, or there is none.
    manifest_sha256
        Of the present state.
    since
        Where ``name`` is None, the latest version; None: the data set has none.
    changes
        Records that differ from it; None where its manifest cannot be read.
    other_splits
        Whether splits were made or withdrawn since ``name``, whose records are the same.
    manifest_lost
        Whether the manifest of ``name`` or ``since`` is missing or damaged.
    """

    dataset_id: str
    name: str | None
    manifest_sha256: str
    since: str | None = None
    changes: int | None = 0
    other_splits: bool = False
    manifest_lost: bool = False

    @property
    def words(self) -> str:
        """As an export says it."""
        if self.name is not None:
            lost = ", whose manifest cannot be read" if self.manifest_lost else ""
            return f"version {self.name}{lost}" + (", with splits made or withdrawn since" if self.other_splits else "")
        if self.since is None:
            return "unversioned"
        if self.changes is None:
            return f"unversioned since {self.since}, whose manifest cannot be read"
        return f"unversioned since {self.since}: {counted(self.changes, 'record differs', 'records differ')}"

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "dataset": self.dataset_id,
            "version": self.name,
            "manifest_sha256": self.manifest_sha256,
            "since": self.since,
            "changed_records": self.changes,
            "other_splits": self.other_splits,
            "manifest_lost": self.manifest_lost,
            "words": self.words,
        }


def version_of(workspace: Workspace, dataset_id: str, *, report: Report = no_report) -> VersionState:
    """Which tagged version the data set is now, or how far it is from the latest one. ``report`` may raise.

    Raises
    ------
    NotFound
        No such data set.
    """
    manifest = manifest_now(workspace, dataset_id, report=report)
    every = list_versions(workspace, dataset_id)
    for same in ("sha256", "records_sha256"):
        own = getattr(manifest, same)
        column = "manifest_sha256" if same == "sha256" else same
        if (found := next((v for v in every if getattr(v, column) == own), None)) is not None:
            lost = _kept_manifest(workspace, found) is None
            return VersionState(
                dataset_id, found.name, manifest.sha256, other_splits=same == "records_sha256", manifest_lost=lost
            )
    if not every:
        return VersionState(dataset_id, None, manifest.sha256)
    report(f"Comparing with {every[0].name}", 0, 1)
    kept = _kept_manifest(workspace, every[0])
    changes = None if kept is None else compare_manifests(kept, manifest).records
    return VersionState(dataset_id, None, manifest.sha256, every[0].name, changes, manifest_lost=kept is None)


def _kept_manifest(workspace: Workspace, version: DatasetVersion) -> Manifest | None:
    with suppress(FileMissing, NotAsStored):
        return read_manifest(workspace, _row(version))
    return None


@dataclass(frozen=True, slots=True)
class VersionFault:
    """A file of a version that is not there or not what it was: its image id, what of it, and in words why."""

    image_id: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class VerifiedVersion:
    """What is left of a version: ``files`` were looked at; ``covered`` images have been replaced, their earlier file is
    locked away and whole; ``changed_since``: records that differ now."""

    version: DatasetVersion
    files: int
    covered: int
    faults: tuple[VersionFault, ...]
    changed_since: int

    @property
    def whole(self) -> bool:
        """Whether every file of the version is there as it was."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            **self.version.to_json(),
            "whole": self.whole,
            "files": self.files,
            "covered": self.covered,
            "faults": [{"image_id": f.image_id, "kind": f.kind, "why": f.why} for f in self.faults],
            "changed_records_since": self.changed_since,
        }


def verify_version(
    workspace: Workspace,
    dataset_id: str,
    name: str,
    *,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> VerifiedVersion:
    """Read the manifest of a version and every file it names, and say what is missing or changed.

    Parameters
    ----------
    progress
        Called with how many records were looked at, and of how many.

    Raises
    ------
    NotFound
        There is no such version.
    FileMissing, NotAsStored
        Its manifest itself is missing or damaged.
    """
    version = get_version(workspace, dataset_id, name)
    manifest = read_manifest(workspace, _row(version))
    faults, files, covered, total = [], 0, 0, len(manifest.record_lines)
    for done, entry in enumerate(manifest.records()):
        if not done % 100:
            progress(done, total)
        wanted: list[tuple[str, str, tuple[str, ...]]] = [("image", entry["image_sha256"], (ORIGINALS, LOCKED))]
        if "mask_sha256" in entry:
            wanted.append(("mask", entry["mask_sha256"], (MASKS,)))
        for kind, sha256, folders in wanted:
            files += 1
            found, why = _look(workspace, sha256, folders)
            covered += found == LOCKED
            if why:
                faults.append(VersionFault(entry["image_id"], kind, why))
    progress(total, total)

    def still_there(stage: str, done: float, of: float) -> None:
        progress(total, total)

    now = manifest_now(workspace, dataset_id, report=still_there)
    changes = compare_manifests(manifest, now)
    return VerifiedVersion(version, files, covered, tuple(faults), changes.records)


def _look(workspace: Workspace, sha256: str, folders: tuple[str, ...]) -> tuple[str, str]:
    """The folder in which a file was found whole, and why it is not whole where it is not."""
    why = "missing"
    for folder in folders:
        try:
            with workspace.files.opened(object_name(folder, sha256)) as path, path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
                    return folder, ""
            why = "damaged"
        except (FileMissing, FileNotFoundError):
            continue
        except OSError as error:
            why = f"cannot be read: {error.strerror}"
    return "", why


def datasets_to_tag(workspace: Workspace) -> list[dict[str, Any]]:
    """Data sets with records, oldest first."""
    return [d for d in records.list_datasets(workspace.engine) if d["records"]]
