"""The words of what stands between the parts of a study, and of what closes it to a reader."""

from collections.abc import Iterable

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.conduct import StudyAct
from dermdash.reader_study.design import AidedFollows
from dermdash.reader_study.interlude import Interlude, InterludeKind
from dermdash.reader_study.protocol_parts import Asked
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.words import between, game, pages, running
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Message
from dermdash.reader_study.words.names import names_in_every_language
from dermdash.reader_study.words.study_texts import study_text
from dermdash.readings.modality import Phase
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.closing import ClosedPayload
from dermdash.ui.frontend.exchange.reading import InterludePayload
from dermdash.workflows.reader_study.reading_standing import ReadingSession, told_before, told_without_case


def interlude_data(workspace: Workspace, session: ReadingSession, language: Language) -> InterludePayload | None:
    """What the panel shows before the open step, messages of the team first; None where nothing stands there."""
    found = session.interlude
    messages = told_before(workspace, session)
    at = session.step.assignment
    if at is None or (found is None and not messages):
        return None
    told = _lines(messages)
    if found is None:
        title, paragraphs, button = running.FROM_THE_TEAM.said(language), told, running.GO_ON.said(language)
    else:
        title, paragraphs, button = _words(session, found, language)
        if told:
            paragraphs = [f"{running.FROM_THE_TEAM.said(language)}:", *told, *paragraphs]
    return InterludePayload(key=at.id, title=title, paragraphs=paragraphs, button=button)


def messages_data(workspace: Workspace, session: ReadingSession, language: Language) -> list[str]:
    """What the study team says to a reader who has no step, by paragraph; logged as seen."""
    messages = told_without_case(workspace, session)
    return [f"{running.FROM_THE_TEAM.said(language)}:", *_lines(messages)] if messages else []


def _lines(messages: Iterable[StudyAct]) -> list[str]:
    return [line for act in messages for line in act.text.splitlines() if line.strip()]


def _words(session: ReadingSession, found: Interlude, language: Language) -> tuple[str, list[str], str]:
    start = between.START.said(language)
    match found.kind:
        case InterludeKind.START:
            button = _START_BUTTONS.get(found.part, between.START)
            return between.BEFORE_START.said(language), _instructions(session, found, language), button.said(language)
        case InterludeKind.SCREENING:
            test = between.SCREENING_TEXT.said(language, found.cases)
            return between.SCREENING.said(language), [test], between.START_TEST.said(language)
        case InterludeKind.COUNTS | InterludeKind.ADMITTED:
            tells = session.protocol.tells_at_once
            follows = between.PRACTICE_OVER_TOLD if tells else between.PRACTICE_OVER_TEXT
            told = [between.TOLD_AT_ONCE.said(language)] if tells else []
            over = between.TEST_PASSED if found.kind is InterludeKind.ADMITTED else between.PRACTICE_OVER
            return over.said(language), [follows.said(language, found.cases), *told], start
        case InterludeKind.PERIOD:
            return between.NEXT_PART.said(language), [between.NEXT_PART_TEXT.said(language, found.cases)], start
        case InterludeKind.ROUND:
            return (
                between.ROUND_DONE.said(language, round=found.round - 1, rounds=found.rounds),
                [between.ROUND_DONE_TEXT.said(language, found.cases)],
                between.START_ROUND.said(language, round=found.round),
            )


def closed_data(session: ReadingSession, language: Language) -> ClosedPayload | None:
    """Why a reader who has not finished has no step; None where they have one."""
    step = session.step
    if step.step not in _CLOSED:
        return None
    title, text = _CLOSED[step.step]
    opens = "" if step.opens_at is None else step.opens_at.isoformat()
    return ClosedPayload(title=title.said(language), paragraphs=[text.text(language)], opens=opens)


_START_BUTTONS = {CasePart.PRACTICE: between.START_PRACTICE, CasePart.SCREENING: between.START_TEST}
_CLOSED = {
    StepKind.WASHOUT: (between.WASHOUT, between.WASHOUT_TEXT),
    StepKind.NOT_ADMITTED: (between.NOT_ADMITTED, between.NOT_ADMITTED_TEXT),
    StepKind.HELD: (between.HELD, between.HELD_TEXT),
}


def _instructions(session: ReadingSession, found: Interlude, language: Language) -> list[str]:
    """The study's own, then how it works, as far as the study has it."""
    protocol, options = session.protocol, reader_options(session.protocol)
    own, _ = study_text(
        options.instructions, "instructions", language, own=options.language, translations=options.translations
    )
    usual = protocol.asked == Asked()
    limit = protocol.time_limit_s
    begins_with = {CasePart.PRACTICE: between.PRACTICE_FIRST, CasePart.SCREENING: between.SCREENING_TEXT}
    first = begins_with.get(found.part)
    how = between.HOW_IT_WORKS if usual else between.HOW_IT_WORKS_OTHERWISE
    return [
        *(part.strip() for part in own.split("\n\n") if part.strip()),
        f"{how.said(language)} {_on_assistance(session).said(language)}",
        *([between.TOLD_AT_ONCE.said(language)] if protocol.tells_at_once else []),
        *([game.ON_YOUR_PAGE.said(language)] if protocol.pages.game else []),
        *([between.TIME_FOR_EACH.said(language, limit)] if limit else []),
        *([first.said(language, found.cases)] if first else []),
        *(
            []
            if language is Language.ENGLISH or names_in_every_language(get_taxonomy(protocol.taxonomy))
            else [pages.DIAGNOSES_IN_ENGLISH.said(language)]
        ),
    ]


def _on_assistance(session: ReadingSession) -> Message:
    """What a reader is told about assistance beforehand: after the answer, with the image, in a part, or not at all."""
    ways = {a.phases for a in session.assignments if a.kind.counts}
    if not any(Phase.AIDED in phases for phases in ways):
        return between.NO_ASSISTANCE
    if any(len(phases) > 1 for phases in ways):
        after_round = session.protocol.design.aided_follows is AidedFollows.AFTER_ROUND
        return between.LATER_ASSISTANCE if after_round else between.THEN_ASSISTANCE
    return between.WITH_ASSISTANCE if len(ways) == 1 else between.SOME_WITH_ASSISTANCE
