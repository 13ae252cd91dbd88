"""Readers who left a study for good: what they answered is marked, or deleted where the protocol says so."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.order import next_of_session
from dermdash.storage.results import read_dicts

READER_WITHDREW = "reader_withdrew"
"""Kind of the session event that says so; the server makes it, no browser can send one."""
_OF_A_READER = {
    "readings": t.reading, "events": t.session_event, "steps_sent": t.step_sent, "profile": t.reader_profile,
    "names": t.player_name,
}  # fmt: skip
"""What a reader leaves behind that is about them; number, consent and assignments say nothing of what they did."""


def lock_reader(connection: sa.Connection, reader_id: str) -> None:
    """Let other transactions about this reader wait for this one; one process alone has a DuckDB file."""
    if connection.dialect.name != "duckdb":
        connection.execute(sa.select(t.reader.c.id).where(t.reader.c.id == reader_id).with_for_update())


def has_withdrawn(connection: sa.Connection, reader_id: str) -> bool:
    """Whether a reader has withdrawn, as the transaction sees it."""
    w = t.reader_withdrawal.c
    return connection.execute(sa.select(w.reader_id).where(w.reader_id == reader_id)).first() is not None


def withdraw_reader(engine: sa.Engine, reader_id: str, *, policy: str, deletes: bool) -> dict[str, Any]:
    """Record that a reader withdrew, in one transaction with what becomes of their answers; return the row.

    The first withdrawal stands: a second one (two tabs) returns it. With ``deletes`` readings, events, sendings and
    profile are gone for good; the row keeps how many there were and a hash of the answers, so that a receipt can be
    checked against a copy, and against nothing else.
    """

    def work() -> None:
        with engine.begin() as connection:
            lock_reader(connection, reader_id)
            if has_withdrawn(connection, reader_id):
                return
            counts = {name: _count(connection, table, reader_id) for name, table in _OF_A_READER.items()}
            values = {
                "reader_id": reader_id,
                "policy": policy,
                "receipt": secrets.token_hex(8),
                "counts": counts,
                "sha256": _digest(connection, reader_id),
                "withdrawn_at": now(),
            }
            connection.execute(insert(t.reader_withdrawal).values(values))
            if deletes:
                for table in _OF_A_READER.values():
                    connection.execute(table.delete().where(table.c.reader_id == reader_id))
            connection.execute(t.session_event.insert().values(_event(connection, values)))

    retry_on_conflict(work)
    row = withdrawal_of_reader(engine, reader_id)
    assert row is not None
    return row


def _event(connection: sa.Connection, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "reader_id": values["reader_id"],
        "assignment_id": None,
        "kind": READER_WITHDREW,
        "detail": {"policy": values["policy"], "receipt": values["receipt"]},
        "client_at": None,
        "recorded_at": values["withdrawn_at"],
        "sequence": next_of_session(connection),
    }


def _count(connection: sa.Connection, table: sa.Table, reader_id: str) -> int:
    return int(
        connection.execute(
            sa.select(sa.func.count()).select_from(table).where(table.c.reader_id == reader_id)
        ).scalar_one()
    )


def _digest(connection: sa.Connection, reader_id: str) -> str:
    """SHA-256 (hex) of ids and answers, in the order of their ids."""
    c = t.reading.c
    rows = connection.execute(
        sa.select(c.id, c.phase, c.dx, c.confidence).where(c.reader_id == reader_id).order_by(c.id)
    )
    return hashlib.sha256(json.dumps([list(row) for row in rows], separators=(",", ":")).encode()).hexdigest()


def withdrawal_of_reader(engine: sa.Engine, reader_id: str) -> dict[str, Any] | None:
    """Their withdrawal (policy, receipt, counts, sha256, withdrawn_at), None of who takes part."""
    w = t.reader_withdrawal.c
    rows = read_dicts(engine, sa.select(t.reader_withdrawal).where(w.reader_id == reader_id))
    return rows[0] if rows else None


def withdrawals_of_study(engine: sa.Engine, study_id: str) -> dict[str, dict[str, Any]]:
    """The withdrawals of a study's readers, by reader."""
    statement = (
        sa.select(t.reader_withdrawal)
        .join(t.reader, t.reader.c.id == t.reader_withdrawal.c.reader_id)
        .where(t.reader.c.study_id == study_id)
    )
    return {str(row["reader_id"]): row for row in read_dicts(engine, statement)}
