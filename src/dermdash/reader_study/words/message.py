"""A text in every language, and one whose words depend on a count."""

import string
import unicodedata
from dataclasses import dataclass

from dermdash.reader_study.words.language import Language


class Message(str):
    """The English text, which knows the same in the other languages; ``{name}`` is filled in when it is said.

    It is a str, so that an error or a log holds it like any other text.
    """

    __slots__ = ("_others",)
    _others: dict[Language, str]

    def __new__(cls, en: str, *, de: str, ru: str, es: str) -> "Message":
        """Every language is required: a text that lacks one cannot be written."""
        made = super().__new__(cls, en)
        made._others = {Language.GERMAN: de, Language.RUSSIAN: ru, Language.SPANISH: es}
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:
        """A copy knows the other languages, too."""
        return (str(self),), {language.value: text for language, text in self._others.items()}

    def text(self, language: Language) -> str:
        """The text with its places to fill in."""
        return self._others.get(language, str(self))

    def said(self, language: Language, **values: object) -> str:
        """The text in a language, filled in."""
        text = self.text(language)
        return text.format(**values) if values else text

    def filled(self, **values: object) -> "Message":
        """The message with these values in every language."""
        en, de, ru, es = (self.said(language, **values) for language in Language)
        return Message(en, de=de, ru=ru, es=es)


FORMS: dict[Language, tuple[str, ...]] = {
    Language.ENGLISH: ("one", "other"),
    Language.GERMAN: ("one", "other"),
    Language.RUSSIAN: ("one", "few", "many"),
    Language.SPANISH: ("one", "other"),
}
"""The forms of a noun after a whole number, named as by the Unicode CLDR (and ``Intl.PluralRules`` in a browser)."""


def plural_form(language: Language, count: int) -> str:
    """Which form follows a whole number."""
    if language is not Language.RUSSIAN:
        return "one" if count == 1 else "other"
    last, last_two = count % 10, count % 100
    if last == 1 and last_two != 11:
        return "one"
    return "few" if last in (2, 3, 4) and last_two not in (12, 13, 14) else "many"


@dataclass(frozen=True, slots=True)
class Counted:
    """A text around a whole number ``{n}``: a form of it for every form of the language (`FORMS`), in that order."""

    en: tuple[str, str]
    de: tuple[str, str]
    ru: tuple[str, str, str]
    es: tuple[str, str]

    def forms(self, language: Language) -> dict[str, str]:
        """Form to text."""
        texts: tuple[str, ...] = getattr(self, language.value)
        return dict(zip(FORMS[language], texts, strict=True))

    def said(self, language: Language, n: int, **values: object) -> str:
        """The text for a count."""
        return self.forms(language)[plural_form(language, n)].format(n=n, **values)


def in_language(text: str, language: Language) -> str:
    """A text as this reader reads it; one that is in no catalogue stays as it is."""
    return text.text(language) if isinstance(text, Message) else text


def places(text: str) -> set[str]:
    """The names that a text has places for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def sort_key(text: str) -> str:
    """By which names stand in a list: an accent or a small letter puts a name nowhere else."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
