"""How numbers are written for people: on pages, in figures, in reports and by commands, everywhere the same.

- shares: `percent`, `percent_alone`, `percent_interval`, `percent_range`, `percent_spread`, `level`, `threshold`
- shares in a sentence for those who do not count in per cent: `in_hundred`, `hundred_range`; what was counted: `of_all`
- differences: `points` of shares (`margin` without a sign), `difference` of other numbers
- numbers: `number`, `plain_number`, `thousands_apart`, `number_interval`, `bounds`, `spread`
- p values: `p_value` under a head that says p, `p_words` in a sentence
- captions of tiles: `similarity`
- counts: `counted`, `form`; names: `told_apart`
- times: `duration`, `seconds`, `time_limit`, `moment`, `day`; sizes: `file_size`; ages: `years`
- any value of a record as a cell: `cell`

A unit and its number stay on one line (no-break space), minus is a true minus, what rounds to 0 has no sign, and what
is not known is said in words or left empty. Files for programs (CSV, JSON) hold the numbers themselves.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Protocol

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
PLUS_MINUS = "\N{PLUS-MINUS SIGN}"
PERCENT_SIGN = f"{NO_BREAK}%"
"""What follows a number of percent that is written by others: ticks and hover texts of figures."""
PERCENT_FORMAT = f"%d{NO_BREAK}%%"
"""The same for what takes a printf format: sliders, columns of tables."""
_HUNDRED = 100
NOT_COMPUTED = "not computed"
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
DIFFERENT_BELOW = 0.001
"""Smaller p values are only said to be smaller."""
ALIKE_ABOVE = 0.99
"""Larger p values are only said to be larger: with three places they would round to 1, which no test gives."""


class Estimated(Protocol):
    """A figure with the interval to show and, where there is none, the reason."""

    @property
    def value(self) -> float | None:
        """The figure, or None."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its bounds, or None."""

    @property
    def reason(self) -> str | None:
        """Why there is no figure."""


def known(value: float | None) -> bool:
    """Whether this is a number that can be written."""
    return value is not None and math.isfinite(value)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share (0..1) as percent: "69.9 %"; what is neither 0 nor 1 never reads as 0 % or 100 %."""
    if share is None or not known(share):
        return NOT_COMPUTED
    text, step = _written(100 * share, decimals), 10.0**-decimals
    if share > 0 and float(f"{100 * share:.{decimals}f}") == 0:
        return f"<{NO_BREAK}{step:.{decimals}f}{PERCENT_SIGN}"
    if share < 1 and float(f"{100 * share:.{decimals}f}") == 100:
        return f">{NO_BREAK}{100 - step:.{decimals}f}{PERCENT_SIGN}"
    return f"{text}{PERCENT_SIGN}"


def percent_alone(share: float | None, decimals: int = 1) -> str:
    """A share (0..1) under a head that says per cent: "69.9"."""
    return percent(share, decimals).removesuffix(PERCENT_SIGN)


def percent_interval(share: float | None, low: float | None, high: float | None, decimals: int = 1) -> str:
    """A share with its interval: "63.6 % (61.0 to 66.2)"."""
    return _with_bounds(percent(share, decimals), share, low, high, decimals, 100)


def percent_range(low: float | None, high: float | None, decimals: int = 1) -> str:
    """From one share to another: "84.3 to 95.1 %"."""
    text = bounds(low, high, decimals, scale=100)
    return text if text == NOT_COMPUTED else f"{text}{PERCENT_SIGN}"


def percent_spread(mean: float | None, sd: float | None, decimals: int = 1) -> str:
    """Mean and standard deviation of shares: "71.2 ± 0.8 %"."""
    text = spread(mean, sd, decimals, scale=100)
    return text if text == NOT_COMPUTED else f"{text}{PERCENT_SIGN}"


def in_hundred(share: float) -> str:
    """A share (0..1) as people say it in a sentence: "16 of 100"; what is not 0 never reads as 0."""
    if share > 0 and round(100 * share) == 0:
        return "fewer than 1 of 100"
    if share < 1 and round(100 * share) == 100:
        return "more than 99 of 100"
    return f"{round(100 * share)} of 100"


def of_all(hits: int, total: int) -> str:
    """A counted share in a sentence: "9 of 13"; of a hundred and more as `in_hundred`, as 67 of 100 are easier to see.

    Nobody has seen a hundred where there are thirteen.
    """
    return in_hundred(hits / total) if total >= _HUNDRED else f"{hits} of {total}"


def hundred_range(low: float, high: float) -> str:
    """From one share (0..1) to another in a sentence whose unit stands before it: "12 to 20"."""
    return bounds(low, high, 0, scale=100)


def level(confidence: float) -> str:
    """A level of confidence, a power, a margin: what a person chose, as chosen: "95 %", "97.5 %"."""
    return f"{100 * confidence:.6g}{PERCENT_SIGN}"


CI = f"{level(0.95)} CI"
INTERVAL = f"{level(0.95)} interval"
"""Heads of columns whose intervals have the usual level."""


def threshold(probability: float | None) -> str:
    """A threshold in percent, to as many places as small ones need: "4.29 %", "0.0300 %", "0.0012 %"."""
    if probability is None or not known(probability):
        return NOT_COMPUTED
    return percent(probability, 2 if probability >= 0.001 or probability == 0 else 4)


def points(value: float | None, low: float | None = None, high: float | None = None, decimals: int = 1) -> str:
    """A difference of shares in percentage points: "+13.3 points (11.5 to 15.2)", "0.0 points"."""
    if value is None or not known(value):
        return NOT_COMPUTED
    text = f"{_written(100 * value, decimals, sign=True)}{NO_BREAK}points"
    return _with_bounds(text, value, low, high, decimals, 100)


def margin(share: float, decimals: int = 1) -> str:
    """The size of a difference of shares, which has no sign: "5.0 points"."""
    return f"{_written(100 * share, decimals)}{NO_BREAK}points"


def difference(value: float | None, low: float | None = None, high: float | None = None, decimals: int = 3) -> str:
    """A difference of numbers with its sign: "+0.012 (−0.004 to 0.028)"."""
    if value is None or not known(value):
        return NOT_COMPUTED
    return _with_bounds(_written(value, decimals, sign=True), value, low, high, decimals, 1)


def number(value: float | None, decimals: int = 3) -> str:
    """A number: "0.934", "1,234"."""
    return NOT_COMPUTED if value is None or not known(value) else _written(value, decimals)


def number_interval(value: float | None, low: float | None, high: float | None, decimals: int = 3) -> str:
    """A number with its interval: "0.934 (0.909 to 0.958)"."""
    return _with_bounds(number(value, decimals), value, low, high, decimals, 1)


def plain_number(value: float | None, decimals: int = 2) -> str:
    """A number with as many decimals as it has, at most so many: "2", "2.32", "1,044"."""
    text = number(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def thousands_apart(text: str, by: str) -> str:
    """The same text with another mark between thousands: "1 044" for "1,044"."""
    return _THOUSANDS.sub(by, text)


def bounds(low: float | None, high: float | None, decimals: int = 1, *, scale: float = 1) -> str:
    """An interval alone, times ``scale`` (100 for shares whose unit stands beside it): "84.3 to 95.1"."""
    if low is None or high is None or not known(low) or not known(high):
        return NOT_COMPUTED
    return f"{_written(scale * low, decimals)} to {_written(scale * high, decimals)}"


def spread(mean: float | None, sd: float | None, decimals: int = 3, *, scale: float = 1) -> str:
    """Mean and standard deviation, times ``scale``: "0.712 ± 0.008"; the mean alone where there is no other."""
    if mean is None or not known(mean):
        return NOT_COMPUTED
    text = _written(scale * mean, decimals)
    return text if sd is None or not known(sd) else f"{text} {PLUS_MINUS} {_written(scale * sd, decimals)}"


def estimated_percent(estimate: Estimated, decimals: int = 1, *, why: bool = False) -> str:
    """A share with its interval: "91.0 % (84.3 to 95.1)"; ``why``: with the reason where there is none."""
    if estimate.value is None:
        return not_computed(estimate.reason if why else None)
    low, high = estimate.interval or (None, None)
    return percent_interval(estimate.value, low, high, decimals)


def estimated_number(estimate: Estimated, decimals: int = 3) -> str:
    """An area or another number with its interval: "0.912 (0.874 to 0.941)"."""
    low, high = estimate.interval or (None, None)
    return number_interval(estimate.value, low, high, decimals)


def not_computed(reason: str | None = None) -> str:
    """That there is no number, and why."""
    return f"{NOT_COMPUTED} ({reason})" if reason else NOT_COMPUTED


def p_value(p: float | None) -> str:
    """A p value under a head that says so: "0.012", "< 0.001", "> 0.99" (AMA Manual of Style, 11th ed., 19.5)."""
    if p is None or not known(p):
        return NOT_COMPUTED
    if p < DIFFERENT_BELOW:
        return f"<{NO_BREAK}{DIFFERENT_BELOW}"
    if p > ALIKE_ABOVE:
        return f">{NO_BREAK}{ALIKE_ABOVE}"
    return f"{p:.3f}"


def p_words(p: float | None, holm: float | None = None, *, name: str = "p") -> str:
    """A p value in a sentence: "p = 0.012", "p < 0.001", "p = 0.012, with Holm's correction p = 0.024"."""
    text = p_value(p)
    relation = "" if text[0] in "<>" or text == NOT_COMPUTED else f"={NO_BREAK}"
    said = f"{name}{NO_BREAK}{relation}{text}"
    return said if holm is None else f"{said}, {holm_words(holm)}"


def holm_words(p: float | None) -> str:
    """A p value corrected by Holm in a sentence: "Holm p = 0.024"."""
    return p_words(p, name=f"Holm{NO_BREAK}p")


def similarity(cosine: float) -> str:
    """How alike two images are (cosine, at most 1), for the caption of a tile: "similarity 0.83"."""
    return f"similarity{NO_BREAK}{_written(cosine, 2)}"


def counted(n: float, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 reader", "5,984 readings", "2 data sets"; ``many`` where it is not ``one`` and s."""
    return f"{n:,.0f} {form(n, one, f'{one}s' if many is None else many)}"


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """What things are called, by id: their name, and with the id where several have the same name."""
    frequency = Counter(names.values())
    return {key: name if frequency[name] == 1 else f"{name} ({key})" for key, name in names.items()}


def sentence(text: str) -> str:
    """The text with a full stop, unless it ends as a sentence does or leads to a list."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def form(n: float, one: str, many: str) -> str:
    """The word that agrees with a number: "is" with 1, "are" with every other."""
    return one if n == 1 else many


_WHY_LEFT_OUT = {
    "no_diagnosis": "without a diagnosis",
    "no_prediction": "without a prediction",
    "no_truth": "not in the truth",
    "filtered_out": "not let through by the filter",
    "not_evaluable_in_every_repeat": "not in every repeat",
}


def why_left_out(reason: str) -> str:
    """A reason for leaving something out, which commands write as one word, as people read it: "trained on"."""
    return _WHY_LEFT_OUT.get(reason) or reason.replace("_", " ").replace("at acquisition", "for image quality")


def counted_reasons(left_out: Mapping[str, int]) -> str:
    """How many were left out for which reason, "12 without a prediction, 3 trained on"; empty where none was."""
    return ", ".join(f"{n:,} {why_left_out(reason)}" for reason, n in left_out.items() if n)


def left_out(excluded: Mapping[str, int], one: str = "reading") -> str:
    """What was left out in one sentence, by reason."""
    if not excluded:
        return f"No {one} was left out."
    reasons = "; ".join(f"{n:,} {why_left_out(why)}" for why, n in excluded.items())
    return f"{one.capitalize()}s left out: {reasons}."


def duration(seconds: float) -> str:
    """A duration as a person says it: "less than 1 s", "40 s", "12 min", "3 h 05 min"."""
    if seconds < 0.5:
        return f"less than 1{NO_BREAK}s"
    if round(seconds) < 60:
        return f"{seconds:.0f}{NO_BREAK}s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes}{NO_BREAK}min"
    return f"{minutes // 60}{NO_BREAK}h {minutes % 60:02d}{NO_BREAK}min"


def seconds(ms: float | None, low: float | None = None, high: float | None = None) -> str:
    """A measured time in milliseconds, in seconds with its interval: "7.9 s (7.0 to 9.1)", "125 s"."""
    if ms is None or not known(ms):
        return NOT_COMPUTED
    decimals = 1 if abs(ms) < 99_950 else 0
    return _with_bounds(f"{_written(ms / 1000, decimals)}{NO_BREAK}s", ms, low, high, decimals, 0.001)


def time_limit(ms: float) -> str:
    """A limit in milliseconds that somebody chose, in seconds as chosen: "0.25 s", "600 s"."""
    return f"{ms / 1000:,.6g}{NO_BREAK}s"


def file_size(size: float) -> str:
    """A size in bytes: "34 kB", "1.4 MB", "12 MB"."""
    if size < 1e6:
        return f"{_written(size / 1e3, 0)}{NO_BREAK}kB"
    return f"{_written(size / 1e6, 0 if size >= 10e6 else 1)}{NO_BREAK}MB"


def moment(time: datetime) -> str:
    """A moment with its zone: "2026-03-01 14:05 UTC"; one without a zone is taken for UTC, as the workspace stores."""
    return f"{_in_utc(time):%Y-%m-%d %H:%M}{NO_BREAK}UTC"


def day(time: datetime | date) -> str:
    """The day of a moment in UTC: "2026-03-01"."""
    return f"{_in_utc(time) if isinstance(time, datetime) else time:%Y-%m-%d}"


def years(age: float) -> str:
    """An age: "46 years"."""
    return f"{age:g}{NO_BREAK}{form(age, 'year', 'years')}"


def cell(value: Any) -> str:
    """Any value of a record as a cell: whole numbers without ".0", yes or no, and nothing where nothing is known."""
    if missing(value):
        return ""
    if type(value).__name__ in ("bool", "bool_"):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{value:,.0f}"
    if isinstance(value, float):
        return f"{value:,.6g}".replace("-", MINUS)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(cell(item) for item in value)
    return str(value)


def missing(value: Any) -> bool:
    """Whether a cell of a table holds nothing: None, NaN, and what pandas writes for them."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def _with_bounds(
    text: str, value: float | None, low: float | None, high: float | None, decimals: int, scale: float
) -> str:
    if value is None or low is None or high is None or not known(low) or not known(high):
        return text
    return f"{text} ({bounds(low, high, decimals, scale=scale)})"


def _written(value: float, decimals: int, *, sign: bool = False) -> str:
    text = f"{value:z,.{decimals}f}"
    if sign and value > 0 and text.strip("0.,"):
        text = f"+{text}"
    return text.replace("-", MINUS)


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo else time
