"""What a protocol says about the reader's way: languages, instructions, own results, withdrawal, certificate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Feedback, Withdrawal
from dermdash.reader_study.words.language import Language


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """The entries of a protocol that shape the reader's way.

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
    certificate: bool = False


def reader_options(protocol: Protocol) -> ReaderOptions:
    """What a protocol says."""
    pages = protocol.pages
    return ReaderOptions(
        language=Language(pages.language),
        languages=tuple(map(Language, pages.languages)),
        translations=pages.translations,
        instructions=pages.instructions,
        own_results=protocol.asked.diagnosis and pages.feedback is not Feedback.OFF,
        deletes=protocol.conduct.withdrawal is Withdrawal.DELETE,
        certificate=pages.certificate,
    )
