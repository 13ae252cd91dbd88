"""What published lists say of records: evidence that is kept with a finding, or is all that one has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.findings import LISTED, finding_id
from dermdash.storage.results import read_dicts

METHOD_VERSION = "published list 1"
"""Unlike that of any measurement, which takes the place of a finding that only a list speaks for."""
_SCORE = 1.0
"""Nobody measured it: it stands before what was measured, for somebody to look at."""


@dataclass(frozen=True, slots=True)
class ListedChange:
    """What a list changed: findings that are new, that it also speaks for now, and that it no longer speaks for."""

    new: int
    joined: int
    dropped: int


def save_listed(
    engine: sa.Engine, kind: str, named: Sequence[Sequence[str]], *, source: str, among: Collection[str]
) -> ListedChange:
    """Store which records a list names, in one transaction; what it named before and does not name now loses its word.

    Parameters
    ----------
    named
        Record ids of each entry: one or two.
    source
        What the list is called.
    among
        Ids of the records that the list is about: findings about others are left alone.
    """
    rows = {finding_id(kind, records): list(records) for records in named}
    about, c = frozenset(among), t.finding.c
    moment = now()

    def work() -> ListedChange:
        there = {row["id"]: row for row in read_dicts(engine, sa.select(t.finding).where(c.kind == kind))}
        records = _records_of(engine, [key for key, row in there.items() if _sources(row) or key in rows])
        joined = [key for key in rows if key in there and source not in _sources(there[key])]
        dropped = [
            key
            for key, row in there.items()
            if key not in rows and source in _sources(row) and about.issuperset(records.get(key, ()))
        ]
        new = [key for key in rows if key not in there]
        decided = {
            row["finding_id"] for row in read_dicts(engine, sa.select(t.finding_decision.c.finding_id).distinct())
        }
        with engine.begin() as connection:
            for key in joined:
                _say(connection, there[key], [*_sources(there[key]), source])
            for key in dropped:
                left = [other for other in _sources(there[key]) if other != source]
                # What people decided stays, and so does what they decided about.
                if left or there[key]["verdict"] != LISTED or key in decided:
                    _say(connection, there[key], left)
                else:
                    connection.execute(t.finding_record.delete().where(t.finding_record.c.finding_id == key))
                    connection.execute(t.finding.delete().where(c.id == key))
            insert_missing(connection, t.finding, [_row(key, kind, source, moment) for key in new])
            insert_missing(
                connection, t.finding_record,
                [
                    {"finding_id": key, "position": place, "record_id": record}
                    for key in new
                    for place, record in enumerate(rows[key])
                ],
            )  # fmt: skip
        return ListedChange(len(new), len(joined), len(dropped))

    return retry_on_conflict(work)


def _sources(row: dict[str, Any]) -> list[str]:
    return list(row["details"].get(LISTED, ()))


def _say(connection: sa.Connection, row: dict[str, Any], sources: list[str]) -> None:
    details = {name: value for name, value in row["details"].items() if name != LISTED}
    values = details | ({LISTED: sources} if sources else {})
    connection.execute(t.finding.update().where(t.finding.c.id == row["id"]).values(details=values))


def _row(key: str, kind: str, source: str, moment: Any) -> dict[str, Any]:
    return {
        "id": key, "kind": kind, "score": _SCORE, "threshold": 0.0, "verdict": LISTED, "details": {LISTED: [source]},
        "method_version": METHOD_VERSION, "model_id": None, "created_at": moment,
    }  # fmt: skip


def _records_of(engine: sa.Engine, keys: Collection[str]) -> dict[str, list[str]]:
    c = t.finding_record.c
    found: dict[str, list[str]] = {}
    for row in read_dicts(engine, sa.select(c.finding_id, c.record_id).order_by(c.finding_id, c.position)):
        if row["finding_id"] in keys:
            found.setdefault(row["finding_id"], []).append(row["record_id"])
    return found
