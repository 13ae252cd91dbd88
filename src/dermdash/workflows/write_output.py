"""Files that a command writes for its user."""

from pathlib import Path

from dermdash.errors import InvalidInput
from dermdash.storage.object_store import write_atomically
from dermdash.storage.private_files import usual_mode


def write_output(path: Path, data: bytes) -> None:
    """Write a file the user named, whole or not at all; missing folders are made.

    Raises
    ------
    InvalidInput
        The place cannot be written to.
    WorkspaceFull
        The disk is full.
    """
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder; name a file to write")
    try:
        write_atomically(path, data)
        path.chmod(usual_mode())
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from error
