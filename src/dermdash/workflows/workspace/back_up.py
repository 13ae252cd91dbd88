"""Makes a backup (see `backup_folder`) of a workspace that may be in use.

A backup may be made into an earlier one of the same folder: files are only ever added to a workspace, so that only new
ones are copied. The earlier one stays whole until the new one takes its place, within a moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from dermdash.errors import FileMissing, InvalidInput, WorkspaceFull
from dermdash.progress import StageProgress
from dermdash.storage.engine import HEAD_REVISION, now, open_engine
from dermdash.storage.file_lock import only_one
from dermdash.storage.object_store import ObjectStore, StoredObject, write_atomically
from dermdash.storage.snapshot import copy_database, row_counts
from dermdash.storage.workspace import Workspace
from dermdash.whole_files import disk_is_full, sync_disks
from dermdash.wording import counted
from dermdash.workflows.workspace.backup_folder import (
    DATABASE,
    FOLDERS,
    FORMAT,
    MANIFEST,
    OWN_HASH,
    SUMS,
    UNCHANGING,
    files_of,
    folder_of,
    read_manifest,
    read_sums,
    sha256_of,
    store_of,
)

_PASSING = ".backup-"
"""What a name begins with until the backup takes its place; a backup that was killed leaves some, the next one none."""
_LOCK = f"{_PASSING}lock"
_DATABASE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    ``tables`` are rows by table, ``files`` and ``bytes`` all files beside the database, ``copied`` those that were new.
    ``damaged`` are files of the workspace whose content is not what their name says (the backup keeps a sound one where
    it had it), ``gone`` files of an earlier backup that the workspace no longer has: they are kept.
    """

    folder: Path
    workspace: Path
    made_at: datetime
    engine: str
    tables: dict[str, int]
    files: int
    bytes: int
    copied: int = 0
    damaged: tuple[str, ...] = field(default=())
    gone: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the manifest, and what `dermdash backup --json` prints."""
        return {
            "format": FORMAT,
            "backup": str(self.folder),
            "workspace": str(self.workspace),
            "dermdash": version("dermdash"),
            "made_at": self.made_at.isoformat(),
            "schema": HEAD_REVISION,
            "engine": self.engine,
            "tables": self.tables,
            "readings": self.tables.get("reading", 0),
            "files": self.files,
            "bytes": self.bytes,
            "copied": self.copied,
            "damaged": list(self.damaged),
            "gone": list(self.gone),
        }


def back_up(
    workspace: Workspace,
    folder: Path,
    *,
    progress: StageProgress | None = None,
    database_copied: Callable[[], None] | None = None,
) -> Backup:
    """Make a backup of a workspace that may be in use.

    Parameters
    ----------
    folder
        A new or empty folder, or an earlier backup of this workspace, which then holds this moment.
    database_copied
        Called when only files are left to copy: the database may be closed then.

    Raises
    ------
    InvalidInput
        The folder lies in the workspace, holds something else, cannot be written, or another backup is being made into
        it.
    OutOfReach
        The database is out of reach, or the disk of the backup is full; an earlier backup there stays valid.
    """
    say = progress or (lambda words, share: None)
    folder = folder.resolve()
    _check_place(workspace, folder)
    with _errors_of(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        busy = InvalidInput(f"Another backup is being made into {folder}: wait for it, or name another folder.")
        with only_one(folder / _LOCK, busy):
            _remove_leftovers(folder)
            try:
                made = _make(workspace, folder, say, database_copied or (lambda: None))
            finally:
                _remove_leftovers(folder)
    say("Done", 1.0)
    return made


@contextmanager
def _errors_of(folder: Path) -> Iterator[None]:
    try:
        yield
    except WorkspaceFull as error:
        raise _full(folder) from error
    except OSError as error:
        if disk_is_full(error):
            raise _full(folder) from error
        raise InvalidInput(f"The backup {folder} cannot be written: {error.strerror or error}.") from error


def _full(folder: Path) -> WorkspaceFull:
    return WorkspaceFull(
        f"The disk of the backup {folder} is full. Free some space there, or name a folder on another disk, and run "
        "the same command again, which goes on where it stopped. A finished backup in that folder is as it was."
    )


def _check_place(workspace: Workspace, folder: Path) -> None:
    if folder.is_relative_to(workspace.home) or workspace.home.is_relative_to(folder):
        raise InvalidInput(
            f"{folder} and the workspace lie in one another: name a folder elsewhere, best on another disk."
        )
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder} is a file: name a folder.")
    known = {DATABASE, SUMS, MANIFEST, *FOLDERS}
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if other := [name for name in names if name not in known and not name.startswith(".")]:
        raise InvalidInput(
            f"{folder} holds {', '.join(other[:3])} and is no backup: name a new folder, or an earlier backup."
        )
    if MANIFEST in names and (home := _backed_up_home(folder)) not in (None, str(workspace.home)):
        raise InvalidInput(
            f"{folder} is the backup of another workspace ({home}): name a new folder, or a backup of {workspace.home}."
        )


def _backed_up_home(folder: Path) -> str | None:
    """The workspace a backup was made of; None for a damaged one, of which nothing can be lost."""
    try:
        return str(read_manifest(folder).get("workspace"))
    except InvalidInput:
        return None


def _remove_leftovers(folder: Path) -> None:
    for path in folder.rglob(f"{_PASSING}*"):
        if path.name != _LOCK:
            path.unlink(missing_ok=True)


def _make(workspace: Workspace, folder: Path, say: StageProgress, database_copied: Callable[[], None]) -> Backup:
    say("The database", 0.0)
    made_at, database = now(), folder / f"{_PASSING}{uuid4().hex}.duckdb"
    dialect = workspace.engine.dialect.name
    copy_database(workspace.engine, database)
    database_copied()
    database.chmod(0o600)
    tables = _counts(database)
    files = _Files(folder)
    files.copy_all(workspace, say)
    files.sums[DATABASE] = sha256_of(database)
    lines = (f"{digest}  {name}\n" for name, digest in sorted(files.sums.items()))
    made = Backup(
        folder,
        workspace.home,
        made_at,
        dialect,
        tables,
        len(files.sums) - 1,
        files.bytes,
        files.copied,
        tuple(files.damaged),
        tuple(files.gone),
    )
    sync_disks()
    (folder / MANIFEST).unlink(missing_ok=True)  # from here until it is written again there is no backup
    for passing, target in files.changed:
        passing.replace(target)
    for name in files.replaced:
        (folder / name).unlink(missing_ok=True)
    database.replace(folder / DATABASE)
    _write(folder / SUMS, "".join(lines))
    sync_disks()
    _write(folder / MANIFEST, json.dumps(made.as_dict(), indent=1))
    sync_disks()
    return made


def _counts(database: Path) -> dict[str, int]:
    engine = open_engine(f"duckdb:///{database}")
    try:
        return row_counts(engine)
    finally:
        engine.dispose()


def _write(path: Path, text: str) -> None:
    write_atomically(path, text.encode())
    path.chmod(0o600)


class _Files:
    """The files of a backup while it is made: their sums, and what has still to take its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sums: dict[str, str] = {}
        self.bytes = self.copied = 0
        self.damaged: list[str] = []
        self.gone: list[str] = []
        self.changed: list[tuple[Path, Path]] = []
        self.replaced: list[str] = []
        self._before: dict[str, str] = {}
        with suppress(InvalidInput):  # no earlier backup, or a damaged one, which needs no care
            read_manifest(folder)
            self._before = read_sums(folder)

    def copy_all(self, workspace: Workspace, say: StageProgress) -> None:
        """Copy what is new of a workspace's files."""
        every = list(files_of(workspace.home, workspace.files))
        whole, done = max(1, sum(found.size for found in every)), 0
        for found in every:
            say(counted(len(every), "file"), _DATABASE_SHARE + (1 - _DATABASE_SHARE) * done / whole)
            done += found.size
            store = store_of(workspace.home, workspace.files, found.name)
            try:
                self._copy(found, store)
            except (FileMissing, FileNotFoundError):
                if store.has(found.name):
                    raise
                continue  # it only passed, as files of a training that goes on do
        for name in sorted(self._before.keys() - self.sums.keys() - {DATABASE}):
            if folder_of(name) in UNCHANGING:  # nothing of dermdash deletes these
                self.sums[name] = self._before[name]
                self.gone.append(name)
            else:
                self.replaced.append(name)

    def _copy(self, found: StoredObject, store: ObjectStore) -> None:
        name, target = found.name, self.folder / found.name
        kept = self._before.get(name)
        same_size = target.is_file() and target.stat().st_size == found.size
        if folder_of(name) in UNCHANGING and kept is not None and same_size:
            self.bytes += found.size
            self.sums[name] = kept
            return
        with store.opened(name) as path:
            self._copy_opened(name, path, target, same_size=same_size)
            self.bytes += found.size

    def _copy_opened(self, name: str, path: Path, target: Path, *, same_size: bool) -> None:
        kept, own_hash = self._before.get(name), name.rpartition("/")[2]
        digest = sha256_of(path)
        if folder_of(name) in OWN_HASH and digest != own_hash:
            self.damaged.append(name)
            if target.is_file() and sha256_of(target) == own_hash:
                self.sums[name] = own_hash
                return
        if same_size and sha256_of(target) == digest:
            self.sums[name] = digest
            return
        self.copied += 1
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        passing = target.with_name(f"{_PASSING}{uuid4().hex}")
        self.sums[name] = copy_and_hash(path, passing)
        if folder_of(name) in UNCHANGING and kept is None:
            passing.replace(target)
        else:  # the earlier backup needs the one that is there
            self.changed.append((passing, target))


def copy_and_hash(source: Path, target: Path) -> str:
    """Copy a file that only its owner may read; the sha256 of what was copied."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as writing:
        while block := reading.read(1 << 20):
            digest.update(block)
            writing.write(block)
    shutil.copystat(source, target)
    target.chmod(0o600)
    return digest.hexdigest()
