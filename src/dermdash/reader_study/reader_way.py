"""What readers are told they will meet before they begin: cases, answers, parts and minutes.

Cases are counted as the reading page counts them: attention checks and hidden repeats among them, as nobody is to tell
them apart; a case that comes again in another part counts again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_time import reading_times
from dermdash.reader_study.words import pages
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Counted


@dataclass(frozen=True, slots=True)
class Span:
    """What the arms have least and most of: before chance gives a reader one, both can come."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class ReaderWay:
    """What a protocol asks of one reader.

    ``answers``: to these cases, each of which may ask for several things. ``practice``, ``screening``: cases before the
    first part.
    """

    cases: Span
    answers: Span
    parts: Span
    minutes: Span
    practice: int
    screening: int


def reader_way(protocol: Protocol) -> ReaderWay:
    """Before an arm is drawn."""
    times = reading_times(protocol)
    screening = protocol.checks.screening.cases if protocol.checks.screening else 0
    return ReaderWay(
        cases=_span(time.cases + time.checks for time in times),
        answers=_span(time.answers + time.checks for time in times),
        parts=_span(len(time.minutes_per_period) for time in times),
        minutes=_span(rounded_minutes(time.minutes) for time in times),
        practice=protocol.practice_cases,
        screening=screening,
    )


def rounded_minutes(minutes: float) -> int:
    """An estimate as it is told: whole minutes, from ten on every five."""
    return max(1, round(minutes)) if minutes < 10 else 5 * round(minutes / 5)


def way_words(protocol: Protocol, language: Language) -> str:
    """A sentence of it: "28 cases with ... after 3 for practice: 56 answers, about 10 minutes in all."."""
    way = reader_way(protocol)
    said = _said(pages.CASES, pages.MOST_CASES, way.cases, language)
    if way.parts.most > 1:
        said += f" {_said(pages.IN_PARTS, pages.MOST_PARTS, way.parts, language)}"
    before = [pages.AFTER_TEST.said(language, way.screening)] if way.screening else []
    before += [pages.AFTER_PRACTICE.said(language, way.practice)] if way.practice else []
    said += "".join(f" {words}" if not number else f", {words}" for number, words in enumerate(before))
    answers = [] if way.answers == way.cases else [_said(pages.ANSWERS, pages.MOST_ANSWERS, way.answers, language)]
    rest = [*answers, _said(pages.MINUTES, pages.MOST_MINUTES, way.minutes, language)]
    return f"{said[:1].upper()}{said[1:]}: {', '.join(rest)}."


def _span(values: Iterable[int]) -> Span:
    found = list(values)
    return Span(min(found), max(found))


def _said(one: Counted, most: Counted, span: Span, language: Language) -> str:
    return (most if span.least < span.most else one).said(language, span.most)
