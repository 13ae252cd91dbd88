"""Sets of records that somebody chose one by one: statements and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts

_ID_LENGTH = 12


def save_record_set(engine: sa.Engine, record_ids: Collection[str], *, how: str, account_id: str) -> str:
    """Keep these records as a set and return its id; the same records are the same set, whoever chose them first."""
    members = sorted(set(record_ids))
    key = hashlib.sha256("\n".join(members).encode()).hexdigest()[:_ID_LENGTH]
    row = {"id": key, "how": how, "records": len(members), "account_id": account_id, "created_at": now()}

    def work() -> None:
        with engine.begin() as connection:
            if connection.execute(sa.select(t.record_set.c.id).where(t.record_set.c.id == key)).first() is None:
                insert_missing(connection, t.record_set, [row])
                insert_missing(connection, t.record_set_member, [{"set_id": key, "record_id": m} for m in members])

    retry_on_conflict(work)
    return key


def members(engine: sa.Engine, set_id: str) -> frozenset[str]:
    """The records of a set; none where there is no such set."""
    c = t.record_set_member.c
    with engine.connect() as connection:
        return frozenset(connection.execute(sa.select(c.record_id).where(c.set_id == set_id)).scalars())


def find_record_set(engine: sa.Engine, set_id: str) -> dict[str, Any] | None:
    """What is known of a set, or None."""
    return next(iter(read_dicts(engine, sa.select(t.record_set).where(t.record_set.c.id == set_id))), None)
