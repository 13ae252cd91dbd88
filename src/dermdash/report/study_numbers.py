"""The numbers of a report by name, with what they were made with; and two such compared, each number with its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.registry import ANALYSES
from dermdash.readings.readings_table import ReadingsTable
from dermdash.report.study_report import StudyReport, build_report

RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""How far a number that is no count may lie from the archived one: products and optimisers end elsewhere in the last
digits on another processor, and no number is reported to more than four."""
FORMAT = 1
_FACTS = ("n_readers", "n_cases", "n_readings", "flow", "readers", "cases", "verification", "seed")
MOST_NAMED = 50
"""Differences that are named one by one; all are counted."""


def numbers_of(report: StudyReport, table: ReadingsTable, *, minimum_group: int) -> dict[str, Any]:
    """Everything of a report that is a number or says which there are, with options and seed.

    Keys: ``options`` (what the numbers were made with), ``facts``, ``sections`` (by key, tables by name), ``not_done``.
    """
    said = report.as_dict()
    options = {a.key: a.options().model_dump(mode="json") for a in ANALYSES}
    return {
        "format": FORMAT,
        "options": {
            "seed": table.seed,
            "minimum_group": minimum_group,
            "borderline": str(table.borderline),
            "analyses": {section["key"]: options[section["key"]] for section in said["sections"]},
        },
        "tolerance": {"relative": RELATIVE, "absolute": ABSOLUTE, "counts": "exact"},
        "facts": {name: said["facts"][name] for name in _FACTS},
        "sections": {section["key"]: {t["name"]: t["rows"] for t in section["tables"]} for section in said["sections"]},
        "not_done": {entry["key"]: entry["reason"] for entry in said["not_done"]},
    }


def report_on(table: ReadingsTable, context: AnalysisContext, progress: Any = None) -> StudyReport:
    """The report whose numbers are archived: every analysis that the readings allow, with the options that are set."""
    return build_report(table, context, progress=progress)


@dataclass(frozen=True, slots=True)
class ComparedNumbers:
    """How two sets of numbers agree.

    ``numbers`` were compared; ``differences`` names those that differ (`MOST_NAMED` at most), ``n_different`` counts
    them all, with what only one side has.
    """

    numbers: int
    n_different: int
    differences: tuple[dict[str, Any], ...]

    @property
    def equal(self) -> bool:
        """Whether every number is the archived one, within the tolerance."""
        return not self.n_different


def compare_numbers(archived: Mapping[str, Any], anew: Mapping[str, Any]) -> ComparedNumbers:
    """Compare each archived number with the one of the same place: counts exactly, others within the tolerance.

    Analyses that the version which made the archive did not have are not compared.
    """
    parts = ("facts", "sections", "not_done")
    before = dict(_leaves({name: archived.get(name) for name in parts}))
    after = dict(_leaves({name: _of_that_time(archived, anew, name) for name in parts}))
    differences: list[dict[str, Any]] = []
    n_different = 0
    for place in [*before, *(p for p in after if p not in before)]:
        if place in before and place in after and _same(before[place], after[place]):
            continue
        n_different += 1
        if len(differences) < MOST_NAMED:
            said = {"number": place, "archived": before.get(place), "anew": after.get(place)}
            if (place in before) != (place in after):
                said["only"] = "archived" if place in before else "anew"
            differences.append(said)
    return ComparedNumbers(sum(map(_is_number, before.values())), n_different, tuple(differences))


def _of_that_time(archived: Mapping[str, Any], anew: Mapping[str, Any], part: str) -> Any:
    """A part without analyses that are newer than the archive: they make none of its numbers wrong."""
    found = anew.get(part)
    if part == "facts" or not isinstance(found, Mapping):
        return found
    known = {key for name in ("sections", "not_done") for key in archived.get(name) or ()}
    return {key: said for key, said in found.items() if key in known}


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _leaves(below, f"{place}/{name}" if place else str(name))
    elif isinstance(value, list):
        yield f"{place}#", len(value)
        for i, below in enumerate(value):
            yield from _leaves(below, f"{place}[{i}]")
    else:
        yield place, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(archived: Any, anew: Any) -> bool:
    if _is_number(archived) and _is_number(anew) and (isinstance(archived, float) or isinstance(anew, float)):
        return math.isclose(archived, anew, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(archived) is type(anew) and archived == anew
