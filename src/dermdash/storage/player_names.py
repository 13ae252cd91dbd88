"""Names under which readers play; only inserted, and the latest of a reader holds."""

from uuid import uuid4

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.engine import now
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts
from dermdash.storage.withdrawals import has_withdrawn, lock_reader


def save_name(engine: sa.Engine, study_id: str, reader_id: str, name: str | None, *, most: int | None = None) -> bool:
    """Let a reader play under a name from now on; None: no more. Nothing is kept of who has withdrawn.

    The name that holds is not stored again. False where the reader has had ``most`` names already.
    """
    p = t.player_name.c
    with engine.begin() as connection:
        lock_reader(connection, reader_id)
        if has_withdrawn(connection, reader_id):
            return True
        had = [
            row.name
            for row in connection.execute(sa.select(p.name).where(p.reader_id == reader_id).order_by(p.sequence))
        ]
        if name == (had[-1] if had else None):
            return True
        if name is not None and most is not None and sum(one is not None for one in had) >= most:
            return False
        values = {"id": uuid4().hex, "study_id": study_id, "reader_id": reader_id, "name": name, "chosen_at": now()}
        number = next_number(connection, t.player_name)
        connection.execute(t.player_name.insert().values(sequence=number, **values))
        return True


def names_of_study(engine: sa.Engine, study_id: str) -> dict[str, str]:
    """The readers of a study who play, with their names; who has withdrawn does not."""
    p, w = t.player_name.c, t.reader_withdrawal.c
    left = sa.select(w.reader_id)
    rows = read_dicts(
        engine,
        sa.select(p.reader_id, p.name).where(p.study_id == study_id, p.reader_id.not_in(left)).order_by(p.sequence),
    )
    latest = {str(row["reader_id"]): row["name"] for row in rows}
    return {reader: str(name) for reader, name in latest.items() if name is not None}


def name_of_reader(engine: sa.Engine, reader_id: str) -> str | None:
    """The name under which a reader plays; None where they do not."""
    p = t.player_name.c
    rows = read_dicts(engine, sa.select(p.name).where(p.reader_id == reader_id).order_by(p.sequence.desc()).limit(1))
    return None if not rows or rows[0]["name"] is None else str(rows[0]["name"])
