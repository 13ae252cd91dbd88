"""What a reader sees at the end: their own results where the study says so, and what a certificate is made of."""

from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.words import closing
from dermdash.reader_study.words.language import Language
from dermdash.readings.modality import Phase
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange import CertificatePayload, ClosingPayload, OwnResultPayload
from dermdash.workflows.reader_study.debrief import debriefing
from dermdash.workflows.reader_study.own_results import own_results
from dermdash.workflows.reader_study.reading_standing import ReadingSession


def closing_data(workspace: Workspace, session: ReadingSession, language: Language) -> ClosingPayload:
    """The end of a study for one reader."""
    options = reader_options(session.protocol)
    results = own_results(workspace, session) if options.own_results else []
    cases = {a.case_id for a in session.assignments if a.kind.counts}
    text = closing.CERTIFICATE_TEXT.said(language, len(cases), study=session.protocol.name)
    # What has just come is on disk and has no moment here yet.
    last = max((row.get("recorded_at") or now() for row in session.answered.values()), default=None)
    return ClosingPayload(
        debrief=_debrief(session, language),
        results=[
            OwnResultPayload(
                label=(closing.RESULTS_AIDED if r.phase is Phase.AIDED else closing.RESULTS_UNAIDED).said(language),
                right=r.right,
                cases=r.cases,
            )
            for r in results
        ],
        certificate=CertificatePayload(text=text, day=last.date().isoformat())
        if options.certificate and last is not None
        else None,
    )


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
