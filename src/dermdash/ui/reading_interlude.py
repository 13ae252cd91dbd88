"""The words of what stands between the parts of a study."""

from dermdash.reader_study.interlude import Interlude, InterludeKind
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.words import between, pages, running
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.names import names_in_every_language
from dermdash.reader_study.words.study_texts import study_text
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange import InterludePayload
from dermdash.workflows.reader_study.messages_to_readers import messages_due
from dermdash.workflows.reader_study.run_reading import ReadingSession


def interlude_data(workspace: Workspace, session: ReadingSession, language: Language) -> InterludePayload | None:
    """What the panel shows before the open step, messages of the team first; None where nothing stands there."""
    found = session.interlude
    messages = messages_due(workspace, session.step, unread=session.unread, begun=session.begun)
    at = session.step.assignment
    if at is None or (found is None and not messages):
        return None
    told = [line for act in messages for line in act.text.splitlines() if line.strip()]
    if found is None:
        title, paragraphs, button = running.FROM_THE_TEAM.said(language), told, running.GO_ON.said(language)
    else:
        title, paragraphs, button = _words(session, found, language)
        if told:
            paragraphs = [f"{running.FROM_THE_TEAM.said(language)}:", *told, *paragraphs]
    return InterludePayload(key=at.id, title=title, paragraphs=paragraphs, button=button)


def _words(session: ReadingSession, found: Interlude, language: Language) -> tuple[str, list[str], str]:
    if found.kind is InterludeKind.START:
        button = between.START_PRACTICE if found.practice else between.START
        return between.BEFORE_START.said(language), _instructions(session, found, language), button.said(language)
    if found.kind is InterludeKind.PRACTICE_OVER:
        text = between.PRACTICE_OVER_TEXT.said(language, found.cases)
        return between.PRACTICE_OVER.said(language), [text], between.START.said(language)
    return (
        between.ROUND_DONE.said(language, round=found.round - 1, rounds=found.rounds),
        [between.ROUND_DONE_TEXT.said(language, found.cases)],
        between.START_ROUND.said(language, round=found.round),
    )


def _instructions(session: ReadingSession, found: Interlude, language: Language) -> list[str]:
    """The study's own, then how it works, as far as the study has it."""
    protocol, options = session.protocol, reader_options(session.protocol)
    own, _ = study_text(
        options.instructions, "instructions", language, own=options.language, translations=options.translations
    )
    aided = any(a.modality is not Modality.NONE for a in session.assignments)
    after = between.THEN_ASSISTANCE if aided else between.NO_ASSISTANCE
    return [
        *(part.strip() for part in own.split("\n\n") if part.strip()),
        f"{between.HOW_IT_WORKS.said(language)} {after.said(language)}",
        *([between.PRACTICE_FIRST.said(language, found.cases)] if found.practice else []),
        *(
            []
            if language is Language.ENGLISH or names_in_every_language(get_taxonomy(protocol.taxonomy))
            else [pages.DIAGNOSES_IN_ENGLISH.said(language)]
        ),
    ]
