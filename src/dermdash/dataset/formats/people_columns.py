"""Columns that name people or say where they live, which a data set has no need of."""

import re

_PEOPLE = re.compile(
    r"\bфио\b|ф\.\s?и\.\s?о|фамил|\bимя\b(?!.файл)|отчеств|телефон|адрес|снилс|полис|паспорт|дата.рожд|"
    r"surname|(first|last|family|patient)[ _]?name|phone|e-?mail|address|birth.?da|date.of.birth|\bdob\b|\bssn\b|"
    r"nachname|vorname|geburts|anschrift",
    re.IGNORECASE,
)


def names_people(head: str) -> bool:
    """Whether a column is called as one that holds names, addresses, numbers or birthdays of people."""
    return _PEOPLE.search(head) is not None
