"""Item response (difficulty of cases, ability of readers), declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack
from dermdash.analyses.item_response.options import KEY, TITLE, ItemResponseOptions


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import lack_of_diagnosis

    if table.has("correct"):
        return None
    return lack_of_diagnosis(table, "stairs") or Lack(
        "stairs",
        "These readings do not say which answers are right",
        "Import the log again with the true diagnoses, or choose other readings.",
    )


def _run(table: Any, options: ItemResponseOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.item_response.run import analyse_item_response

    return analyse_item_response(table, phase=options.phase, model=options.model.value, confidence=options.confidence)


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.item_response.section import item_response_section

    return item_response_section(result)


ITEM_RESPONSE = Analysis(
    key=KEY,
    title=TITLE,
    icon="stairs",
    purpose="How able readers are and how difficult cases, on one scale (item response model).",
    options=ItemResponseOptions,
    run=_run,
    section=_section,
    lacks=_lacks,
    doing="Fitting the model",
)
