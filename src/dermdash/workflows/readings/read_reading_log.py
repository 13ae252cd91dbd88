"""Read a public log or an outside CSV of readings: recognised, checked, with the truth of another file where asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.borderline import policy_said, without_sides
from dermdash.readings.crowd_shown import crowd_shown
from dermdash.readings.formats.cell_text import check_text
from dermdash.readings.formats.detect import AUTO, Recognised, read_log, recognise
from dermdash.readings.formats.log_file import LogFile, open_log
from dermdash.readings.formats.names import check_modalities
from dermdash.readings.formats.parsed_log import ParsedLog
from dermdash.readings.readings_table import COLUMN_TYPES, ReadingsTable, make_readings_table
from dermdash.readings.reversed_ratings import with_reversed_ratings
from dermdash.readings.spellings import NamesRead, SpellingChoice, alike_warnings, read_with_spellings
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.wording import counted
from dermdash.workflows.readings.log_truth import aggregate_with_truth_file, log_with_truth_file

MOST_CELLS = 30_000_000
"""Readers x cases, read or not: 240 MB for one number each."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A log as it was read, what it was taken for, and which spellings were taken for one name.

    ``reversible``: it has malignancy ratings of its own, which do not follow from the answers.
    """

    table: ReadingsTable | AggregateTable
    recognised: Recognised
    spellings: SpellingChoice
    reversible: bool = False


class LogOptions(TypedDict, total=False):
    """How a log is read: what `read_files` is told, and says, of each."""

    format: str
    truth: Path | bytes | None
    mapping: Mapping[str, str] | None
    name: str | None
    spellings: SpellingChoice | None
    spelling_rule: Mapping[str, str] | None
    reverse_ratings: bool


def read_reading_log(
    source: Path | bytes | Sequence[Path], **options: Unpack[LogOptions]
) -> ReadingsTable | AggregateTable:
    """Read a log; see docs/analysis/reading_logs.md for the formats and the mapping.

    Parameters
    ----------
    source
        A file, its bytes, a folder or zip file of the files of one study, or several files.
    options
        As in `read_files`.

    Raises
    ------
    MissingColumns, InvalidInput, NamesAlike, UnsafeUpload
        Nothing of the log can be used; row, column and value are named.
    """
    return read_files(open_log(source, name=options.get("name")), **options).table


def read_files(
    files: Sequence[LogFile],
    *,
    format: str = AUTO,
    truth: Path | bytes | None = None,
    mapping: Mapping[str, str] | None = None,
    name: str | None = None,
    spellings: SpellingChoice | None = None,
    spelling_rule: Mapping[str, str] | None = None,
    reverse_ratings: bool = False,
) -> ReadLog:
    """Read a log from opened files, and say what they were recognised as.

    Parameters
    ----------
    format
        Key of `dermdash.readings.formats.registry`; ``auto`` looks at the columns.
    truth
        CSV with the true diagnosis of each image, where the log has none.
    mapping
        Columns of the file onto ours, values, and options of the format.
    name
        What to call the log; with bytes, the name of the file.
    spellings, spelling_rule
        Which spellings are one name: name by name, and for what that leaves open; see `dermdash.readings.spellings`.
    reverse_ratings
        Higher ratings of the file are less suspicious: turn them round within their range.

    Raises
    ------
    MissingColumns, InvalidInput, NamesAlike
        As `read_reading_log`.
    """
    recognised = recognise(files, format=format, mapping=mapping)
    title = name or (files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more")

    def read(names: NamesRead) -> tuple[ReadingsTable | AggregateTable, bool]:
        log = read_log(files, recognised, mapping=mapping, source=title, names=names)
        if isinstance(log, AggregateTable):
            if reverse_ratings:
                raise InvalidInput(f"{title} counts answers per image and holds no ratings that could be reversed")
            check_text(log.frame, ["case"], source=title)
            return aggregate_with_truth_file(replace(log, frame=names.frame(log.frame)), truth), False
        if reverse_ratings:
            log = with_reversed_ratings(log, source=title)
        table = _checked(log, names, truth, title=title, name=name, format=recognised.format)
        return table, not log.rating_derived and table.has("malignancy_rating")

    (table, reversible), names = read_with_spellings(read, spellings, spelling_rule)
    return ReadLog(
        replace(
            table,
            notes=(*table.notes, *names.notes),
            alike=names.undecided,
            warnings=(*alike_warnings(names.undecided), *table.warnings),
        ),
        recognised,
        names.choice,
        reversible,
    )


def _checked(
    log: ParsedLog, names: NamesRead, truth: Path | bytes | None, *, title: str, name: str | None, format: str
) -> ReadingsTable:
    """The log in the one form, with the truth of another file where asked."""
    check_text(log.rows, [c for c, kind in COLUMN_TYPES.items() if kind == "object"], source=title)
    check_text(pd.DataFrame({"study": [log.source]}), ["study"], source=title)
    log = replace(log, rows=names.frame(log.rows))
    if "modality" in log.rows:
        check_modalities(log.rows["modality"].dropna(), source=title)
    log = log_with_truth_file(log, truth, source=title)
    planned = BorderlinePolicy.BENIGN
    if log.taxonomy is not None:
        planned = policy_said(log.rows, get_taxonomy(log.taxonomy))
        log = replace(log, rows=without_sides(log.rows, get_taxonomy(log.taxonomy)))
    table = make_readings_table(
        log.rows,
        source=name or log.source or title,
        format=format,
        taxonomy=log.taxonomy,
        excluded=log.excluded,
        notes=log.notes,
        protocol_sha256=log.protocol_sha256,
    )
    _check_cells(table)
    crowd = crowd_shown(table.frame)
    table = replace(table, planned_borderline=planned)
    return replace(table, crowd=crowd, warnings=(*log.warnings, *(() if crowd is None else crowd.warnings)))


def _check_cells(table: ReadingsTable) -> None:
    """Raise for more readers x cases than analyses that set each reader beside each other can hold."""
    readers, cases = table.frame["reader"].nunique(), table.frame["case"].nunique()
    if readers * cases > MOST_CELLS:
        raise InvalidInput(
            f"{table.source} has {counted(readers, 'reader')} x {counted(cases, 'case')}, more than the {MOST_CELLS:,} "
            "pairs of a reader and a case that are analysed: split it by reader or by case"
        )
