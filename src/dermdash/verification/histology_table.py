"""A table of histology results as clinics send it: which columns mean what, and rows that can be read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.csv_table import clean_image_id, text_or_none
from dermdash.records.diagnosis_words import read_diagnosis
from dermdash.records.table_files import read_table_file
from dermdash.records.taxonomy import Taxonomy

COLUMNS: dict[str, tuple[str, ...]] = {
    "record_id": ("record_id", "record", "id"),
    "image_id": ("image_id", "image", "isic_id", "image_name", "file", "file_name"),
    "lesion_id": ("lesion_id", "lesion"),
    "report_number": (
        "report_number", "report", "report_no", "report_id", "case_number", "accession_number", "journal_number",
    ),
    "report_date": ("report_date", "date", "date_of_report", "histology_date"),
    "dx": (
        "histopathology_result", "histopathology", "histology", "pathology", "diagnosis", "dx", "result",
        "histopathology_diagnosis",
    ),
    "text": ("text", "report_text", "comment", "remark", "note", "description"),
}  # fmt: skip
"""What a column may be called; the first name is ours."""
NAMES_OF_A_RECORD = ("record_id", "image_id", "lesion_id", "report_number")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ][\d:.+Z-]*)?")
_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class HistologyRow:
    """One result: its row in the file, by what it names records, and what it says. ``problem``: why it is unusable."""

    number: int
    record_id: str | None = None
    image_id: str | None = None
    lesion_id: str | None = None
    report_number: str = ""
    report_date: date | None = None
    dx_text: str = ""
    text: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """What the row names, for people."""
        return self.record_id or self.image_id or self.lesion_id or self.report_number or ""


def read_histology(source: Path | bytes) -> tuple[tuple[HistologyRow, ...], tuple[str, ...]]:
    """Read a table of results: its rows, and notes about what was not used.

    Raises
    ------
    MissingColumns
        Nothing names a record, or nothing says a result.
    InvalidInput
        It is no table.
    """
    table = read_table_file(source, file_kind="histology file")
    found = {key: next((n for n in names if n in table.columns), None) for key, names in COLUMNS.items()}
    if not any(found[key] for key in NAMES_OF_A_RECORD):
        raise MissingColumns(
            "the histology file names no records: expected a column record_id, image_id, lesion_id or report_number. "
            f"Found: {', '.join(table.columns)}"
        )
    if found["dx"] is None:
        raise MissingColumns(
            "the histology file has no result: expected a column histopathology_result, diagnosis or dx. "
            f"Found: {', '.join(table.columns)}"
        )
    unused = [name for name in table.columns if name not in found.values()]
    notes = (*table.notes, *((f"Columns that were not used: {', '.join(unused)}.",) if unused else ()))
    rows = []
    for row in table:
        if row.cells is None:
            rows.append(HistologyRow(row.number, problem=row.problem))
            continue
        cells = row.cells
        rows.append(_row(row.number, lambda key, cells=cells: _cell(cells, found[key])))  # type: ignore[misc]
    return tuple(rows), notes


def _cell(cells: dict[str, str], column: str | None) -> str | None:
    return None if column is None else text_or_none(cells[column])


def _row(number: int, cell: Callable[[str], str | None]) -> HistologyRow:
    image, written = cell("image_id"), cell("report_date")
    problem = ""
    when: date | None = None
    if written is not None:
        try:
            when = parse_day(written)
        except InvalidInput as error:
            problem = str(error)
    names = {key: cell(key) for key in NAMES_OF_A_RECORD}
    if not any(names.values()):
        problem = problem or "names no record, image, lesion or report"
    dx_text = cell("dx") or ""
    if not dx_text:
        problem = problem or "has no result"
    return HistologyRow(
        number, names["record_id"], None if image is None else clean_image_id(image), names["lesion_id"],
        names["report_number"] or "", when, dx_text, cell("text") or "", problem,
    )  # fmt: skip


def parse_day(text: str) -> date:
    """A day as 2026-03-01 or 01.03.2026.

    Raises
    ------
    InvalidInput
        It is neither; 03/04/2026 is read differently in different countries.
    """
    german = _GERMAN_DATE.fullmatch(text.strip())
    try:
        if german is not None:
            day, month, year = map(int, german.groups())
            return date(year, month, day)
        # As spreadsheets write it: with a time of day.
        written = _DAY.fullmatch(text.strip())
        return date.fromisoformat(written[1] if written else "")
    except ValueError:
        raise InvalidInput(f"the date {text[:40]!r} is none that can be read: write 2026-03-01 or 01.03.2026") from None


def class_of(text: str, taxonomy: Taxonomy) -> str | None:
    """The class that a result means in a taxonomy: a code, a name, or words of people (`read_diagnosis`)."""
    return read_diagnosis(text, taxonomy).code
