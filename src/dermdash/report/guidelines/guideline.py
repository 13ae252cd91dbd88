"""A reporting guideline as a list of numbered topics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuidelineItem:
    """One item: its number in the guideline, its topic in our words, and which known fact answers (part of) it.

    ``fact`` is a key of `dermdash.report.guidelines.known_facts.known_facts`; empty: only the authors can say.
    """

    number: str
    topic: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Guideline:
    """A guideline with its citation; ``note`` says what to know before filling it in."""

    key: str
    name: str
    scope: str
    citation: str
    items: tuple[GuidelineItem, ...]
    note: str = ""


def items(*rows: tuple[str, str] | tuple[str, str, str]) -> tuple[GuidelineItem, ...]:
    """Items from (number, topic[, fact])."""
    return tuple(GuidelineItem(*row) for row in rows)
