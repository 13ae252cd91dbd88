"""What the parts of a protocol have in common.

Each part is a small declaration that checks itself. A part nobody changed is what every study did before there was such
a part, so that it stands neither in the text of the protocol nor in its hash. For the same reason no default ever
changes.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dermdash.errors import InvalidEntry

Count = Annotated[int, Field(ge=0, le=100_000)]
Positive = Annotated[int, Field(ge=1, le=100_000)]


class ProtocolPart(BaseModel):
    """Base of all parts: frozen, strict, and unknown entries are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def read(cls, value: Any, *, name: str) -> Self:
        """Take a part from what a file or a form gives; ``name`` is how the protocol calls it.

        Raises
        ------
        InvalidEntry
            An entry is unknown or not of its kind; the message names its place.
        """
        if isinstance(value, cls):
            return value
        try:
            return cls.model_validate_json(json.dumps(value))
        except (TypeError, ValueError) as error:
            if isinstance(error, ValidationError):
                faults = error.errors()
                first = next((str(step) for step in faults[0]["loc"][:1]), "")
                raise InvalidEntry(
                    "; ".join(_fault(name, part) for part in faults), f"{name}.{first}" if first else name
                ) from None
            raise InvalidEntry(f"{name.replace('_', ' ')} holds what no JSON can: {error}", name) from None


def _fault(name: str, part: Any) -> str:
    place = " ".join([name, *(str(step + 1) if isinstance(step, int) else step for step in part["loc"])])
    message = part["msg"].removeprefix("Value error, ")
    if part["type"] == "extra_forbidden":
        return f"{place.replace('_', ' ')}: there is no such entry"
    if part["type"] == "missing":
        return f"{place.replace('_', ' ')} is missing"
    expected = message.removeprefix("Input should be ")
    return (
        f"{place.replace('_', ' ')}: {expected}"
        if part["type"] == "value_error"
        else (f"{place.replace('_', ' ')} is {part['input']!r}: expected {expected[:1].lower()}{expected[1:]}")
    )
