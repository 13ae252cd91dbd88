"""What a format of reading logs declares of itself, once: recognition, page, command and docs are made from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dermdash.errors import InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.formats.parsed_log import LogTable, ParsedLog, Recognition
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import read_table
from dermdash.wording import counted


class LogReader(Protocol):
    """Reads the files of one log; ``options`` is what a mapping says to the format."""

    def __call__(
        self, files: Sequence[LogFile], *, options: Mapping[str, str], source: str, names: NamesRead
    ) -> ParsedLog | AggregateTable:
        """Return the readings, or the counts of a file that has no more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFormat:
    """One format of reading logs.

    Attributes
    ----------
    key, title
        Its name on the command line, and for people.
    description
        One sentence: what such a file is, and what it needs.
    read
        Turns the files into the one form.
    recognises
        Whether a file is of the format by its columns (in small letters); None: not by these.
    recognises_text
        Whether it is by its beginning, and ``text_why``, by what.
    needs_mapping
        Nothing is known of its columns: a mapping must say what they mean.
    options
        What a mapping may say to a format that knows its columns; a name with ``:`` at its end begins several.
    """

    key: str
    title: str
    description: str
    read: LogReader
    recognises: Callable[[Sequence[str]], Recognition] | None = None
    recognises_text: Callable[[str], bool] | None = None
    text_why: str = ""
    needs_mapping: bool = False
    options: tuple[str, ...] = ()


def of_tables(read: Callable[..., ParsedLog]) -> LogReader:
    """The reader of a format whose files are tables: ``read(tables, options=...)``; comment lines are counted."""

    def reader(
        files: Sequence[LogFile], *, options: Mapping[str, str], source: str, names: NamesRead
    ) -> ParsedLog | AggregateTable:
        tables = [LogTable(file, read_table(file.data, file_kind=file.name), names) for file in files]
        log = read(tables, options=options)
        skipped = [note if len(tables) == 1 else f"{t.name}: {note}" for t in tables for note in t.table.notes]
        return replace(log, notes=(*skipped, *log.notes))

    return reader


def one_file(files: Sequence[LogFile], title: str) -> LogFile:
    """The one file of a format that has one.

    Raises
    ------
    InvalidInput
        There are several.
    """
    if len(files) != 1:
        raise InvalidInput(f"{counted(len(files), 'file')} were given: {title} is one file, import them one by one")
    return files[0]
