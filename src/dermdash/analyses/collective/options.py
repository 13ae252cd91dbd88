"""What can be chosen of collective decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from dermdash.analyses.options import Choices, Control, Draw, Options
from dermdash.reader_study.profile import group_name

KEY = "collective"
TITLE = "Collective decisions"
GROUP_COLUMNS = ("experience_group", "profession")
GROUP_WORDS = {"experience_group": "experience in dermatoscopy", "profession": "profession"}
LARGEST_LIMIT, LARGEST_MIX = 101, 9


def _a_column(by: str) -> str:
    if by not in GROUP_COLUMNS:
        raise ValueError(" or ".join(map(repr, GROUP_COLUMNS)))
    return by


def _columns(table: Any, chosen: Mapping[str, Any]) -> Choices:
    return {column: GROUP_WORDS[column].capitalize() for column in GROUP_COLUMNS if table.has(column)}


def _groups(table: Any, chosen: Mapping[str, Any]) -> Choices:
    by = chosen["by"]
    groups = table.groups_of(by) if table.has(by) else ()
    return {group: group_name(group) for group in groups} if len(groups) > 1 else {}


class CollectiveOptions(Options):
    """What can be chosen of panels of readers.

    ``limit``: largest panel (None: the largest that half of the cases can seat, at most 15). ``by``: column whose
    groups are compared. ``mix``: two of its groups to mix (None: the two with most readers). ``mix_size``: size of the
    mixed panels.
    """

    by: Annotated[
        str,
        Field(description="Group readers by experience_group or profession."),
        AfterValidator(_a_column),
        Control("Compare readers by", address="by", choices=_columns, more={"width": 260}, aside=True),
    ] = GROUP_COLUMNS[0]
    mix: Annotated[
        tuple[str, str] | None,
        Field(description="Two groups to mix; default: the two with most readers."),
        Control(
            "Mix two groups", Draw.SEVERAL, "mix", _groups, of="by",
            more={"most": 2, "width": 420, "placeholder": "The two with most readers"}, aside=True,
        ),
    ] = None  # fmt: skip
    mix_size: Annotated[int | None, Field(ge=1, le=LARGEST_MIX, description="Size of the mixed panels."), Control()] = (
        None
    )
    limit: Annotated[
        int | None,
        Field(
            ge=1,
            le=LARGEST_LIMIT,
            description="Largest panel; default: what half of the cases can seat, at most 15.",
        ),
        Control(
            "Largest panel", Draw.NUMBER_OR_NONE, "largest", low=1, high=LARGEST_LIMIT, flag="--max-panel",
            help="Empty: the largest that half of the cases can seat, at most 15.",
            more={"width": 180, "placeholder": "as read"},
        ),
    ] = None  # fmt: skip
    replicates: Annotated[
        int, Field(ge=0, le=100_000, description="Replicates of readers and cases."), Control(flag="--bootstrap")
    ] = 1000
    seed: int | None = None

    @model_validator(mode="after")
    def _two_different(self) -> Self:
        if self.mix is not None and self.mix[0] == self.mix[1]:
            raise ValueError("name two different groups to mix, or none")
        return self
