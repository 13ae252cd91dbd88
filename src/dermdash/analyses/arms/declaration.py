"""Comparison of arms, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.arms.options import KEY, TITLE, ArmsOptions
from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.arms.conditions import arms_of, crossover_of
    from dermdash.analyses.other_designs import fit_without_diagnosis, lack_of_diagnosis, says_no_side

    if says_no_side(table) and "arms" not in fit_without_diagnosis(table):
        return lack_of_diagnosis(table, "call_split")
    if len(arms_of(table).arms) > 1 or crossover_of(table) is not None:
        return None
    if (without := lack_of_diagnosis(table, "call_split")) is not None:
        instead, leads_to = without.text, without.leads_to
    else:
        instead, leads_to = "What assistance changes within a reader is on the page **Benefit of assistance**.", ()
    return Lack(
        "call_split",
        "All readers read in one arm",
        "Arms are compared where chance gave readers different conditions, or the same cases in two periods. "
        + instead,
        leads_to,
    )


def _run(table: Any, options: ArmsOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.arms.run import analyse_arms

    return analyse_arms(table, options)


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.arms.section import arms_section

    return arms_section(result)


ARMS = Analysis(
    key=KEY,
    title=TITLE,
    menu="Arms and periods",
    icon="call_split",
    purpose="Readers of different arms compared, and the two periods of a crossover taken apart.",
    options=ArmsOptions,
    run=_run,
    section=_section,
    lacks=_lacks,
    doing="Comparing the arms",
)
