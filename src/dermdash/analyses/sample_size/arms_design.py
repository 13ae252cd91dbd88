"""Power of parallel arms: readers of their own in each arm, who all read the same cases (Obuchowski-Rockette).

The test is that of *Comparison of arms* (`analysis.mrmc.reader_groups`): two arms differ by their readers, who are
others in each, and by the cases, as far as readers of one arm agree with one another more than with those of the other
(split-plot, readers nested: Hillis, Stat Med 2014; Obuchowski, Acad Radiol 1995).
"""

import math
from dataclasses import dataclass, replace

from dermdash.analyses.sample_size.mrmc_design import Components, check_effect, test_power
from dermdash.analyses.sample_size.tests_of_difference import check_alpha
from dermdash.analysis.mrmc.own_readers import FEWEST_READERS, UNEVEN
from dermdash.analysis.mrmc.reader_groups import FEWEST_CASES, degrees_of_contrast
from dermdash.errors import InvalidInput
from dermdash.wording import counted

LEAST_READINGS, LEAST_OF_EACH = 1.0, 10
"""Where readers read a part: readings of each case in an arm, and cases of the smaller side of each reader, from which
power is said. Below, error rates and power were not simulated (tests/benchmarks/error_rates_of_arms.py)."""
MOST_UNEVEN = 4
"""So many times the readers of the smaller arm are in the larger one at most: of 5 and 50, of whom the few are twice as
far apart, 7 % of null studies were rejected."""


@dataclass(frozen=True, slots=True)
class ArmsDesign:
    """So many arms of readers; each reads the cases, or a part of them, under the condition of their arm.

    Attributes
    ----------
    components
        Of which ``interaction`` is the variance of the true figures of the readers of one arm, and ``cov1`` that of two
        different readers (`of_own_readers`): nobody reads under two conditions.
    weights
        Of the arms, of so many readers in turn; empty: all alike.
    part
        Share of the cases that one reader reads; 1: every reader all of them.
    overlap
        Cases that two readers of one arm, and of two, have in common, for one that chance alone would give them.
    side
        Share of the cases on the smaller side that the figure averages over: 1 of accuracy, the malignant of
        sensitivity.
    alpha
        Two-sided (with a ``margin`` one-sided), divided by the ``arms`` - 1 comparisons with one arm: the first step of
        Holm's correction.
    """

    components: Components
    difference: float
    arms: int = 2
    alpha: float = 0.05
    margin: float | None = None
    side: float = 1.0
    weights: tuple[int, ...] = ()
    part: float = 1.0
    overlap: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        """Refuse what cannot be planned."""
        check_alpha(self.alpha)
        check_effect(self.difference, self.margin)
        if self.arms < 2:
            raise InvalidInput(f"{counted(self.arms, 'arm')}: expected at least two")
        if not 0 < self.side <= 1:
            raise InvalidInput(f"the share of the smaller side is {self.side:g}: expected above 0 and at most 1")
        if not 0 < self.part <= 1:
            raise InvalidInput(f"a reader reads {self.part:g} of the cases: expected a share above 0 and at most 1")
        if self.weights and (len(self.weights) != self.arms or min(self.weights) < 1):
            raise InvalidInput(f"{len(self.weights)} weights for {self.arms} arms: expected one of at least 1 for each")

    @property
    def tests(self) -> int:
        """Comparisons that alpha is divided by."""
        return self.arms - 1

    @property
    def too_few_cases(self) -> str:
        """Why a number of cases has no test."""
        return f"fewer than {FEWEST_CASES} cases of a side have no such test"

    def power(self, readers: int, cases: float) -> float | None:
        """Probability of the finding with so many readers of all arms together; None where the test is not shown.

        The two smallest arms are compared. Where readers read a part, the error of one is that of the part; two whose
        parts are drawn by chance vary together as over all cases, and others as far as their parts overlap.
        """
        first, second = sorted(_sizes(readers, self.weights or (1,) * self.arms))[:2]
        # Of few readers of a part each, some cases are read by nobody of the smaller arm.
        read = cases if self.part == 1 else min(cases, first * cases * self.part)
        if first < FEWEST_READERS or read * self.side < FEWEST_CASES - 1e-9:
            return None
        if self.part < 1 and (
            first * self.part < LEAST_READINGS or read * self.part * self.side < LEAST_OF_EACH - 1e-9
        ):
            return None
        if second > MOST_UNEVEN * first:
            return None
        c = self.components
        shrink = 0.0 if math.isinf(cases) else c.cases / cases
        cov2, cov3 = c.cov2 * self.overlap[0], c.cov3 * self.overlap[1]
        own = c.interaction + shrink * (c.error / self.part - cov2)
        of_readers = own * (1 / first + 1 / second)
        of_cases = 2 * max(cov2 - cov3, 0.0) * shrink
        df = math.inf
        if of_readers > 0:
            df = degrees_of_contrast(of_readers, _of_readers(first, second), of_cases, read * self.side)
        return test_power(self.difference, of_readers + of_cases, df, self.alpha / self.tests, self.margin)


def _sizes(readers: int, weights: tuple[int, ...]) -> list[int]:
    """So many readers divided by the weights, what remains to whom most is missing."""
    exact = [readers * weight / sum(weights) for weight in weights]
    sizes = [int(share + 1e-9) for share in exact]
    behind = sorted(range(len(weights)), key=lambda i: sizes[i] - exact[i])
    for i in behind[: readers - sum(sizes)]:
        sizes[i] += 1
    return sizes


def _of_readers(first: int, second: int) -> float:
    """Degrees of freedom of the variance by readers: of the smaller arm where they are uneven, as the test has it."""
    return first - 1.0 if second > UNEVEN * first else _welch(first, second)


def _welch(first: int, second: int) -> float:
    """Welch's degrees of freedom as they are on average estimated for arms whose readers vary alike.

    The estimated share u of the first arm in the variance has about the variance of a Beta distribution around p; the
    degrees of freedom are 1 / (u^2 / (first - 1) + (1 - u)^2 / (second - 1)).
    """
    p = second / (first + second)
    spread = p * (1 - p) / ((first + second) / 2)
    return 1 / ((p**2 + spread) / (first - 1) + ((1 - p) ** 2 + spread) / (second - 1))


def of_own_readers(components: Components, between_readers: float) -> Components:
    """Components of arms: readers of one vary by ``between_readers``, and two figures are never of one reader."""
    return replace(components, interaction=between_readers, cov1=components.cov3)
