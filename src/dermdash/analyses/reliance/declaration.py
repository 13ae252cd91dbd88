"""Reliance on advice, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack, sentence_of
from dermdash.analyses.reliance.options import ADVICE, KEY, TITLE, RelianceOptions


def _lacks(table: Any) -> Lack | None:
    from dermdash.analyses.other_designs import lack_of_diagnosis, why_no_advice_followed

    if (lack := lack_of_diagnosis(table, "psychology_alt")) is not None:
        return lack
    if any(table.has(column) for column in ADVICE):
        why = why_no_advice_followed(table)
        return None if why is None else Lack("psychology_alt", "No answer could be changed to advice", sentence_of(why))
    return Lack(
        "psychology_alt",
        "No advice is recorded here",
        "Reliance needs to know what was advised. Run a study with assistance, or choose other readings.",
    )


def _run(table: Any, options: RelianceOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.reliance.run import analyse_reliance

    return analyse_reliance(table, options=options)


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.reliance.section import reliance_section

    return reliance_section(result, table)


def _numbers(result: Any, table: Any, options: RelianceOptions) -> dict[str, Any]:
    more = {"unpaired_readings": result.unpaired, "excluded_readings": dict(table.excluded)}
    return {"level": str(options.level)} | result.reliance.as_dict() | more


RELIANCE = Analysis(
    key=KEY,
    title=TITLE,
    menu="Following advice",
    icon="rule",
    purpose="How often readers take advice, and whether they take it when it is right.",
    options=RelianceOptions,
    run=_run,
    section=_section,
    numbers=_numbers,
    lacks=_lacks,
    ratings=True,
    doing="Measuring reliance",
)
