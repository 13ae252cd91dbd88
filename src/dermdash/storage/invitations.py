"""Invitations to a study: links, what was changed of them, groups and who came by them. Only inserted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame, read_rows
from dermdash.storage.unchanged import while_unchanged

RENEWED, ADDED, WITHDRAWN, UNTIL = "renewed", "added", "withdrawn", "until"
"""Kinds of changes of an invitation.

Renewed: another link takes the place of all before it. Added: one more link, as of a reminder, beside those before it.
Withdrawn: none admits until it is renewed. Until: from then on nobody begins with it; who has begun goes on.
"""


def save_invitations(
    engine: sa.Engine,
    rows: Sequence[Mapping[str, Any]],
    *,
    changed_by: str,
    until: datetime | None = None,
    groups: Sequence[Mapping[str, Any]] = (),
    addresses: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Store invitations (id, study_id, token_hash, label), with what belongs to them, in one transaction.

    ``groups``: invitation_id, places and public of those that are for several; ``addresses``: invitation_id, address
    and language of those that can be written to.
    """
    moment = now()
    with engine.begin() as connection:
        insert_missing(connection, t.invitation, [{**row, "created_at": moment} for row in rows])
        insert_missing(connection, t.invitation_group, groups)
        insert_missing(connection, t.invitation_address, [{**row, "created_at": moment} for row in addresses])
        if until is not None:
            for row in rows:
                _insert_change(connection, row["id"], UNTIL, until=until, changed_by=changed_by)


def save_invitation_change(
    engine: sa.Engine,
    invitation_id: str,
    kind: str,
    *,
    token_hash: str | None = None,
    until: datetime | None = None,
    changed_by: str,
) -> None:
    """Append a change of an invitation; its readings stay."""
    with engine.begin() as connection:
        _insert_change(connection, invitation_id, kind, token_hash=token_hash, until=until, changed_by=changed_by)


def _insert_change(
    connection: sa.Connection,
    invitation_id: str,
    kind: str,
    *,
    token_hash: str | None = None,
    until: datetime | None = None,
    changed_by: str,
) -> None:
    values = {
        "id": uuid4().hex, "invitation_id": invitation_id, "kind": kind, "token_hash": token_hash,
        "until": until, "changed_at": now(), "changed_by": changed_by,
    }  # fmt: skip
    number = next_number(connection, t.invitation_change)
    connection.execute(t.invitation_change.insert().values(sequence=number, **values))


# Asked at every step of a reader: made once, and ordered here, where it costs nothing.
_CHANGES = sa.select(
    *(t.invitation_change.c[name] for name in ("id", "kind", "token_hash", "until", "sequence"))
).where(t.invitation_change.c.invitation_id == sa.bindparam("invitation"))


def changes_of_invitation(engine: sa.Engine, invitation_id: str) -> list[dict[str, Any]]:
    """All changes of an invitation in their order: kind, token_hash, until."""
    return while_unchanged(engine, ("changes", invitation_id), lambda: _changes_now(engine, invitation_id))


def _changes_now(engine: sa.Engine, invitation_id: str) -> list[dict[str, Any]]:
    rows = read_rows(engine, _CHANGES, {"invitation": invitation_id})
    ordered = sorted(rows, key=lambda row: (row.sequence is None, row.sequence, row.id))
    return [{"kind": row.kind, "token_hash": row.token_hash, "until": row.until} for row in ordered]


def list_invitations(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Invitations of a study in the order they were made.

    Columns: id, label, created_at, reader_id (null until consent), renewed_at (of the link in use, null for the first),
    withdrawn_at (null while a link admits), until (null: for ever), places and public (of a group; public is null for
    an invitation of one reader), came (by the link of a group), group_id (of who came so), address and language.
    """
    i, g, v, a = t.invitation.c, t.invitation_group.c, t.invitation_via.c, t.invitation_address.c
    latest = _latest_changes(RENEWED, WITHDRAWN).subquery()
    ends = _latest_changes(UNTIL).subquery()
    came = sa.select(sa.func.count()).where(v.group_id == i.id).correlate(t.invitation).scalar_subquery()

    def moment_of(kind: str) -> sa.ColumnElement[Any]:
        return sa.case((latest.c.kind == kind, latest.c.changed_at))

    statement = (
        sa.select(
            i.id,
            i.label,
            i.created_at,
            moment_of(RENEWED).label("renewed_at"),
            moment_of(WITHDRAWN).label("withdrawn_at"),
            ends.c.until,
            g.places,
            g.public,
            came.label("came"),
            v.group_id,
            a.address,
            a.language,
            t.reader.c.id.label("reader_id"),
        )
        .outerjoin(latest, latest.c.invitation_id == i.id)
        .outerjoin(ends, ends.c.invitation_id == i.id)
        .outerjoin(t.invitation_group, g.invitation_id == i.id)
        .outerjoin(t.invitation_via, v.invitation_id == i.id)
        .outerjoin(t.invitation_address, a.invitation_id == i.id)
        .outerjoin(t.reader, t.reader.c.invitation_id == i.id)
        .where(i.study_id == study_id)
        .order_by(i.created_at, i.label)
    )
    return read_frame(engine, statement)


def _latest_changes(*kinds: str) -> sa.Select[Any]:
    """The latest change of these kinds of each invitation that had one."""
    c = t.invitation_change.c
    rank = sa.func.row_number().over(partition_by=c.invitation_id, order_by=(c.sequence.desc(), c.id))
    ranked = sa.select(t.invitation_change, rank.label("rank")).where(c.kind.in_(kinds)).subquery()
    return sa.select(ranked).where(ranked.c.rank == 1)


def get_invitation(engine: sa.Engine, invitation_id: str) -> dict[str, Any] | None:
    """One invitation (id, study_id, label), None where there is no such."""
    i = t.invitation.c
    rows = read_dicts(engine, sa.select(i.id, i.study_id, i.label).where(i.id == invitation_id))
    return rows[0] if rows else None


def invitation_by_token_hash(engine: sa.Engine, token_hash: str) -> dict[str, Any] | None:
    """The invitation one of whose links ever had that token, or None. None of it ever changes.

    Keys: id, study_id, label, ``first``: whether it is the token that the invitation was made with, and ``group``:
    whether it is for several.
    """
    i, c = t.invitation.c, t.invitation_change.c
    later = sa.select(c.invitation_id).where(c.token_hash == token_hash)
    group = sa.select(sa.literal(1)).where(t.invitation_group.c.invitation_id == i.id).exists()
    statement = sa.select(
        i.id, i.study_id, i.label, (i.token_hash == token_hash).label("first"), group.label("group")
    ).where(sa.or_(i.token_hash == token_hash, i.id.in_(later)))
    rows = read_dicts(engine, statement)
    return rows[0] if rows else None


def public_group(engine: sa.Engine, study_id: str) -> dict[str, Any] | None:
    """The latest group of a study that its page without a link leads to (id, places), None where there was none."""
    i, g = t.invitation.c, t.invitation_group.c
    statement = sa.select(i.id, g.places).join(t.invitation_group, g.invitation_id == i.id)
    of_study = statement.where(i.study_id == study_id, g.public).order_by(i.created_at.desc(), i.id)
    rows = read_dicts(engine, of_study.limit(1))
    return rows[0] if rows else None


def join_group(engine: sa.Engine, group_id: str, invitation: Mapping[str, Any]) -> bool:
    """Store the invitation of who came by the link of a group; False, and nothing stored, where no place is left."""

    def work() -> bool:
        v = t.invitation_via.c
        with engine.begin() as connection:
            places = sa.select(t.invitation_group.c.places).where(t.invitation_group.c.invitation_id == group_id)
            most = connection.execute(places).scalar_one()
            last = sa.select(sa.func.coalesce(sa.func.max(v.number), 0)).where(v.group_id == group_id)
            number = int(connection.execute(last).scalar_one()) + 1
            if most is not None and number > most:
                return False
            connection.execute(t.invitation.insert().values(created_at=now(), **invitation))
            via = {"group_id": group_id, "number": number, "invitation_id": invitation["id"]}
            connection.execute(t.invitation_via.insert().values(**via))
            return True

    return retry_on_conflict(work)


def came_by_group(engine: sa.Engine, invitation_id: str) -> bool:
    """Whether an invitation was made for somebody who came by the link of a group."""
    v = t.invitation_via.c
    return bool(read_dicts(engine, sa.select(v.group_id).where(v.invitation_id == invitation_id)))


def forget_addresses(engine: sa.Engine, study_id: str) -> int:
    """Delete all addresses of a study; returns how many. What was sent stays on record, without them."""
    i, a = t.invitation.c, t.invitation_address
    of_study = sa.select(i.id).where(i.study_id == study_id)
    with engine.begin() as connection:
        gone = a.delete().where(a.c.invitation_id.in_(of_study)).returning(a.c.invitation_id)
        return len(connection.execute(gone).all())
