"""How the parts of a split are called, and how a filter of records names one."""

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
