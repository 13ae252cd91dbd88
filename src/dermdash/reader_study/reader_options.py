"""What a protocol says about the reader's way: languages, instructions, own results, withdrawal, game, certificate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.words.language import Language, language_of

RESULTS_AT_END = "end"
DELETE_ANSWERS = "delete"


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """The entries of a protocol that shape the reader's way, with what they are where a protocol has none.

    Attributes
    ----------
    language
        Of the study's own words, and of readers whose browser asks for none that is on offer.
    languages
        On offer.
    translations
        Words of the study in other languages: code, entry ("question", "consent_text", "instructions",
        "confidence_levels"), text.
    instructions
        Shown before the first case; empty: the standard ones alone.
    own_results
        Whether readers learn at the end how often they were right.
    deletes
        Whether the answers of who withdraws are deleted; else they stay and are marked.
    """

    language: Language = Language.ENGLISH
    languages: tuple[Language, ...] = tuple(Language)
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    instructions: str = ""
    own_results: bool = False
    deletes: bool = False
    game: bool = False
    certificate: bool = False


def reader_options(protocol: Protocol) -> ReaderOptions:
    """What the protocol says; entries that it does not have yet are at their defaults."""
    before = ReaderOptions()
    pages, conduct = getattr(protocol, "pages", None), getattr(protocol, "conduct", None)

    def said(name: str) -> Any:
        return getattr(pages, name, getattr(before, name))

    language = language_of(said("language")) or before.language
    offered = tuple(known for code in said("languages") if (known := language_of(code)) is not None)
    return ReaderOptions(
        language=language,
        languages=offered or (language,),
        translations=said("translations"),
        instructions=str(said("instructions")),
        own_results=str(getattr(pages, "feedback", "")) == RESULTS_AT_END,
        deletes=str(getattr(conduct, "withdrawal", "")) == DELETE_ANSWERS,
        game=bool(said("game")),
        certificate=bool(said("certificate")),
    )
