"""Whether a modality is not worse than another by more than a margin."""

from dataclasses import dataclass
from typing import Any

from dermdash.analysis.estimates import json_number
from dermdash.analysis.mrmc.effect import EffectTest, one_sided_p
from dermdash.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """``modality`` against ``reference`` with a margin.

    ``difference`` is modality minus reference with the two-sided interval. ``p`` is one-sided, of the hypothesis that
    the modality is worse by the margin or more; ``concluded`` is whether the whole interval lies above minus the
    margin, which is that test at half of one minus the level of confidence (2.5 % for 95 %). ``superior``: it lies
    above 0.
    """

    modality: str
    reference: str
    margin: float
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    concluded: bool | None
    superior: bool | None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "modality": self.modality,
            "reference": self.reference,
            "margin": self.margin,
            "difference": json_number(self.difference),
            "ci": None if self.low is None else [json_number(self.low), json_number(self.high)],
            "p_one_sided": json_number(self.p),
            "non_inferior": self.concluded,
            "superior": self.superior,
            "reason": self.reason,
        }


def check_margin(margin: float) -> None:
    """Raise InvalidInput for a margin that is no difference of figures between 0 and 1."""
    if not 0 < margin < 1:
        raise InvalidInput(f"the margin is {margin}: expected a difference of the figure of merit between 0 and 1")


def non_inferiority(
    test: EffectTest, *, margin: float, modality: str, reference: str, reverse: bool = False
) -> NonInferiority:
    """Read a test of ``modality`` minus ``reference`` (``reverse``: of the opposite difference) with a margin.

    Raises
    ------
    InvalidInput
        A margin that is not between 0 and 1.
    """
    check_margin(margin)
    sign = -1.0 if reverse else 1.0
    difference = None if test.difference is None else sign * test.difference
    if difference is None or test.se is None or test.low is None or test.high is None:
        return NonInferiority(modality, reference, margin, difference, None, None, None, None, None, test.reason)
    low, high = (-test.high, -test.low) if reverse else (test.low, test.high)
    p = one_sided_p((difference + margin) / test.se, test.df2)
    return NonInferiority(modality, reference, margin, difference, low, high, p, low > -margin, low > 0)
