"""What a reader's browser delivers: answers and session events, checked before anything trusts them.

The browser keeps every answer with an id of its own until the server has acknowledged that id, and delivers the
whole list again and again. So the same item arrives many times, and anybody can send anything: an item that is not
exactly of the agreed form is dropped here, one by one, without harm to its neighbours.

The fields of the two kinds of item are what the browser's script may write (`dermdash.ui.frontend.names`).
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from dermdash.reader_study.protocol import MOST_LEVELS
from dermdash.readings.modality import Phase

MAX_ITEMS = 200
MAX_TEXT = 200


class ItemKind(StrEnum):
    """What an item of the outbox is."""

    ANSWER = "answer"
    EVENT = "event"


KIND = "kind"
"""Entry of an item that says so."""


class EventKind(StrEnum):
    """What may happen in a reader's browser beside answers."""

    FOCUS_LOST = "focus_lost"
    FOCUS_GAINED = "focus_gained"
    PAUSE = "pause"
    RESUME = "resume"
    RELOAD = "reload"
    CONTINUE = "continue"
    TIME_LIMIT = "time_limit"
    IMAGE_ERROR = "image_error"


STEERING = (EventKind.PAUSE, EventKind.RESUME, EventKind.CONTINUE)
"""The events that say where the reader stands; neither side may lose one."""


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


def _number(value: object) -> float:
    # bool is an int in Python, and Python's JSON parser lets NaN and infinity through: neither is a time.
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError from error
    if not math.isfinite(number):
        raise ValueError
    return number


def _level(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_LEVELS:
        raise ValueError
    return value


_Id = Annotated[UUID, BeforeValidator(_uuid)]
_Key = Annotated[str, BeforeValidator(_text)]
_Code = Annotated[str, Field(strict=True, pattern=r"^[a-z0-9_]{1,40}\z")]
_Level = Annotated[int, BeforeValidator(_level)]
_Moment = Annotated[datetime, BeforeValidator(_moment)]
# A time that cannot be is marked and not dropped with its answer; no browser of ours sends what is no number.
_Milliseconds = Annotated[float, BeforeValidator(_number)]


@dataclass(frozen=True, slots=True)
class ReadingSubmission:
    """One locked answer: the browser's id, the step answered, diagnosis code, confidence (1 low to 5 high).

    ``client_ms`` is the time in milliseconds from the image (unaided) or the assistance (aided) being painted to
    the answer; the two times are the browser's clock in UTC.
    """

    id: _Id
    step_key: Annotated[_Key, Field(min_length=1)]
    phase: Phase
    dx: _Code
    confidence: _Level
    client_ms: _Milliseconds
    shown_at: _Moment
    submitted_at: _Moment


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """Something that happened in the reader's browser beside an answer; ``step_key`` is empty between steps."""

    id: _Id
    event: EventKind
    step_key: _Key
    at: _Moment


Item = ReadingSubmission | ClientEvent
_FORMS: dict[object, TypeAdapter[Any]] = {
    ItemKind.ANSWER: TypeAdapter(ReadingSubmission),
    ItemKind.EVENT: TypeAdapter(ClientEvent),
}


def parse_outbox(items: object) -> list[Item]:
    """Return the well-formed items of a delivered outbox, in order, each id once.

    Parameters
    ----------
    items
        What the browser sent: a list of items. Anything else is empty.

    Returns
    -------
    list of ReadingSubmission or ClientEvent
        At most ``MAX_ITEMS``; malformed items are left out. Whether the step exists, is open and belongs to this
        reader, and whether diagnosis and confidence are among the study's choices, is for the caller to check.
    """
    if not isinstance(items, list):
        return []
    parsed: dict[UUID, Item] = {}
    for raw in items[:MAX_ITEMS]:
        item = _parse_item(raw)
        if item is not None:
            parsed.setdefault(item.id, item)
    return list(parsed.values())


def _parse_item(raw: object) -> Item | None:
    kind = raw.get(KIND) if isinstance(raw, dict) else None
    form = _FORMS.get(kind) if isinstance(kind, str) else None
    if form is None:
        return None
    try:
        item: Item = form.validate_python(raw)
    except ValidationError:
        return None
    return item
