"""Power of parallel arms: readers of their own in each arm, who all read the same cases (Obuchowski-Rockette).

The test is that of *Comparison of arms* (`analysis.mrmc.reader_groups`): two arms differ by their readers, who are
others in each, and by the cases, as far as readers of one arm agree with one another more than with those of the other
(split-plot, readers nested: Hillis, Stat Med 2014; Obuchowski, Acad Radiol 1995).
"""

import math
from dataclasses import dataclass, replace

from dermdash.analyses.sample_size.mrmc_design import Components, check_effect, test_power
from dermdash.analyses.sample_size.tests_of_difference import check_alpha
from dermdash.analysis.mrmc.own_readers import FEWEST_READERS
from dermdash.analysis.mrmc.reader_groups import FEWEST_CASES, degrees_of_contrast
from dermdash.errors import InvalidInput
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class ArmsDesign:
    """So many arms, readers divided evenly among them, every reader reads every case under the condition of their arm.

    Attributes
    ----------
    components
        Of which ``interaction`` is the variance of the true figures of the readers of one arm, and ``cov1`` that of two
        different readers (`of_own_readers`): nobody reads under two conditions.
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

    def __post_init__(self) -> None:
        """Refuse what cannot be planned."""
        check_alpha(self.alpha)
        check_effect(self.difference, self.margin)
        if self.arms < 2:
            raise InvalidInput(f"{counted(self.arms, 'arm')}: expected at least two")
        if not 0 < self.side <= 1:
            raise InvalidInput(f"the share of the smaller side is {self.side:g}: expected above 0 and at most 1")

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

        Where they do not divide, the two smallest arms are compared.
        """
        first, second = readers // self.arms, (readers + 1) // self.arms
        if first < FEWEST_READERS or cases * self.side < FEWEST_CASES - 1e-9:
            return None
        c = self.components
        shrink = 0.0 if math.isinf(cases) else c.cases / cases
        own = c.interaction + shrink * (c.error - c.cov2)
        of_readers = own * (1 / first + 1 / second)
        of_cases = 2 * max(c.cov2 - c.cov3, 0.0) * shrink
        df = math.inf
        if of_readers > 0:
            df = degrees_of_contrast(of_readers, _welch(first, second), of_cases, cases * self.side)
        return test_power(self.difference, of_readers + of_cases, df, self.alpha / self.tests, self.margin)


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
