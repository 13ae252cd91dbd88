"""Below how many readers or cases a figure is marked as small, wherever results are broken down."""

SMALL_READERS, SMALL_CASES = 5, 10
