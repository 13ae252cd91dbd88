"""Backups: a folder with a copy of the database as of one moment and every file that belongs to it.

- ``database.duckdb``: the copy, whatever engine the workspace has
- ``originals/``, ``models/`` and the other folders of the workspace as they are
- ``SHA256SUMS``: a line for every file, which ``sha256sum -c`` reads
- ``backup.json``: what the backup holds; written last, so a folder without it is no backup

A backup may be made into an earlier one of the same folder: files are only ever added to a workspace, so that only new
ones are copied.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from dermdash.errors import InvalidInput, WorkspaceFull
from dermdash.storage.engine import HEAD_REVISION, now, open_engine
from dermdash.storage.object_store import MASKS, ORIGINALS, READING_LOGS, THUMBNAILS, disk_is_full, write_atomically
from dermdash.storage.snapshot import copy_database, row_counts
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted

FORMAT = 1
DATABASE, SUMS, MANIFEST = "database.duckdb", "SHA256SUMS", "backup.json"
NAMED_BY_CONTENT = (ORIGINALS, THUMBNAILS, MASKS, READING_LOGS)
"""Folders whose files bear their sha256 as name (thumbnails that of their original) and never change."""
FOLDERS = (*NAMED_BY_CONTENT, "models", "embeddings", "training")
_PASSING = ("running.lock",)
Step = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    ``tables`` are rows by table, ``files`` and ``bytes`` all files beside the database, ``copied`` those that were new.
    ``damaged`` are files of the workspace whose content is not what their name says: they are in the backup as they
    are.
    """

    folder: Path
    made_at: datetime
    schema: str
    engine: str
    tables: dict[str, int]
    files: int
    bytes: int
    copied: int = 0
    damaged: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the manifest, and what `dermdash backup --json` prints."""
        return {
            "format": FORMAT,
            "backup": str(self.folder),
            "dermdash": version("dermdash"),
            "made_at": self.made_at.isoformat(),
            "schema": self.schema,
            "engine": self.engine,
            "tables": self.tables,
            "readings": self.tables.get("reading", 0),
            "files": self.files,
            "bytes": self.bytes,
            "copied": self.copied,
            "damaged": list(self.damaged),
        }


def back_up(workspace: Workspace, folder: Path, *, progress: Step | None = None) -> Backup:
    """Make a backup of a workspace that may be in use.

    Parameters
    ----------
    folder
        A new or empty folder, or an earlier backup of this workspace, which then holds this moment.
    progress
        Called with the step in words and the share of the whole that is done.

    Raises
    ------
    InvalidInput
        The folder lies in the workspace, or holds something else.
    OutOfReach
        The database is out of reach, or the disk of the backup is full; an earlier backup there stays valid.
    """
    say = progress or (lambda words, share: None)
    folder = folder.resolve()
    _check_place(workspace, folder)
    made_at, database = now(), folder / f".{uuid4().hex}.duckdb"
    say("The database", 0.0)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            copy_database(workspace.engine, database)
            tables = _counts(database)
            sums, copied, size, damaged = _copy_files(workspace.home, folder, say)
            sums[DATABASE] = _sha256_of(database)
            (folder / MANIFEST).unlink(missing_ok=True)  # from here until it is written again there is no backup
            database.replace(folder / DATABASE)
        finally:
            database.unlink(missing_ok=True)
            database.with_name(f"{database.name}.wal").unlink(missing_ok=True)
        lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        write_atomically(folder / SUMS, "".join(lines).encode())
        made = Backup(
            folder, made_at, HEAD_REVISION, workspace.engine.dialect.name, tables, len(sums) - 1, size, copied, damaged
        )
        write_atomically(folder / MANIFEST, json.dumps(made.as_dict(), indent=1).encode())
    except OSError as error:
        if disk_is_full(error):
            raise WorkspaceFull(
                f"The disk of the backup {folder} is full. Free some space there and run the same command again, which "
                "goes on where it stopped."
            ) from error
        raise InvalidInput(f"The backup {folder} cannot be written: {error.strerror}") from error
    say("Done", 1.0)
    return made


def _check_place(workspace: Workspace, folder: Path) -> None:
    if folder.is_relative_to(workspace.home):
        raise InvalidInput(f"{folder} lies in the workspace: name a folder elsewhere, best on another disk")
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder} is a file: name a folder")
    known = {DATABASE, SUMS, MANIFEST, *FOLDERS}
    if folder.is_dir() and (other := sorted(p.name for p in folder.iterdir() if p.name not in known)):
        other = [name for name in other if not name.startswith(".")]
        if other:
            raise InvalidInput(
                f"{folder} holds {', '.join(other[:3])} and is no backup: name a new folder, or an earlier backup"
            )


def _counts(database: Path) -> dict[str, int]:
    engine = open_engine(f"duckdb:///{database}")
    try:
        return row_counts(engine)
    finally:
        engine.dispose()


def files_of(home: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a workspace (or a backup) beside its database, with its name below it; links are left out."""
    for kind in FOLDERS:
        for path in sorted((home / kind).rglob("*")) if (home / kind).is_dir() else ():
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".") and path.name not in _PASSING:
                yield path.relative_to(home).as_posix(), path


def _copy_files(home: Path, folder: Path, say: Step) -> tuple[dict[str, str], int, int, tuple[str, ...]]:
    """Copy what is new; returns the sum of each file, how many were copied, all bytes, and the damaged ones."""
    every = list(files_of(home))
    before = read_sums(folder) if (folder / SUMS).is_file() else {}
    sums: dict[str, str] = {}
    copied, size, damaged = 0, 0, []
    for i, (name, path) in enumerate(every):
        say(f"{counted(len(every), 'file')}", 0.1 + 0.9 * i / len(every))
        try:
            data_size, target = path.stat().st_size, folder / name
            kept = before.get(name)
            unchanging = name.split("/")[0] in NAMED_BY_CONTENT
            if kept is None or not unchanging or not target.is_file() or target.stat().st_size != data_size:
                digest, new = _copy(path, target)
                copied += new
            else:
                digest = kept
        except FileNotFoundError:  # a file that only passes, as of a training that goes on
            continue
        if digest != path.name and name.startswith((ORIGINALS, MASKS, READING_LOGS)):
            damaged.append(name)
        sums[name], size = digest, size + data_size
    for name in sorted(before.keys() - sums.keys() - {DATABASE}):
        (folder / name).unlink(missing_ok=True)
    return sums, copied, size, tuple(damaged)


def _copy(source: Path, target: Path) -> tuple[str, bool]:
    """Copy a file whole or not at all; its sum, and whether it was another one before."""
    digest = _sha256_of(source)
    if target.is_file() and _sha256_of(target) == digest:
        return digest, False
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    passing = target.with_name(f".{uuid4().hex}")
    try:
        shutil.copyfile(source, passing)
        passing.chmod(0o600)
        passing.replace(target)
    finally:
        passing.unlink(missing_ok=True)
    return digest, True


def _sha256_of(path: Path) -> str:
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
        if not isinstance(found, dict) or not isinstance(found.get("format"), int):
            raise ValueError
    except FileNotFoundError:
        raise InvalidInput(
            f"{folder} is no backup, or one that was not finished: it has no {MANIFEST}. Name the folder that "
            "`dermdash backup` made"
        ) from None
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{folder / MANIFEST} cannot be read: it is no manifest of a backup") from error
    if found["format"] > FORMAT or str(found.get("schema", "")) > HEAD_REVISION:
        raise InvalidInput(f"{folder} was made by a newer dermdash ({found.get('dermdash')}): install that one first")
    return found


def read_sums(folder: Path) -> dict[str, str]:
    """Sum by name of every file of a backup."""
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def damaged_files(folder: Path, *, progress: Step | None = None) -> dict[str, str]:
    """Files of a backup that are missing or are not what was backed up, with the reason; empty for a sound one.

    Raises
    ------
    InvalidInput
        It is no backup.
    """
    say = progress or (lambda words, share: None)
    read_manifest(folder)
    if not (folder / SUMS).is_file():
        return {SUMS: "missing"}
    sums, found = read_sums(folder), {}
    for i, (name, digest) in enumerate(sums.items()):
        say("Looking at the backup", i / len(sums))
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            found[name] = "outside of the backup"
        elif not path.is_file():
            found[name] = "missing"
        elif _sha256_of(path) != digest:
            found[name] = "not what was backed up"
    if DATABASE not in sums:
        found[DATABASE] = f"not in {SUMS}"
    return found
