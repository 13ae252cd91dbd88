"""A folder that published files are fetched into: one source, one run at a time, and a file that says which."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.storage.file_lock import only_one
from dermdash.whole_files import disk_is_full, no_room_for, whole_file
from dermdash.wording import file_size

ORIGIN = ".fetched.json"
_LOCK = ".fetching"


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How much of a fetch is done, in the unit that its words name."""

    words: str
    done: int
    total: int

    @property
    def share(self) -> float:
        """How much of it is done (0 to 1)."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(slots=True)
class FetchReport:
    """What a fetch did.

    Attributes
    ----------
    source, title, doi, version, licences
        What was fetched, and under which terms it is published.
    folder
        Where it lies.
    files
        How many belong to it.
    fetched, already_there, received
        Those that came in this run, those that were there, and the bytes that came.
    resumed
        Files that were gone on with where an earlier run broke off.
    unchecked
        Files of which the source publishes neither checksum nor size.
    left_out
        Files of the source that belong to something else.
    failed
        Files that did not come, and why.
    notes
        What else has to be said.
    """

    source: str
    title: str
    folder: Path
    doi: str = ""
    version: str = ""
    licences: list[str] = field(default_factory=list)
    files: int = 0
    fetched: int = 0
    already_there: int = 0
    resumed: int = 0
    received: int = 0
    unchecked: int = 0
    left_out: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all of it is there."""
        return not self.failed

    def to_json(self) -> dict[str, Any]:
        """The report for machines."""
        return asdict(self) | {"folder": str(self.folder), "complete": self.is_complete}


@contextmanager
def opened_folder(folder: Path, identity: Mapping[str, Any]) -> Iterator[None]:
    """Hold a folder while one source is fetched into it; what it is from stays in its ``.fetched.json``.

    Raises
    ------
    InvalidInput
        It cannot be written to, another command fetches into it, or it holds something else that was fetched.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with only_one(folder / _LOCK, InvalidInput(f"Another command is fetching into {folder}: wait for it to end.")):
            _require_same(folder, identity)
            _write_origin(folder, identity)
            yield
    except OSError as error:
        if disk_is_full(error):
            raise no_room_for(folder / ORIGIN) from error
        raise InvalidInput(f"{folder} cannot be written to: {error.strerror or error}.") from error


def _require_same(folder: Path, identity: Mapping[str, Any]) -> None:
    try:
        before = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    known = before.get("from") if isinstance(before, dict) else None
    if known is not None and known != identity["from"]:
        raise InvalidInput(
            f"{folder} holds what was fetched from {known}: choose another folder with --to for {identity['from']}."
        )


def _write_origin(folder: Path, identity: Mapping[str, Any]) -> None:
    with whole_file(folder / ORIGIN) as passing:
        passing.write_text(json.dumps(identity, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def require_room(folder: Path, needed: int) -> None:
    """Refuse to begin what the disk has no room for.

    Raises
    ------
    InvalidInput
        Fewer than ``needed`` bytes are free.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InvalidInput(
            f"The disk of {folder} has {file_size(free)} free and {file_size(needed)} have still to come: make room, "
            "or choose another folder with --to."
        )
