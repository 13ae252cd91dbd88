"""Import a log of another study: look at it without storing, keep it, list what was kept, withdraw it."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack
from uuid import uuid4

from dermdash.errors import InvalidInput, NotFound
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats.log_file import LogFile, bundle, check_size, open_log
from dermdash.readings.formats.registry import format_title
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.spellings import SpellingChoice
from dermdash.storage import reading_logs
from dermdash.storage.object_store import READING_LOGS
from dermdash.storage.workspace import Workspace
from dermdash.wording import day
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.readings.log_summary import LogSummary as LogSummary
from dermdash.workflows.readings.log_summary import summarise as summarise
from dermdash.workflows.readings.read_reading_log import LogOptions, read_files

MAX_NAME = 120
_ID_DIGITS = 12
_SPELLINGS, _REVERSED = "spellings", "reverse_ratings"
"""Keys of what was decided when a log was imported, beside its mapping."""


@dataclass(frozen=True, slots=True)
class ReadingLog:
    """A log that was imported into the workspace."""

    id: str
    name: str
    format: str
    file_name: str
    recognised: str
    readings: int
    readers: int | None
    cases: int
    simulated: bool
    excluded: Mapping[str, int]
    imported_at: datetime
    imported_by: str
    withdrawn_at: datetime | None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def spellings(self) -> SpellingChoice:
        """Which spellings of its names are one, as was decided when it was imported."""
        return SpellingChoice.of_dict(self.options.get(_SPELLINGS))

    @property
    def key(self) -> str:
        """As pages and commands name it."""
        return f"log:{self.id}"

    @property
    def title(self) -> str:
        """Name of its format."""
        return format_title(self.format)

    @property
    def aggregate(self) -> bool:
        """Whether it holds counts per image and no single readings."""
        return self.readers is None


def preview(
    source: Path | bytes | Sequence[Path] | Sequence[LogFile], **options: Unpack[LogOptions]
) -> tuple[LogSummary, ReadingsTable | AggregateTable]:
    """Read a log and say what it is, without keeping anything; options as of `read_files`.

    Raises
    ------
    InvalidInput
        The log cannot be used; row, column and value are named.
    """
    read = read_files(_files(source, options.get("name")), **options)
    return summarise(read), read.table


def import_reading_log(
    workspace: Workspace,
    source: Path | bytes | Sequence[Path] | Sequence[LogFile],
    *,
    imported_by: str = ADMIN_ACCOUNT,
    **options: Unpack[LogOptions],
) -> tuple[ReadingLog, LogSummary]:
    """Keep a log in the workspace: the file as it is, and what it was read as. Nothing is kept of an unusable one.

    Options as of `read_files`. What was decided of spellings and ratings is kept name by name, so that the log
    is read anew as it was. The same file with the same truth, mapping and decisions is kept once: importing it again
    returns the log that is there.

    Raises
    ------
    InvalidInput
        The log cannot be used, or its name is in use.
    """
    files = _files(source, options.get("name"))
    name = None if (asked := options.get("name")) is None else _checked_name(asked)
    truth = options.get("truth")
    truth_data = truth.read_bytes() if isinstance(truth, Path) and truth.is_file() else truth
    told: LogOptions = {**options, "name": name, "truth": truth_data}
    read = read_files(files, **told)
    summary = summarise(read)
    data = bundle(files)
    values: dict[str, Any] = {
        "format": read.recognised.format,
        "sha256": hashlib.sha256(data).hexdigest(),
        "options": {
            "mapping": dict(options.get("mapping") or {}),
            **({_SPELLINGS: read.spellings.as_dict()} if read.spellings else {}),
            **({_REVERSED: True} if options.get("reverse_ratings") else {}),
        },
        "truth_sha256": hashlib.sha256(truth_data).hexdigest() if isinstance(truth_data, bytes) else None,
    }
    for row in reading_logs.list_reading_logs(workspace.engine):
        if all(row[key] == value for key, value in values.items()) and name in (None, row["name"]):
            return _log(row), summary
    workspace.files.put(READING_LOGS, values["sha256"], data)
    if isinstance(truth_data, bytes):
        workspace.files.put(READING_LOGS, values["truth_sha256"], truth_data)
    values |= {
        "id": uuid4().hex[:_ID_DIGITS],
        "name": name or _checked_name(summary.name),
        "file_name": files[0].name if len(files) == 1 else "files.zip",
        "readings": summary.readings,
        "readers": summary.readers,
        "cases": summary.cases,
        "simulated": summary.simulated,
        "recognised": summary.recognised,
        "excluded": summary.excluded,
        "imported_by": imported_by,
    }
    reading_logs.save_reading_log(workspace.engine, values=values)
    return get_log(workspace, values["id"]), summary


def list_logs(workspace: Workspace, *, withdrawn: bool = False) -> tuple[ReadingLog, ...]:
    """Imported logs, newest first."""
    return tuple(_log(row) for row in reading_logs.list_reading_logs(workspace.engine, withdrawn=withdrawn))


def get_log(workspace: Workspace, log_id: str) -> ReadingLog:
    """The log of that id, or NotFound."""
    return _log(reading_logs.get_reading_log(workspace.engine, log_id))


def load_log(workspace: Workspace, log_id: str) -> ReadingsTable | AggregateTable:
    """Read a kept log anew from its file.

    Raises
    ------
    NotFound
        There is no such log, or it was withdrawn.
    FileMissing, FileDamaged
        Its file is missing, or not the one that was imported.
    """
    row = reading_logs.get_reading_log(workspace.engine, log_id)
    if row["withdrawn_at"] is not None:
        raise NotFound(f"The reading log {row['name']!r} was withdrawn on {day(row['withdrawn_at'])}.")
    truth = workspace.files.get_whole(READING_LOGS, row["truth_sha256"]) if row["truth_sha256"] else None
    files = open_log(workspace.files.get_whole(READING_LOGS, row["sha256"]), name=row["file_name"])
    options = row["options"]
    return read_files(
        files,
        format=str(row["format"]),
        truth=truth,
        mapping=options.get("mapping") or None,
        name=row["name"],
        spellings=SpellingChoice.of_dict(options.get(_SPELLINGS)),
        reverse_ratings=bool(options.get(_REVERSED)),
    ).table


def withdraw(workspace: Workspace, log_id: str, *, withdrawn_by: str = ADMIN_ACCOUNT) -> None:
    """Take a log out of use and free its name; its file stays."""
    log = get_log(workspace, log_id)
    reading_logs.withdraw_reading_log(workspace.engine, log.id, withdrawn_by=withdrawn_by)


def _files(source: Path | bytes | Sequence[Path] | Sequence[LogFile], name: str | None) -> tuple[LogFile, ...]:
    if isinstance(source, Path | bytes):
        return open_log(source, name=name)
    if source and all(isinstance(item, LogFile) for item in source):
        files = tuple(item for item in source if isinstance(item, LogFile))
        check_size(sum(len(file.data) for file in files), "all files together")
        return tuple(sorted(files, key=lambda file: file.name))
    return open_log([item for item in source if isinstance(item, Path)])


def _checked_name(name: str) -> str:
    bare = " ".join(name.split())
    if not bare or len(bare) > MAX_NAME or any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in bare):
        raise InvalidInput(f"the name {name[:40]!r} of the log has {len(bare)} characters: expected 1 to {MAX_NAME}")
    return bare


def _log(row: Mapping[str, Any]) -> ReadingLog:
    return ReadingLog(**{name: row[name] for name in ReadingLog.__dataclass_fields__})
