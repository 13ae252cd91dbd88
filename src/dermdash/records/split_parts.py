"""How the parts of a split are called, how a filter of records names one, and what tells equal splits from others."""

from collections.abc import Mapping

from dermdash.records.change_chain import digest

TRAIN, VALIDATION, TEST = "train", "validation", "test"
"""Parts; folds are called by their numbers from 1."""
PART_OF = ":"
"""Between the name of a split and that of its part."""


def part_option(name: str, part: str) -> str:
    """A part as an option of the filter ``split``."""
    return f"{name}{PART_OF}{part}"


def split_of_option(option: str) -> tuple[str, str]:
    """Split and part that an option names; no part: every one of the split."""
    name, _, part = option.partition(PART_OF)
    return name, part


def split_digest(parts: Mapping[str, str]) -> str:
    """SHA-256 over every record and its part: equal for equal splits, in whatever order."""
    return digest(sorted(parts.items()))
