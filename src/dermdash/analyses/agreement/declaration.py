"""Agreement of readers, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.agreement.options import KEY, TITLE, AgreementOptions, recorded_ratings
from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack


def _lacks(table: Any) -> Lack | None:
    if recorded_ratings(table, {}):
        return None
    return Lack(
        "handshake",
        "No answer is recorded here that agreement can be measured on",
        "Agreement needs a diagnosis, an answer malignant or benign, a management, a confidence or a rating.",
    )


def _run(table: Any, options: AgreementOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.agreement.run import analyse_agreement

    return analyse_agreement(table, rating=options.rating, replicates=options.replicates, confidence=options.confidence)


def _run_for_report(table: Any, options: AgreementOptions, context: AnalysisContext) -> Any:
    """On what is chosen, else on the first answer that is recorded: a study may ask for ratings alone."""
    recorded = recorded_ratings(table, {})
    if recorded and options.rating not in recorded:
        options = options.model_copy(update={"rating": next(iter(recorded))})
    return _run(table, options, context)


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.agreement.section import agreement_section

    return agreement_section(result)


AGREEMENT = Analysis(
    key=KEY,
    title=TITLE,
    icon="handshake",
    purpose="How far readers agree with one another and with themselves, before and after assistance.",
    options=AgreementOptions,
    run=_run,
    run_for_report=_run_for_report,
    section=_section,
    lacks=_lacks,
    ratings=True,
    doing="Measuring agreement",
)
