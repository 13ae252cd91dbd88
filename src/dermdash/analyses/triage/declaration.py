"""Second opinion and triage, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack
from dermdash.analyses.triage.options import KEY, TITLE, TriageChoice


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import lack_of_diagnosis

    return lack_of_diagnosis(table, "fork_right")


def _run(table: Any, options: TriageChoice, context: AnalysisContext) -> Any:
    from dermdash.analyses.model_opinions import opinions_in
    from dermdash.analyses.other_designs import require_answers
    from dermdash.analyses.triage.run import (
        DEFAULT_CALL,
        DEFAULT_RULE_OUT,
        PURPOSE,
        TriageOptions,
        analyse_triage,
        default_threshold,
        threshold_of,
    )

    require_answers(table, "malignant_answer", "truth_malignant", purpose=PURPOSE)
    place, study = context.workspace, context.study_id

    def chosen(given: str | None, otherwise: float) -> Any:
        if given is not None:
            return threshold_of(place, given, study, borderline=table.borderline)
        return default_threshold(place, study, otherwise=otherwise, borderline=table.borderline)

    return analyse_triage(
        table,
        opinions_in(context, table),
        TriageOptions(
            rule_out=chosen(options.rule_out, DEFAULT_RULE_OUT),
            threshold=chosen(options.second_reader, DEFAULT_CALL),
            rule_in=None if options.rule_in is None else chosen(options.rule_in, DEFAULT_RULE_OUT),
            prevalence=options.prevalence,
            replicates=options.replicates,
        ),
    )


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.triage.section import triage_section

    return triage_section(result)


TRIAGE = Analysis(
    key=KEY,
    title=TITLE,
    menu="Model first",
    icon="fork_right",
    purpose="What would be seen, saved and missed if the model went first, or gave a second opinion.",
    options=TriageChoice,
    run=_run,
    section=_section,
    lacks=_lacks,
    of_model=True,
    doing="Sending the cases through",
)
