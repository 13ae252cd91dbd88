"""From a reading session to what the reader's browser receives: the only place where a step leaves the server."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from dermdash.charts.palette import diagnosis_color
from dermdash.dataset.image_ingestion import THUMBNAIL_SIDE
from dermdash.dataset.reader_image import reader_image
from dermdash.errors import FileMissing, OutOfReach
from dermdash.reader_study.assistance import shown_form
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import Assignment, StepKind
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange import (
    AnswerPayload,
    AssistancePayload,
    ClassPayload,
    FeedbackPayload,
    PanelPayload,
    PrefetchPayload,
    RefusalPayload,
    StepPayload,
    WaitingPayload,
)
from dermdash.ui.record_tiles import data_uri
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study.run_reading import (
    ReadingSession,
    Receipt,
    browser_name,
    case_image,
    image_key,
    neighbour_images,
    practice_truth,
)
from dermdash.workflows.reader_study.send_step import record_sending

DISPLAY_SIDE = 1200


def panel_data(workspace: Workspace, session: ReadingSession, receipt: Receipt) -> PanelPayload:
    """What the reading panel shows now, recorded as sent.

    All of it reaches the browser, so nothing here may unblind the reader.
    """
    step = session.step
    feedback = session.feedback_due
    shown = None
    if feedback is not None:
        shown = _step(workspace, session, feedback, feedback.phases[-1], feedback=True)
    elif step.assignment is not None and step.phase is not None:
        shown = _step(workspace, session, step.assignment, step.phase)
    return PanelPayload(
        # The browser files unsent answers under this name; the reader id itself stays here.
        reader=browser_name(workspace, session.reader_id),
        question=session.protocol.question,
        classes=_classes(session.protocol),
        confidence_levels=list(session.protocol.confidence_levels),
        step=shown,
        prefetch=_prefetch(workspace, session),
        acknowledged=list(receipt.acknowledged),
        refused=_refused(receipt),
        paused=session.paused,
        finished=shown is None and step.step is StepKind.FINISHED,
    )


def waiting_data(receipt: Receipt) -> WaitingPayload:
    """What the panel is told while the next step cannot be read: keep what is shown, and ask again."""
    return WaitingPayload(waiting=True, acknowledged=list(receipt.acknowledged), refused=_refused(receipt))


def _refused(receipt: Receipt) -> list[RefusalPayload]:
    return [RefusalPayload(id=answer_id, reason=reason) for answer_id, reason in receipt.refused]


def _classes(protocol: Protocol) -> list[ClassPayload]:
    taxonomy = get_taxonomy(protocol.taxonomy)
    return [ClassPayload(code=c.code, name=c.name, color=diagnosis_color(c.code)) for c in taxonomy.classes]


def _step(
    workspace: Workspace, session: ReadingSession, assignment: Assignment, phase: Phase, *, feedback: bool = False
) -> StepPayload:
    unaided = session.answered.get((assignment.id, Phase.UNAIDED))
    image = case_uri(workspace, session.study_id, assignment.case_id)
    assistance = _assistance(workspace, session, assignment, phase)
    if not feedback:  # which nobody answers
        shown = {"image": image, "assistance": assistance}
        record_sending(workspace, session.reader_id, assignment.id, phase, shown)
    return StepPayload(
        image=image,
        assistance=assistance,
        key=assignment.id,
        phase=str(phase),
        position=assignment.position,
        total=sum(a.counted_with == assignment.counted_with for a in session.assignments),
        practice=assignment.practice,
        time_limit_s=session.protocol.time_limit_s,
        previous=None if phase is not Phase.AIDED or unaided is None else _answer(unaided),
        feedback=_feedback(workspace, session, assignment) if feedback else None,
    )


def _answer(stored: Mapping[str, Any]) -> AnswerPayload:
    return AnswerPayload(dx=stored["dx"], confidence=stored["confidence"])


def _assistance(
    workspace: Workspace, session: ReadingSession, assignment: Assignment, phase: Phase
) -> AssistancePayload | None:
    stored = session.rows[assignment.id]["assistance"]
    locked = (assignment.id, Phase.UNAIDED) in session.answered
    if phase is not Phase.AIDED or stored is None or not locked:
        return None
    shown = shown_form(stored)
    if assignment.modality is Modality.CBIR:
        images = neighbour_images(workspace, tuple(row["record_id"] for row in stored["neighbours"]))
        for neighbour, sha256 in zip(shown["neighbours"], images, strict=True):
            neighbour["image"] = _neighbour_uri(workspace, image_key(workspace, session.study_id), sha256)
    return cast(AssistancePayload, shown)


def _feedback(workspace: Workspace, session: ReadingSession, assignment: Assignment) -> FeedbackPayload:
    truth = practice_truth(workspace, assignment)
    last = session.answered[(assignment.id, assignment.phases[-1])]
    return FeedbackPayload(correct=last["dx"] == truth, truth=truth, answer=_answer(last))


def _prefetch(workspace: Workspace, session: ReadingSession) -> PrefetchPayload | None:
    """The next case's image, so that it paints at once. It tells nothing: every reader sees it next anyway."""
    step = session.step
    if step.assignment is None:
        return None
    order: Sequence[Assignment] = session.assignments
    index = next(i for i, a in enumerate(order) if a.id == step.assignment.id)
    if session.feedback_due is not None:
        following = step.assignment
    elif index + 1 < len(order):
        following = order[index + 1]
    else:
        return None
    try:
        return PrefetchPayload(key=following.id, image=case_uri(workspace, session.study_id, following.case_id))
    except OutOfReach:
        return None  # no reason to keep the reader from this case; it is said when its turn comes


def case_uri(workspace: Workspace, study_id: str, case_id: str) -> str:
    """Data URI of a case's image as the readers of a study see it."""
    return _case_uri(workspace, image_key(workspace, study_id), case_image(workspace, case_id))


# What is cached is what a busy study shows again and again: about 150 kB for a case, 20 kB for a similar image.
@lru_cache(maxsize=400)
def _case_uri(workspace: Workspace, key: str, image_sha256: str) -> str:
    return _made(workspace, browse_records.original, key, image_sha256, DISPLAY_SIDE)


@lru_cache(maxsize=4000)
def _neighbour_uri(workspace: Workspace, key: str, image_sha256: str) -> str:
    return _made(workspace, browse_records.thumbnail, key, image_sha256, THUMBNAIL_SIDE)


def _made(
    workspace: Workspace, stored: Callable[[Workspace, str], bytes], key: str, image_sha256: str, longest_side: int
) -> str:
    """An image as no data set holds it (`dermdash.dataset.reader_image`); large scans would only slow the reader."""
    data = stored(workspace, image_sha256)
    try:
        return data_uri(reader_image(data, key=key, longest_side=longest_side))
    except (OSError, SyntaxError, ValueError) as error:
        # Nothing was imported that could not be decoded: the file was damaged since.
        raise FileMissing(
            f"The image {image_sha256[:12]}… of the workspace {workspace.home} is damaged. Restore it from a backup."
        ) from error
