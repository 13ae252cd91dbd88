"""From the cell of a file to the value of a field, and from the value to words."""

import json
import re
from datetime import date
from typing import Any

from dermdash.records.csv_table import number_or_none, text_or_none
from dermdash.records.fields import FieldSpec, Kind
from dermdash.records.safe_csv import LIST_SEPARATOR
from dermdash.wording import cell, years

_TRUE = frozenset({"true", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "no", "n", "0", "0.0"})
_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


class UnusableValue(ValueError):
    """A cell that its field does not allow; the text says what was expected."""


def parse_field(spec: FieldSpec, written: str, *, rounded: bool = False) -> Any:
    """Turn a cell into the value of its field, None when the cell says nothing.

    ``rounded``: a field of whole numbers takes others too, to the nearest whole one.

    Raises
    ------
    UnusableValue
        The field does not allow the value; the message says what was expected.
    """
    if spec.kind is Kind.TEXT and written.strip().lower() in map(str.lower, spec.choices):
        return _choice(spec, written.strip())  # also a word that means missing elsewhere, such as none
    text = text_or_none(written)
    if text is None:
        return None
    if spec.kind is Kind.LIST:
        return _parse_list(spec, text)
    if spec.kind is Kind.BOOLEAN:
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise UnusableValue("is neither true nor false")
    if spec.kind is Kind.TEXT:
        return _choice(spec, text) if spec.choices else text
    if spec.kind is Kind.DATE:
        return _parse_date(text)
    return _parse_number(spec, text, rounded)


def _parse_number(spec: FieldSpec, text: str, rounded: bool) -> float:
    whole = spec.kind is Kind.INTEGER
    number = number_or_none(text)
    if number is None or (whole and not rounded and not number.is_integer()):
        raise UnusableValue(f"is not {'a whole number' if whole else 'a number'}")
    low, high = spec.minimum, spec.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise UnusableValue(f"is outside {allowed_range(spec)}")
    return round(number) if whole else number


def _parse_date(text: str) -> str:
    if not _ISO_DATE.fullmatch(text):
        raise UnusableValue("is no date as YYYY-MM-DD, YYYY-MM or YYYY")
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        raise UnusableValue("is no day of the calendar") from None
    return text


def _parse_list(spec: FieldSpec, text: str) -> list[str] | None:
    if text.startswith("["):
        try:
            items = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            raise UnusableValue("is not a JSON list") from None
        if not all(isinstance(item, str) for item in items):
            raise UnusableValue("is not a list of words")
    else:
        items = text.split(LIST_SEPARATOR)
    return [_choice(spec, item.strip()) for item in items if item.strip()] or None


def _choice(spec: FieldSpec, text: str) -> str:
    for choice in spec.choices:
        if choice.lower() == text.lower():
            return choice
    if (meant := spec.spellings.get(" ".join(text.lower().split()))) is not None:
        return meant
    raise UnusableValue(f"is none of {', '.join(spec.choices)}")


def allowed_range(spec: FieldSpec) -> str:
    """The numbers a field allows ("0-120 years", "from 3"); empty for any."""
    if spec.minimum is None and spec.maximum is None:
        return ""
    if spec.maximum is None:
        text = f"from {spec.minimum:g}"
    else:
        text = f"up to {spec.maximum:g}" if spec.minimum is None else f"{spec.minimum:g}-{spec.maximum:g}"
    # "of 5" is the scale, which the range says already.
    return text if spec.unit.startswith("of ") else f"{text} {spec.unit}".strip()


def value_in_words(spec: FieldSpec, value: Any) -> str:
    """A value that is there, in words, without its unit: "blue gray, white", "yes", "3 · Histology"."""
    if spec.words is not None:
        return spec.words(value)
    if spec.kind is Kind.BOOLEAN:
        return "yes" if value else "no"
    if spec.kind is Kind.LIST:
        return ", ".join(str(item).replace("_", " ") for item in value)
    return str(value).replace("_", " ") if spec.kind is Kind.TEXT else cell(value)


def measured_in_words(spec: FieldSpec, value: Any) -> str:
    """The same with its unit: "7.5 mm", "4 of 5"."""
    if spec.unit == "years":
        return years(value)
    return f"{value_in_words(spec, value)} {spec.unit}".strip()
