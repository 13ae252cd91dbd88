"""One cell of a source read for what its column goes to."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dermdash.dataset.formats.cell_words import CONFIRMATIONS
from dermdash.dataset.formats.layout import ANY, ColumnRole, SourceColumn
from dermdash.records.cell_dates import read_date
from dermdash.records.cell_values import CellValue, read_cell
from dermdash.records.csv_table import MISSING_WORDS, number_or_none, text_or_none
from dermdash.records.details import DETAILS
from dermdash.records.field_values import UnusableValue, parse_field
from dermdash.records.fields import FIELDS, FieldSpec, Kind

_SPECS: dict[str, FieldSpec] = {spec.name: spec for spec in (*FIELDS, *DETAILS)}
_WEIGHTED = re.compile(r"""(['"])(.+?)\1\s*:\s*([0-9.]+)""")
_REMEMBERED = 20_000
HIGHEST_OF_SCALE = 10
"""A whole number with more than that is counted (years), not one of a scale."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says.

    Attributes
    ----------
    value
        None where it says nothing for its target.
    remark
        What the value does not say or the cell says otherwise, to follow "age '85+'"; empty where nothing is lost.
    keep
        Whether the cell is kept verbatim.
    """

    value: Any = None
    remark: str = ""
    keep: bool = False


NOTHING = Cell()


def target_spec(to: str) -> FieldSpec | None:
    """What is declared of the field or detail of that name; None for a role."""
    return _SPECS.get(to)


def scale_of(spec: FieldSpec | None) -> tuple[int, int] | None:
    """Lowest and highest number of a scale of whole numbers, as of quality; None for what is counted or measured."""
    if spec is None or spec.kind is not Kind.INTEGER or spec.minimum is None or spec.maximum is None:
        return None
    return (int(spec.minimum), int(spec.maximum)) if spec.maximum <= HIGHEST_OF_SCALE else None


def is_date(column: SourceColumn) -> bool:
    """Whether its cells are dates, which are read by the order of day and month of all of them."""
    return column.to in _SPECS and _SPECS[column.to].kind is Kind.DATE


def reader_of(column: SourceColumn, order: str | None = None) -> Callable[[str], Cell]:
    """How cells of the column are read; the same text is read once, as most columns have few.

    ``order``: of day and month, for dates (`records.cell_dates`), where the column does not say it.
    """
    order = column.order or order
    words = {word.lower(): meaning for word, meaning in column.values.items()}
    seen: dict[str, Cell] = {}

    def read(text: str) -> Cell:
        cell = seen.get(text)
        if cell is None:
            cell = _read(column, words, text.strip(), order)
            if len(seen) < _REMEMBERED:
                seen[text] = cell
        return cell

    return read


def _read(column: SourceColumn, words: Mapping[str, str], text: str, order: str | None) -> Cell:
    if not text:
        return NOTHING
    if column.separator:
        return _read_several(column, words, text)
    if column.weighted:
        text = _heaviest(text)
    known = _meaning(words, text)
    if known == "":
        return Cell(keep=column.keep)
    written = text if known is None else known
    if (spec := _SPECS.get(column.to)) is not None:
        read = _field(spec, f"{written} {column.unit}".strip(), order)
        if column.inverted and isinstance(read.value, int | float) and (ends := scale_of(spec)):
            read = replace(read, value=ends[0] + ends[1] - read.value)
        return Cell(read.value, read.remark, column.keep or bool(read.remark))
    if column.to == ColumnRole.CONFIRMATION:
        return _confirmation(column, written)
    return Cell(text_or_none(written), keep=column.keep)


def _field(spec: FieldSpec, written: str, order: str | None) -> CellValue:
    if (meant := spec.spellings.get(" ".join(written.lower().split()))) is not None:
        return CellValue(meant)
    if spec.kind is not Kind.DATE:
        return read_cell(spec, written)
    try:
        return CellValue(parse_field(spec, written))  # also a year, or a month of it
    except UnusableValue:
        return read_date(written, order)


def _confirmation(column: SourceColumn, written: str) -> Cell:
    known = _meaning(CONFIRMATIONS, written)
    if known is not None:
        return Cell(known or None, keep=column.keep)
    if text_or_none(written) is None:
        return Cell(keep=column.keep)
    return Cell(None, "is no known word for how a diagnosis was confirmed", keep=True)


def _read_several(column: SourceColumn, words: Mapping[str, str], text: str) -> Cell:
    """The words of a cell, each read for itself; one that cannot be used is named and the others are kept."""
    one = replace(column, separator="")
    cells = [_read(one, words, part.strip(), None) for part in text.split(column.separator) if part.strip()]
    values = [v for c in cells if c.value is not None for v in (c.value if isinstance(c.value, list) else [c.value])]
    remark = next((c.remark for c in cells if c.remark), "")
    return Cell(values or None, remark, keep=any(c.keep for c in cells))


def _heaviest(text: str) -> str:
    """Of ``{'Eczema': 0.6, 'Psoriasis': 0.4}`` the name with the greatest weight; else the text."""
    found = [(float(weight), name) for _, name, weight in _WEIGHTED.findall(text)]
    return max(found, key=lambda pair: pair[0])[1] if found else text.strip("{} ")


def _meaning(words: Mapping[str, str], text: str) -> str | None:
    """What a word means here, a number as "1" and "1.0"; `ANY` where there is such a meaning, not for "unknown"."""
    lower = text.lower()
    if lower in words:
        return words[lower]
    number = number_or_none(lower)
    if number is not None and number.is_integer() and str(int(number)) in words:
        return words[str(int(number))]
    return None if lower in MISSING_WORDS else words.get(ANY)
