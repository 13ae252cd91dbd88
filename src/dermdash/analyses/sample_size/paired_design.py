"""Power of this tool's own design: unaided, then aided, the kind of assistance drawn for each case within a reader.

Each reader's change in accuracy under a modality is the mean of +1 (corrected), 0 and -1 (spoiled) over the cases that
they read with it; the test is the paired t over readers. Its variance has a part between readers, which cases do not
reduce, and a part within readers that they do.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.sample_size.mrmc_design import check_effect, test_power
from dermdash.analyses.sample_size.tests_of_difference import check_alpha
from dermdash.errors import InvalidInput
from dermdash.wording import counted, number


@dataclass(frozen=True, slots=True)
class ChangeComponents:
    """How the change of a reading varies.

    ``between_readers``: variance of the readers' true changes. ``within``: variance of the change (-1, 0, 1) from case
    to case within a reader. ``between_cases``: the part of that which belongs to the case whoever reads it (0: not
    known, or none). ``origin``: where they come from, in words.
    """

    between_readers: float
    within: float
    origin: str
    between_cases: float = 0.0

    def __post_init__(self) -> None:
        """Refuse components that no data can have."""
        if not (math.isfinite(self.between_readers) and self.between_readers >= 0):
            raise InvalidInput(f"the variance between readers is {self.between_readers:g}: expected at least 0")
        if not 0 < self.within <= 1:
            raise InvalidInput(f"the variance within readers is {self.within:g}: expected above 0 and at most 1")
        if not 0 <= self.between_cases <= self.within:
            raise InvalidInput(
                f"the variance between cases is {self.between_cases:g}: expected 0 to that within readers "
                f"({self.within:g})"
            )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "between_readers": self.between_readers, "within_readers": self.within,
            "between_cases": self.between_cases, "origin": self.origin,
        }  # fmt: skip


def components_of_changes(
    *, changed: float, difference: float, between_readers_sd: float, origin: str
) -> ChangeComponents:
    """Components from assumptions.

    Parameters
    ----------
    changed
        Share of readings that assistance turns from wrong to right or from right to wrong (0..1); their difference is
        ``difference``, so that the change of a reading has the variance ``changed - difference^2``.
    between_readers_sd
        Standard deviation of the readers' true changes; it is part of that variance.
    """
    check_effect(difference, None)
    if not abs(difference) <= changed <= 1:
        raise InvalidInput(
            f"{changed:g} of readings change between right and wrong: expected at least the difference "
            f"({abs(difference):g}) and at most 1"
        )
    within = changed - difference**2 - between_readers_sd**2
    if between_readers_sd < 0 or within <= 0:
        raise InvalidInput(
            f"a standard deviation of {between_readers_sd:g} between readers does not go with {changed:g} of readings "
            f"changing: expected 0 to {number(math.sqrt(max(changed - difference**2, 0)))}"
        )
    return ChangeComponents(between_readers_sd**2, within, origin)


def components_of_readings(changes: pd.DataFrame, origin: str) -> ChangeComponents:
    """Components of a pilot, by the method of moments.

    Products of changes of the same reader on different cases estimate the variance between readers, those of different
    readers on the same case that between cases; negative estimates count as 0.

    Parameters
    ----------
    changes
        Columns ``reader``, ``case``, ``change`` (-1, 0, 1), one row per pair of readings; perhaps ``unit``, the lesion
        or patient of the case: two of its cases say nothing of how readers differ.

    Raises
    ------
    InvalidInput
        Fewer than two readers, no reader with two cases, or no change at all.
    """
    sizes = changes.groupby("reader").size()
    if len(sizes) < 2 or (sizes < 2).all():
        raise InvalidInput(
            f"{origin}: {counted(len(sizes), 'reader')}, too few to see how readers differ; expected two who read two "
            "cases"
        )
    value = changes["change"].to_numpy(float)
    if np.ptp(value) == 0:
        raise InvalidInput(f"{origin}: every reading changed by the same, so no variance can be seen")
    centred = changes.assign(_e=value - value.mean())
    own_mean = changes.groupby("reader")["change"].transform("mean").to_numpy(float)
    within = float(((value - own_mean) ** 2).sum() / (len(value) - len(sizes)))
    between_readers = max(_same(centred, "reader", "unit" if "unit" in centred else "case"), 0.0)
    between_cases = min(max(_same(centred, "case", "reader"), 0.0), within)
    return ChangeComponents(between_readers, min(max(within, 1e-6), 1.0), origin, between_cases)


def _same(centred: pd.DataFrame, column: str, apart: str) -> float:
    """Mean product of two rows with the same value of a column and different ones of the other."""
    every = centred.groupby(column)["_e"].agg(["sum", "size"])
    own = centred.groupby([column, apart])["_e"].agg(["sum", "size"])
    pairs = float((every["size"] ** 2).sum() - (own["size"] ** 2).sum())
    return float((every["sum"] ** 2).sum() - (own["sum"] ** 2).sum()) / pairs if pairs else 0.0


@dataclass(frozen=True, slots=True)
class PairedDesign:
    """Every reader reads ``cases`` cases, each with one of ``modalities`` kinds of assistance, equally often.

    ``alpha`` is two-sided (with a ``margin`` one-sided) and divided by ``tests``: the first step of Holm's correction,
    so that the power holds whichever modality is the one. With ``random_cases`` the cases, too, are a sample: the
    variance between cases widens the standard error, at unchanged degrees of freedom.
    """

    components: ChangeComponents
    difference: float
    modalities: int = 1
    alpha: float = 0.05
    tests: int = 1
    margin: float | None = None
    random_cases: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be planned."""
        check_alpha(self.alpha)
        check_effect(self.difference, self.margin)
        if self.modalities < 1 or self.tests < 1:
            raise InvalidInput(
                f"{counted(self.modalities, 'modality', 'modalities')} and {self.tests} tests: expected at least one "
                "of each"
            )

    @property
    def too_few_cases(self) -> str:
        """Why a number of cases has no test."""
        return "there are fewer cases than kinds of assistance"

    def power(self, readers: int, cases: float) -> float | None:
        """Probability of the finding; None with one reader, or with fewer cases than modalities."""
        each = cases / self.modalities
        if readers < 2 or each < 1:
            return None
        c = self.components
        variance = (c.between_readers + c.within / each) / readers
        if self.random_cases:
            # Two readers share a case with this modality on cases / modalities^2 of the cases.
            variance += (1 - 1 / readers) * c.between_cases / cases
        return test_power(self.difference, variance, readers - 1.0, self.alpha / self.tests, self.margin)
