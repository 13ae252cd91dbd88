"""From a reading session to what the reader's browser receives: the only place where a step leaves the server."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from dermdash.charts.palette import diagnosis_color
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import CaseView
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.reading_session import Assignment, StepKind
from dermdash.reader_study.words.for_screen import screen_words
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import in_language
from dermdash.reader_study.words.names import diagnosis_names
from dermdash.reader_study.words.questions import MANAGEMENT_NAMES, THIS_IS_A_CHECK, THIS_IS_A_CHECK_OF_DIAGNOSIS
from dermdash.reader_study.words.study_texts import question_is_asked, study_levels, study_text
from dermdash.readings.assistance.assistance_form import ScreenPlace
from dermdash.readings.modality import Phase
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.reader_frame import LanguagePayload
from dermdash.ui.frontend.exchange.reading import HELD_WORDS, PanelPayload, ReaderWaitingPayload, RefusalPayload
from dermdash.ui.frontend.exchange.step import (
    AnswerPayload,
    AskedPayload,
    BesidePayload,
    ClassPayload,
    FeedbackPayload,
    ManagementPayload,
    RoomPayload,
    StepPayload,
)
from dermdash.ui.leaving_pictures import (
    Leaving,
    LeavingPicture,
    case_picture,
    pictures_of,
)
from dermdash.ui.offered_pictures import OFFERED
from dermdash.ui.reading_beside import beside_data
from dermdash.ui.reading_closing import closing_data
from dermdash.ui.reading_game import game_words
from dermdash.ui.reading_interlude import closed_data, interlude_data, messages_data
from dermdash.ui.reading_look import Look, large_of_step
from dermdash.ui.reading_pictures import assistance_data, images_of_step, prefetch_data
from dermdash.workflows.reader_study.reading_standing import ReadingSession, truth_told
from dermdash.workflows.reader_study.run_reading import Receipt
from dermdash.workflows.reader_study.send_step import StepLeaving, step_leaving


class _Wording(TypedDict):
    """The entries of a payload that say in which language the panel speaks."""

    language: str
    languages: list[LanguagePayload]
    words: NotRequired[dict[str, object]]


@dataclass(slots=True)
class Ahead:
    """What is to be done when a payload leaves that was made before the answer it follows was stored."""

    step: StepLeaving | None = None
    pictures: tuple[LeavingPicture, ...] = ()


def panel_data_made_ahead(
    workspace: Workspace, reader_id: str, made: PanelPayload, ahead: Ahead, receipt: Receipt, *, language: Language
) -> PanelPayload:
    """The payload that `panel_data` made ahead, now that its step is recorded as sent and the answer is stored."""
    OFFERED.offer(workspace, reader_id, ahead.pictures)
    made["acknowledged"], made["refused"] = list(receipt.acknowledged), _refused(receipt, language)
    return made


def panel_data(
    workspace: Workspace,
    session: ReadingSession,
    receipt: Receipt,
    *,
    language: Language = Language.ENGLISH,
    held: Collection[str] = (),
    look: Look | None = None,
    fetches: bool = False,
    ahead: Ahead | None = None,
) -> PanelPayload:
    """What the reading panel shows now, recorded as sent; ``held``: what the browser says it has already.

    ``look``: which small picture the reader wants to see large; ``fetches``: the browser fetches the
    pictures itself (`OFFERED`), and none comes along; ``ahead`` takes what is to be done when it leaves, and nothing of
    that is done here.

    All of it reaches the browser, so nothing here may unblind the reader.
    """
    protocol, options = session.protocol, reader_options(session.protocol)
    step = session.step
    feedback = session.feedback_due
    leaving = Leaving(held, images_of_step(workspace, session))
    shown = large = None
    at = feedback or step.assignment
    phase = step.phase if feedback is None else feedback.phases[-1]
    if at is not None and phase is not None:
        shown = _step(workspace, session, at, phase, leaving, language, feedback=feedback is not None, ahead=ahead)
        large = large_of_step(workspace, session, at, leaving, look, assisted=shown["assistance"] is not None)
    prefetch = prefetch_data(workspace, session, leaving)
    finished = shown is None and step.step is StepKind.FINISHED
    closing = None
    if finished:
        closing, large = closing_data(workspace, session, leaving, look, language)
    if ahead is not None:
        ahead.pictures = tuple(leaving.named.values())
    elif session.preview is None:
        OFFERED.offer(workspace, session.reader_id, leaving.named.values())
    question, _ = study_text(
        protocol.question, "question", language, own=options.language, translations=options.translations
    )
    return PanelPayload(
        # The browser files unsent answers under this name; the reader id itself stays here.
        reader=session.material(workspace).browser_name(session.reader_id),
        question=question if question_is_asked(protocol.question, diagnosis=protocol.asked.diagnosis) else "",
        classes=_classes(protocol, language),
        confidence_levels=_levels(protocol, language),
        asked=_asked(protocol, language),
        room=_room(session),
        step=shown,
        large=large,
        prefetch=prefetch,
        pictures={} if fetches else leaving.pictures,
        interlude=None if feedback is not None else interlude_data(workspace, session, language),
        closed=None if shown is not None else closed_data(session, language),
        messages=messages_data(workspace, session, language) if shown is None else [],
        acknowledged=list(receipt.acknowledged),
        refused=_refused(receipt, language),
        paused=session.paused,
        finished=finished,
        game=game_words(workspace, session, language),
        closing=closing,
        **_in_language(language, options.languages, held),
    )


def waiting_data(
    receipt: Receipt, *, language: Language = Language.ENGLISH, held: Collection[str] = ()
) -> ReaderWaitingPayload:
    """What the panel is told while the next step cannot be read: keep what is shown, and ask again."""
    return ReaderWaitingPayload(
        waiting=True,
        acknowledged=list(receipt.acknowledged),
        refused=_refused(receipt, language),
        **_in_language(language, (language,), held),
    )


def _in_language(language: Language, offered: Sequence[Language], held: Collection[str]) -> _Wording:
    """The entries that say in which language the panel speaks."""
    wording = _Wording(language=language, languages=[LanguagePayload(code=one, name=one.own_name) for one in offered])
    if f"{HELD_WORDS}{language}" not in held:
        wording["words"] = dict(screen_words(language))
    return wording


def _refused(receipt: Receipt, language: Language) -> list[RefusalPayload]:
    return [RefusalPayload(id=answer_id, reason=in_language(reason, language)) for answer_id, reason in receipt.refused]


def _classes(protocol: Protocol, language: Language) -> list[ClassPayload]:
    names = diagnosis_names(get_taxonomy(protocol.taxonomy))
    return [
        ClassPayload(code=code, name=in_language(name, language), color=diagnosis_color(code))
        for code, name in names.items()
    ]


def _levels(protocol: Protocol, language: Language) -> list[str]:
    if not protocol.asked.confidence:
        return []
    translations = reader_options(protocol).translations
    return study_levels(protocol.confidence_levels, language, translations=translations)


def _asked(protocol: Protocol, language: Language) -> AskedPayload:
    managements = MANAGEMENT_NAMES.items() if protocol.asked.management else ()
    return AskedPayload(
        diagnosis=protocol.asked.diagnosis,
        malignancy_rating=protocol.asked.malignancy_rating,
        managements=[ManagementPayload(code=code, name=name.said(language)) for code, name in managements],
    )


def _room(session: ReadingSession) -> RoomPayload:
    """Of all cases of the reader together: of no single one does it tell what is shown with it."""
    forms = {a.modality.form for a in session.assignments if Phase.AIDED in a.phases}
    places = frozenset[ScreenPlace]().union(*(form.places for form in forms))
    similar = session.protocol.cbir_k
    return RoomPayload(
        answers=ScreenPlace.ANSWERS in places,
        line=ScreenPlace.LINE in places,
        counted=ScreenPlace.LINE in places and get_taxonomy(session.protocol.taxonomy).has_borderline,
        pictures=max((similar * form.needs_neighbours + form.needs_saliency for form in forms), default=0),
    )


def _step(
    workspace: Workspace,
    session: ReadingSession,
    assignment: Assignment,
    phase: Phase,
    leaving: Leaving,
    language: Language,
    *,
    feedback: bool = False,
    ahead: Ahead | None = None,
) -> StepPayload:
    unaided = session.answered.get((assignment.id, Phase.UNAIDED))
    image = leaving.name(case_picture(workspace, session, assignment.case_id, leaving.images))
    assistance = assistance_data(workspace, session, assignment, phase, leaving)
    beside = _beside(workspace, session, assignment, leaving, language)
    if not feedback:  # which nobody answers
        shown: dict[str, Any] = {"image": image, "assistance": assistance}
        if beside is not None:
            shown["beside"] = dict(beside)
        if ahead is not None:
            ahead.step = step_leaving(session.reader_id, assignment.id, phase, shown)
        else:
            session.material(workspace).record_sending(session.reader_id, assignment.id, phase, shown)
    return StepPayload(
        image=image,
        assistance=assistance,
        key=assignment.id,
        phase=str(phase),
        position=assignment.position,
        total=sum(a.counted_with == assignment.counted_with for a in session.assignments),
        practice=assignment.kind is CasePart.PRACTICE,
        screening=assignment.kind is CasePart.SCREENING,
        time_limit_s=session.protocol.time_limit_s,
        instruction=_instruction(workspace, session, assignment, language),
        beside=beside,
        previous=None if phase is not Phase.AIDED or unaided is None else _answer(unaided),
        feedback=_feedback(workspace, session, assignment) if feedback else None,
    )


def _instruction(workspace: Workspace, session: ReadingSession, assignment: Assignment, language: Language) -> str:
    """What stands in place of the question where a case says which answer to give."""
    if assignment.kind is not CasePart.CHECK:
        return ""
    expected = session.material(workspace).expected_answer(assignment.case_id)
    if expected is None:
        return ""
    names = {payload["code"]: payload["name"] for payload in _classes(session.protocol, language)}
    if "confidence" not in expected:
        return THIS_IS_A_CHECK_OF_DIAGNOSIS.said(language, name=names[expected["dx"]])
    level = _levels(session.protocol, language)[expected["confidence"] - 1]
    return THIS_IS_A_CHECK.said(language, name=names[expected["dx"]], level=level)


def _beside(
    workspace: Workspace,
    session: ReadingSession,
    assignment: Assignment,
    leaving: Leaving,
    language: Language,
) -> BesidePayload | None:
    """What stands beside the image, where the protocol shows anything there."""
    if session.protocol.view == CaseView():
        return None
    material = session.material(workspace)
    pictures = pictures_of(workspace, session)

    def name(image_sha256: str, large: bool) -> str:
        return leaving.name((pictures.large if large else pictures.lesion)(image_sha256))

    return beside_data(
        session.protocol.view,
        material.beside_case(assignment.case_id),
        language=language,
        name=name,
        images=leaving.images,
    )


def _answer(stored: Mapping[str, Any]) -> AnswerPayload:
    rating = stored["malignancy_rating"]
    return AnswerPayload(
        dx=stored["dx"],
        confidence=stored["confidence"],
        malignancy_rating=None if rating is None else int(rating),
        management=stored["management"],
    )


def _feedback(workspace: Workspace, session: ReadingSession, assignment: Assignment) -> FeedbackPayload:
    truth = truth_told(workspace, session, assignment)
    last = session.answered[(assignment.id, assignment.phases[-1])]
    correct = last["dx"] == truth if session.protocol.asked.diagnosis else None
    return FeedbackPayload(correct=correct, truth=truth, answer=_answer(last))
