"""What a reader's browser delivers: answers and session events, checked before anything trusts them.

The browser keeps every answer with an id of its own until the server has acknowledged that id, and delivers the
whole list again and again. So the same item arrives many times, and anybody can send anything: an item that is not
exactly of the agreed form is dropped here, one by one, without harm to its neighbours.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

MAX_ITEMS = 200
MAX_TEXT = 200
PHASES = ("unaided", "aided")
CLIENT_EVENTS = (
    "focus_lost",
    "focus_gained",
    "pause",
    "resume",
    "reload",
    "continue",
    "time_limit",
    "image_error",
)

_CODE = re.compile(r"[a-z0-9_]{1,40}\Z")


@dataclass(frozen=True, slots=True)
class ReadingSubmission:
    """One locked answer: the browser's id, the step answered, diagnosis code, confidence (1 low to 5 high).

    ``client_ms`` is the time in milliseconds from the image (unaided) or the assistance (aided) being painted to
    the answer; the two times are the browser's clock in UTC.
    """

    id: UUID
    step_key: str
    phase: Literal["unaided", "aided"]
    dx: str
    confidence: int
    client_ms: float
    shown_at: datetime
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """Something that happened in the reader's browser beside an answer; ``step_key`` is empty between steps."""

    id: UUID
    event: str
    step_key: str
    at: datetime


def parse_outbox(value: object) -> list[ReadingSubmission | ClientEvent]:
    """Return the well-formed items of a delivered outbox, in order, each id once.

    Parameters
    ----------
    value
        What the browser sent: ``{"seq": int, "items": [...]}`` or the bare list. Anything else is empty.

    Returns
    -------
    list of ReadingSubmission or ClientEvent
        At most ``MAX_ITEMS``; malformed items are left out. Whether the step exists, is open and belongs to this
        reader, and whether the diagnosis is one of the study's, is for the caller to check.
    """
    if isinstance(value, dict):
        value = value.get("items")
    if not isinstance(value, list):
        return []
    parsed: dict[UUID, ReadingSubmission | ClientEvent] = {}
    for raw in value[:MAX_ITEMS]:
        item = _parse_item(raw)
        if item is not None:
            parsed.setdefault(item.id, item)
    return list(parsed.values())


def _parse_item(raw: object) -> ReadingSubmission | ClientEvent | None:
    if not isinstance(raw, dict):
        return None
    item_id = _uuid(raw.get("id"))
    step_key = _text(raw.get("step_key"))
    if item_id is None or step_key is None:
        return None
    if raw.get("kind") == "answer":
        return _parse_answer(item_id, step_key, raw)
    if raw.get("kind") == "event":
        event, at = raw.get("event"), _time(raw.get("at"))
        if isinstance(event, str) and event in CLIENT_EVENTS and at is not None:
            return ClientEvent(item_id, event, step_key, at)
    return None


def _parse_answer(item_id: UUID, step_key: str, raw: dict[Any, Any]) -> ReadingSubmission | None:
    phase, dx, confidence, client_ms = (raw.get(k) for k in ("phase", "dx", "confidence", "client_ms"))
    shown_at, submitted_at = _time(raw.get("shown_at")), _time(raw.get("submitted_at"))
    if not step_key or shown_at is None or submitted_at is None:
        return None
    if not isinstance(phase, str) or phase not in PHASES or not isinstance(dx, str) or not _CODE.match(dx):
        return None
    # bool is an int in Python, and Python's JSON parser lets NaN and infinity through: neither is an answer.
    if not isinstance(confidence, int) or isinstance(confidence, bool) or not 1 <= confidence <= 5:
        return None
    # A time that cannot be is marked and not dropped with its answer; no browser of ours sends what is no number.
    milliseconds = _number(client_ms)
    if milliseconds is None:
        return None
    return ReadingSubmission(
        id=item_id,
        step_key=step_key,
        phase="aided" if phase == "aided" else "unaided",
        dx=dx,
        confidence=confidence,
        client_ms=milliseconds,
        shown_at=shown_at,
        submitted_at=submitted_at,
    )


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        return None
    return value


def _uuid(value: object) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _time(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None
