"""Named splits: their records, which are locked, which were withdrawn. Statements and nothing else."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dermdash.errors import InvalidInput
from dermdash.records.acts import Act
from dermdash.records.split_parts import TEST
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.bulk import insert_missing
from dermdash.storage.results import read_dicts, read_frame

_AT_ONCE = 100_000
_SAME = ("name", "kind", "seed", "datasets", "record_filter", "digest")
"""What is equal of two splits that are the same; the digest holds every record with its part."""


def list_splits(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every split, latest first, with ``locked_by``, ``locked_at``, ``lock_note``, and ``withdrawn_by``,
    ``withdrawn_at``, ``withdrawal_reason`` (null where it is not)."""
    return read_dicts(engine, _splits().order_by(t.split.c.sequence.desc()))


def split_by_name(engine: sa.Engine, name: str) -> dict[str, Any] | None:
    """The same of one."""
    found = read_dicts(engine, _splits().where(t.split.c.name == name))
    return found[0] if found else None


def _splits() -> sa.Select[Any]:
    s, lock, gone = t.split.c, t.split_lock.c, t.split_withdrawal.c
    return (
        sa.select(
            t.split, lock.locked_by, lock.locked_at, lock.note.label("lock_note"), gone.withdrawn_by,
            gone.withdrawn_at, gone.reason.label("withdrawal_reason"),
        )
        .outerjoin(t.split_lock, lock.split_id == s.id)
        .outerjoin(t.split_withdrawal, gone.split_id == s.id)
    )  # fmt: skip


def save_split(engine: sa.Engine, account_id: str, values: Mapping[str, Any], parts: Mapping[str, str]) -> bool:
    """Store a split in one act; False where the very same is stored under the name, as by a second tab just now.

    Parameters
    ----------
    values
        Its row without who, when and sequence.
    parts
        Part of each record by record id.

    Raises
    ------
    InvalidInput
        The name is taken by another one.
    """

    def work(act: ActTransaction) -> bool:
        taken = act.read(_splits().where(sa.func.lower(t.split.c.name) == values["name"].lower()))
        if taken:
            if taken[0]["withdrawn_at"] is None and all(taken[0][name] == values[name] for name in _SAME):
                return False
            raise InvalidInput(f"There is a split {taken[0]['name']!r} already: choose another name.")
        told = {name: values[name] for name in ("name", "kind", "parts", "seed", "datasets", "record_filter", "digest")}
        sequence = act.log(Act.SPLIT, dataset_id=_only(values["datasets"]), new=told)
        act.insert(t.split, {**values, "created_by": account_id, "created_at": act.moment, "sequence": sequence})
        members = list(parts.items())
        for start in range(0, len(members), _AT_ONCE):
            insert_missing(
                act.connection,
                t.split_record,
                [
                    {"split_id": values["id"], "record_id": record_id, "part": part}
                    for record_id, part in members[start : start + _AT_ONCE]
                ],
            )
        return True

    return in_one_act(engine, account_id, work)


def save_lock(engine: sa.Engine, account_id: str, name: str, note: str) -> bool:
    """Lock the test part of a split for good; False where it is locked already.

    Raises
    ------
    InvalidInput
        There is none of that name, or it was withdrawn meanwhile.
    """

    def work(act: ActTransaction) -> bool:
        row = _standing(act, name)
        if row["locked_at"] is not None:
            return False
        sequence = act.log(
            Act.SPLIT_LOCK, dataset_id=_only(row["datasets"]), new={"split": name, "digest": row["digest"]}, reason=note
        )
        act.insert(
            t.split_lock,
            {
                "split_id": row["id"], "note": note, "locked_by": account_id, "locked_at": act.moment,
                "sequence": sequence,
            },
        )  # fmt: skip
        return True

    return in_one_act(engine, account_id, work)


def save_withdrawal(engine: sa.Engine, account_id: str, name: str, reason: str) -> None:
    """Take a split out of use; its row and its records stay.

    Raises
    ------
    InvalidInput
        There is none of that name, it was withdrawn already, or it is locked.
    """

    def work(act: ActTransaction) -> None:
        row = _standing(act, name)
        if row["locked_at"] is not None:
            raise InvalidInput(f"The split {name!r} is locked: its test part stays frozen, and it cannot be withdrawn.")
        sequence = act.log(Act.SPLIT_WITHDRAWAL, dataset_id=_only(row["datasets"]), new={"split": name}, reason=reason)
        act.insert(
            t.split_withdrawal,
            {
                "split_id": row["id"], "reason": reason, "withdrawn_by": account_id, "withdrawn_at": act.moment,
                "sequence": sequence,
            },
        )  # fmt: skip

    in_one_act(engine, account_id, work)


def _standing(act: ActTransaction, name: str) -> dict[str, Any]:
    rows = act.read(_splits().where(t.split.c.name == name))
    if not rows or rows[0]["withdrawn_at"] is not None:
        raise InvalidInput(f"There is no split {name!r} any more.")
    return rows[0]


def _only(datasets: Collection[str]) -> str | None:
    return next(iter(datasets)) if len(datasets) == 1 else None


def records_of_split(engine: sa.Engine, split_id: str) -> pd.DataFrame:
    """Every record of a split as it is now, ordered by id: ``part`` and what a report needs of it."""
    r = t.record.c
    columns = (
        r.id, r.dataset_id, r.image_id, r.lesion_id, r.patient_id, r.image_sha256, r.dx, r.verification_stage,
        sa.func.coalesce(r.image_quality_score, r.technical_quality).label("quality"),
    )  # fmt: skip
    s = t.split_record.c
    joined = t.split_record.join(t.record, r.id == s.record_id)
    return read_frame(
        engine, sa.select(s.part, *columns).select_from(joined).where(s.split_id == split_id).order_by(r.id)
    )


def parts_of_records(engine: sa.Engine, split_id: str) -> dict[str, str]:
    """Part of each record of a split by record id, ordered by id."""
    s = t.split_record.c
    with engine.connect() as connection:
        statement = sa.select(s.record_id, s.part).where(s.split_id == split_id).order_by(s.record_id)
        return {row.record_id: row.part for row in connection.execute(statement)}


def locked_records(engine: sa.Engine) -> dict[str, list[str]]:
    """Ids of the records of every locked test part, by name of the split."""
    s = t.split_record.c
    joined = t.split_record.join(t.split_lock, t.split_lock.c.split_id == s.split_id).join(
        t.split, t.split.c.id == s.split_id
    )
    statement = sa.select(t.split.c.name, s.record_id).select_from(joined).where(s.part == TEST)
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for name, record_id in connection.execute(statement.order_by(t.split.c.sequence, s.record_id)):
            found.setdefault(name, []).append(record_id)
    return found


def parts_in_dataset(engine: sa.Engine, dataset_id: str) -> pd.DataFrame:
    """Records of a data set in splits that stand: ``split`` (its name), ``digest``, ``part``, ``image_id``, ordered."""
    s = t.split_record.c
    gone = sa.select(t.split_withdrawal.c.split_id)
    joined = t.split_record.join(t.split, t.split.c.id == s.split_id).join(t.record, t.record.c.id == s.record_id)
    return read_frame(
        engine,
        sa.select(t.split.c.name.label("split"), t.split.c.digest, s.part, t.record.c.image_id)
        .select_from(joined)
        .where(t.record.c.dataset_id == dataset_id, s.split_id.not_in(gone))
        .order_by(t.split.c.name, s.part, t.record.c.image_id),
    )
