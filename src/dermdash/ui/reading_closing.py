"""What a reader sees at the end: their own results where the study says so, and what a certificate is made of."""

from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.words import closing, game
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import in_language
from dermdash.reader_study.words.names import diagnosis_names
from dermdash.readings.modality import Phase
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.closing import CertificatePayload, ClosingPayload, MissedPayload, OwnResultPayload
from dermdash.ui.frontend.exchange.reading import LookAt
from dermdash.ui.frontend.exchange.step import LargePayload
from dermdash.ui.leaving_pictures import Leaving, pictures_of
from dermdash.ui.reading_look import Look, large_picture_of
from dermdash.workflows.reader_study import play
from dermdash.workflows.reader_study.case_material import ImagesNow
from dermdash.workflows.reader_study.debrief import debriefing
from dermdash.workflows.reader_study.own_results import MissedCase, may_be_told_which, missed_cases, own_results
from dermdash.workflows.reader_study.reading_standing import ReadingSession

# Pictures of the end page; further ones are counted.
_MOST_MISSED = 24


def closing_data(
    workspace: Workspace, session: ReadingSession, leaving: Leaving, look: Look | None, language: Language
) -> tuple[ClosingPayload, LargePayload | None]:
    """The end of a study for one reader, and the picture there that they want to see large."""
    options = reader_options(session.protocol)
    results = own_results(workspace, session) if options.own_results else []
    cases = {a.case_id for a in session.assignments if a.kind.counts}
    text = closing.CERTIFICATE_TEXT.said(language, len(cases), study=session.protocol.name)
    # What has just come is on disk and has no moment here yet.
    last = max((row.get("recorded_at") or now() for row in session.answered.values()), default=None)
    missed = missed_cases(workspace, session)
    seen = [] if not missed else _still_there(workspace, session, missed[:_MOST_MISSED])
    large = None
    if look is not None and look.of is LookAt.MISSED and not look.step_key:
        large = large_picture_of(workspace, session, leaving, look, [image for _, image in seen])
    data = ClosingPayload(
        debrief=_debrief(session, language),
        results=[
            OwnResultPayload(
                label=(closing.RESULTS_AIDED if r.phase is Phase.AIDED else closing.RESULTS_UNAIDED).said(language),
                right=r.right,
                cases=r.cases,
            )
            for r in results
        ],
        note=_note(session, any_results=bool(results), any_missed=bool(missed), language=language),
        missed=_missed(workspace, session, leaving, seen, language),
        missed_left_out=len(missed) - len(seen),
        rank=_rank(workspace, session, language),
        certificate=CertificatePayload(text=text, day=last.date().isoformat())
        if options.certificate and last is not None
        else None,
    )
    return data, large


def _note(session: ReadingSession, *, any_results: bool, any_missed: bool, language: Language) -> str:
    if not any_results or any_missed:
        return ""
    return (closing.NONE_MISSED if may_be_told_which(session) else closing.RESULTS_NOTE).said(language)


def _still_there(
    workspace: Workspace, session: ReadingSession, missed: list[MissedCase]
) -> list[tuple[MissedCase, str]]:
    """Each case with its image (hash) as it is now; without those whose record was removed."""
    material = session.material(workspace)
    records = {one.case_id: material.case_record(one.case_id) for one in missed}
    images = ImagesNow(workspace, records.values())
    return [(one, image) for one in missed if (image := images.get(records[one.case_id])) is not None]


def _missed(
    workspace: Workspace,
    session: ReadingSession,
    leaving: Leaving,
    seen: list[tuple[MissedCase, str]],
    language: Language,
) -> list[MissedPayload]:
    known = diagnosis_names(get_taxonomy(session.protocol.taxonomy))
    names = {code: in_language(name, language) for code, name in known.items()}
    pictures = pictures_of(workspace, session)
    return [
        MissedPayload(
            image=leaving.name(pictures.neighbour(image)),
            position=one.position,
            answered=names[one.answered],
            truth=names[one.truth],
        )
        for one, image in seen
    ]


def _rank(workspace: Workspace, session: ReadingSession, language: Language) -> str:
    """Where a reader who plays stands in the high score."""
    if session.preview is not None or play.plays_under(workspace, session) is None:
        return ""
    players = play.high_score(workspace, session)
    own = next((one for one in players if one.own), None)
    if own is None:
        return ""
    return game.RANK.said(language, place=own.place, players=len(players), points=own.points)


def _debrief(session: ReadingSession, language: Language) -> list[str]:
    found = debriefing(session)
    if found is None:
        return []
    if not found.positions:
        return [closing.DEBRIEF_NONE.said(language)]
    which = ", ".join(map(str, found.positions))
    said = [closing.DEBRIEF.said(language, len(found.positions), which=which)]
    if found.named:
        said.append(closing.DEBRIEF_FOLLOWED.said(language, followed=found.followed, named=found.named))
    return [*said, closing.DEBRIEF_KEPT.said(language)]
