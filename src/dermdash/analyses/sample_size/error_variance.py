"""How much a figure of merit of one reader varies with the cases, before any study: from its level and the cases."""

from dermdash.errors import InvalidInput
from dermdash.wording import counted


def hanley_mcneil_variance(area: float, positives: float, negatives: float) -> float:
    """Variance of an area under the ROC curve over the choice of cases.

    ``[A(1-A) + (n1-1)(Q1-A^2) + (n0-1)(Q2-A^2)] / (n1 n0)`` with ``Q1 = A/(2-A)`` and ``Q2 = 2A^2/(1+A)``, which holds
    for ratings with exponential distributions (Hanley & McNeil, Radiology 1982).

    Parameters
    ----------
    area
        Above 0 and below 1.
    diseased, healthy
        Numbers of cases, at least 1.
    """
    check_share("the area under the curve", area)
    if positives < 1 or negatives < 1:
        raise InvalidInput(f"{positives:g} positive and {negatives:g} negative cases: expected at least one of each")
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (positives - 1) * (q1 - area**2) + (negatives - 1) * (q2 - area**2)
    return spread / (positives * negatives)


def binomial_variance(share: float, cases: float) -> float:
    """Variance of a share (accuracy; sensitivity of so many diseased cases) over the choice of cases."""
    check_share("the share", share)
    if cases < 1:
        raise InvalidInput(f"{counted(cases, 'case')}: expected at least one")
    return share * (1 - share) / cases


def check_share(what: str, value: float) -> None:
    """Refuse what is no share strictly between 0 and 1."""
    if not 0 < value < 1:
        raise InvalidInput(f"{what} is {value:g}: expected a number above 0 and below 1")
