"""What can be chosen of a comparison of arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from dermdash.analyses.options import Control, Options

KEY = "arms"
TITLE = "Comparison of arms"


def _arms(table: Any, chosen: Mapping[str, Any]) -> dict[str, str]:
    from dermdash.analyses.arms.conditions import arms_of, reference_arm

    arms = arms_of(table).arms
    if len(arms) < 3:  # with two there is one difference, whichever way round
        return {}
    first = reference_arm(arms)
    return {arm.key: arm.title for arm in sorted(arms, key=lambda arm: arm.key != first.key)}


class ArmsOptions(Options):
    """What can be chosen: the arm that the others are compared with, and the level of intervals."""

    reference: Annotated[
        str | None,
        Field(description="Arm that the others are compared with; default: the first without assistance."),
        Control("Compared with", address="reference", choices=_arms),
    ] = None
    confidence: Annotated[float, Field(gt=0, lt=1, description="Level of the intervals, 0..1."), Control()] = 0.95
