"""What an annotator's browser delivers: annotations that are submitted, and drafts of what is being entered.

How an outbox is read is `dermdash.deliveries`. Here only the frame of an item is held to its form: what an annotation
says is checked where the record is known (`dermdash.verification.annotation`), so that a fault of it is refused with a
reason and comes back to the person who typed it, instead of being dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from dermdash.deliveries import ItemId, ItemKey, Milliseconds, Moment, parse_items


class AnnotationItemKind(StrEnum):
    """What an item of an annotator's outbox is."""

    ANNOTATION = "annotation"
    DRAFT = "draft"


def _content(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


_Content = Annotated[Any, BeforeValidator(_content)]


@dataclass(frozen=True, slots=True)
class AnnotationSubmission:
    """A submitted annotation: the browser's id, the task it answers, and what is said, still unchecked.

    ``client_ms`` is the time in milliseconds from the image being painted to the submission; the two times are the
    browser's clock in UTC.
    """

    id: ItemId
    task: ItemKey
    annotation: _Content
    client_ms: Milliseconds
    shown_at: Moment
    submitted_at: Moment


@dataclass(frozen=True, slots=True)
class DraftSave:
    """What has been entered for a task so far, still unchecked; the latest replaces those before."""

    id: ItemId
    task: ItemKey
    annotation: _Content
    saved_at: Moment


AnnotationItem = AnnotationSubmission | DraftSave
_FORMS: dict[str, TypeAdapter[Any]] = {
    AnnotationItemKind.ANNOTATION: TypeAdapter(AnnotationSubmission),
    AnnotationItemKind.DRAFT: TypeAdapter(DraftSave),
}


def parse_annotation_outbox(items: object) -> list[AnnotationItem]:
    """Return the well-formed items of an annotator's delivered outbox, in order, each id once.

    Whether the task exists, is open and is this person's is for the caller to check.
    """
    return parse_items(items, _FORMS)
