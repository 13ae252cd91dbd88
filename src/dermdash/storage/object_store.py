"""Files of the workspace, named by the sha256 of their content."""

import errno
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dermdash.errors import NotFound, WorkspaceFull


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader or a crash sees the whole file or none.

    Raises
    ------
    WorkspaceFull
        The disk is full; no partial file is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise WorkspaceFull(
                f"The disk holding {path.parent} is full. What was stored before is safe: free some space and "
                "run the same command again, it goes on where it stopped."
            ) from error
        raise


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Content-addressed files under one folder: `kind`/`first two hex digits`/`sha256`."""

    root: Path

    def path(self, kind: str, sha256: str) -> Path:
        """Where the object of that hash lies, present or not."""
        return self.root / kind / sha256[:2] / sha256

    def put(self, kind: str, sha256: str, data: bytes) -> None:
        """Store `data`; storing the same hash again does nothing."""
        path = self.path(kind, sha256)
        if not path.exists():
            write_atomically(path, data)

    def get(self, kind: str, sha256: str) -> bytes:
        """Return the object, or raise NotFound."""
        try:
            return self.path(kind, sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound(
                f"The file {kind}/{sha256[:12]}… is missing from the workspace {self.root}. "
                "Restore it from a backup, or import the data set again."
            ) from None


ORIGINALS = "originals"
THUMBNAILS = "thumbnails"
MASKS = "masks"
