"""Reading time, declared."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.declaration import Analysis, AnalysisContext, Lack
from dermdash.analyses.reading_time.options import KEY, TITLE, TimeOptions


def _lacks(table: Any) -> Lack | None:
    if table.has("client_ms"):
        return None
    return Lack("timer_off", "No times are recorded here", "Choose readings of a study run here, or of another log.")


def _run(table: Any, options: TimeOptions, context: AnalysisContext) -> Any:
    from dermdash.analyses.reading_time.run import analyse_reading_time

    return analyse_reading_time(table, options=options)


def _section(result: Any, table: Any, options: Any, views: Any) -> Any:
    from dermdash.analyses.reading_time.section import reading_time_section

    return reading_time_section(result, table)


def _numbers(result: Any, table: Any, options: TimeOptions) -> dict[str, Any]:
    return result.time.as_dict() | {"excluded_readings": dict(table.excluded)}


READING_TIME = Analysis(
    key=KEY,
    title=TITLE,
    icon="timer",
    purpose="How long readers take before and after assistance, and whether haste costs accuracy.",
    options=TimeOptions,
    run=_run,
    section=_section,
    numbers=_numbers,
    lacks=_lacks,
    doing="Measuring times",
    command="time",
)
