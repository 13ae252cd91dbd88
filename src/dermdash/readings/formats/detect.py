"""Recognises what a log is, says why, and reads it; when nothing fits, says what each near format lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats.log_file import LogFile, check_rows
from dermdash.readings.formats.mapped_csv import maps_columns
from dermdash.readings.formats.parsed_log import ParsedLog, Recognition
from dermdash.readings.formats.registry import LOG_FORMATS, format_title
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import read_columns
from dermdash.records.text_file import read_text

AUTO = "auto"
_NEAREST = 3
_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a log was taken for, and why, in words for people."""

    format: str
    why: str

    @property
    def title(self) -> str:
        """Name of the format."""
        return format_title(self.format)

    @property
    def text(self) -> str:
        """One sentence."""
        return f"{self.title}: {self.why}."


def recognise(files: Sequence[LogFile], *, format: str = AUTO, mapping: Mapping[str, str] | None = None) -> Recognised:
    """Say what the files are.

    Raises
    ------
    MissingColumns
        No format fits, or not the one asked for; what the nearest lack is named.
    InvalidInput
        An unknown format, several fit, or the files are no text.
    """
    if format not in (AUTO, *LOG_FORMATS):
        raise InvalidInput(f"there is no format {format!r}: expected {', '.join((AUTO, *LOG_FORMATS))}")
    if not files:
        raise InvalidInput("no file was given")
    check_rows(files)
    asked = None if format == AUTO else LOG_FORMATS[format]
    by_mapping = next(form for form in LOG_FORMATS.values() if form.needs_mapping)
    if mapping and maps_columns(mapping) and asked in (None, by_mapping):
        return Recognised(by_mapping.key, "a mapping of its columns was given")
    if asked is not None and asked.needs_mapping:
        raise InvalidInput(f"the format {asked.key} needs a mapping of the columns")
    if asked is not None and asked.recognises is None:
        return Recognised(asked.key, "asked for")
    by_text = None if asked else _recognised_by_text(files[0])
    if by_text is not None:
        return by_text
    columns = _columns(files)
    found = [form.recognises(columns) for form in LOG_FORMATS.values() if form.recognises is not None]
    if asked is not None:
        return _as_asked(next(f for f in found if f.format == format), files)
    fitting = [f for f in found if f.fits]
    if len(fitting) > 1:
        several = " or ".join(f"{f.title} ({f.format})" for f in fitting)
        raise InvalidInput(f"{_names(files)} could be {several}: say which with --format")
    if not fitting:
        raise MissingColumns(_nearest(found, columns, files))
    return Recognised(fitting[0].format, fitting[0].why)


def read_log(
    files: Sequence[LogFile],
    recognised: Recognised,
    *,
    mapping: Mapping[str, str] | None = None,
    source: str,
    names: NamesRead | None = None,
) -> ParsedLog | AggregateTable:
    """Read the files as what they were recognised as; nothing is checked yet that all logs have in common.

    ``names`` says what spellings of readers, cases and the like are called, and remembers what it met.
    """
    names = names or NamesRead()
    options = {str(key): str(value) for key, value in (mapping or {}).items()}
    _check_options(recognised, options)
    return LOG_FORMATS[recognised.format].read(files, options=options, source=source, names=names)


def _recognised_by_text(file: LogFile) -> Recognised | None:
    """What a file is by its beginning, for formats that are no tables."""
    looking = [form for form in LOG_FORMATS.values() if form.recognises_text is not None]
    text = read_text(_head(file.data), file_kind=file.name)
    found = next((form for form in looking if form.recognises_text is not None and form.recognises_text(text)), None)
    return None if found is None else Recognised(found.key, found.text_why)


def _check_options(recognised: Recognised, options: Mapping[str, str]) -> None:
    """Raise for a part of the mapping that the format would not look at."""
    form = LOG_FORMATS[recognised.format]
    if form.needs_mapping:
        return
    known = form.options
    for key in options:
        if not any(key == name or (name.endswith(":") and key.startswith(name)) for name in known):
            raise InvalidInput(
                f"the mapping says {key!r}, which is nothing that {recognised.title} asks for: expected "
                + (", ".join(f"{name}..." if name.endswith(":") else name for name in known) or "no mapping")
            )


def columns_of(file: LogFile) -> tuple[str, ...]:
    """Names of the columns of a CSV, in small letters, in the order of the file."""
    return _columns([file])


def _columns(files: Sequence[LogFile]) -> tuple[str, ...]:
    """The columns that all files have."""
    every = [read_columns(_head(file.data), file_kind=file.name) for file in files]
    return tuple(name for name in every[0] if all(name in other for other in every[1:]))


def _head(data: bytes) -> bytes:
    """The start of a file up to a line end: enough for its header, cheap for a large one."""
    if len(data) <= _HEAD or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    start = data[:_HEAD]
    return start[: start.rfind(b"\n") + 1] or start


def _as_asked(found: Recognition, files: Sequence[LogFile]) -> Recognised:
    if not found.fits:
        raise MissingColumns(
            f"{_names(files)} is no {found.title}: {'it ' if found.missing else 'that form '}{found.problem}"
        )
    return Recognised(found.format, f"asked for; {found.why}")


def _nearest(found: Sequence[Recognition], columns: Sequence[str], files: Sequence[LogFile]) -> str:
    near = sorted((f for f in found if f.share > 0), key=lambda f: -f.share)[:_NEAREST]
    lines = [f"{f.title} {f.problem}" for f in near]
    nearest = ". Nearest: " + "; ".join(lines) if lines else ""
    shown = ", ".join(columns[:40]) or "none in common"
    return f"{_names(files)} is of no known format{nearest}. Its columns are {shown}. A mapping can say what they mean"


def _names(files: Sequence[LogFile]) -> str:
    return files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more"
