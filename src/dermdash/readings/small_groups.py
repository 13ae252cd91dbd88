"""Below how many readers or cases a figure is marked as small, wherever results are broken down."""

SMALL_READERS, SMALL_CASES = 5, 10


def is_small(readers: int, cases: int) -> bool:
    """Whether so few readers or cases stand behind a figure that it should not be generalised."""
    return readers < SMALL_READERS or cases < SMALL_CASES
