"""What an analysis answers: one sentence in words, a few figures with intervals, one chart, and the cases behind it.

An answer says no more than its interval: `verdict` is the one place that turns an interval (and a p value, where
several were tested) into more, less or unclear. What limits every answer alike is said in one place, too, `told`: that
readers were simulated, or that too few readers or cases stand behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple, Self

from dermdash.readings.case_votes import CaseSort
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import bounds, counted, form, hundred_range, in_hundred, of_all, percent_range, sentence

MOST_FIGURES = 4
"""More side by side are a table, which belongs to the details."""


class Verdict(StrEnum):
    """What an interval allows to say of a difference."""

    MORE = "more"
    LESS = "less"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


NO_INTERVAL = "no interval"


class AnswerFigure(NamedTuple):
    """A name, a value in words, and below it the interval or why there is none."""

    name: str
    value: str
    interval: str = ""

    @classmethod
    def of_estimate(cls, name: str, written: str, *further: str) -> Self:
        """Of an estimate as tables write it, "0.81 (0.74 to 0.88)"; ``further`` stands behind the interval."""
        value, _, interval = written.partition(" (")
        return cls(name, value, "; ".join([interval.removesuffix(")") or NO_INTERVAL, *further]))


def interval_words(low: float | None, high: float | None, decimals: int = 1, *, scale: float = 1) -> str:
    """What stands below a figure: its interval, times ``scale``, or that there is none."""
    return NO_INTERVAL if low is None or high is None else bounds(low, high, decimals, scale=scale)


def percent_words(low: float | None, high: float | None) -> str:
    """Likewise of a share, with its unit."""
    return NO_INTERVAL if low is None or high is None else percent_range(low, high)


def share_in_hundred(
    share: float, low: float | None, high: float | None, what: str = "", *, counts: tuple[int, int] | None = None
) -> str:
    """A share in a sentence, with its interval where it has one: "82 of 100 images (78 to 85)".

    ``counts``: hits and all where the share is of these; of fewer than a hundred they are said themselves: "9 of 13
    images (42 to 87 of 100)".
    """
    said = in_hundred(share) if counts is None else of_all(*counts)
    unit = "" if said == in_hundred(share) else " of 100"
    return f"{said}{what}" + ("" if low is None or high is None else f" ({hundred_range(low, high)}{unit})")


@dataclass(frozen=True, slots=True)
class AnalysisAnswer:
    """The answer of an analysis.

    Attributes
    ----------
    text
        One sentence that begins with a capital and has no full stop.
    verdict
        What its interval allows to say; `Verdict.UNKNOWN` where nothing was tested.
    figures
        At most four.
    chart
        Name of the section's figure that shows it; empty: the first.
    cases
        Which cases stand behind it, in the order to show.
    readers, n_cases
        How many stand behind it; None: not known.
    """

    text: str
    verdict: Verdict = Verdict.UNKNOWN
    figures: tuple[AnswerFigure, ...] = ()
    chart: str = ""
    cases: tuple[CaseSort, ...] = ()
    readers: int | None = None
    n_cases: int | None = None

    def __post_init__(self) -> None:
        """Hold every answer to its form."""
        if len(self.figures) > MOST_FIGURES:
            raise ValueError(f"an answer has at most {MOST_FIGURES} figures, not {len(self.figures)}")
        if self.text[:1] != self.text[:1].upper() or self.text.endswith("."):
            raise ValueError(f"an answer begins with a capital and has no full stop: {self.text!r}")

    @property
    def sentence(self) -> str:
        """As page, command and report say it."""
        return sentence(self.text)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "sentence": self.sentence,
            "verdict": str(self.verdict),
            "figures": [figure._asdict() for figure in self.figures],
            "cases": [str(order) for order in self.cases],
        }


def verdict(
    low: float | None, high: float | None, p: float | None = None, *, none: float = 0.0, alpha: float = 0.05
) -> Verdict:
    """What may be said of a difference.

    Parameters
    ----------
    low, high
        Its interval.
    p
        Where several were tested: corrected over them. Then both have to be clear.
    none
        The value that says there is no difference: 0, of ratios 1.
    """
    if low is None or high is None:
        return Verdict.UNKNOWN
    if low <= none <= high or (p is not None and p >= alpha):
        return Verdict.UNCLEAR
    return Verdict.MORE if low > none else Verdict.LESS


def more_in_hundred(difference: float, what: str) -> str:
    """A difference of shares that is clear: "16 of 100 more diagnoses right"."""
    return f"{in_hundred(abs(difference))} {'more' if difference > 0 else 'fewer'} {what}"


def range_in_hundred(low: float, high: float, what: str) -> str:
    """A difference of shares that is not clear: "between 3 fewer and 8 more of 100 diagnoses right"."""
    ends = [f"{_whole(end)} {'more' if end > 0 else 'fewer'}" if _whole(end) != "0" else "none" for end in (low, high)]
    if low > 0 or high < 0:
        less, most = sorted((_whole(low), _whole(high)), key=float)
        return f"between {less} and {most} of 100 {'more' if low > 0 else 'fewer'} {what}"
    return f"between {ends[0]} and {ends[1]} of 100 {what}".rstrip()


def size_in_hundred(low: float, high: float) -> str:
    """The interval of a difference whose direction is said: "12 to 20"."""
    least, most = sorted((abs(low), abs(high)))
    return bounds(least, most, 0, scale=100)


def _whole(share: float) -> str:
    return f"{round(100 * abs(share))}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def uncapped(text: str) -> str:
    """The text as it stands inside a sentence; what is written in capitals keeps them."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def capped(text: str) -> str:
    """The text as it begins a sentence."""
    return text[:1].upper() + text[1:]


class AnsweredOf(NamedTuple):
    """What an answer is of, in words: what it begins with where a program made that, who judged, and what."""

    invented: str
    reader: str
    case: str


READINGS = AnsweredOf("In simulated readings", "reader", "case")
LABELS = AnsweredOf("Of images drawn by a program", "reviewer", "record")
PREDICTIONS = AnsweredOf("Of images drawn by a program", "model", "image")


def told(answer: AnalysisAnswer, *, simulated: bool, of: AnsweredOf = READINGS) -> AnalysisAnswer:
    """The answer with what limits every answer: who the readers were, and whether they and their cases are few."""
    text = f"{of.invented}, {uncapped(answer.text)}" if simulated else answer.text
    few = {
        counted(number, noun): number
        for number, least, noun in (
            (answer.readers, SMALL_READERS, of.reader),
            (answer.n_cases, SMALL_CASES, of.case),
        )
        if number is not None and number < least
    }
    if few:
        are = form(sum(few.values()), "is", "are")
        text += f"; {listed(list(few))} {are} too few to say it of others"
    return replace(answer, text=text)
