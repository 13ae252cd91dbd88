"""How far long work is, told to whoever waits for it."""

from collections.abc import Callable

StageProgress = Callable[[str, float], None]
"""Told what is being done, and what share of everything is done (0 to 1)."""
CountProgress = Callable[[int, int], None]
"""Told how many are done, and of how many."""
