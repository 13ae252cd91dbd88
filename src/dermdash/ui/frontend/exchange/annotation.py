"""The annotation panel, and marks of structures where they are shown."""

from typing import Literal, TypedDict

from dermdash.ui.frontend.exchange.reading import RefusalPayload
from dermdash.ui.frontend.exchange.step import ClassPayload


class MarkPayload(TypedDict):
    """A marked region; points as [x, y] in pixels of the picture that was sent."""

    structure: str
    shape: str
    points: list[list[float]]


class DraftPayload(TypedDict):
    """What somebody has entered for a task before, as their own browser sent it, and when."""

    annotation: dict[str, object]
    saved_at: str


class SharePayload(TypedDict):
    """The probability (0..1) of a class."""

    code: str
    share: float


class AnnotationTaskPayload(TypedDict):
    """One record to annotate, under the name of the task.

    ``image``, ``width``, ``height``: a picture made from it, and its size; ``known``: fields of patient and lesion by
    name; ``sites``: names of sites to choose from; ``initial``: class of the initial annotation, and ``model``: shares
    of a model, highest first, both only where the rule of the data set shows them.
    """

    key: str
    image: str
    width: int
    height: int
    position: int
    total: int
    classes: list[ClassPayload]
    known: dict[str, object]
    sites: list[str]
    draft: DraftPayload | None
    initial: str | None
    model: list[SharePayload] | None


class AnnotationPayload(TypedDict):
    """What the annotation panel shows.

    ``annotator`` is an opaque name for the browser's storage; ``following``: the task after this one, shown the moment
    this one is submitted; ``acknowledged`` are ids on disk.
    """

    annotator: str
    task: AnnotationTaskPayload | None
    following: AnnotationTaskPayload | None
    acknowledged: list[str]
    refused: list[RefusalPayload]


class ReceiptPayload(TypedDict):
    """What the annotation panel gets when only drafts came: it keeps what it shows, pictures are not sent again."""

    receipt: Literal[True]
    acknowledged: list[str]
    refused: list[RefusalPayload]


class PersonMarksPayload(TypedDict):
    """What one person marked."""

    name: str
    marks: list[MarkPayload]


class MarksViewPayload(TypedDict):
    """Marks of several people over one picture of ``width`` x ``height`` pixels, shown ``px`` pixels high."""

    image: str
    width: int
    height: int
    px: int
    label: str
    people: list[PersonMarksPayload]
