"""Readers beside the ROC curve of a model, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack
from dermdash.analyses.human_machine.options import KEY, TITLE, HumanMachineOptions, HumanMachineViews


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import lack_of_diagnosis

    return lack_of_diagnosis(table, "scatter_plot")


def _run(table: Any, options: HumanMachineOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.human_machine.run import PURPOSE, analyse_human_machine
    from dermdash.analyses.model_scores import scores_in
    from dermdash.analyses.other_designs import require_answers

    # Before a model is looked for: what readers lack is no fault of a model.
    require_answers(table, "malignant_answer", "truth_malignant", purpose=PURPOSE)
    return analyse_human_machine(
        table, scores_in(context, table), confidence=options.confidence, replicates=options.replicates
    )


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.human_machine.section import human_machine_section

    shown = {} if views is None else {"group_by": views.group_by, "code": views.code}
    return human_machine_section(result, exploratory=KEY not in table.prespecified, **shown)


HUMAN_MACHINE = Analysis(
    key=KEY,
    title=TITLE,
    icon="scatter_plot",
    purpose="Every reader beside the model's ROC curve, without assistance and with it (Han et al. 2018, Figure 3).",
    options=HumanMachineOptions,
    views=HumanMachineViews,
    run=_run,
    section=_section,
    lacks=_lacks,
    of_model=True,
    ratings=True,
    doing="Comparing readers with the model",
)
