"""Recognises what a log is, says why, and reads it; when nothing fits, says what each near format lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats import (
    dermachallenge,
    mapped_csv,
    mrmc_log,
    nature_medicine,
    own_export,
    phase_study,
)
from dermdash.readings.formats.imrmc import is_imrmc
from dermdash.readings.formats.log_file import LogFile, check_rows
from dermdash.readings.formats.parsed_log import LogTable, ParsedLog, Recognition
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import read_columns, read_table
from dermdash.records.text_file import read_text
from dermdash.wording import counted

AUTO = "auto"
_RECOGNISERS = (
    nature_medicine.recognises,
    dermachallenge.recognises,
    phase_study.recognises,
    own_export.recognises,
    mrmc_log.recognises,
)
_READERS = {
    dermachallenge.NAME: dermachallenge.read,
    phase_study.NAME: phase_study.read,
    own_export.NAME: own_export.read,
    mrmc_log.CSV_NAME: mrmc_log.read_csv,
    mapped_csv.NAME: mapped_csv.read,
}
_OPTIONS: dict[str, tuple[str, ...]] = {
    dermachallenge.NAME: ("modality:",),
    phase_study.NAME: ("modality:", "phase", phase_study.NEVUS_BUT_EXCISE),
    mrmc_log.CSV_NAME: ("modality:",),
    mrmc_log.IMRMC_NAME: ("modality:",),
    own_export.NAME: ("taxonomy",),
}
"""What a mapping may say to a format that knows its columns."""
TITLES = {
    nature_medicine.NAME: nature_medicine.TITLE,
    dermachallenge.NAME: dermachallenge.TITLE,
    phase_study.NAME: phase_study.TITLE,
    mrmc_log.IMRMC_NAME: mrmc_log.IMRMC_TITLE,
    mrmc_log.CSV_NAME: mrmc_log.CSV_TITLE,
    own_export.NAME: own_export.TITLE,
    mapped_csv.NAME: mapped_csv.TITLE,
}
FORMATS = (AUTO, *TITLES)
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
        return TITLES[self.format]

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
    if format not in FORMATS:
        raise InvalidInput(f"there is no format {format!r}: expected {', '.join(FORMATS)}")
    if not files:
        raise InvalidInput("no file was given")
    check_rows(files)
    asked = format != AUTO
    if mapping and mapped_csv.maps_columns(mapping) and format in (AUTO, mapped_csv.NAME):
        return Recognised(mapped_csv.NAME, "a mapping of its columns was given")
    if format == mapped_csv.NAME:
        raise InvalidInput("the format mapped-csv needs a mapping of the columns")
    if format == mrmc_log.IMRMC_NAME or (
        not asked and is_imrmc(read_text(_head(files[0].data), file_kind=files[0].name))
    ):
        return Recognised(mrmc_log.IMRMC_NAME, "asked for" if asked else "it has a line BEGIN DATA:")
    columns = _columns(files)
    found = [recognises(columns) for recognises in _RECOGNISERS]
    if asked:
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
    if recognised.format == nature_medicine.NAME:
        return nature_medicine.read(_single(files, recognised).data, source=source, names=names)
    if recognised.format == mrmc_log.IMRMC_NAME:
        file = _single(files, recognised)
        return mrmc_log.read_imrmc_log(file.data, source=file.name, options=options, names=names)
    tables = [LogTable(file, read_table(file.data, file_kind=file.name), names) for file in files]
    log = _READERS[recognised.format](tables, options=options)
    skipped = [note if len(tables) == 1 else f"{t.name}: {note}" for t in tables for note in t.table.notes]
    return replace(log, notes=(*skipped, *log.notes))


def _check_options(recognised: Recognised, options: Mapping[str, str]) -> None:
    """Raise for a part of the mapping that the format would not look at."""
    if recognised.format == mapped_csv.NAME:
        return
    known = _OPTIONS.get(recognised.format, ())
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


def _single(files: Sequence[LogFile], recognised: Recognised) -> LogFile:
    if len(files) != 1:
        raise InvalidInput(
            f"{counted(len(files), 'file')} were given: {recognised.title} is one file, import them one by one"
        )
    return files[0]


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
