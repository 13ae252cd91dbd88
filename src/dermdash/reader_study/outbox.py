"""What a reader's browser delivers: answers and session events, checked before anything trusts them.

The fields of the two kinds of item are what the browser's script may write (`dermdash.ui.frontend.names`); how an
outbox is read is `dermdash.deliveries`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from dermdash.deliveries import AnyKey, ItemId, ItemKey, Milliseconds, Moment, parse_items
from dermdash.reader_study.management import HIGHEST_RATING, Management
from dermdash.reader_study.protocol import MOST_LEVELS
from dermdash.readings.modality import Phase


class ItemKind(StrEnum):
    """What an item of the outbox is."""

    ANSWER = "answer"
    EVENT = "event"


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
    BEGIN = "begin"
    """The reader left what stands before a part: instructions, the end of practice, the end of a round."""
    OPENED = "panel_opened"
    """The panel came up in a tab that had not shown it before."""
    ASLEEP = "device_asleep"
    """The device slept while the page was seen."""


STEERING = (EventKind.PAUSE, EventKind.RESUME, EventKind.CONTINUE, EventKind.BEGIN)
"""The events that say where the reader stands; neither side may lose one."""


def _level(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_LEVELS:
        raise ValueError
    return value


def _rating(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= HIGHEST_RATING:
        raise ValueError
    return value


_Code = Annotated[str, Field(strict=True, pattern=r"^[a-z0-9_]{1,40}\z")]
_Level = Annotated[int | None, BeforeValidator(_level)]
_Rating = Annotated[int | None, BeforeValidator(_rating)]


@dataclass(frozen=True, slots=True)
class ReadingSubmission:
    """One locked answer: the browser's id, the step answered, diagnosis code, confidence (1 low to 5 high).

    ``client_ms`` is the time in milliseconds that the image (unaided) or the assistance (aided) was seen from being
    painted to the answer; ``hidden_ms`` the time between the two when it was not seen: in a hidden tab, behind a pause,
    on a sleeping device (None: from a page that did not count it apart). The two times are the browser's clock in UTC.
    ``dx``, ``confidence``, ``malignancy_rating`` (0 to 100) and ``management`` are None where the study does not ask
    for them.
    """

    id: ItemId
    step_key: ItemKey
    phase: Phase
    dx: _Code | None
    confidence: _Level
    client_ms: Milliseconds
    shown_at: Moment
    submitted_at: Moment
    malignancy_rating: _Rating = None
    management: Management | None = None
    hidden_ms: Milliseconds | None = None


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """Something that happened in the reader's browser beside an answer; ``step_key`` is empty between steps."""

    id: ItemId
    event: EventKind
    step_key: AnyKey
    at: Moment


Item = ReadingSubmission | ClientEvent
_FORMS: dict[str, TypeAdapter[Any]] = {
    ItemKind.ANSWER: TypeAdapter(ReadingSubmission),
    ItemKind.EVENT: TypeAdapter(ClientEvent),
}


def parse_outbox(items: object) -> list[Item]:
    """Return the well-formed items of a reader's delivered outbox, in order, each id once.

    Whether the step exists, is open and belongs to this reader, and whether diagnosis and confidence are among the
    study's choices, is for the caller to check.
    """
    return parse_items(items, _FORMS)
