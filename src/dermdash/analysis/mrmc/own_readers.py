"""Groups that each have readers of their own: how their difference varies by readers, and from how many it is shown.

Every group has a variance between readers of its own (Welch 1947), as a modality may bring readers closer together or
further apart.
"""

from collections.abc import Sequence

from dermdash.wording import counted

FEWEST_READERS = 5
"""Readers of a group from which an interval is shown: below, it was not simulated to hold its level. Of 2 and 2 readers
the pooled test rejected in 8 % of null studies, of 4 and 4 in 5 to 7 %."""

UNEVEN = 1.25
"""Where a group has more than so many times the readers of another, degrees of freedom follow the smaller: Welch's,
which are estimated, rejected in 6 to 8 % of null studies of 5 and 7, and of 5 and 20 readers. A pooled variance
rejected in 10 to 15 % where the fewer readers were twice as far apart."""


def too_few_readers(least: int) -> str | None:
    """Why nothing is said of other readers where the smallest group has ``least``; None where it has enough."""
    if least >= FEWEST_READERS:
        return None
    return (
        f"{counted(least, 'reader')} in a group: what holds for other readers is shown from {FEWEST_READERS} readers "
        "in each"
    )


def between_groups(parts: Sequence[float], sizes: Sequence[int]) -> tuple[float, float]:
    """Variance of a contrast of means by their readers, and its degrees of freedom.

    Parameters
    ----------
    parts
        Variance of each mean with its weight squared: w^2 S^2 / n.
    sizes
        Readers of each, at least 2.
    """
    total = sum(parts)
    if max(sizes) > UNEVEN * min(sizes):
        return total, min(sizes) - 1.0
    lost = sum(part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True))
    return total, total**2 / lost if lost > 0 else 1.0
