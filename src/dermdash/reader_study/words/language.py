"""The languages of readers' pages, and which one of them a reader gets."""

from collections.abc import Sequence
from enum import StrEnum


class Language(StrEnum):
    """A language by its code (ISO 639-1), which travels in the address and stands in the HTML."""

    ENGLISH = "en"
    GERMAN = "de"
    RUSSIAN = "ru"
    SPANISH = "es"

    @property
    def own_name(self) -> str:
        """What its speakers call it: whoever cannot read the page finds it in the list."""
        return _OWN_NAMES[self]


_OWN_NAMES = {
    Language.ENGLISH: "English",
    Language.GERMAN: "Deutsch",
    Language.RUSSIAN: "Русский",
    Language.SPANISH: "Español",
}


def language_of(code: object) -> Language | None:
    """The language of a code ("de", "de-AT", "DE"); None for any other text."""
    first = code.replace("_", "-").partition("-")[0].strip().lower() if isinstance(code, str) else ""
    return Language(first) if first in Language.__members__.values() else None


def asked_for(accept_language: str | None, offered: Sequence[Language]) -> Language | None:
    """The offered language that a browser asks for most (header Accept-Language, RFC 9110), or None.

    What is not written as the standard says asks for nothing.
    """
    best: tuple[float, Language] | None = None
    for part in (accept_language or "")[:1000].split(","):
        code, _, quality = part.partition(";")
        language = language_of(code.strip())
        weight = _weight(quality)
        if language is not None and language in offered and weight > 0 and (best is None or weight > best[0]):
            best = (weight, language)
    return None if best is None else best[1]


def _weight(quality: str) -> float:
    name, _, value = quality.partition("=")
    if not name.strip():
        return 1.0
    try:
        return min(1.0, max(0.0, float(value))) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0


def readers_language(
    *,
    chosen: object,
    agreed_in: object,
    accept_language: str | None,
    default: Language,
    offered: Sequence[Language],
) -> Language:
    """The language a reader gets: their choice (the address), that of their consent, the browser's, the study's."""
    for said in (language_of(chosen), language_of(agreed_in)):
        if said is not None and said in offered:
            return said
    return asked_for(accept_language, offered) or default
