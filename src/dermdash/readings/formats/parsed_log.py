"""What a format's module takes and gives, and how it reads single cells: errors name row, column and value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import MISSING_WORDS, MetadataTable, number_or_none
from dermdash.records.safe_csv import unescape_cell
from dermdash.wording import counted

_YES = frozenset({"1", "1.0", "1,0", "true", "yes", "y", "correct", "right"})
_NO = frozenset({"0", "0.0", "0,0", "false", "no", "n", "incorrect", "wrong"})
_COLUMNS_NAMED = 6
_MOST_WHOLE = 1_000_000_000
_TEXT_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Recognition:
    """Whether a file is of a format, by its columns.

    Attributes
    ----------
    format, title
        Key and name of the format.
    missing
        Columns it needs and the file lacks; none: the format fits.
    needed
        Number of columns it needs.
    why
        By what it was recognised, when it was.
    foreign
        Columns of the file that a format with a closed list of columns does not know.
    """

    format: str
    title: str
    missing: tuple[str, ...]
    needed: int
    why: str
    foreign: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the file has every needed column, and none that the format does not know where it must know all."""
        return not self.missing and not self.foreign

    @property
    def problem(self) -> str:
        """Why it does not fit, after the name of the format: "lacks ..."."""
        if self.missing:
            return f"lacks {_listed(self.missing)}"
        return f"does not know the column {_listed(self.foreign)}"

    @property
    def share(self) -> float:
        """Share of the needed columns that are there: the nearest format has the highest."""
        return 1 - len(self.missing) / self.needed - (0.01 if self.foreign else 0)


@dataclass(frozen=True, slots=True)
class LogTable:
    """One file, its table, and the names that are read out of it (of several files of one log the same object)."""

    file: LogFile
    table: MetadataTable
    names: NamesRead = field(default_factory=NamesRead)

    @property
    def name(self) -> str:
        """How messages call the file."""
        return self.file.name


@dataclass(frozen=True, slots=True)
class ParsedLog:
    """Readings of a log before the common checks: the arguments of `make_readings_table`.

    ``rating_derived``: the malignancy rating follows from the answers and is no column of the file.
    """

    rows: pd.DataFrame
    taxonomy: str | None = None
    excluded: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    protocol_sha256: str | None = None
    source: str | None = None
    warnings: tuple[str, ...] = ()
    rating_derived: bool = False


def recognition(
    format: str, title: str, columns: Sequence[str], needed: Sequence[str | tuple[str, ...]], *, why: str
) -> Recognition:
    """Compare the columns of a file with those a format needs; a tuple stands for names of which one is enough."""
    found = set(columns)
    groups = [(name,) if isinstance(name, str) else name for name in needed]
    missing = tuple(" or ".join(group) for group in groups if not found & {name.lower() for name in group})
    return Recognition(format, title, missing, len(groups), why)


def rows_of(log: LogTable) -> list[tuple[int, dict[str, str]]]:
    """Number and cells of every row; a row of another length is refused, and so is a table without rows."""
    rows = []
    for row in log.table:
        if row.cells is None:
            raise InvalidInput(f"{log.name}: {row.problem}")
        rows.append((row.number, row.cells))
    if not rows:
        raise InvalidInput(f"{log.name} has no row below its header")
    return rows


def text_cell(cells: Mapping[str, str], column: str | None) -> str | None:
    """The text of a cell without blanks; None when it is empty, says that nothing is there, or has no column."""
    if column is None or column not in cells:
        return None
    text = unescape_cell(cells[column].strip())
    return None if text.lower() in MISSING_WORDS else text


def name_cell(cells: Mapping[str, str], column: str, *, row: int, source: str) -> str:
    """The text of a cell that must not be empty."""
    text = unescape_cell(cells[column].strip())
    if not text:
        raise InvalidInput(f"{source}, row {row}: {column} is empty")
    return text


def number_cell(
    cells: Mapping[str, str],
    column: str | None,
    *,
    row: int,
    source: str,
    least: float | None = None,
    most: float | None = None,
) -> float | None:
    """A finite number with decimal point or comma, within the scale; None for an empty cell."""
    if (text := text_cell(cells, column)) is None:
        return None
    value = number_or_none(text)
    low, high = least is not None, most is not None
    scale = f" from {least:g} to {most:g}" if low and high else f" from {least:g}" if low else ""
    if value is None or (least is not None and value < least) or (most is not None and value > most):
        raise InvalidInput(f"{source}, row {row}: {column} is {_short(text)}, expected a number{scale}")
    return value


def whole_cell(cells: Mapping[str, str], column: str | None, *, row: int, source: str) -> int | None:
    """A whole number as rounds, positions and repetitions are; None for an empty cell."""
    value = number_cell(cells, column, row=row, source=source)
    if value is None:
        return None
    if not value.is_integer() or not 0 <= value <= _MOST_WHOLE:
        text = _short(text_cell(cells, column))
        raise InvalidInput(
            f"{source}, row {row}: {column} is {text}, expected a whole number from 0 to {_MOST_WHOLE:,}"
        )
    return int(value)


def yes_no_cell(cells: Mapping[str, str], column: str | None, *, row: int, source: str) -> bool | None:
    """0/1, true/false, yes/no; None for an empty cell."""
    if (text := text_cell(cells, column)) is None:
        return None
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise InvalidInput(f"{source}, row {row}: {column} is {_short(text)}, expected 0 or 1")


def unused_columns(tables: Iterable[LogTable], used: Iterable[str]) -> tuple[str, ...]:
    """A note naming the columns of the files that were not used; nothing when all were."""
    known = set(used)
    spare = sorted({column for log in tables for column in log.table.columns} - known)
    if not spare:
        return ()
    more = f" and {len(spare) - _COLUMNS_NAMED} more" if len(spare) > _COLUMNS_NAMED else ""
    return (f"Columns of the log that were not used: {', '.join(spare[:_COLUMNS_NAMED])}{more}.",)


def single(tables: Sequence[LogTable], title: str) -> LogTable:
    """The one file of a format that has one."""
    if len(tables) != 1:
        raise InvalidInput(
            f"{counted(len(tables), 'file')} were given ({', '.join(t.name for t in tables[:5])}): {title} is one "
            "file, import them one by one"
        )
    return tables[0]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")


def _short(text: str | None) -> str:
    """A cell as messages show it: quoted, and not longer than a line."""
    shown = text or ""
    return repr(shown if len(shown) <= _TEXT_SHOWN else shown[:_TEXT_SHOWN] + "...")
