"""What can be chosen of readers and model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from dermdash.analyses.options import Choices, Control, Draw, Options

KEY = "human-machine"
TITLE = "Readers and model"
GROUP_COLUMNS = ("experience_group", "profession")
_GROUPS = {"experience_group": "Experience", "profession": "Profession"}
_MALIGNANCY = "malignancy"


class HumanMachineOptions(Options):
    """What can be chosen of readers and model, beside the model."""

    replicates: Annotated[int, Field(ge=0, le=20_000, description="Bootstrap draws."), Control()] = 2000
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95


def _classes(result: Any, chosen: Mapping[str, Any]) -> Choices:
    return {target.code: target.name for target in result.targets}


def _groups(result: Any, chosen: Mapping[str, Any]) -> Choices:
    if chosen.get("code") != _MALIGNANCY:
        return {}
    kinds = {mean.kind for mean in result.target(_MALIGNANCY).means}
    return {column: _GROUPS[column] for column in GROUP_COLUMNS if column in kinds}


class HumanMachineViews(Options):
    """Which part of the result the figures are about."""

    code: Annotated[str, Control("Class", address="class", choices=_classes, more={"width": 300})] = _MALIGNANCY
    group_by: Annotated[str | None, Control("Readers by", Draw.SEGMENT, "by", _groups)] = None
