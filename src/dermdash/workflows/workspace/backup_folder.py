"""What a backup is made of: a folder with a copy of the database as of one moment and every file that belongs to it.

- ``database.duckdb``: the copy, whatever engine the workspace has
- ``originals/``, ``models/`` and the other folders of the workspace as they are
- ``SHA256SUMS``: a line for every file, which ``sha256sum -c`` reads
- ``backup.json``: what the backup holds; written last, so a folder without it is no backup
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from dermdash.dataset.formats.mapping import MAPPINGS
from dermdash.errors import InvalidInput
from dermdash.progress import StageProgress
from dermdash.records.taxonomies.known import KnownTaxonomies
from dermdash.storage.engine import HEAD_REVISION
from dermdash.storage.object_store import (
    EMBEDDINGS,
    LOCKED,
    MANIFESTS,
    MASKS,
    MODELS,
    OBJECT_FOLDERS,
    ORIGINALS,
    READING_LOGS,
    THUMBNAILS,
    FolderStore,
    ObjectStore,
    StoredObject,
)

FORMAT = 1
DATABASE, SUMS, MANIFEST = "database.duckdb", "SHA256SUMS", "backup.json"
OWN_HASH = (ORIGINALS, LOCKED, MASKS, READING_LOGS, MANIFESTS)
"""Folders whose files bear their sha256 as name."""
UNCHANGING = (*OWN_HASH, THUMBNAILS)
"""Folders whose files are written once: a thumbnail bears the name of its original."""
FOLDERS = (*UNCHANGING, MODELS, EMBEDDINGS, "findings", "training", "keys", KnownTaxonomies.FOLDER, MAPPINGS)
"""Every folder of a workspace that belongs to it; the others hold uploads on their way, copies and requests."""
_PASSING_NAME, _PASSING_END = "running.lock", ".part"
_SUM = re.compile(r"([0-9a-f]{64})  (.+)")


def files_of(home: Path, objects: ObjectStore) -> Iterator[StoredObject]:
    """Every file of a workspace beside its database, wherever it lies, by its name and sorted within a folder.

    Left out: links, and what is being written at this moment.
    """
    for kind in FOLDERS:
        for found in store_of(home, objects, kind).list(kind):
            last = found.name.rpartition("/")[2]
            if last != _PASSING_NAME and not last.endswith(_PASSING_END):
                yield found


def store_of(home: Path, objects: ObjectStore, name: str) -> ObjectStore:
    """Where the files of a folder lie: what are no objects lies in the workspace's folder."""
    return objects if folder_of(name) in OBJECT_FOLDERS else FolderStore(home)


def folder_of(name: str) -> str:
    """The first part of a file's name: the folder of the workspace it belongs to."""
    return name.split("/", 1)[0]


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a backup.

    Raises
    ------
    InvalidInput
        The folder is no backup, an unfinished one, or one of a newer dermdash.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        if not isinstance(found, dict) or not _is_number(found.get("format")):
            raise ValueError
        tables = found.get("tables", {})
        if not isinstance(tables, dict) or not all(map(_is_number, tables.values())):
            raise ValueError
    except FileNotFoundError:
        raise InvalidInput(
            f"{folder} is no backup, or one that was not finished: it has no {MANIFEST}. Name a folder that "
            "`dermdash backup` made; run that again with the same folder to finish one."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{folder / MANIFEST} cannot be read: it is damaged, or no manifest of a backup. Take another backup."
        ) from error
    if found["format"] > FORMAT or str(found.get("schema", "")) > HEAD_REVISION:
        raise InvalidInput(
            f"{folder} was made by a newer dermdash ({found.get('dermdash')}): install that one, then restore it."
        )
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def read_sums(folder: Path) -> dict[str, str]:
    """Sum by name of every file of a backup.

    Raises
    ------
    InvalidInput
        The list is missing or damaged, or names a file outside of the backup.
    """
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{folder / SUMS} cannot be read: the backup is damaged. Take another one.") from error
    found = {}
    for i, line in enumerate(lines, start=1):
        match = _SUM.fullmatch(line)
        if match is None or not _is_ours(match[2]):
            raise InvalidInput(f"{folder / SUMS}, line {i} is damaged: {line[:80]!r}. Take another backup.")
        found[match[2]] = match[1]
    if DATABASE not in found:
        raise InvalidInput(f"{folder / SUMS} does not name {DATABASE}: the backup is damaged. Take another one.")
    return found


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name == DATABASE or (len(parts) > 1 and parts[0] in FOLDERS and ".." not in parts and "\\" not in name)


def damaged_files(folder: Path, *, progress: StageProgress | None = None) -> dict[str, str]:
    """Files of a backup that are missing or are not what was backed up, with the reason; empty for a sound one.

    Raises
    ------
    InvalidInput
        It is no backup, or its list of files is damaged.
    """
    say = progress or (lambda words, share: None)
    read_manifest(folder)
    sums, found = read_sums(folder), {}
    for i, (name, digest) in enumerate(sums.items()):
        say("Reading the backup", i / len(sums))
        if (reason := fault_of(folder / name, digest)) is not None:
            found[name] = reason
    return found


def fault_of(path: Path, digest: str) -> str | None:
    """Why a file is not the one with that sha256, None if it is."""
    try:
        if path.is_symlink() or not path.is_file():
            return "missing"
        return None if sha256_of(path) == digest else "not what was backed up"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
