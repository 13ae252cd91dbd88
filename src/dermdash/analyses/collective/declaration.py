"""Collective decisions, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.collective.options import KEY, TITLE, CollectiveOptions
from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import lack_of_diagnosis

    return lack_of_diagnosis(table, "diversity_3")


def _run(table: Any, options: CollectiveOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.collective.run import analyse_collective
    from dermdash.analyses.model_opinions import opinions_in

    return analyse_collective(table, opinions=opinions_in(context, table), options=options)


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.collective.section import collective_section

    return collective_section(result)


COLLECTIVE = Analysis(
    key=KEY,
    title=TITLE,
    menu="Groups of readers",
    icon="diversity_3",
    purpose="How accurate groups of readers are together, alone and with the model.",
    options=CollectiveOptions,
    run=_run,
    section=_section,
    lacks=_lacks,
    of_model=True,
    doing="Counting the votes of every panel",
)
