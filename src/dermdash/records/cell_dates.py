"""Dates as files write them: year first, day first with points, day or month first with slashes, months in words.

Whether 05/03/2012 is a day in May or in March no cell says alone: the other cells of its column may (`date_order`).
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from dermdash.records.cell_values import CellValue
from dermdash.records.cell_words import SAY_NOTHING, western_digits

DAY_FIRST, MONTH_FIRST = "day first", "month first"
ORDERS = (DAY_FIRST, MONTH_FIRST)

_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AP]M)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*([^\W\d_]{3,})\.?[\s,-]*(\d{4})(?:\s*г\.?)?", re.IGNORECASE)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})", re.IGNORECASE)
_MONTHS = (
    ("jan", "янв"), ("feb", "фев"), ("mar", "mär", "mrz", "мар"), ("apr", "апр"), ("may", "mai", "май", "мая"),
    ("jun", "июн"), ("jul", "июл"), ("aug", "авг"), ("sep", "сен"), ("oct", "okt", "окт"), ("nov", "ноя"),
    ("dec", "dez", "дек"),
)  # fmt: skip
_MONTH_OF = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words}
_SERIAL = re.compile(r"([23456]\d{4})(?:\.\d+)?")
_SERIAL_ZERO = date(1899, 12, 30)
"""Day 0 of spreadsheets, as they count from March 1900 on."""


def date_order(cells: Iterable[str]) -> str | None:
    """Whether the dates of a column have the day or the month first: what those say that allow one reading only.

    None where none of them does, or they contradict each other.
    """
    said: set[str] = set()
    for cell in cells:
        found = _YEAR_LAST.fullmatch(western_digits(cell.strip()))
        if found and found[2] != ".":
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second:
                said.add(DAY_FIRST)
            elif second > 12 >= first:
                said.add(MONTH_FIRST)
    return said.pop() if len(said) == 1 else None


def read_date(written: str, order: str | None = None) -> CellValue:
    """Read a date; its value is ISO text ("2012-05-16"), None with a remark where it is no date or may be two.

    ``order``: of the column, from `date_order`. A time of day is left aside.
    """
    text = western_digits(written.strip())
    if text.lower() in SAY_NOTHING:
        return CellValue(None)
    if found := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_MONTH.fullmatch(text):
        return _day(int(found[3]), _MONTH_OF.get(found[2].lower()[:3], 0), int(found[1]))
    if found := _MONTH_DAY.fullmatch(text):
        return _day(int(found[3]), _MONTH_OF.get(found[1].lower()[:3], 0), int(found[2]))
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(int(found[1]), int(found[3]), found[4], order if found[2] != "." else DAY_FIRST)
    if found := _SERIAL.fullmatch(text):
        value = (_SERIAL_ZERO + timedelta(days=int(found[1]))).isoformat()
        return CellValue(value, f"was read as {value}, the day that spreadsheets give this number")
    return CellValue(None, "is no date and was left empty")


def _year_last(first: int, second: int, year: str, order: str | None) -> CellValue:
    if len(year) == 2:
        return CellValue(None, "has a year of two digits and was left empty")
    if order is None and first != second:
        if first <= 12 and second <= 12:
            return CellValue(None, "may have the day or the month first and was left empty")
        order = DAY_FIRST if first > 12 else MONTH_FIRST
    day, month = (second, first) if order == MONTH_FIRST else (first, second)
    return _day(int(year), month, day)


def _day(year: int, month: int, day: int) -> CellValue:
    try:
        return CellValue(date(year, month, day).isoformat())
    except ValueError:
        return CellValue(None, "is no date and was left empty")
