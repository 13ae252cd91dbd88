"""Which small picture a reader wants to see large, and that picture; what they do not see small is never sent."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dermdash.reader_study.reading_session import Assignment
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.changes import as_message
from dermdash.ui.frontend.exchange.reading import LookAt, LookPayload
from dermdash.ui.frontend.exchange.step import LargePayload
from dermdash.ui.leaving_pictures import Leaving, pictures_of
from dermdash.ui.reading_beside import lesion_images
from dermdash.workflows.reader_study.case_material import ImagesNow
from dermdash.workflows.reader_study.reading_standing import ReadingSession


class Look(NamedTuple):
    """Of which kind, and which of them, counted from 0; ``step_key``: of the open step, empty at the end."""

    step_key: str
    of: LookAt
    number: int


def asked_look(sent: object) -> Look | None:
    """What a browser asks to see large; None where it is no such question, or takes one back."""
    message = as_message(sent, LookPayload)
    if message is None:
        return None
    key, of, number = message["step_key"], message["of"], message["number"]
    whole = isinstance(number, int) and not isinstance(number, bool) and number >= 0
    known = isinstance(of, str) and of in set(LookAt)
    return Look(key, LookAt(of), number) if whole and known and isinstance(key, str) else None


def large_of_step(
    workspace: Workspace,
    session: ReadingSession,
    assignment: Assignment,
    leaving: Leaving,
    look: Look | None,
    *,
    assisted: bool,
) -> LargePayload | None:
    """The picture that is wanted of the shown step; ``assisted``: whether its assistance is shown."""
    if look is None or look.step_key != assignment.id:
        return None
    if look.of is LookAt.LESION:
        beside = session.material(workspace).beside_case(assignment.case_id)
        seen = lesion_images(session.protocol.view, beside, leaving.images)
    elif look.of is LookAt.SIMILAR and assisted:
        seen = _similar(session.rows[assignment.id]["assistance"] or {}, leaving.images)
    else:
        return None
    return large_picture_of(workspace, session, leaving, look, seen)


def large_picture_of(
    workspace: Workspace, session: ReadingSession, leaving: Leaving, look: Look, seen: Sequence[str]
) -> LargePayload | None:
    """The one that is wanted of images (hashes) that are seen small."""
    if look.number >= len(seen):
        return None
    image = leaving.name(pictures_of(workspace, session).large(seen[look.number]))
    return LargePayload(step_key=look.step_key, of=look.of, number=look.number, image=image)


def _similar(stored: Mapping[str, Any], images: ImagesNow) -> list[str]:
    """In the order in which the parts show them."""
    parts = (stored, *stored.get("parts", ()))
    return [images.of(row["record_id"]) for part in parts for row in part.get("neighbours", ())]
