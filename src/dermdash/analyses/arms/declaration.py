"""Comparison of arms, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.arms.options import KEY, TITLE, ArmsOptions
from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.arms.conditions import arms_of, crossover_of

    if len(arms_of(table).arms) > 1 or crossover_of(table) is not None:
        return None
    return Lack(
        "call_split",
        "All readers read in one arm",
        "Arms are compared where chance gave readers different conditions, or the same cases in two periods. What "
        "assistance changes within a reader is on the page **Benefit of assistance**.",
    )


def _run(table: Any, options: ArmsOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.arms.run import analyse_arms

    return analyse_arms(table, options)


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.arms.section import arms_section

    return arms_section(result)


def _answer(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.arms.answer import arms_answer

    return arms_answer(result)


ARMS = Analysis(
    key=KEY,
    title=TITLE,
    menu="Arms and periods",
    icon="call_split",
    purpose="Readers of different arms compared, and the two periods of a crossover taken apart.",
    options=ArmsOptions,
    run=_run,
    section=_section,
    answer=_answer,
    lacks=_lacks,
    doing="Comparing the arms",
)
