"""One cell of a source read for what its column goes to."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dermdash.dataset.formats.cell_words import CONFIRMATIONS, FITZPATRICK, SEXES
from dermdash.dataset.formats.layout import ANY, Column, Role
from dermdash.records.csv_table import MISSING_WORDS, number_or_none, text_or_none
from dermdash.records.details import DETAILS
from dermdash.records.field_values import UnusableValue, parse_field
from dermdash.records.fields import FIELDS, FieldSpec, Kind

_SPECS: dict[str, FieldSpec] = {spec.name: spec for spec in (*FIELDS, *DETAILS)}
_WORDS: dict[str, Mapping[str, str]] = {
    Role.CONFIRMATION: CONFIRMATIONS,
    "fitzpatrick_type": FITZPATRICK,
    "sex": SEXES,
}
_MILLIMETRES = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001}
_WEIGHTED = re.compile(r"""(['"])(.+?)\1\s*:\s*([0-9.]+)""")
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says: a value (None: nothing), why it could not be used, and whether it is kept verbatim."""

    value: Any = None
    problem: str = ""
    keep: bool = False


NOTHING = Cell()


def reader_of(column: Column) -> Callable[[str], Cell]:
    """How cells of the column are read; the same text is read once, as most columns have few."""
    words = {word.lower(): meaning for word, meaning in column.values.items()}
    seen: dict[str, Cell] = {}

    def read(text: str) -> Cell:
        cell = seen.get(text)
        if cell is None:
            cell = _read(column, words, text.strip())
            if len(seen) < _REMEMBERED:
                seen[text] = cell
        return cell

    return read


def _read(column: Column, words: Mapping[str, str], text: str) -> Cell:
    if not text:
        return NOTHING
    if column.separator:
        return _read_several(column, words, text)
    if column.weighted:
        text = _heaviest(text)
    known = _meaning(words, text)
    if known == "" or (known is None and text.lower() in MISSING_WORDS and text.lower() != "none"):
        return Cell(keep=column.keep)
    written = text if known is None else known
    try:
        value, lossy = _value(column, written, mapped=known is not None)
    except UnusableValue as problem:
        return Cell(None, str(problem), keep=True)
    return Cell(value, keep=lossy or column.keep)


def _read_several(column: Column, words: Mapping[str, str], text: str) -> Cell:
    """The words of a cell, each read for itself; one that cannot be used is named and the others are kept."""
    one = replace(column, separator="")
    cells = [_read(one, words, part.strip()) for part in text.split(column.separator) if part.strip()]
    values = [v for c in cells if c.value is not None for v in (c.value if isinstance(c.value, list) else [c.value])]
    problem = next((c.problem for c in cells if c.problem), "")
    return Cell(values or None, problem, keep=any(c.keep for c in cells))


def _heaviest(text: str) -> str:
    """Of ``{'Eczema': 0.6, 'Psoriasis': 0.4}`` the name with the greatest weight; else the text."""
    found = [(float(weight), name) for _, name, weight in _WEIGHTED.findall(text)]
    return max(found, key=lambda pair: pair[0])[1] if found else text.strip("{} ")


def _meaning(words: Mapping[str, str], text: str) -> str | None:
    lower = text.lower()
    if lower in words:
        return words[lower]
    number = number_or_none(lower)
    if number is not None and number.is_integer() and str(int(number)) in words:
        return words[str(int(number))]
    return None if lower in MISSING_WORDS else words.get(ANY)


def _value(column: Column, text: str, *, mapped: bool) -> tuple[Any, bool]:
    """The value of a cell, and whether it says less than the cell."""
    to = column.to
    if not mapped and to in _WORDS:
        known = _meaning(_WORDS[to], text)
        if known is not None:
            return known or None, False
        if to == Role.CONFIRMATION:
            raise UnusableValue("is no known word for how a diagnosis was confirmed")
    spec = _SPECS.get(to)
    if spec is None:
        return text_or_none(text), False
    if spec.kind is Kind.NUMBER and column.unit:
        return parse_field(spec, f"{_length(text, column.unit):g}"), False
    return parse_field(spec, text, rounded=True), False


def _length(text: str, unit: str) -> float:
    number = number_or_none(text)
    if number is None:
        raise UnusableValue("is not a number")
    return number * _MILLIMETRES[unit or "mm"]
