"""Power of a study in which every reader reads every case under both modalities (Obuchowski-Rockette).

Hillis, Obuchowski & Berbaum, Academic Radiology 2011: the error (co)variances shrink with the number of cases, the
interaction of modality and reader does not, and the test is a noncentral F with the degrees of freedom of Hillis.
"""

import math
from dataclasses import dataclass
from typing import Any

from dermdash.analyses.sample_size.tests_of_difference import check_alpha, f_power, t_power
from dermdash.analysis.mrmc.effect import Inference
from dermdash.errors import InvalidInput
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class Components:
    """Variance components of a figure of merit, for ``cases`` cases.

    ``error``, ``cov1`` (same reader, other modality), ``cov2`` (other reader, same modality), ``cov3`` (both other);
    ``interaction`` is the variance of modality x reader, which more cases do not reduce. ``origin`` says in words where
    they come from.
    """

    interaction: float
    error: float
    cov1: float
    cov2: float
    cov3: float
    cases: int
    origin: str

    def __post_init__(self) -> None:
        """Refuse components that no data can have."""
        values = (self.interaction, self.error, self.cov1, self.cov2, self.cov3)
        if not all(math.isfinite(v) for v in values):
            raise InvalidInput("a variance component is no finite number: expected all five components")
        if self.error <= 0 or self.interaction < 0:
            raise InvalidInput(
                f"the error variance is {self.error:g} and that of modality x reader {self.interaction:g}: expected "
                "one above 0 and one of at least 0"
            )
        if self.cases < 1:
            raise InvalidInput(f"the components hold for {counted(self.cases, 'case')}: expected at least 1")
        if self.error - self.cov1 - max(self.cov2 - self.cov3, 0.0) < -1e-12:
            raise InvalidInput(
                f"Var {self.error:g}, Cov1 {self.cov1:g}, Cov2 {self.cov2:g} and Cov3 {self.cov3:g} do not go "
                "together: expected Var - Cov1 - (Cov2 - Cov3) of at least 0"
            )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "var_tr": self.interaction, "var_error": self.error, "cov1": self.cov1, "cov2": self.cov2,
            "cov3": self.cov3, "cases": self.cases, "origin": self.origin,
        }  # fmt: skip


def components_of_pilot(
    *, ms_tr: float, error: float, cov1: float, cov2: float, cov3: float, cases: int, origin: str
) -> Components:
    """Components from an analysis of variance: Var(TR) = MS(TR) - (Var - Cov1 - max(Cov2 - Cov3, 0)), at least 0."""
    interaction = ms_tr - (error - cov1 - max(cov2 - cov3, 0.0))
    return Components(max(interaction, 0.0), error, cov1, cov2, cov3, cases, origin)


def components_of_correlations(
    *,
    error: float,
    r1: float,
    r2: float,
    r3: float,
    between_readers_sd: float,
    same_reader_correlation: float,
    cases: int,
    origin: str,
) -> Components:
    """Components from assumptions.

    Parameters
    ----------
    error
        Variance of one reader's figure over the choice of cases, for ``cases`` cases.
    r1, r2, r3
        Correlations of errors: same reader and other modality, other reader and same modality, both other.
    between_readers_sd
        Standard deviation of the readers' true figures within a modality.
    same_reader_correlation
        Correlation over readers of their true figures in the two modalities; 1: modalities differ by the same for all.
    """
    for name, value in (("r1", r1), ("r2", r2), ("r3", r3), ("the correlation", same_reader_correlation)):
        if not 0 <= value <= 1:
            raise InvalidInput(f"{name} is {value:g}: expected a correlation of 0 to 1")
    if between_readers_sd < 0:
        raise InvalidInput(f"the standard deviation between readers is {between_readers_sd:g}: expected at least 0")
    interaction = between_readers_sd**2 * (1 - same_reader_correlation)
    return Components(interaction, error, r1 * error, r2 * error, r3 * error, cases, origin)


@dataclass(frozen=True, slots=True)
class MrmcDesign:
    """Two modalities, every reader reads every case under both.

    ``difference`` is the true difference to be found; with a ``margin`` the aim is to show that the new modality is no
    worse than by the margin (one-sided; ``difference`` is then the true difference, often 0). ``alpha``: two-sided, of
    non-inferiority one-sided.
    """

    components: Components
    difference: float
    alpha: float = 0.05
    margin: float | None = None
    inference: Inference = Inference.RRRC

    def __post_init__(self) -> None:
        """Refuse what cannot be planned."""
        check_alpha(self.alpha)
        check_effect(self.difference, self.margin)

    @property
    def too_few_cases(self) -> str:
        """Why a number of cases has no test: one case is none."""
        return "there is no case"

    def power(self, readers: int, cases: float) -> float | None:
        """Probability of the finding with so many readers and cases; None where the test needs more readers.

        ``cases`` may be infinite: the power that no number of cases passes.
        """
        c = self.components
        shrink = 0.0 if math.isinf(cases) else c.cases / cases
        apart = max(c.cov2 - c.cov3, 0.0) * shrink
        single = (c.error - c.cov1) * shrink
        if self.inference is not Inference.FRRC and readers < 2:
            return None
        if self.inference is Inference.RRRC:
            spread = c.interaction + single + (readers - 1) * apart
            rest = c.interaction + single - apart
            df = math.inf if rest <= 0 else (readers - 1) * (spread / rest) ** 2
        elif self.inference is Inference.FRRC:
            spread, df = single + (readers - 1) * apart, math.inf
        else:
            spread, df = c.interaction + single - apart, float(readers - 1)
        return test_power(self.difference, 2 * spread / readers, df, self.alpha, self.margin)


def test_power(difference: float, variance: float, df: float, alpha: float, margin: float | None) -> float:
    """Power of the test of a difference with this variance: two-sided, or one-sided against a margin."""
    if variance <= 0:
        effect = difference if margin is None else difference + margin
        return alpha if effect == 0 else 1.0
    if margin is None:
        return f_power(difference**2 / variance, df, alpha)
    return t_power((difference + margin) / math.sqrt(variance), df, alpha)


def check_effect(difference: float, margin: float | None) -> None:
    """Refuse a difference or a margin that cannot be planned for."""
    if not math.isfinite(difference) or abs(difference) >= 1:
        raise InvalidInput(f"the difference is {difference:g}: expected one between -1 and 1, e.g. 0.05 for 5 points")
    if margin is not None and not 0 < margin < 1:
        raise InvalidInput(f"the margin is {margin:g}: expected one above 0 and below 1")
    if margin is not None and difference + margin <= 0:
        raise InvalidInput(
            f"a true difference of {difference:g} is not above the margin of -{margin:g}: that cannot be shown"
        )
