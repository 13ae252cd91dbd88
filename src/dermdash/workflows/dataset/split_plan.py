"""What is asked of a split: its name, of which records, into what, by which seed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dermdash.errors import InvalidInput
from dermdash.records.record_filter import UNKNOWN, RecordFilter
from dermdash.records.split_parts import TEST, TRAIN, VALIDATION
from dermdash.wording import counted

PARTS, FOLDS = "parts", "folds"
MAX_FOLDS = 20
LONGEST_NAME = 60
_NAMES = {2: (TRAIN, TEST), 3: (TRAIN, VALIDATION, TEST)}
_NAME = re.compile(r"[^\W_][\w .-]*")


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """A split to draw.

    ``shares``: name and share (0..1) of each part, which sum to 1; of folds the names are numbers from 1. No data set
    named: every one of the kind that is meant where none is.
    """

    name: str
    shares: tuple[tuple[str, float], ...]
    seed: int
    datasets: tuple[str, ...] = ()
    record_filter: RecordFilter = field(default_factory=RecordFilter)

    @property
    def kind(self) -> str:
        """`PARTS` or `FOLDS`."""
        return FOLDS if self.shares[0][0] == "1" else PARTS

    def __post_init__(self) -> None:
        check_name(self.name, "split")
        if not 0 <= self.seed < 2**31:
            raise InvalidInput(f"a seed is a whole number from 0 to {2**31 - 1}, not {self.seed}")


def check_name(name: str, what: str) -> None:
    """Raise InvalidInput where that is no name for a split or a version.

    A name stands in addresses, filters and file names: letters, digits, blanks, and . _ -
    """
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME or name != name.strip() or name == UNKNOWN:
        raise InvalidInput(
            f"{name!r} is no name for a {what}: expected 1 to {LONGEST_NAME} letters, digits, blanks and . _ - that "
            "begin with a letter or digit"
        )


def read_shares(text: str) -> tuple[tuple[str, float], ...]:
    """The parts of ``70/15/15``, in percent: train, validation and test; of two numbers train and test.

    Raises
    ------
    InvalidInput
        Not two or three numbers above 0 that sum to 100.
    """
    expected = "expected percentages like 70/15/15 (train, validation, test) or 80/20 (train, test)"
    try:
        percent = [float(number) for number in text.replace(",", ".").split("/")]
    except ValueError:
        raise InvalidInput(f"{text!r} are no parts: {expected}") from None
    return shares_of_percent(percent, expected)


def shares_of_percent(percent: list[float], expected: str = "") -> tuple[tuple[str, float], ...]:
    """The same of numbers."""
    if len(percent) not in _NAMES or not all(0 < number < 100 for number in percent):
        why = expected or "expected two or three numbers above 0"
        raise InvalidInput(f"parts of {'/'.join(f'{number:g}' for number in percent)} percent are none: {why}")
    if abs(sum(percent) - 100) > 1e-6:
        raise InvalidInput(
            f"the parts {'/'.join(f'{number:g}' for number in percent)} sum to {sum(percent):g} percent: they must "
            "sum to 100"
        )
    return tuple(zip(_NAMES[len(percent)], (number / sum(percent) for number in percent), strict=True))


def shares_of_folds(folds: int) -> tuple[tuple[str, float], ...]:
    """Equal shares of so many folds.

    Raises
    ------
    InvalidInput
        Fewer than two, or more than a training takes.
    """
    if not 2 <= folds <= MAX_FOLDS:
        raise InvalidInput(f"{counted(folds, 'fold')}: expected 2 to {MAX_FOLDS}")
    return tuple((str(i), 1 / folds) for i in range(1, folds + 1))
