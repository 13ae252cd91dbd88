import pytest

from dermdash.reader_study.answer_time import TOLERANCE_MS, TimeCheck, check_time

WEEK = 7 * 24 * 3600 * 1000.0


@pytest.mark.parametrize(
    ("client_ms", "open_ms", "expected"),
    [
        (900.0, 1_000.0, TimeCheck.PLAUSIBLE),
        (0.0, 0.0, TimeCheck.PLAUSIBLE),
        (1_000.0 + TOLERANCE_MS, 1_000.0, TimeCheck.PLAUSIBLE),
        (1_010.0 + TOLERANCE_MS, 1_000.0, TimeCheck.LONGER_THAN_OPEN),
        # A day with clocks that differ by half a part in a thousand.
        (86_400_000 * 1.0005, 86_400_000.0, TimeCheck.PLAUSIBLE),
        (WEEK, 1_000.0, TimeCheck.LONGER_THAN_OPEN),
        (WEEK, 2 * WEEK, TimeCheck.WEEK_OR_LONGER),
        (WEEK - 1, 2 * WEEK, TimeCheck.PLAUSIBLE),
        (-1.0, 1_000.0, TimeCheck.NEGATIVE),
        (-1e15, -5.0, TimeCheck.NEGATIVE),
    ],
)
def test_a_time_holds_that_is_no_longer_than_the_step_was_open(
    client_ms: float, open_ms: float, expected: TimeCheck
) -> None:
    assert check_time(client_ms, open_ms=open_ms) is expected
