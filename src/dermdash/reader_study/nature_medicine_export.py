"""The aggregate file of the Nature Medicine 2020 study: one row per image and modality, written and read.

Column for column as ISIC2018_Task3_Test_NatureMedicine_AI_Interaction_Benefit.csv, which writes decimals with a
comma inside quotes.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.modality import PUBLIC_NAMES, Modality, Phase
from dermdash.records.safe_csv import to_safe_csv, unescape_cell
from dermdash.records.taxonomy import HAM7

_CODES = HAM7.codes
MODEL_COLUMNS = (*(f"prob_m_dx_{code}" for code in _CODES), "prob_m_mal")
CROWD_COLUMNS = tuple(f"prob_h_dx_{code}" for code in _CODES)
UNAIDED_COLUMNS = tuple(f"user_dx_without_interaction_{code}" for code in _CODES)
AIDED_COLUMNS = tuple(f"user_dx_with_interaction_{code}" for code in _CODES)
NATURE_MEDICINE_COLUMNS = (
    "image_id", *MODEL_COLUMNS, *CROWD_COLUMNS, "interaction_modality", *UNAIDED_COLUMNS, *AIDED_COLUMNS,
)  # fmt: skip
_PROBABILITIES = (*MODEL_COLUMNS, *CROWD_COLUMNS)
_COUNTS = (*UNAIDED_COLUMNS, *AIDED_COLUMNS)


def build_nature_medicine_table(
    *,
    readings: pd.DataFrame,
    taxonomy_name: str,
    model_probabilities: Mapping[str, Mapping[str, float]],
    crowd_probabilities: Mapping[str, Mapping[str, float]],
) -> pd.DataFrame:
    """Count answers without and with interaction per image and modality.

    Parameters
    ----------
    readings
        Rows with ``reader``, ``case``, ``image_id``, ``modality``, ``phase``, ``dx`` (a readings table). Only
        readers with both answers count, so both counts of a row have the same sum.
    model_probabilities, crowd_probabilities
        Class probabilities by image id; images without stay empty.

    Raises
    ------
    InvalidInput
        The study does not use ham7: the format has its seven classes in the column names.
    MissingColumns
        ``readings`` lacks a column.
    """
    if taxonomy_name != HAM7.name:
        raise InvalidInput(
            f"the Nature Medicine format has the classes of {HAM7.name}, this study uses {taxonomy_name}: "
            "export the readings instead"
        )
    needed = ["reader", "case", "image_id", "modality", "phase", "dx"]
    if missing := [name for name in needed if name not in readings.columns]:
        raise MissingColumns(f"the readings lack {', '.join(missing)}; expected {', '.join(needed)}")
    shown = readings[readings["modality"].isin([m.value for m in PUBLIC_NAMES])]
    key = ["reader", "case", "image_id", "modality"]
    pairs = shown[shown["phase"] == Phase.UNAIDED][[*key, "dx"]].merge(
        shown[shown["phase"] == Phase.AIDED][[*key, "dx"]], on=key, suffixes=("_without", "_with")
    )
    rows: list[dict[str, Any]] = []
    order = {modality.value: i for i, modality in enumerate(PUBLIC_NAMES)}
    groups = {(str(image), str(name)): group for (image, name), group in pairs.groupby(["image_id", "modality"])}
    for image_id, modality in sorted(groups, key=lambda found: (found[0], order[found[1]])):
        group = groups[image_id, modality]
        row: dict[str, Any] = {"image_id": image_id, "interaction_modality": Modality(modality).public_name}
        if model := model_probabilities.get(image_id):
            row |= {f"prob_m_dx_{code}": model[code] for code in _CODES}
            row["prob_m_mal"] = HAM7.malignancy_probability(model)
        if crowd := crowd_probabilities.get(image_id):
            row |= {f"prob_h_dx_{code}": crowd[code] for code in _CODES}
        for how in ("without", "with"):
            counts = Counter(group[f"dx_{how}"])
            row |= {f"user_dx_{how}_interaction_{code}": counts[code] for code in _CODES}
        rows.append(row)
    return _typed(pd.DataFrame(rows, columns=list(NATURE_MEDICINE_COLUMNS)))


def to_nature_medicine_csv(table: pd.DataFrame, *, decimal: Literal[",", "."] = ",") -> bytes:
    """Write the table as UTF-8 CSV; a decimal comma is what the public file has, inside quotes."""
    if decimal not in (",", "."):
        raise InvalidInput(f"the decimal sign is {decimal!r}: expected a comma or a point")
    out = table[list(NATURE_MEDICINE_COLUMNS)].astype(object)
    for name in _PROBABILITIES:
        # repr is the shortest text that brings the same number back
        out[name] = [None if pd.isna(v) else repr(float(v)).replace(".", decimal) for v in out[name]]
    return to_safe_csv(out)


def read_nature_medicine(source: Path | bytes) -> pd.DataFrame:
    """Read such a file into ``NATURE_MEDICINE_COLUMNS``: probabilities as floats, counts as whole numbers.

    Decimal comma or point, column order, a byte order mark and ``;`` or tab as delimiter do not matter.

    Raises
    ------
    MissingColumns
        Columns are missing or unknown; all are named.
    InvalidInput
        Not UTF-8 text, no rows, an unknown modality, a cell that is no number (with its row), or an image and
        modality given twice.
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("the file is not UTF-8 text: save it as CSV UTF-8") from None
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in line)]
    if not lines:
        raise InvalidInput("the file is empty: expected a header and rows")
    names = [name.strip().strip('"').lower() for name in lines[0]]
    _check_header(names)
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        if len(cells) != len(names):
            raise InvalidInput(
                f"row {number} has {len(cells)} cells, the header {len(names)}: is a decimal comma outside quotes?"
            )
        rows.append(_row(dict(zip(names, cells, strict=True)), number=number))
    table = _typed(pd.DataFrame(rows, columns=list(NATURE_MEDICINE_COLUMNS)))
    twice = table[table.duplicated(["image_id", "interaction_modality"])]
    if len(twice):
        first = twice.iloc[0]
        raise InvalidInput(f"{first['image_id']} with {first['interaction_modality']} stands in two rows")
    return table


def _check_header(names: list[str]) -> None:
    missing = [name for name in NATURE_MEDICINE_COLUMNS if name not in names]
    unknown = [name for name in names if name not in NATURE_MEDICINE_COLUMNS]
    twice = sorted(name for name, n in Counter(names).items() if n > 1)
    problems = [
        f"{what}: {', '.join(found)}"
        for what, found in (("missing", missing), ("unknown", unknown), ("given twice", twice))
        if found
    ]
    if problems:
        raise MissingColumns(f"columns {'; '.join(problems)}. Expected {', '.join(NATURE_MEDICINE_COLUMNS)}")


def _row(cells: Mapping[str, str], *, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {"image_id": unescape_cell(cells["image_id"].strip())}
    if not row["image_id"]:
        raise InvalidInput(f"row {number} has no image_id")
    row["interaction_modality"] = modality = cells["interaction_modality"].strip()
    if modality not in PUBLIC_NAMES.values():
        raise InvalidInput(f"row {number} has the modality {modality!r}: expected {', '.join(PUBLIC_NAMES.values())}")
    for name in (*_PROBABILITIES, *_COUNTS):
        cell = cells[name].strip()
        optional = name in _PROBABILITIES
        try:
            value = None if not cell and optional else float(cell.replace(",", "."))
        except ValueError:
            raise InvalidInput(f"row {number}, {name}: {cell!r} is not a number") from None
        if value is not None and not (0 <= value <= 1.01 if optional else value >= 0 and value.is_integer()):
            what = "a probability from 0 to 1" if optional else "a number of participants"
            raise InvalidInput(f"row {number}, {name}: {cell!r} is not {what}")
        row[name] = value
    return row


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds = dict.fromkeys(_PROBABILITIES, "float64") | dict.fromkeys(_COUNTS, "int64")
    return table.astype(kinds | dict.fromkeys(["image_id", "interaction_modality"], "object"))
