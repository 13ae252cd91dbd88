"""Figures of merit, differences and tests of a multi-reader multi-case study in words."""

import math

from dermdash.analysis.mrmc.effect import EffectTest, MeanEstimate
from dermdash.analysis.mrmc.figure_of_merit import AREAS, FigureOfMerit
from dermdash.wording import NOT_COMPUTED, difference, margin, number, number_interval, percent_interval, points


def value_text(merit: FigureOfMerit, value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A figure of merit: an area as a number, a share in percent."""
    if value is None or not math.isfinite(value):
        return NOT_COMPUTED
    return number_interval(value, low, high) if merit.figure in AREAS else percent_interval(value, low, high)


def difference_text(merit: FigureOfMerit, test: EffectTest) -> str:
    """A difference with its interval: of areas as a number, of shares in points."""
    if test.difference is None:
        return NOT_COMPUTED
    if merit.figure not in AREAS:
        return points(test.difference, test.low, test.high)
    bounds = () if test.low is None or test.high is None else (test.low, test.high)
    # A bound just beside 0 must not read as 0: the test turns on it.
    digits = 4 if any(0 < abs(v) < 5e-4 for v in (test.difference, *bounds)) else 3
    return difference(test.difference, test.low, test.high, digits)


def margin_text(merit: FigureOfMerit, value: float) -> str:
    """A margin of non-inferiority, which has no sign: of areas as a number, of shares in points."""
    return number(value) if merit.figure in AREAS else margin(value)


def statistic_text(test: EffectTest) -> str:
    """Test statistic with its degrees of freedom."""
    if test.f is None or test.df1 is None:
        return NOT_COMPUTED
    if test.df2 is None:
        return f"\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} = {number(test.f)}, df {test.df1}"
    return f"F = {number(test.f)}, df {test.df1}, {number(test.df2, 1)}"


def mean_text(merit: FigureOfMerit, mean: MeanEstimate) -> str:
    """A modality's mean with its interval."""
    return value_text(merit, mean.value, mean.low, mean.high)
