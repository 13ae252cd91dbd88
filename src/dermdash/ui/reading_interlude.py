"""The words of what stands between the parts of a study."""

from dermdash.reader_study.interlude import Interlude, InterludeKind
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.words import between, pages
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.names import names_in_every_language
from dermdash.reader_study.words.study_texts import study_text
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import get_taxonomy
from dermdash.ui.frontend.exchange import InterludePayload
from dermdash.workflows.reader_study.run_reading import ReadingSession


def interlude_data(session: ReadingSession, language: Language) -> InterludePayload | None:
    """What the panel shows before the open step; None where nothing stands there."""
    found = session.interlude
    if found is None:
        return None
    title, paragraphs, button = _words(session, found, language)
    return InterludePayload(key=found.assignment_id, title=title, paragraphs=paragraphs, button=button)


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
