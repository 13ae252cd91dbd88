"""Brings a backup back: into a folder of its own first, looked at whole, then in the place of the workspace.

Until all of it is there and sound nothing of the workspace is touched; what was in the workspace is moved aside and
never deleted. A restore that is killed while folders change places leaves a mark, with which the workspace is not
opened (`workspace.refuse_unfinished_restore`): half of it would look like an empty one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.errors import DermdashError, InvalidInput, WorkspaceFull
from dermdash.progress import StageProgress
from dermdash.settings import Settings
from dermdash.storage.engine import now, open_engine, refuse_if_open_elsewhere
from dermdash.storage.file_lock import only_one
from dermdash.storage.object_store import OBJECT_FOLDERS, FolderStore, ObjectStore, write_atomically
from dermdash.storage.place_of_objects import CACHE, open_objects
from dermdash.storage.snapshot import is_empty, load_copy, row_counts
from dermdash.storage.workspace import DATABASE_FILE, MODELS, UNFINISHED_RESTORE
from dermdash.whole_files import disk_is_full, sync_disks
from dermdash.wording import counted
from dermdash.workflows.workspace.back_up import copy_and_hash
from dermdash.workflows.workspace.backup_folder import DATABASE, MANIFEST, OWN_HASH, read_manifest, read_sums

_STAGE, _LOCK, _COPIES = ".restoring", ".restore-lock", "backups"
_STAYS = frozenset({_STAGE, _LOCK, _COPIES, UNFINISHED_RESTORE, "requests"})
"""Entries of a workspace's folder that a restore leaves where they are."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    ``tables`` are rows by table after it, ``replaced`` where the workspace that was there lies now.
    """

    backup: Path
    home: Path
    made_at: str
    tables: dict[str, int]
    files: int
    replaced: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "backup": str(self.backup),
            "workspace": str(self.home),
            "made_at": self.made_at,
            "tables": self.tables,
            "readings": self.tables.get("reading", 0),
            "files": self.files,
            "replaced": None if self.replaced is None else str(self.replaced),
        }


def restore(
    backup: Path, settings: Settings, *, replace: bool = False, progress: StageProgress | None = None
) -> Restored:
    """Restore a backup into the workspace that the settings name, whatever engine it has.

    Parameters
    ----------
    replace
        Move what is in the workspace aside, into its folder ``backups``. A PostgreSQL database has to be empty.

    Raises
    ------
    InvalidInput
        It is no backup, it is damaged, or there is something in the workspace already.
    WorkspaceLocked
        An app or another command has the workspace open.
    WorkspaceFull
        There is no room; the workspace is as it was.
    """
    say = progress or (lambda words, share: None)
    backup, home = backup.resolve(), settings.home.resolve()
    manifest, sums = read_manifest(backup), read_sums(backup)
    if backup.is_relative_to(home):
        raise InvalidInput(
            f"The backup lies in the workspace {home}: move it elsewhere, or restore --into another folder."
        )
    files = open_objects(settings, home)
    with _errors_of(home):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with only_one(home / _LOCK, InvalidInput(f"Another restore into {home} is going on: wait for it.")):
            _refuse_what_is_there(home, settings, files, replace=replace)
            stage = home / _STAGE
            shutil.rmtree(stage, ignore_errors=True)
            try:
                _fetch(backup, sums, stage, say)
                tables = _open_once(stage, manifest)
                return _put_in_place(
                    stage,
                    settings,
                    home,
                    files,
                    Restored(backup, home, str(manifest.get("made_at")), tables, len(sums) - 1),
                    say,
                )
            finally:
                shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _errors_of(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if disk_is_full(error):
            raise WorkspaceFull(
                f"The disk of the workspace {home} is full: nothing was restored, and what was there is as it was. "
                "Free some space, or restore --into a folder on another disk."
            ) from error
        raise InvalidInput(f"The workspace {home} cannot be written: {error.strerror or error}.") from error


def _refuse_what_is_there(home: Path, settings: Settings, files: ObjectStore, *, replace: bool) -> None:
    refuse_if_open_elsewhere(home / DATABASE_FILE)
    there = sorted(path.name for path in home.iterdir() if path.name not in _STAYS)
    if there and not replace and not (home / UNFINISHED_RESTORE).exists():
        raise InvalidInput(
            f"The workspace {home} is not empty ({', '.join(there[:3])}). --replace moves what is there into its "
            "folder backups; --into names another folder."
        )
    begun = replace or (home / UNFINISHED_RESTORE).exists()
    if not begun and files != FolderStore(home) and any(True for kind in OBJECT_FOLDERS for _ in files.list(kind)):
        raise InvalidInput(
            f"{files.place} holds objects already. Name an empty place in DERMDASH_OBJECTS, as objects of two "
            "workspaces must not lie together; --replace stores those of the backup beside what is there."
        )
    if settings.database_url:
        engine = open_engine(settings.database_url)
        try:
            if not is_empty(engine):
                raise InvalidInput(
                    f"The database {engine.url.database} on {engine.url.host or 'this machine'} is not empty. Name an "
                    "empty one in DERMDASH_DATABASE_URL; this one is left as it is."
                )
        finally:
            engine.dispose()


def _fetch(backup: Path, sums: dict[str, str], stage: Path, say: StageProgress) -> None:
    """Copy every file of the backup, and look at each on the way."""
    damaged: dict[str, str] = {}
    for i, (name, digest) in enumerate(sums.items()):
        say(f"{counted(len(sums), 'file')} of the backup", 0.9 * i / len(sums))
        source = backup / name
        if source.is_symlink() or not source.is_file():
            damaged[name] = "missing"
            continue
        target = stage / (DATABASE_FILE if name == DATABASE else name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if copy_and_hash(source, target) != digest:
            damaged[name] = "not what was backed up"
    if damaged:
        names = "; ".join(f"{name} is {reason}" for name, reason in list(damaged.items())[:3])
        raise InvalidInput(
            f"The backup {backup} is damaged: {names}{' and others' if len(damaged) > 3 else ''} "
            f"({counted(len(damaged), 'file')} of {len(sums)}). Nothing was restored. Take another backup; a file of "
            "which a sound copy exists may be put in its place."
        )


def _open_once(stage: Path, manifest: dict[str, Any]) -> dict[str, int]:
    """Open the database of a backup, which brings it to the newest schema; its rows by table."""
    try:
        engine = open_engine(f"duckdb:///{stage / DATABASE_FILE}", checkpoints=stage / MODELS)
    except WorkspaceFull:
        raise
    except DermdashError as error:
        raise InvalidInput(f"The database of the backup cannot be opened: {error}") from error
    try:
        tables = row_counts(engine)
    finally:
        engine.dispose()
    shutil.rmtree(stage / _COPIES, ignore_errors=True)  # the copy before an upgrade: the backup itself is one
    said = manifest.get("tables", {})
    wrong = [name for name, rows in said.items() if tables.get(name, rows) < rows]
    if wrong:
        raise InvalidInput(f"The database of the backup has fewer rows than {MANIFEST} says, in {', '.join(wrong)}.")
    return tables


def _put_in_place(
    stage: Path, settings: Settings, home: Path, files: ObjectStore, restored: Restored, say: StageProgress
) -> Restored:
    say("Into its place", 0.9)
    write_atomically(home / UNFINISHED_RESTORE, str(restored.backup).encode())
    try:
        refuse_if_open_elsewhere(home / DATABASE_FILE)  # an app that opened it since; from here on none does
    except DermdashError:
        (home / UNFINISHED_RESTORE).unlink()
        raise
    replaced = _move_aside(home)
    database = stage / DATABASE_FILE
    shutil.rmtree(home / CACHE, ignore_errors=True)  # of what was here before
    for path in sorted(stage.iterdir()):
        if path.name in OBJECT_FOLDERS and files != FolderStore(home):
            _store(path, files, say)
        elif path != database:
            path.rename(home / path.name)
    if settings.database_url:
        _load(database, settings.database_url, say)
    else:
        database.rename(home / DATABASE_FILE)
    sync_disks()
    (home / UNFINISHED_RESTORE).unlink()
    say("Done", 1.0)
    return Restored(restored.backup, home, restored.made_at, restored.tables, restored.files, replaced)


def _store(folder: Path, files: ObjectStore, say: StageProgress) -> None:
    """Store the files of a folder as objects elsewhere; a restore that is run again stores what is missing."""
    there = {found.name: found.size for found in files.list(folder.name)}
    every = list(FolderStore(folder.parent).list(folder.name))
    for i, found in enumerate(every):
        say(f"{counted(len(every), 'file')} to {files.place}", 0.9 + 0.05 * i / len(every))
        if folder.name not in OWN_HASH or there.get(found.name) != found.size:
            files.add_file(found.name, folder.parent / found.name)


def _move_aside(home: Path) -> Path | None:
    there = [path for path in home.iterdir() if path.name not in _STAYS]
    if not there:
        return None
    aside = home / _COPIES / f"replaced-{now():%Y%m%dT%H%M%S%f}"
    aside.mkdir(parents=True, mode=0o700)
    for path in there:
        path.rename(aside / path.name)
    return aside


def _load(database: Path, url: str, say: Callable[[str, float], None]) -> None:
    engine = open_engine(url)
    try:
        load_copy(database, engine, progress=lambda table: say(f"Into the database: {table}", 0.95))
    finally:
        engine.dispose()
