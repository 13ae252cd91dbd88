"""What people do with findings, several at once: decide, take back, assign. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.findings import OPEN
from dermdash.storage.kept_flags import keep_broken_rules
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts

_AT_ONCE = 1000
_MOST_LOGGED = 50
"""A finding about a field may concern every record of a data set: so many of them get an entry in the log, then the
data set gets one."""


def decide_several(
    engine: sa.Engine,
    decisions: Mapping[str, str],
    *,
    account_id: str,
    note: str = "",
    undoes: str | None = None,
    act_id: str | None = None,
) -> str:
    """Append a decision for each finding in one transaction, and return the act's id.

    Each record that a finding concerns has an entry in the change log.

    Parameters
    ----------
    decisions
        Decision by finding id; "open" takes the one before back.
    undoes
        The act that this one takes back.
    act_id
        Of an act that was begun with other findings, and goes on; else it is a new one.
    """
    act_id = act_id or uuid4().hex

    def work(act: ActTransaction) -> None:
        before = _latest_of(act, list(decisions))
        first = next_number(act.connection, t.finding_decision, rows=len(decisions))
        rows, notes = [], []
        for place, (finding_id, decision) in enumerate(decisions.items()):
            key = uuid4().hex
            rows.append(
                {
                    "id": key, "finding_id": finding_id, "decision": decision, "account_id": account_id, "note": note,
                    "created_at": act.moment, "sequence": first + place,
                }
            )  # fmt: skip
            notes.append(
                {"decision_id": key, "act_id": act_id, "before": before.get(finding_id, OPEN), "undoes": undoes}
            )
        act.insert(t.finding_decision, *rows)
        act.insert(t.finding_act, *notes)
        keep_broken_rules(act.connection, list(decisions))
        concerned = _records_of(act, list(decisions))
        for finding_id, decision in decisions.items():
            for row in concerned.get(finding_id, ()):
                act.log(
                    Act.FINDING_DECISION if undoes is None else Act.UNDO, dataset_id=row["dataset_id"],
                    record_id=row["id"], old={"finding": finding_id, "decision": before.get(finding_id, OPEN)},
                    new={"finding": finding_id, "decision": decision}, reason=note,
                )  # fmt: skip

    in_one_act(engine, account_id, work)
    return act_id


def _latest_of(act: ActTransaction, finding_ids: Sequence[str]) -> dict[str, str]:
    c = t.finding_decision.c
    latest: dict[str, str] = {}
    for start in range(0, len(finding_ids), _AT_ONCE):
        part = finding_ids[start : start + _AT_ONCE]
        for row in act.read(
            sa.select(c.finding_id, c.decision).where(c.finding_id.in_(part)).order_by(c.sequence, c.id)
        ):
            latest[row["finding_id"]] = row["decision"]
    return latest


def _records_of(act: ActTransaction, finding_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Record and data set of what each finding concerns; of one that concerns many the data sets alone."""
    c, r = t.finding_record.c, t.record.c
    found: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, len(finding_ids), _AT_ONCE):
        statement = (
            sa.select(c.finding_id, r.id, r.dataset_id)
            .join(t.record, c.record_id == r.id)
            .where(c.finding_id.in_(finding_ids[start : start + _AT_ONCE]))
            .order_by(c.finding_id, c.position)
        )
        for row in act.read(statement):
            found.setdefault(row["finding_id"], []).append(row)
    for key, rows in found.items():
        if len(rows) > _MOST_LOGGED:
            found[key] = [{"id": None, "dataset_id": name} for name in sorted({row["dataset_id"] for row in rows})]
    return found


def last_act(engine: sa.Engine, account_id: str) -> tuple[str, dict[str, str]] | None:
    """The last act of an account that can be taken back, with what was decided before it by finding id; None for none.

    A finding about which anybody, they themselves too, has decided anew since stays out: that is not taken back with
    it. An act of which nothing is left that way is passed over.
    """
    c, a = t.finding_decision.c, t.finding_act.c
    rows = read_dicts(
        engine,
        sa.select(c.id, c.finding_id, c.account_id, c.sequence, a.act_id, a.before, a.undoes)
        .outerjoin(t.finding_act, c.id == a.decision_id)
        .order_by(c.sequence, c.id),
    )
    taken_back = _taken_back(rows)
    # What was taken back, and the taking back, count as if they had not been: below them the act before stands.
    standing: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["undoes"] is None and (row["act_id"], row["finding_id"]) not in taken_back:
            standing[row["finding_id"]] = row
    mine = [
        row for row in standing.values()
        if row["account_id"] == account_id and row["act_id"] is not None
    ]  # fmt: skip
    if not mine:
        return None
    act_id = max(mine, key=lambda row: row["sequence"])["act_id"]
    return act_id, {row["finding_id"]: row["before"] for row in mine if row["act_id"] == act_id}


def _taken_back(rows: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Act and finding of what was taken back, or was left alone then since it had been decided anew.

    Taking back thousands may be stopped: what it had not come to is neither, and the next one goes on with it.
    """
    found = {(row["undoes"], row["finding_id"]) for row in rows if row["undoes"] is not None}
    begun: dict[str, int] = {}
    of_finding: dict[str, list[int]] = {}
    for row in rows:
        of_finding.setdefault(row["finding_id"], []).append(row["sequence"])
        if row["undoes"] is not None:
            begun.setdefault(row["undoes"], row["sequence"])
    for row in rows:
        until = begun.get(row["act_id"])
        if until is not None and any(row["sequence"] < at < until for at in of_finding[row["finding_id"]]):
            found.add((row["act_id"], row["finding_id"]))
    return found


def assign(engine: sa.Engine, finding_ids: Sequence[str], *, account_id: str | None, assigned_by: str) -> None:
    """Ask a person to decide about findings; None: nobody any more."""

    def work(act: ActTransaction) -> None:
        first = next_number(act.connection, t.finding_assignment, rows=len(finding_ids))
        act.insert(
            t.finding_assignment,
            *(
                {
                    "id": uuid4().hex, "finding_id": finding_id, "account_id": account_id, "assigned_by": assigned_by,
                    "assigned_at": act.moment, "sequence": first + place,
                }
                for place, finding_id in enumerate(finding_ids)
            ),
        )  # fmt: skip

    in_one_act(engine, assigned_by, work)


def assignees(engine: sa.Engine) -> dict[str, str]:
    """Account that is asked, by finding id; findings that nobody is asked about are absent."""
    c = t.finding_assignment.c
    rows: list[dict[str, Any]] = read_dicts(engine, sa.select(c.finding_id, c.account_id).order_by(c.sequence, c.id))
    latest = {row["finding_id"]: row["account_id"] for row in rows}
    return {finding_id: account for finding_id, account in latest.items() if account is not None}
