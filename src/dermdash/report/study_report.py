"""The whole report as data: facts, sections, and what could not be done and why. Pages, files and commands show it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.declaration import Analysis, AnalysisContext
from dermdash.analyses.registry import ANALYSES, analysis_title
from dermdash.analyses.section import ResultTable, Section
from dermdash.errors import DermdashError, InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.case_votes import CaseVotes
from dermdash.readings.readings_table import ReadingsTable
from dermdash.report.software import software_versions
from dermdash.report.study_facts import StudyFacts, study_facts
from dermdash.report.worst_cases import WorstCase, votes_of, worst_cases

Progress = Callable[[int, int, str], None]
_AT_A_TIME = 2
"""Analyses made beside one another; each has its own seed, so that their numbers do not depend on it."""
NEEDS_READINGS = "the source counts answers per image and holds no single readings"


@dataclass(frozen=True, slots=True)
class NotDone:
    """An analysis that could not be done, and why; ``planned``: the frozen protocol names it."""

    key: str
    title: str
    reason: str
    planned: bool = False


@dataclass(frozen=True, slots=True)
class StudyReport:
    """Everything the report says, in order.

    ``made_at`` is in UTC. Names of tables are unique over all sections. ``planned_elsewhere`` are titles of analyses
    that the frozen protocol names and that were not asked for here.
    """

    facts: StudyFacts
    sections: tuple[Section, ...]
    not_done: tuple[NotDone, ...]
    software: Mapping[str, str]
    made_at: datetime
    planned_elsewhere: tuple[str, ...] = ()
    votes: tuple[CaseVotes, ...] = ()
    worst: tuple[WorstCase, ...] = ()

    @property
    def primary(self) -> Section | None:
        """What the report answers first: what the protocol names first, else the first of all."""
        answered = [s for s in (*self.prespecified, *self.exploratory) if s.answer is not None]
        return next(iter(answered), None)

    @property
    def prespecified(self) -> tuple[Section, ...]:
        """Sections that the frozen protocol names."""
        return tuple(s for s in self.sections if not s.exploratory)

    @property
    def exploratory(self) -> tuple[Section, ...]:
        """All others."""
        return tuple(s for s in self.sections if s.exploratory)

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """The tables of all sections."""
        return tuple(table for section in self.sections for table in section.tables)

    @property
    def references(self) -> tuple[str, ...]:
        """What the sections cite, each once, by name of the first author."""
        return tuple(sorted({text for section in self.sections for text in section.references}, key=str.casefold))

    def as_dict(self) -> dict[str, Any]:
        """For JSON: every number of every table in full precision, None where there is none."""
        return {
            "kind": "report",
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "facts": _json(asdict(self.facts)),
            "software": dict(self.software),
            "sections": [_section_dict(section) for section in self.sections],
            "not_done": [asdict(entry) for entry in self.not_done],
            "planned_elsewhere": list(self.planned_elsewhere),
            "primary": None if self.primary is None else self.primary.key,
            "worst_cases": [case.as_dict() for case in self.worst],
        }


def chosen_analyses(only: Iterable[str] | None) -> tuple[Analysis, ...]:
    """The analyses of these keys in the order of the report; None: all.

    Raises
    ------
    InvalidInput
        An unknown key, or none.
    """
    if only is None:
        return ANALYSES
    wanted = [key.strip() for key in only if key.strip()]
    known = {a.key for a in ANALYSES}
    if unknown := [key for key in wanted if key not in known]:
        raise InvalidInput(
            f"there is no analysis {', '.join(unknown)}; there are: {', '.join(a.key for a in ANALYSES)}"
        )
    if not wanted:
        raise InvalidInput(f"no analysis was named; there are: {', '.join(a.key for a in ANALYSES)}")
    return tuple(a for a in ANALYSES if a.key in wanted)


def build_report(
    table: ReadingsTable | AggregateTable,
    context: AnalysisContext,
    *,
    only: Iterable[str] | None = None,
    progress: Progress | None = None,
    made_at: datetime | None = None,
    pictures: bool = True,
) -> StudyReport:
    """Do every analysis that these readings allow.

    An analysis that these readings do not allow is listed with the reason. Anything else than a `DermdashError` is a
    mistake in the program and rises.

    Parameters
    ----------
    progress
        Called before each analysis with how many are done, how many there are, and what comes.
    pictures
        Whether the worst cases are shown with their pictures, which then leave the workspace.
    """
    chosen = chosen_analyses(only)
    planned = table.prespecified if isinstance(table, ReadingsTable) else ()
    sections: list[Section] = []
    not_done: list[NotDone] = []
    # numpy and pandas let go of the interpreter for much of their work: two at a time take two thirds of the time.
    workers = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="report")
    try:
        building = [workers.submit(_build, analysis, table, context) for analysis in chosen]
        for i, (analysis, built) in enumerate(zip(chosen, building, strict=True)):
            if progress is not None:
                progress(i, len(chosen), analysis.title)
            try:
                sections.append(built.result())
            except DermdashError as error:
                not_done.append(NotDone(analysis.key, analysis.title, str(error), analysis.key in planned))
    finally:
        # Whoever stops waits for the analyses that are being made: they may be asking the workspace.
        workers.shutdown(wait=True, cancel_futures=True)
    if progress is not None:
        progress(len(chosen), len(chosen), "")
    votes = votes_of(table)
    return StudyReport(
        votes=votes,
        worst=worst_cases(votes, context, pictures=pictures),
        facts=study_facts(table, workspace=context.workspace, study_id=context.study_id),
        sections=_with_unique_names(sections),
        not_done=tuple(not_done),
        software=software_versions(),
        made_at=made_at or datetime.now(UTC),
        planned_elsewhere=tuple(
            analysis_title(name) for name in planned if ":" not in name and name not in {a.key for a in chosen}
        ),
    )


def _build(analysis: Analysis, table: ReadingsTable | AggregateTable, context: AnalysisContext) -> Section:
    if not isinstance(table, ReadingsTable) and not analysis.counts:
        raise InvalidInput(NEEDS_READINGS)
    return analysis.section_of(table, context)


def _with_unique_names(sections: list[Section]) -> tuple[Section, ...]:
    """Two sections may call a table alike: its file then bears the name of the section too."""
    names = [table.name for section in sections for table in section.tables]
    return tuple(
        replace(
            section,
            tables=tuple(
                replace(t, name=f"{section.key}-{t.name}") if names.count(t.name) > 1 else t for t in section.tables
            ),
        )
        for section in sections
    )


def _section_dict(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "exploratory": section.exploratory,
        "answer_in_words": None if section.answer is None else section.answer.as_dict(),
        "summary": list(section.summary),
        "warnings": list(section.warnings),
        "methods": list(section.methods),
        "references": list(section.references),
        "tables": [{"name": t.name, "title": t.title, "rows": table_rows(t.numbers)} for t in section.tables],
        "figures": [{"name": f.name, "title": f.title} for f in section.figures],
    }


def table_rows(numbers: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table for JSON."""
    return [{str(k): _json(v) for k, v in row.items()} for row in numbers.to_dict("records")]


def _json(value: Any) -> Any:
    """Plain JSON values; what is missing or not finite is None."""
    if isinstance(value, Mapping):
        return {str(k): _json(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [_json(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if pd.isna(value) else str(value)
