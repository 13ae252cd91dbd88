"""Uploaded files put on the disk of the workspace for as long as something reads them."""

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from dermdash.dataset.source_entry import is_image_name
from dermdash.errors import WorkspaceFull
from dermdash.records.plain_names import is_plain_name
from dermdash.storage.workspace import Workspace
from dermdash.whole_files import disk_is_full, whole_file, why_not_written

# No import runs for a day.
_LEFT_OVER_AFTER_S = 24 * 3600
CSV_MEGABYTES = 50
"""A table of a million images is about as large; memory is many times the file."""
_KEPT_NAME = 16
"""Letters of a digest that name a kept upload."""


@contextmanager
def spooled(workspace: Workspace, sources: Iterable[BinaryIO | Path]) -> Iterator[list[Path]]:
    """Put uploaded zip files on the workspace's disk for the time of the import; paths stay where they are."""
    folder = _folder(workspace)
    paths: list[Path] = []
    temporary: list[Path] = []
    try:
        for source in sources:
            if isinstance(source, Path):
                paths.append(source)
                continue
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".zip", delete=False) as spool:
                temporary.append(Path(spool.name))
                _copy(source, spool)
            paths.append(temporary[-1])
        yield paths
    finally:
        for path in temporary:
            path.unlink(missing_ok=True)


@contextmanager
def spooled_by_name(workspace: Workspace, sources: Iterable[BinaryIO | Path]) -> Iterator[list[Path]]:
    """The same of any files, which keep their names, as those say what a table is; loose images share a folder."""
    folder = Path(tempfile.mkdtemp(dir=_folder(workspace), prefix="files-"))
    paths: list[Path] = []
    try:
        for place, source in enumerate(sources):
            if isinstance(source, Path):
                paths.append(source)
                continue
            name = usable_name(source.name, place)
            loose = is_image_name(name)
            below = folder / ("images" if loose else str(place))
            if loose and (below / name).exists():
                below = folder / f"images-{place}"
            below.mkdir(exist_ok=True)
            with (below / name).open("wb") as spool:
                _copy(source, spool)
            found = below if loose else below / name
            if found not in paths:
                paths.append(found)
        yield paths
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def usable_name(name: str, place: int) -> str:
    """The last part of a name out of a browser; one that is no name of a file becomes "file 3" with its ending."""
    last = PurePosixPath(name.replace("\\", "/")).name
    if is_plain_name(last):
        return last
    ending = PurePosixPath(last).suffix
    return f"file {place + 1}{ending if is_plain_name(f'a{ending}') and len(ending) < 10 else ''}"


def keep_upload(workspace: Workspace, account_id: str, source: BinaryIO) -> str:
    """Put an uploaded file on the workspace's disk for a day, for this account alone; return the name it is found by.

    A reload, another tab and a restart of the app find it. What the account had sent before goes.
    """
    folder, digest = _folder(workspace), sha256()
    source.seek(0)
    while block := source.read(1 << 20):
        digest.update(block)
    found_by = digest.hexdigest()[:_KEPT_NAME]
    for earlier in _kept_of(folder, account_id):
        if earlier.name != f"{_kept_prefix(account_id)}{found_by}":
            shutil.rmtree(earlier, ignore_errors=True)
    below = folder / f"{_kept_prefix(account_id)}{found_by}"
    below.mkdir(exist_ok=True)
    name = usable_name(source.name, 0)
    with whole_file(below / name) as passing, passing.open("wb") as spool:
        _copy(source, spool)
    below.touch()
    return found_by


def kept_upload(workspace: Workspace, account_id: str, found_by: str) -> Path | None:
    """The file that this account sent; None where there is none of that name (any more)."""
    for folder in _kept_of(workspace.home / "uploads", account_id):
        if folder.name == f"{_kept_prefix(account_id)}{found_by}":
            return next((path for path in sorted(folder.iterdir()) if path.is_file()), None)
    return None


def forget_uploads(workspace: Workspace, account_id: str) -> None:
    """Delete what this account sent and was kept."""
    for folder in _kept_of(workspace.home / "uploads", account_id):
        shutil.rmtree(folder, ignore_errors=True)


def _kept_of(folder: Path, account_id: str) -> list[Path]:
    return sorted(folder.glob(f"{_kept_prefix(account_id)}*"))


def _kept_prefix(account_id: str) -> str:
    """Of folders of an account: a digest, since an id may hold what no name of a file does."""
    return f"files-kept-{sha256(account_id.encode()).hexdigest()[:_KEPT_NAME]}-"


def _folder(workspace: Workspace) -> Path:
    folder = workspace.home / "uploads"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise why_not_written(folder, error) or error from error
    remove_leftovers(folder)
    return folder


def remove_leftovers(folder: Path) -> None:
    """Delete uploads of an app that was killed: images as they came, with whatever their metadata says of people."""
    for path in (*folder.glob("*.zip"), *folder.glob("files-*")):
        with suppress(OSError):  # another session may delete the same one
            if time.time() - path.stat().st_mtime > _LEFT_OVER_AFTER_S:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()


def _copy(source: BinaryIO, target: IO[bytes]) -> None:
    try:
        source.seek(0)  # it may have been read before
        shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        if disk_is_full(error):
            raise WorkspaceFull(
                "The disk of the workspace has no room for the uploaded file. Free some space, or put the images on "
                "this machine yourself and name their folder instead of uploading them."
            ) from error
        raise why_not_written(Path(target.name), error) or error from error
