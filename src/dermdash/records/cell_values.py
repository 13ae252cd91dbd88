"""From the cell of a file to the value of a field, however it is written, with what is lost on the way.

`dermdash.records.field_values.parse_field` is for what people enter here and takes what a field allows. Files say
"85+", "0,4 cm" or "AGE_40_TO_49": these are read as far as they say something, and what they say besides is told
(`CellValue.remark`) and kept as text, so that nobody takes 85 for an age that somebody had.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dermdash.records.cell_words import FALSE, SAY_NOTHING, TRUE, choice_of, western_digits
from dermdash.records.csv_table import number_or_none
from dermdash.records.field_values import UnusableValue, allowed_range
from dermdash.records.fields import FieldSpec, Kind
from dermdash.wording import cell as shown

_NUMBER = r"\d+(?:[.,]\d+)?"
_AGE_PREFIX = re.compile(r"^age[\s_:]*", re.IGNORECASE)
_YEARS = re.compile(r"\s*(?:years?|yrs?|y\.?\s?o\.?|y|jahre?|j|лет|года?|г)\.?(?:\s*old|\s*alt)?$", re.IGNORECASE)
_MONTHS = re.compile(rf"({_NUMBER})\s*(months?|mos?|monate?|мес\w*|weeks?|days?)\.?(?:\s*old)?", re.IGNORECASE)
_PER_YEAR = {"m": 12, "w": 52, "d": 365, "м": 12}
_RANGE = re.compile(r"(\d+)[\s_]*(?:to|bis|до|-|–|—|\.\.)[\s_]*(\d+)", re.IGNORECASE)
_MORE = re.compile(
    rf"(?:({_NUMBER})\s*(?:\+|(?:or|and|und|и)\s*(?:more|over|older|above|up|älter|mehr|старше|более))"
    rf"|(?:>=?|≥|over|above|more than|older than|über|älter als|больше|старше)\s*({_NUMBER}))\+?",
    re.IGNORECASE,
)
_LESS = re.compile(rf"(?:<=?|≤|under|below|less than|up to|unter|bis|меньше|до)\s*{_NUMBER}", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:~|≈|ca\.?|circa|about|approx\.?|около|прибл\.?)\s*", re.IGNORECASE)
_LENGTH = re.compile(r"\s*(mm|cm|µm|μm|um|мм|см|millimet(?:er|re)s?|centimet(?:er|re)s?)\.?$", re.IGNORECASE)
_IN_MM = {"mm": 1.0, "мм": 1.0, "mi": 1.0, "cm": 10.0, "см": 10.0, "ce": 10.0, "µm": 0.001, "μm": 0.001, "um": 0.001}
_SIDES = re.compile(rf"({_NUMBER})\s*(?:mm|cm|мм|см)?\s*[x×*х]\s*({_NUMBER})(?:\s*[x×*х]\s*{_NUMBER})?", re.IGNORECASE)
_MOST_YEARS = 20
_RAISED = {"raised", "elevated", "erhaben"}
_ROMAN = ("I", "II", "III", "IV", "V", "VI")
_SKIN_TYPE = re.compile(
    r"(?:fst|fitzpatrick|skin[ _-]type|type|typ|тип|phototype)?[\s_:]*([1-6]|i{1,3}|iv|vi?)(?:[.,]0)?", re.IGNORECASE
)
_LIST_SIGNS = re.compile(r"[;,|\n]")


@dataclass(frozen=True, slots=True)
class CellValue:
    """What a cell says for a field.

    Attributes
    ----------
    value
        Of the field; None where the cell says nothing for it.
    remark
        What the value does not say or the cell says otherwise, to follow "age '85+'"; empty where nothing is lost.
    """

    value: Any
    remark: str = ""

    def note(self, row: int, column: str, written: str) -> str:
        """What to list: "row 3: age '85+' was read as 85, and means 85 or more"; empty where nothing is lost."""
        return f"row {row}: {column} {written.strip()!r} {self.remark}" if self.remark else ""


def read_cell(spec: FieldSpec, written: str) -> CellValue:
    """Read a cell for a field; what is not usable becomes None with a remark. Never raises.

    Where there is a remark, the text of the cell should be kept beside the field.
    """
    text = written.strip()
    choice = choice_of(spec.name, spec.choices, text) if spec.kind is Kind.TEXT and spec.choices else None
    if choice is not None:  # also a word that means missing elsewhere, such as none
        return CellValue(choice)
    if text.lower() in SAY_NOTHING:
        return CellValue(None)
    try:
        if spec.kind is Kind.LIST:
            return _list(spec, text)
        if spec.kind is Kind.BOOLEAN:
            return CellValue(_boolean(text))
        if spec.kind is Kind.TEXT:
            return CellValue(_word(spec, text))
        return _number(spec, western_digits(text))
    except UnusableValue as problem:
        return CellValue(None, f"{problem} and was left empty")


def _word(spec: FieldSpec, text: str) -> str:
    if not spec.choices:
        return text
    if spec.choices == _ROMAN and (found := _SKIN_TYPE.fullmatch(text)):
        said = found[1].upper()
        return _ROMAN[int(said) - 1] if said.isdigit() else said
    if spec.name == "elevation" and text.lower() in TRUE | _RAISED:
        raise UnusableValue("says that it is raised, not whether palpable or nodular,")
    raise UnusableValue(f"is none of {', '.join(spec.choices)}")


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise UnusableValue("is neither true nor false")


def _list(spec: FieldSpec, text: str) -> CellValue:
    if text.startswith(("[", "{")):
        try:
            items = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            raise UnusableValue("is not a JSON list") from None
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise UnusableValue("is not a list of words")
    else:
        items = _LIST_SIGNS.split(text)
    given = [item.strip() for item in items if item.strip()]
    found = {item: choice_of(spec.name, spec.choices, item) if spec.choices else item for item in given}
    unknown = [item for item, choice in found.items() if choice is None]
    values = list(dict.fromkeys(choice for choice in found.values() if choice is not None))
    if unknown and not values:
        raise UnusableValue(f"is none of {', '.join(spec.choices)}")
    remark = f"was read without {', '.join(map(repr, unknown))}, which is none of {', '.join(spec.choices)}"
    return CellValue(values or None, remark if unknown else "")


def _number(spec: FieldSpec, text: str) -> CellValue:
    if spec.unit == "years":
        return _checked(spec, *_age(_AGE_PREFIX.sub("", text)))
    if spec.unit == "mm":
        return _checked(spec, *_length(text))
    return _checked(spec, _plain(spec, text), "")


def _checked(spec: FieldSpec, number: float, remark: str) -> CellValue:
    """The number in the range and of the kind of its field; ``remark`` may hold {} for it."""
    low, high = spec.minimum, spec.maximum
    value: float = number
    if spec.kind is Kind.INTEGER:
        value = round(number)
        if value != number and spec.unit != "years":
            raise UnusableValue("is not a whole number")
        if value != number and not remark:
            remark = "was read as {}"
    if (low is not None and number < low) or (high is not None and number > high):
        raise UnusableValue(f"is outside {allowed_range(spec)}")
    return CellValue(value, remark.format(shown(value)))


def _plain(spec: FieldSpec, text: str) -> float:
    number = number_or_none(text)
    if number is None:
        raise UnusableValue(f"is not {'a whole number' if spec.kind is Kind.INTEGER else 'a number'}")
    return number


def _amount(text: str, otherwise: Callable[[str], float]) -> tuple[float, str]:
    """A number, or what says that it is more than one."""
    if found := _MORE.fullmatch(text):
        limit = number_or_none(found[1] or found[2]) or 0.0
        strict = found[2] is not None and "=" not in text and "≥" not in text
        means = f"more than {shown(limit)}" if strict else f"{shown(limit)} or more"
        return limit, f"was read as {{}}, and means {means}"
    if _LESS.fullmatch(text):
        raise UnusableValue("says only what it is less than")
    return otherwise(text), ""


def _age(text: str) -> tuple[float, str]:
    if found := _MONTHS.fullmatch(text):
        parts = _PER_YEAR[found[2][0].lower()]
        return int((number_or_none(found[1]) or 0) // parts), "was read as {} full years"
    bare = _YEARS.sub("", text)
    if found := _RANGE.fullmatch(bare):
        low, high = int(found[1]), int(found[2])
        if not 0 < high - low <= _MOST_YEARS:
            raise UnusableValue("is no age")
        return (low + high + 1) // 2, f"was read as {{}}, the middle of {low} to {high}"
    about = _ABOUT.sub("", bare)
    number, remark = _amount(about, _age_number)
    return number, remark or ("was read as {}, and is about that" if about != bare else "")


def _age_number(text: str) -> float:
    number = number_or_none(text)
    if number is None:
        raise UnusableValue("is not a whole number")
    return number


def _length(text: str) -> tuple[float, str]:
    unit = _LENGTH.search(text)
    factor = _IN_MM[unit[1].lower()[:2]] if unit else 1.0
    bare = _LENGTH.sub("", text)
    if found := _SIDES.fullmatch(bare):
        sides = [(number_or_none(found[place]) or 0.0) * factor for place in (1, 2)]
        return round(max(sides), 6), f"was read as {{}}, the larger of {shown(sides[0])} and {shown(sides[1])} mm"
    about = _ABOUT.sub("", bare)
    number, remark = _amount(about, _length_number)
    if remark and factor != 1.0:
        remark = "was read as {} mm, and means that or more"
    return round(number * factor, 6), remark or ("was read as {}, and is about that" if about != bare else "")


def _length_number(text: str) -> float:
    number = number_or_none(text)
    if number is None:
        raise UnusableValue("is not a number")
    return number
