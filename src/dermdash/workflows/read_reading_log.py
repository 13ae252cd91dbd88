"""Read a public log or an outside CSV of readings: recognised, checked, with the truth of another file where asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from dermdash.dataset.truth_csv import read_truth
from dermdash.errors import InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats.cell_text import check_text
from dermdash.readings.formats.detect import AUTO, Recognised, read_log, recognise
from dermdash.readings.formats.log_file import LogFile, open_log
from dermdash.readings.formats.names import check_modalities
from dermdash.readings.formats.parsed_log import ParsedLog
from dermdash.readings.readings_table import COLUMN_TYPES, ReadingsTable, make_readings_table
from dermdash.records.csv_table import clean_image_id
from dermdash.records.taxonomy import HAM7, get_taxonomy
from dermdash.wording import counted

MOST_CELLS = 30_000_000
"""Readers x cases, read or not: 240 MB for one number each."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A log as it was read, and what it was taken for."""

    table: ReadingsTable | AggregateTable
    recognised: Recognised


def read_reading_log(
    source: Path | bytes | Sequence[Path],
    *,
    format: str = AUTO,
    truth: Path | bytes | None = None,
    mapping: Mapping[str, str] | None = None,
    name: str | None = None,
) -> ReadingsTable | AggregateTable:
    """Read a log; see docs/analysis/reading_logs.md for the formats and the mapping.

    Parameters
    ----------
    source
        A file, its bytes, a folder or zip file of the files of one study, or several files.
    format
        One of `dermdash.readings.formats.detect.FORMATS`; ``auto`` looks at the columns.
    truth
        CSV with the true diagnosis of each image, where the log has none.
    mapping
        Columns of the file onto ours, values, and options of the format.
    name
        What to call the log; with bytes, the name of the file.

    Raises
    ------
    MissingColumns, InvalidInput, UnsafeUpload
        Nothing of the log can be used; row, column and value are named.
    """
    files = open_log(source, name=name)
    return read_files(files, format=format, truth=truth, mapping=mapping, name=name).table


def read_files(
    files: Sequence[LogFile],
    *,
    format: str = AUTO,
    truth: Path | bytes | None = None,
    mapping: Mapping[str, str] | None = None,
    name: str | None = None,
) -> ReadLog:
    """The same from opened files, with what they were recognised as."""
    recognised = recognise(files, format=format, mapping=mapping)
    title = name or (files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more")
    log = read_log(files, recognised, mapping=mapping, source=title)
    if isinstance(log, AggregateTable):
        check_text(log.frame, ["case"], source=title)
        return ReadLog(_aggregate_with_truth(log, truth), recognised)
    check_text(log.rows, [c for c, kind in COLUMN_TYPES.items() if kind == "object"], source=title)
    check_text(pd.DataFrame({"study": [log.source]}), ["study"], source=title)
    if "modality" in log.rows:
        check_modalities(log.rows["modality"].dropna(), source=title)
    log = _with_truth(log, truth, source=title)
    table = make_readings_table(
        log.rows,
        source=name or log.source or title,
        format=recognised.format,
        taxonomy=log.taxonomy,
        excluded=log.excluded,
        notes=log.notes,
        protocol_sha256=log.protocol_sha256,
    )
    _check_cells(table)
    return ReadLog(table, recognised)


def _check_cells(table: ReadingsTable) -> None:
    """Raise for more readers x cases than analyses that set each reader beside each other can hold."""
    readers, cases = table.frame["reader"].nunique(), table.frame["case"].nunique()
    if readers * cases > MOST_CELLS:
        raise InvalidInput(
            f"{table.source} has {counted(readers, 'reader')} x {counted(cases, 'case')}, more than the {MOST_CELLS:,} "
            "pairs of a reader and a case that are analysed: split it by reader or by case"
        )


def truth_of_images(truth: Path | bytes, *, taxonomy: str | None) -> dict[str, str]:
    """Diagnosis by image id from a truth file."""
    frame = read_truth(truth, taxonomy=HAM7 if taxonomy is None else get_taxonomy(taxonomy)).frame
    return dict(zip(frame["image_id"].astype(str), frame["dx"].astype(str), strict=True))


def _aggregate_with_truth(table: AggregateTable, truth: Path | bytes | None) -> AggregateTable:
    if truth is None:
        return table
    known = truth_of_images(truth, taxonomy=table.taxonomy)
    return aggregate_with_truth(table, known, origin="the truth file")


def aggregate_with_truth(table: AggregateTable, known: Mapping[str, str], *, origin: str) -> AggregateTable:
    """The same counts with the true diagnosis of each image.

    Raises
    ------
    InvalidInput
        None of the images is known.
    """
    found = table.frame["case"].map(known)
    _check_any(found, table.source, origin)
    frame = table.frame.assign(truth_dx=found.astype(object).where(found.notna(), None))
    return replace(table, frame=frame, notes=(*table.notes, _truth_note(table.frame["case"], found, origin)))


def _with_truth(log: ParsedLog, truth: Path | bytes | None, *, source: str) -> ParsedLog:
    """Fill in the truth; a log that says otherwise of a case is refused."""
    if truth is None:
        return log
    known = truth_of_images(truth, taxonomy=log.taxonomy)
    rows = log.rows.copy()
    cases = rows["case"].map(lambda case: None if case is None else clean_image_id(str(case)))
    found = cases.map(known)
    _check_any(found, source, "the truth file")
    _refuse_other_truth(rows, found, source)
    malignant = found.map({c.code: c.is_malignant for c in (get_taxonomy(log.taxonomy or HAM7.name)).classes})
    values = {"truth_malignant": malignant} | ({"truth_dx": found} if log.taxonomy is not None else {})
    for name, new in values.items():
        old = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)
        rows[name] = old.astype(object).where(old.notna(), new.astype(object).where(new.notna(), None))
    notes = [*log.notes, _truth_note(cases, found, "the truth file")]
    if log.taxonomy is None:
        notes.append("The classes of the log are its own: of the truth file only malignancy was used.")
    return replace(log, rows=rows, notes=tuple(notes))


def _check_any(found: "pd.Series[str]", source: str, origin: str) -> None:
    if not found.notna().any():
        raise InvalidInput(f"{source}: {origin} knows none of its images: is it of another data set?")


def _refuse_other_truth(rows: pd.DataFrame, found: "pd.Series[str]", source: str) -> None:
    if "truth_dx" not in rows:
        return
    other = rows[rows["truth_dx"].notna() & found.notna() & (rows["truth_dx"] != found)]
    if len(other):
        bad = other.iloc[0]
        raise InvalidInput(
            f"{source}, row {bad['row']}: case {bad['case']} is {bad['truth_dx']} in the log and "
            f"{found[other.index[0]]} in the truth file ({counted(other['case'].nunique(), 'such case')}): one truth "
            "per case"
        )


def _truth_note(cases: "pd.Series[str]", found: "pd.Series[str]", origin: str) -> str:
    missing = cases[found.isna()].nunique()
    left = f"; it does not know {missing:,}, which are left out where the truth is needed" if missing else ""
    return f"The true diagnosis of {counted(cases[found.notna()].nunique(), 'image')} is from {origin}{left}."
