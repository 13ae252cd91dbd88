"""A drawn case that whoever looked at it does not want: the next of its class and stratum takes its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dermdash.errors import InvalidInput
from dermdash.reader_study.drawn_cases import CaseSelection, SelectedCase

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Exchange:
    """One case for another, and why."""

    old: str
    new: str
    reason: str


def checked_reason(text: str) -> str:
    """Why a case is exchanged; InvalidInput where nothing is said, or a novel."""
    reason = " ".join(text.split())
    if not reason:
        raise InvalidInput("say why the case is exchanged: the reason stays in the log of the study")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"a reason has at most {LONGEST_REASON} characters; this one has {len(reason)}")
    return reason


def replacement(
    selection: CaseSelection, record_id: str, *, gone: Iterable[str] = ()
) -> tuple[SelectedCase, SelectedCase]:
    """The case of that record, and the one that would take its place: the next draw of the same class and stratum.

    ``gone`` are records that were exchanged before, which do not come back. The next one may not be of a lesion or
    patient that practice and study would then share.

    Raises
    ------
    InvalidInput
        The record is no case of the draw, or no other lesion is left.
    """
    old = next((case for case in selection.cases if case.record_id == record_id), None)
    if old is None:
        raise InvalidInput(f"{record_id[:80]!r} is no case of this draw: it was exchanged, or the draw is another one")
    others = [case for case in selection.cases if case.practice is not old.practice]
    never = set(gone)
    alike = [c for c in selection.spare if (c.truth_dx, c.stratum) == (old.truth_dx, old.stratum)]
    for case in alike:
        if case.record_id not in never and not case.belongs_to(others):
            return old, case
    stratum = "" if old.stratum is None else f" of stratum {old.stratum}"
    raise InvalidInput(
        f"no other lesion of {old.truth_dx}{stratum} is left to take its place: "
        f"{len(alike)} were not drawn, and each was exchanged before or is of a patient in the other part. Take fewer "
        "cases of this class, fewer strata, or more records"
    )


def with_exchanges(selection: CaseSelection, exchanges: Iterable[Exchange]) -> CaseSelection:
    """The draw after these exchanges, in their order.

    Raises
    ------
    InvalidInput
        One of them cannot be made any more: the records have changed since.
    """
    gone: list[str] = []
    for exchange in exchanges:
        old, new = replacement(selection, exchange.old, gone=gone)
        if new.record_id != exchange.new:
            raise InvalidInput(
                f"{exchange.old} was exchanged for {exchange.new}, and the next draw is now {new.record_id}: the "
                "records have changed since. Begin the review of the cases again"
            )
        selection = selection.with_case(old, new)
        gone.append(exchange.old)
    return selection
