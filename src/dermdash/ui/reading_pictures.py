"""Pictures of a step and its assistance as they leave for a reader's browser, and which image comes after it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from dermdash.charts import saliency_overlay
from dermdash.errors import NotFound, OutOfReach
from dermdash.reader_study.assistance import shown_form
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.protocol_parts import CaseView
from dermdash.reader_study.reading_session import Assignment
from dermdash.readings.modality import Modality, Phase
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.step import AssistancePayload, PrefetchPayload
from dermdash.ui.leaving_pictures import Leaving, case_picture, heat_picture, pictures_of
from dermdash.ui.reading_beside import records_beside
from dermdash.workflows.reader_study.case_material import ImagesNow
from dermdash.workflows.reader_study.reading_standing import ReadingSession


def assistance_data(
    workspace: Workspace, session: ReadingSession, assignment: Assignment, phase: Phase, leaving: Leaving
) -> AssistancePayload | None:
    """What an assignment shows after its unaided answer is locked; None before, and where it shows nothing."""
    stored = session.rows[assignment.id]["assistance"]
    # Where a case is read with assistance from the start there is no answer that it could wait for.
    due = assignment.phases[0] is Phase.AIDED or (assignment.id, Phase.UNAIDED) in session.answered
    if phase is not Phase.AIDED or stored is None or not due:
        return None
    shown = shown_form(stored)
    _attach(workspace, session, assignment, stored, shown, leaving)
    return cast(AssistancePayload, shown)


def _attach(
    workspace: Workspace,
    session: ReadingSession,
    assignment: Assignment,
    stored: Mapping[str, Any],
    shown: dict[str, Any],
    leaving: Leaving,
) -> None:
    """The pictures that go with a form, or with each part of a combination."""
    for one, part in zip(stored.get("parts", ()), shown.get("parts", ()), strict=True):
        _attach(workspace, session, assignment, one, part, leaving)
    if "neighbours" in shown:
        for neighbour, row in zip(shown["neighbours"], stored["neighbours"], strict=True):
            sha256 = leaving.images.of(row["record_id"])
            neighbour["image"] = leaving.name(pictures_of(workspace, session).neighbour(sha256))
    if shown["modality"] == Modality.SALIENCY:
        heat = stored["heat"], stored["input_size"], stored["width"], stored["height"]
        shown |= {
            "overlay": leaving.name(heat_picture(*heat)),
            "image": leaving.name(case_picture(workspace, session, assignment.case_id, leaving.images)),
            "scale": saliency_overlay.scale_css(),
            "opacity": saliency_overlay.OPACITY,
        }


def prefetch_data(workspace: Workspace, session: ReadingSession, leaving: Leaving) -> PrefetchPayload | None:
    """The next case's image, so that it paints at once. It tells nothing: every reader sees it next anyway."""
    following = _following(session)
    if following is None:
        return None
    try:
        picture = case_picture(workspace, session, following.case_id, leaving.images)
    except (NotFound, OutOfReach):
        return None  # no reason to keep the reader from this case; it is said when its turn comes
    return PrefetchPayload(key=following.id, image=leaving.name(picture))


def _following(session: ReadingSession) -> Assignment | None:
    """Whose image is shown after the one that is shown now, where it is sure to be."""
    at = session.step.assignment
    if at is None or session.feedback_due is not None:
        return at
    order: Sequence[Assignment] = session.assignments
    index = next(i for i, a in enumerate(order) if a.id == at.id)
    following = order[index + 1] if index + 1 < len(order) else None
    if following is None or following.period != at.period:
        return None  # after the washout
    # Whether the study begins for them is not known before the end of the screening test.
    return None if at.kind is CasePart.SCREENING and following.kind is not at.kind else following


def images_of_step(workspace: Workspace, session: ReadingSession) -> ImagesNow:
    """The images of all that the open step and the prefetch may show."""
    shown, following = session.feedback_due or session.step.assignment, _following(session)
    material = session.material(workspace)
    needed = [material.case_record(one.case_id) for one in (shown, following) if one is not None]
    if shown is not None:
        if session.protocol.view != CaseView():
            needed += records_beside(session.protocol.view, material.beside_case(shown.case_id))
        stored = session.rows[shown.id]["assistance"] or {}
        needed += [
            row["record_id"] for part in (stored, *stored.get("parts", ())) for row in part.get("neighbours", ())
        ]
    return ImagesNow(workspace, needed)
