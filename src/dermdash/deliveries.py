"""What a browser delivers from its outbox, checked before anything trusts it.

A browser keeps what a person did, each item with an id of its own, until the server has acknowledged that id, and
delivers the whole list again and again. So the same item arrives many times, and anybody can send anything: an item
that is not exactly of an agreed form is dropped here, one by one, without harm to its neighbours.

Which items there are is declared where they are used: `dermdash.reader_study.outbox` for readers,
`dermdash.verification.annotation_outbox` for annotators.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

MAX_ITEMS = 200
MAX_TEXT = 200
KIND = "kind"
"""Entry of an item that says what it is."""
MAX_CHARACTERS = 400_000
"""Of JSON in one delivery of more than one item: well below what the server takes in a message."""


class Delivered(Protocol):
    """Whatever has an id that its browser made."""

    @property
    def id(self) -> UUID:
        """The browser's."""
        ...


DeliveredItem = TypeVar("DeliveredItem", bound=Delivered)


def _uuid(value: object) -> UUID:
    if not isinstance(value, str) or len(value) != 36:
        raise ValueError
    return UUID(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        raise ValueError
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError from error


def finite_number(value: object) -> float:
    """Return a number of JSON as a float.

    Raises
    ------
    ValueError
        It is none: bool is an int in Python, and Python's JSON parser lets NaN and infinity through.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError from error
    if not math.isfinite(number):
        raise ValueError
    return number


ItemId = Annotated[UUID, BeforeValidator(_uuid)]
AnyKey = Annotated[str, BeforeValidator(_text)]
"""A key, or nothing where there is none yet."""
ItemKey = Annotated[AnyKey, Field(min_length=1)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
"""The browser's clock, in UTC here."""
# A time that cannot be is marked and not dropped with its item; no browser of ours sends what is no number.
Milliseconds = Annotated[float, BeforeValidator(finite_number)]


def parse_items(items: object, forms: Mapping[str, TypeAdapter[DeliveredItem]]) -> list[DeliveredItem]:
    """Return the well-formed items of a delivered outbox, in order, each id once.

    Parameters
    ----------
    items
        What the browser sent: a list of items. Anything else is empty.
    forms
        The form of each kind of item.

    Returns
    -------
    list
        At most ``MAX_ITEMS``; malformed items are left out.
    """
    if not isinstance(items, list):
        return []
    parsed: dict[UUID, DeliveredItem] = {}
    for raw in items[:MAX_ITEMS]:
        item = _parse_item(raw, forms)
        if item is not None:
            parsed.setdefault(item.id, item)
    return list(parsed.values())


def _parse_item(raw: Any, forms: Mapping[str, TypeAdapter[DeliveredItem]]) -> DeliveredItem | None:
    kind = raw.get(KIND) if isinstance(raw, dict) else None
    form = forms.get(kind) if isinstance(kind, str) else None
    if form is None:
        return None
    try:
        return form.validate_python(raw)
    except ValidationError:
        return None
