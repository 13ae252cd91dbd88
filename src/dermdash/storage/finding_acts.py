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
) -> str:
    """Append a decision for each finding in one act, and return the act's id.

    Each record that a finding concerns has an entry in the change log.

    Parameters
    ----------
    decisions
        Decision by finding id; "open" takes the one before back.
    undoes
        The act that this one takes back.
    """
    act_id = uuid4().hex

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
        for finding_id, decision in decisions.items():
            _log(act, finding_id, before.get(finding_id, OPEN), decision, note=note, undone=undoes is not None)

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


def _log(act: ActTransaction, finding_id: str, before: str, decision: str, *, note: str, undone: bool) -> None:
    concerned = t.finding_record.c
    rows = act.read(
        sa.select(t.record.c.id, t.record.c.dataset_id)
        .join(t.finding_record, concerned.record_id == t.record.c.id)
        .where(concerned.finding_id == finding_id)
        .order_by(concerned.position)
    )
    if len(rows) > _MOST_LOGGED:
        rows = [{"id": None, "dataset_id": dataset_id} for dataset_id in sorted({row["dataset_id"] for row in rows})]
    for row in rows:
        act.log(
            Act.UNDO if undone else Act.FINDING_DECISION, dataset_id=row["dataset_id"], record_id=row["id"],
            old={"finding": finding_id, "decision": before}, new={"finding": finding_id, "decision": decision},
            reason=note,
        )  # fmt: skip


def last_act(engine: sa.Engine, account_id: str) -> dict[str, str] | None:
    """Finding id to what was decided before it by the last act of an account that is not taken back; None for none.

    A finding about which somebody decided again since stays out: what they said is not taken back with it.
    """
    c, a = t.finding_decision.c, t.finding_act.c
    mine = (
        sa.select(a.act_id, sa.func.max(c.sequence).label("last"))
        .join(t.finding_decision, c.id == a.decision_id)
        .where(c.account_id == account_id, a.undoes.is_(None))
        .where(a.act_id.not_in(sa.select(a.undoes).where(a.undoes.is_not(None))))
        .group_by(a.act_id)
        .order_by(sa.desc("last"))
        .limit(1)
    )
    found = read_dicts(engine, mine)
    if not found:
        return None
    act_id = found[0]["act_id"]
    statement = (
        sa.select(c.finding_id, c.sequence, a.before)
        .join(t.finding_act, c.id == a.decision_id)
        .where(a.act_id == act_id)
    )
    return {"act_id": act_id} | {row["finding_id"]: row["before"] for row in read_dicts(engine, statement)}


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
