"""Exchanges of drawn cases: before a study is frozen by the list they are of, then with the study."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts

EXCHANGED, BEGUN_AGAIN, LOCKED, OPENED = "exchanged", "begun again", "locked", "opened"
"""Kinds of acts about a drawn list."""


def acts_of_draw(engine: sa.Engine, draw_sha256: str) -> list[dict[str, Any]]:
    """What was done to a drawn list and holds: exchanges, locks and openings since it was begun again, in order."""
    c = t.case_exchange.c
    rows = read_dicts(engine, sa.select(t.case_exchange).where(c.draw_sha256 == draw_sha256).order_by(c.number))
    begun = max((i for i, row in enumerate(rows, start=1) if row["kind"] == BEGUN_AGAIN), default=0)
    return rows[begun:]


def save_exchange(engine: sa.Engine, *, values: Mapping[str, Any], after: int) -> bool:
    """Append an act about a drawn list; False where another one came first since ``after`` acts were seen to hold.

    ``values``: draw_sha256, kind, seed, reason, account_id, and what was exchanged.
    """
    c = t.case_exchange.c

    def work() -> bool:
        with engine.begin() as connection:
            every = sa.select(sa.func.coalesce(sa.func.max(c.number), 0)).where(c.draw_sha256 == values["draw_sha256"])
            last = int(connection.execute(every).scalar_one())
            begun = sa.select(sa.func.coalesce(sa.func.max(c.number), 0)).where(
                c.draw_sha256 == values["draw_sha256"], c.kind == BEGUN_AGAIN
            )
            if last - int(connection.execute(begun).scalar_one()) != after:
                return False
            connection.execute(t.case_exchange.insert().values(number=last + 1, made_at=now(), **values))
            return True

    return retry_on_conflict(work)


def acts_of_other_draws(engine: sa.Engine, seed: int, draw_sha256: str) -> list[dict[str, Any]]:
    """What was done to other lists that were drawn with the same seed, and was not taken back, in time.

    A draft has a seed of its own: these are its lists from before its classes or the records were changed.
    """
    c = t.case_exchange.c
    others = sa.select(c.draw_sha256).where(c.seed == seed, c.draw_sha256 != draw_sha256).distinct()
    with engine.connect() as connection:
        digests = list(connection.execute(others).scalars())
    found = [row for digest in digests for row in acts_of_draw(engine, digest)]
    return sorted(found, key=lambda row: row["made_at"])


def exchanges_of_study(engine: sa.Engine, study_id: str) -> list[dict[str, Any]]:
    """The exchanges that a study was frozen with, in order."""
    c = t.study_exchange.c
    return read_dicts(engine, sa.select(t.study_exchange).where(c.study_id == study_id).order_by(c.number))


def of_study(study_id: str, exchanges: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The exchanges of a drawn list as rows of the study that is frozen with them."""
    names = [name for name in t.study_exchange.c.keys() if name not in ("study_id", "number")]  # noqa: SIM118
    return [
        {"study_id": study_id, "number": number, **{name: row[name] for name in names}}
        for number, row in enumerate(exchanges, start=1)
    ]
