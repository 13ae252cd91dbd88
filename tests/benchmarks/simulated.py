"""What the benchmark of error rates measures: a statistic at a size."""

from dataclasses import dataclass

from tests.null_studies import Test


@dataclass(frozen=True, slots=True)
class Simulated:
    """A statistic at a size: ``test`` gives p, or 0 and 1 where an interval misses and holds the truth."""

    statistic: str
    size: str
    test: Test
    share: float = 1.0
