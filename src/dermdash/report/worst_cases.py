"""The lesions that readers misread and were misled on most, with their pictures, for the first pages of a report."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dermdash.analyses.declaration import AnalysisContext
from dermdash.errors import DermdashError
from dermdash.readings.case_votes import CaseSort, CaseVotes, case_votes, in_order
from dermdash.readings.readings_table import ReadingsTable
from dermdash.workflows.dataset.browse_records import thumbnail
from dermdash.workflows.reader_study.case_records import records_of_cases
from dermdash.workflows.reader_study.readings_source import key_of_study

EACH = 4
"""Cases of each order: as many as stand beside one another on a page."""
SHOWN = (CaseSort.MISREAD, CaseSort.MISLED)


@dataclass(frozen=True, slots=True)
class WorstCase:
    """A case, by which order it stands here, and its picture as a data URI; empty where there is none."""

    order: CaseSort
    votes: CaseVotes
    picture: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the picture."""
        votes = self.votes
        return {
            "order": str(self.order),
            "case": votes.case,
            "truth": votes.truth,
            "right_before": votes.right_before,
            "right_after": votes.right_after,
            "n_pairs": votes.pairs,
            "rescued": votes.rescued,
            "misled": votes.misled,
            "votes_before": dict(votes.before),
            "votes_after": dict(votes.after),
        }


def worst_cases(
    cases: tuple[CaseVotes, ...], context: AnalysisContext, *, pictures: bool = True
) -> tuple[WorstCase, ...]:
    """The first of each order, each case once; ``pictures`` False: none leaves the workspace with the report."""
    records = _records(context, [c.case for c in cases]) if pictures else {}
    found: dict[str, WorstCase] = {}
    for order in SHOWN:
        new = [c for c in in_order(cases, order) if c.case not in found]
        for votes in new[:EACH]:
            found[votes.case] = WorstCase(order, votes, _picture(context, records.get(votes.case)))
    return tuple(found.values())


def votes_of(table: object) -> tuple[CaseVotes, ...]:
    """The votes on each case; none of counts per image."""
    return case_votes(table) if isinstance(table, ReadingsTable) else ()


def _records(context: AnalysisContext, cases: list[str]) -> Mapping[str, tuple[str, str]]:
    if context.workspace is None:
        return {}
    source = "" if context.study_id is None else key_of_study(context.study_id)
    return records_of_cases(context.workspace, source, cases)


def _picture(context: AnalysisContext, record: tuple[str, str] | None) -> str:
    if record is None or context.workspace is None:
        return ""
    try:
        data = thumbnail(context.workspace, record[1])
    except DermdashError:  # a report without one picture is better than none
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
