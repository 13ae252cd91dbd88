"""What can be chosen of an analysis, as a typed model: page, command, JSON and cache are made from it.

A field of an `Options` model has a type, bounds and a description, as pydantic knows them, and a `Control`, which says
how people choose it. The model checks: what cannot be meant is `InvalidInput` for whoever asks, page or command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from dermdash.errors import InvalidInput

Choices = Mapping[Any, str]
"""What may be chosen, and how it is called."""


class Draw(StrEnum):
    """How a page asks for a value."""

    LIST = "list"
    SEGMENT = "segment"
    SEVERAL = "several"
    NUMBER = "number"
    NUMBER_OR_NONE = "number_or_none"
    SLIDER = "slider"
    THRESHOLD = "threshold"
    RUBRIC = "rubric"


@dataclass(frozen=True, slots=True)
class Control:
    """How people choose the value of a field.

    Attributes
    ----------
    label
        On the page; empty: the page does not ask.
    draw
        Which widget asks.
    address
        Parameter of the page's address.
    choices
        What a list offers: fixed, or made from what the page is about (the readings, or the result for a view) and
        what was chosen above it. A list of one is not drawn.
    low, high, step
        Of a number on the page; narrower than the bounds of the field where a page need not offer all.
    of
        The field above whose value decides what is offered: each value of it has a choice of its own.
    per
        What the page multiplies a number by: a share shown as so many of 1,000.
    flag
        Of the command; empty: made from the field's name; None: the command does not ask.
    help
        On the page; empty: the description of the field.
    more
        What else the widget takes, e.g. its width.
    aside
        Whether the answer does not depend on it: the page asks it under the details.
    """

    label: str = ""
    draw: Draw = Draw.LIST
    address: str = ""
    choices: Choices | Callable[[Any, Mapping[str, Any]], Choices] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    step: float | None = None
    of: str = ""
    per: int = 1
    flag: str | None = ""
    help: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    aside: bool = False

    def offered(self, about: Any, chosen: Mapping[str, Any]) -> Choices:
        """What may be chosen of it here."""
        return self.choices(about, chosen) if callable(self.choices) else self.choices


class Options(BaseModel):
    """Base of all options: they do not change, and what is not among them is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **values: Any) -> None:
        """Check what was chosen.

        Raises
        ------
        InvalidInput
            A value that there is not; the message names the option and what is expected.
        """
        try:
            super().__init__(**values)
        except ValidationError as error:
            said = (_fault(part["loc"], part["input"], part["msg"]) for part in error.errors())
            raise InvalidInput("; ".join(said)) from error

    @classmethod
    def controls(cls) -> dict[str, tuple[FieldInfo, Control]]:
        """Each field with its control, in the order to ask."""
        return {name: (info, control_of(info)) for name, info in cls.model_fields.items()}

    def echo(self) -> dict[str, Any]:
        """For JSON: what was chosen, defaults included."""
        return self.model_dump(mode="json")


def control_of(info: FieldInfo) -> Control:
    """The control of a field; one that page and command do not ask for where it has none."""
    return next((part for part in info.metadata if isinstance(part, Control)), Control(flag=None))


def _fault(place: tuple[int | str, ...], given: object, message: str) -> str:
    """What is wrong with a value, in a sentence that begins with its name."""
    if not place:
        return message.removeprefix("Value error, ")
    name = str(place[0]).replace("_", " ")
    expected = message.removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{name} is {given!r}: expected {expected[:1].lower()}{expected[1:]}"
