"""The manifest of a data set: what it is at one moment, as lines of canonical JSON whose SHA-256 names the state.

The first line says which data set it is. Then one line for each record, in the order of image ids: the hash of its
image and of its mask, its label, and every field that has a value. Then one line for each split that stands: its digest
and the image ids of each part. Equal states give equal text, whenever it is written and by whichever version.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dermdash.errors import FileMissing, NotAsStored, NotFound
from dermdash.records.change_chain import LABEL_COLUMNS, canonical, digest
from dermdash.records.details import DETAIL_NAMES, FURTHER
from dermdash.records.fields import FIELD_NAMES
from dermdash.records.record_filter import ACQUISITION
from dermdash.storage import records, splits, versions
from dermdash.storage.object_store import MANIFESTS, object_name
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.page_tasks import Report, no_report

FORMAT = 1
LABEL = (*LABEL_COLUMNS, "source_label", "verification_stage", "stage_claimed")
"""Columns of a record that are its label, and how far that was verified."""
FIELDS = (
    "lesion_id",
    "patient_id",
    ACQUISITION,
    *(name for name in (*FIELD_NAMES, *DETAIL_NAMES) if name not in LABEL),
)
_MASK = "mask_sha256"
_TOLD_EVERY = 2000
_WAY_OUT = (
    "Until it is there again nobody can say what the version holds: restore it from a backup (`dermdash restore`), or, "
    "where the data set is in that state still, tag it again under the same name."
)


@dataclass(frozen=True, eq=False)
class Manifest:
    """What a data set is at one moment.

    ``header``, ``record_lines`` and ``split_lines`` are the lines of the text.
    """

    header: str
    record_lines: tuple[str, ...]
    split_lines: tuple[str, ...]

    @cached_property
    def text(self) -> bytes:
        """The whole of it, UTF-8."""
        return "".join(f"{line}\n" for line in (self.header, *self.record_lines, *self.split_lines)).encode()

    @cached_property
    def sha256(self) -> str:
        """The id of the state."""
        return hashlib.sha256(self.text).hexdigest()

    @cached_property
    def records_sha256(self) -> str:
        """Of the part that speaks of records: equal where only splits were made or withdrawn."""
        return hashlib.sha256("".join(f"{line}\n" for line in (self.header, *self.record_lines)).encode()).hexdigest()

    @property
    def dataset_id(self) -> str:
        """The data set it is of."""
        return str(json.loads(self.header)["dataset"]["id"])

    def splits(self) -> dict[str, dict[str, Any]]:
        """Digest and parts (image ids) of each split by name."""
        return {entry["split"]: entry for entry in map(json.loads, self.split_lines)}

    def records(self) -> Iterator[dict[str, Any]]:
        """Every record: image_id, image_sha256, mask_sha256 where it has one, label, fields."""
        return map(json.loads, self.record_lines)


def manifest_now(workspace: Workspace, dataset_id: str, *, report: Report = no_report) -> Manifest:
    """The manifest of a data set as it is. ``report`` hears how far it is, and may raise.

    Raises
    ------
    NotFound
        No such data set.
    """
    dataset = next((d for d in records.list_datasets(workspace.engine) if d["id"] == dataset_id), None)
    if dataset is None:
        there = ", ".join(str(d["id"]) for d in records.list_datasets(workspace.engine)) or "none yet"
        raise NotFound(f"There is no data set {dataset_id!r}; there are: {there}.")
    names = ("image_id", "image_sha256", *LABEL, *FIELDS)
    lines = []
    for done, row in enumerate(versions.rows_of_manifest(workspace.engine, dataset_id, names)):
        if not done % _TOLD_EVERY:
            report("Reading the records", done, int(dataset["records"]))
        lines.append(canonical(_entry(row)))
    about = {name: dataset[name] for name in ("id", "name", "taxonomy", "source", "licence", "simulated")}
    header = canonical({"manifest": FORMAT, "dataset": about, "records": len(lines)})
    return Manifest(header, tuple(lines), tuple(_split_lines(workspace, dataset_id)))


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    entry = {
        "image_id": row["image_id"],
        "image_sha256": row["image_sha256"],
        "label": {name: row[name] for name in LABEL if row[name] is not None},
        "fields": {name: row[name] for name in FIELDS if row[name] is not None},
    }
    if row[FURTHER]:
        # Dozens of columns nobody here has read: whether they are the same is enough.
        entry["fields"][FURTHER] = digest(row[FURTHER])
    if row[_MASK] is not None:
        entry[_MASK] = row[_MASK]
    return entry


def _split_lines(workspace: Workspace, dataset_id: str) -> Iterator[str]:
    frame = splits.parts_in_dataset(workspace.engine, dataset_id)
    for (name, digest_of_split), rows in frame.groupby(["split", "digest"], sort=True):
        parts = {str(part): sorted(images) for part, images in rows.groupby("part")["image_id"].agg(list).items()}
        yield canonical({"split": name, "digest": digest_of_split, "parts": parts})


def store_manifest(workspace: Workspace, manifest: Manifest) -> str:
    """Keep the text as a compressed file of the object store; return the hash that is its name there.

    What lies there already is written over where it is damaged.
    """
    data = gzip.compress(manifest.text, compresslevel=6, mtime=0)
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        workspace.files.get_whole(MANIFESTS, sha256)
    except FileMissing:  # or damaged
        workspace.files.replace(MANIFESTS, sha256, data)
    return sha256


def read_manifest(workspace: Workspace, version: Mapping[str, Any]) -> Manifest:
    """The manifest of a tagged version.

    Raises
    ------
    FileMissing
        Its file is not there.
    NotAsStored
        The file is not what was tagged.
    """
    what = f"the version {version['name']!r} of {version['dataset_id']}"
    try:
        data = workspace.files.get(MANIFESTS, version["file_sha256"])
    except FileMissing as missing:
        raise FileMissing(
            f"The manifest of {what} is missing: {object_name(MANIFESTS, version['file_sha256'])} of "
            f"{workspace.files.place}. {_WAY_OUT}"
        ) from missing
    damaged = NotAsStored(f"The manifest of {what} is damaged: it is not the file that was tagged. {_WAY_OUT}")
    if hashlib.sha256(data).hexdigest() != version["file_sha256"]:
        raise damaged
    try:
        text = gzip.decompress(data)
    except (OSError, EOFError):
        raise damaged from None
    if hashlib.sha256(text).hexdigest() != version["manifest_sha256"]:
        raise damaged
    # Not splitlines: a value may hold one of the line ends that JSON does not write in another way.
    header, *lines = text.decode().removesuffix("\n").split("\n")
    n = json.loads(header)["records"]
    if len(lines) < n:
        raise NotAsStored(f"The manifest of {what} names {counted(n, 'record')} and lists {len(lines):,}.")
    return Manifest(header, tuple(lines[:n]), tuple(lines[n:]))
