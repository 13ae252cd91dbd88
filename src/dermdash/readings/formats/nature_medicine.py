"""The aggregate file of the Nature Medicine 2020 study: one row per image and modality, decimals with a comma.

Column for column as ISIC2018_Task3_Test_NatureMedicine_AI_Interaction_Benefit.csv.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.formats.log_format import LogFormat, one_file
from dermdash.readings.formats.parsed_log import Recognition, recognition
from dermdash.readings.modality import PUBLIC_NAMES
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import MetadataTable, clean_image_id, read_table
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.taxonomy import HAM7
from dermdash.wording import counted

NAME, TITLE = "nature-medicine", "Aggregate file of the Nature Medicine 2020 study"
_CODES = HAM7.codes
MODEL_COLUMNS = (*(f"prob_m_dx_{code}" for code in _CODES), "prob_m_mal")
CROWD_COLUMNS = tuple(f"prob_h_dx_{code}" for code in _CODES)
UNAIDED_COLUMNS = tuple(f"user_dx_without_interaction_{code}" for code in _CODES)
AIDED_COLUMNS = tuple(f"user_dx_with_interaction_{code}" for code in _CODES)
NATURE_MEDICINE_COLUMNS = (
    "image_id", *MODEL_COLUMNS, *CROWD_COLUMNS, "interaction_modality", *UNAIDED_COLUMNS, *AIDED_COLUMNS,
)  # fmt: skip
PROBABILITY_COLUMNS = (*MODEL_COLUMNS, *CROWD_COLUMNS)
_COUNTS = (*UNAIDED_COLUMNS, *AIDED_COLUMNS)

_MOST = 1_000_000_000
"""Answers in a cell and in a whole file: numbers that every database holds."""
_NOBODY = "image and modality without any participant"


def recognises(columns: Sequence[str]) -> Recognition:
    """Whether the columns are those of this file."""
    return recognition(
        NAME, TITLE, columns, NATURE_MEDICINE_COLUMNS, why="columns interaction_modality and user_dx_with_interaction_*"
    )


def read(data: bytes, *, source: str, names: NamesRead | None = None) -> AggregateTable:
    """Counts per image and modality in the one form; the file holds no truth.

    Raises
    ------
    InvalidInput
        As `read_nature_medicine`; no row with a participant.
    """
    file = read_table(data, file_kind="file")
    table = _frame(file, names or NamesRead())
    if table.empty:
        raise InvalidInput(f"{source} has no row below its header")
    codes = {name: modality.value for modality, name in PUBLIC_NAMES.items()}
    columns = {
        **{f"user_dx_without_interaction_{c}": f"unaided_{c}" for c in _CODES},
        **{f"user_dx_with_interaction_{c}": f"aided_{c}" for c in _CODES},
        **{f"prob_m_dx_{c}": f"model_{c}" for c in _CODES},
        **{f"prob_h_dx_{c}": f"crowd_{c}" for c in _CODES},
    }
    frame = table.drop(columns="prob_m_mal").rename(columns=columns)
    frame.insert(0, "case", frame.pop("image_id").map(clean_image_id))
    frame.insert(1, "modality", frame.pop("interaction_modality").map(codes))
    frame["truth_dx"] = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    before, after = (frame[[f"{when}_{c}" for c in _CODES]].sum(axis=1) for when in ("unaided", "aided"))
    if (total := int((before + after).sum())) > _MOST:
        raise InvalidInput(f"{source} counts {counted(total, 'answer')}: more than {_MOST:,} is no such file")
    nobody = (before + after) == 0
    if nobody.all():
        raise InvalidInput(f"{source}: no row counts a participant")
    uneven = int((before != after)[~nobody].sum())
    notes = [*file.notes, "The file counts answers per image and modality: it does not say which reader gave which."]
    if uneven:
        notes.append(f"In {counted(uneven, 'row')} more participants answered in one phase than in the other.")
    return AggregateTable(
        frame=frame[~nobody].reset_index(drop=True),
        source=source,
        format=NAME,
        taxonomy=HAM7.name,
        excluded={_NOBODY: int(nobody.sum())} if nobody.any() else {},
        notes=tuple(notes),
    )


def read_nature_medicine(source: Path | bytes) -> pd.DataFrame:
    """Read such a file into ``NATURE_MEDICINE_COLUMNS``: probabilities as floats, counts as whole numbers.

    Decimal comma or point, column order, a byte order mark and ``;`` or tab as delimiter do not matter.

    Raises
    ------
    MissingColumns
        Columns are missing or unknown; all are named.
    InvalidInput
        No text, no header, an unknown modality, a cell that is no number (with its row), or an image and modality given
        twice.
    """
    return _frame(read_table(source, file_kind="file"), NamesRead())


def _frame(table: MetadataTable, spelt: NamesRead) -> pd.DataFrame:
    names = [name.strip('"') for name in table.columns]
    _check_header(names)
    rows = []
    for row in table:
        if row.cells is None:
            raise InvalidInput(row.problem)
        rows.append(_row(dict(zip(names, row.cells.values(), strict=True)), number=row.number))
    frame = typed(pd.DataFrame(rows, columns=list(NATURE_MEDICINE_COLUMNS)))
    frame["image_id"] = spelt.column("case", frame["image_id"])
    twice = frame[frame.duplicated(["image_id", "interaction_modality"])]
    if len(twice):
        first = twice.iloc[0]
        raise InvalidInput(f"{first['image_id']} with {first['interaction_modality']} stands in two rows")
    return frame


def _check_header(names: list[str]) -> None:
    missing = [name for name in NATURE_MEDICINE_COLUMNS if name not in names]
    unknown = [name for name in names if name not in NATURE_MEDICINE_COLUMNS]
    problems = [f"{what}: {', '.join(found)}" for what, found in (("missing", missing), ("unknown", unknown)) if found]
    if problems:
        raise MissingColumns(f"columns {'; '.join(problems)}. Expected {', '.join(NATURE_MEDICINE_COLUMNS)}")


def _row(cells: Mapping[str, str], *, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {"image_id": unescape_cell(cells["image_id"].strip())}
    if not row["image_id"]:
        raise InvalidInput(f"row {number} has no image_id")
    row["interaction_modality"] = modality = cells["interaction_modality"].strip()
    if modality not in PUBLIC_NAMES.values():
        raise InvalidInput(f"row {number} has the modality {modality!r}: expected {', '.join(PUBLIC_NAMES.values())}")
    for name in (*PROBABILITY_COLUMNS, *_COUNTS):
        cell = cells[name].strip()
        optional = name in PROBABILITY_COLUMNS
        try:
            value = None if optional and cell.upper() in ("", "NA") else float(cell.replace(",", "."))
        except ValueError:
            raise InvalidInput(f"row {number}, {name}: {cell!r} is not a number") from None
        if value is not None and not (0 <= value <= 1.01 if optional else 0 <= value <= _MOST and value.is_integer()):
            what = "a probability from 0 to 1" if optional else "a number of participants"
            raise InvalidInput(f"row {number}, {name}: {cell!r} is not {what}")
        row[name] = value
    return row


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The same table with probabilities as floats and counts as whole numbers."""
    kinds = dict.fromkeys(PROBABILITY_COLUMNS, "float64") | dict.fromkeys(_COUNTS, "int64")
    return table.astype(kinds | dict.fromkeys(["image_id", "interaction_modality"], "object"))


def _read_files(
    files: Sequence[LogFile], *, options: Mapping[str, str], source: str, names: NamesRead
) -> AggregateTable:
    return read(one_file(files, TITLE).data, source=source, names=names)


FORMAT = LogFormat(
    key=NAME,
    title=TITLE,
    description="Counts of answers per image and modality; it does not say which reader gave which.",
    read=_read_files,
    recognises=recognises,
)
