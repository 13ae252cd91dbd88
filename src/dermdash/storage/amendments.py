"""Amendments of studies: only ever appended, one number after the other."""

from typing import Any

import sqlalchemy as sa

from dermdash.errors import DatabaseBusy
from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts


def save_amendment(
    engine: sa.Engine,
    *,
    study_id: str,
    reason: str,
    protocol: str,
    protocol_sha256: str,
    account_id: str,
    follows: str,
) -> dict[str, Any]:
    """Append an amendment and return its row.

    ``follows`` is the hash of the protocol that it changes: where another amendment came first, nothing is stored
    (DatabaseBusy).
    """

    def work() -> dict[str, Any]:
        with engine.begin() as connection:
            c = t.study_amendment.c
            last = connection.execute(
                sa.select(c.number, c.protocol_sha256).where(c.study_id == study_id).order_by(c.number.desc()).limit(1)
            ).first()
            before = (
                last.protocol_sha256
                if last
                else connection.execute(
                    sa.select(t.study.c.protocol_sha256).where(t.study.c.id == study_id)
                ).scalar_one()
            )
            if before != follows:
                raise DatabaseBusy("Somebody else has amended this study meanwhile. Look at it again, then amend it.")
            values = {
                "study_id": study_id, "number": (last.number if last else 0) + 1, "reason": reason,
                "protocol": protocol, "protocol_sha256": protocol_sha256, "account_id": account_id,
                "amended_at": now(),
            }  # fmt: skip
            # The key decides between two at once.
            connection.execute(t.study_amendment.insert().values(values))
            return values

    return retry_on_conflict(work)


def amendments_of_study(engine: sa.Engine, study_id: str) -> list[dict[str, Any]]:
    """Every amendment of a study in its order."""
    c = t.study_amendment.c
    return read_dicts(engine, sa.select(t.study_amendment).where(c.study_id == study_id).order_by(c.number))


def latest_protocol(engine: sa.Engine, study_id: str) -> dict[str, Any] | None:
    """``protocol`` and ``protocol_sha256`` of the latest amendment; None where there is none."""
    c = t.study_amendment.c
    columns = sa.select(c.protocol, c.protocol_sha256)
    rows = read_dicts(engine, columns.where(c.study_id == study_id).order_by(c.number.desc()).limit(1))
    return rows[0] if rows else None
