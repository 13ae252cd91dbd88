"""Class probabilities made elsewhere, as a table of any kind: one row per image, one column per class.

The image column is ``image`` or ``image_id``; class columns are the codes of the taxonomy in any order and case (MEL,
nv, ...), also as ``prob_m_dx_mel``. Comma, semicolon or tab between cells, decimal point or comma. The public file of
the Nature Medicine 2020 study can be read as it is: its other columns are known, and its repeated rows of an image (one
per modality) count once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput, MissingColumns, WayOut
from dermdash.records.csv_table import MetadataTable, clean_image_id
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.table_files import read_table_file
from dermdash.records.taxonomy import Taxonomy

IMAGE_COLUMNS = ("image", "image_id")
SUM_TOLERANCE = 0.01
_PREFIX = "prob_m_dx_"
_ROWS_NAMED = 5
# Columns of the public file and of our own downloads that say nothing about the model's classes.
_BESIDE = (
    "prob_m_mal", "interaction_modality", "predicted_dx", "malignancy_probability", "borderline", "dataset", "model",
    "checkpoint_sha256", "architecture", "input_size", "preprocessing", "views", "predicted_at",
    "acquisition",
)  # fmt: skip
_BESIDE_PREFIXES = ("prob_h_", "user_dx_")


@dataclass(frozen=True, slots=True)
class OutsidePredictions:
    """``image_ids`` in file order, unique; ``probabilities`` float (n, classes) in the order of the taxonomy.

    ``normalised`` counts the rows that were divided by their sum because the caller asked for it; ``notes`` says what
    was skipped.
    """

    image_ids: tuple[str, ...]
    probabilities: NDArray[np.float64]
    normalised: int = 0
    notes: tuple[str, ...] = ()


def read_predictions(source: Path | bytes, *, taxonomy: Taxonomy, normalise: bool = False) -> OutsidePredictions:
    """Read a file of class probabilities; all of it or nothing.

    Parameters
    ----------
    source
        Path or bytes.
    taxonomy
        Its classes are expected, all of them.
    normalise
        Divide each row by its sum where that is not 1 (scores, percent). Otherwise such rows are refused.

    Raises
    ------
    MissingColumns
        No image column, a class without a column, or an unknown column; all are named.
    InvalidInput
        No row; cells that are no number, negative, above 1; rows that do not sum to 1 (within 0.01); an image without
        a name or in two rows. The message names the first rows and how many there are.
    """
    table = read_table_file(source, file_kind="predictions file")
    image_column, columns = _columns(table, taxonomy)
    one_per_modality = "interaction_modality" in table.columns
    problems: dict[str, list[str]] = {}
    seen: dict[str, tuple[int, list[float]]] = {}
    normalised = 0
    for row in table:
        where = f"row {row.number}"
        if row.cells is None:
            _note(problems, row.fault, row.problem)
            continue
        image = clean_image_id(unescape_cell(row.cells[image_column].strip()))
        if not image:
            _note(problems, "no image name", where)
            continue
        values = [_number(row.cells[name]) for name in columns]
        if None in values:
            name = columns[values.index(None)]
            _note(problems, "not a number", f"{where} {name}={row.cells[name].strip()!r}")
            continue
        numbers = [v for v in values if v is not None]
        if min(numbers) < 0:
            _note(problems, "negative", f"{where} ({min(numbers):g})")
            continue
        total = math.fsum(numbers)
        if abs(total - 1) > SUM_TOLERANCE:
            if not normalise:
                _note(
                    problems, f"probabilities do not sum to 1 (tolerance {SUM_TOLERANCE:g})", f"{where} ({total:.4g})"
                )
                continue
            if total <= 0 or not math.isfinite(total):
                _note(problems, "all zero, so there is nothing to normalise", where)
                continue
            normalised += 1
            numbers = [v / total for v in numbers]
        if image in seen:
            first, before = seen[image]
            if not (one_per_modality and np.allclose(before, numbers, atol=1e-6)):
                _note(problems, "an image that stands in two rows", f"{image} (rows {first} and {row.number})")
            continue
        seen[image] = (row.number, [min(v, 1.0) for v in numbers])
    if problems:
        sums = any(kind.startswith("probabilities do not sum") for kind in problems)
        raise InvalidInput(
            f"{describe_problems('the predictions file cannot be used', problems)}. Nothing was evaluated.",
            way_out=WayOut.NORMALISE if sums else None,
        )
    if not seen:
        raise InvalidInput("the predictions file has no row below its header")
    found = np.array([values for _, values in seen.values()])
    return OutsidePredictions(tuple(seen), found, normalised, table.notes)


def describe_problems(start: str, problems: dict[str, list[str]]) -> str:
    """One sentence naming each kind of problem with its number and the first few places."""
    parts = []
    for kind, places in problems.items():
        named = ", ".join(places[:_ROWS_NAMED]) + (", ..." if len(places) > _ROWS_NAMED else "")
        parts.append(f"{kind}: {len(places):,} ({named})")
    return f"{start}: {'; '.join(parts)}"


def name_images(images: Sequence[str]) -> str:
    """The first few of many image names, with "..." for the rest."""
    return ", ".join(images[:_ROWS_NAMED]) + (", ..." if len(images) > _ROWS_NAMED else "")


def _columns(table: MetadataTable, taxonomy: Taxonomy) -> tuple[str, list[str]]:
    """The image column and the column of each class in taxonomy order."""
    bare = {name: unescape_cell(name) for name in table.columns}
    image = [name for name in table.columns if bare[name] in IMAGE_COLUMNS]
    lower = {code.lower(): code for code in taxonomy.codes}
    of_class: dict[str, list[str]] = {code: [] for code in taxonomy.codes}
    unknown = []
    for name in table.columns:
        code = lower.get(bare[name].removeprefix(_PREFIX))
        if code is not None:
            of_class[code].append(name)
        elif name not in image and name not in _BESIDE and not name.startswith(_BESIDE_PREFIXES):
            unknown.append(name or "(a column without a name)")
    problems = []
    if not image:
        problems.append("there is no column image or image_id")
    if len(image) > 1:
        problems.append("there are both columns image and image_id")
    if missing := [code for code, found in of_class.items() if not found]:
        problems.append(f"no column for {', '.join(missing)}")
    if twice := [f"{code} ({', '.join(found)})" for code, found in of_class.items() if len(found) > 1]:
        problems.append(f"several columns for {', '.join(twice)}")
    if unknown:
        problems.append(f"unknown columns {', '.join(unknown)}")
    if problems:
        raise MissingColumns(
            f"the predictions file cannot be used: {'; '.join(problems)}. Expected image and the classes of "
            f"{taxonomy.name}: {', '.join(taxonomy.codes)}"
        )
    return image[0], [of_class[code][0] for code in taxonomy.codes]


def _number(cell: str) -> float | None:
    text = cell.strip()
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _note(problems: dict[str, list[str]], kind: str, where: str) -> None:
    problems.setdefault(kind, []).append(where)
