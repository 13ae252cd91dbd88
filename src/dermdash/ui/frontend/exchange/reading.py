"""The reading panel: what it shows, what it expects, and what a reader's browser delivers."""

from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

from dermdash.ui.frontend.exchange.closing import ClosedPayload, ClosingPayload
from dermdash.ui.frontend.exchange.reader_frame import LanguagePayload
from dermdash.ui.frontend.exchange.step import (
    AskedPayload,
    ClassPayload,
    LargePayload,
    PrefetchPayload,
    RoomPayload,
    StepPayload,
)


class PanelState(StrEnum):
    """What the reading panel expects of the reader."""

    EMPTY = "empty"
    """Nothing: no step has come."""
    LOADING = "loading"
    """Patience: the step is not painted yet, or was painted a moment ago."""
    READY = "ready"
    """An answer."""
    WAITING = "waiting"
    """Patience: what they did is on its way."""
    FEEDBACK = "feedback"
    """That they leave the feedback of a case."""
    PAUSED = "paused"
    INTERLUDE = "interlude"
    """That they begin the part that follows."""
    FINISHED = "finished"


class Connection(StrEnum):
    """Where the answers of a reader are."""

    SAVED = "saved"
    SAVING = "saving"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"


class LookAt(StrEnum):
    """What a reader wants to see large that they see small."""

    LESION = "lesion"
    """Another lesion of the open case's patient."""
    SIMILAR = "similar"
    """A similar image of the assistance."""
    MISSED = "missed"
    """A case at the end that they had wrong."""


class LookPayload(TypedDict):
    """Which small picture somebody wants to see large: of which kind (`LookAt`), and which of them, counted from 0.

    ``step_key``: of the open step; empty at the end.
    """

    step_key: str
    of: str
    number: int


class InterludePayload(TypedDict):
    """What stands before the step ``key`` until the reader begins it."""

    key: str
    title: str
    paragraphs: list[str]
    button: str


class RefusalPayload(TypedDict):
    """A delivered item that is not stored, and why."""

    id: str
    reason: str


class PanelPayload(TypedDict):
    """What the reading panel shows; classes in the order of their keys.

    ``reader`` is an opaque name for the browser's storage; ``acknowledged`` are ids on disk. ``pictures``: data of the
    images that step, prefetch and similar images name where the browser does not fetch them, and ``words`` of the
    panel in the reader's language (`dermdash.reader_study.words.for_screen`), each only where the browser does not hold
    it already. ``game``: where a reader who plays stands, in words; empty for all others. ``preview``: it is shown on
    another page, whose language and address stay. ``messages``: of the study team, by paragraph, where no case
    is shown.
    """

    preview: NotRequired[bool]
    language: str
    languages: list[LanguagePayload]
    words: NotRequired[dict[str, object]]
    pictures: dict[str, str]
    interlude: InterludePayload | None
    messages: list[str]
    closed: ClosedPayload | None
    closing: ClosingPayload | None
    reader: str
    question: str
    classes: list[ClassPayload]
    confidence_levels: list[str]
    asked: AskedPayload
    room: RoomPayload
    step: StepPayload | None
    large: LargePayload | None
    prefetch: PrefetchPayload | None
    acknowledged: list[str]
    refused: list[RefusalPayload]
    paused: bool
    finished: bool
    game: str


class WaitingPayload(TypedDict):
    """What a panel gets while the database cannot be reached: it keeps what it shows and asks again."""

    waiting: Literal[True]
    acknowledged: list[str]
    refused: list[RefusalPayload]


class ReaderWaitingPayload(WaitingPayload):
    """The same for a reader, whose page may have been opened only now."""

    language: str
    languages: list[LanguagePayload]
    words: NotRequired[dict[str, object]]


class OutboxPayload(TypedDict):
    """A delivery of a reader's browser; each ``seq`` is larger than the one before.

    ``holds``: names of the pictures and words that it has, which need not be sent again. ``fetches``: its line is slow
    or breaks, so that it fetches pictures itself, piece by piece, and none may come along.
    """

    seq: int
    items: list[object]
    holds: NotRequired[list[object]]
    fetches: NotRequired[bool]


PICTURES_PATH, INVITATION_HEADER = "dermdash-pictures", "dermdash-invitation"
"""Where the panel of a reader fetches pictures, and the header that says with which invitation."""
HELD_WORDS = "words-"
"""Before the code of a language: how a browser names the words it holds."""
