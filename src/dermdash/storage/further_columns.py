"""Further columns of records: what a source said in columns that are none of ours, kept as text by column."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.records.details import DETAIL_NAMES, FURTHER
from dermdash.records.fields import FIELD_NAMES
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.bulk import insert_missing
from dermdash.storage.ladder_rows import Source, read

DIGESTED: tuple[str, ...] = (*FIELD_NAMES, *DETAIL_NAMES, FURTHER)
"""What the digest of a record in the change log is taken over, beside its names and its label."""
Cells = dict[str, str]
_AT_ONCE = 1000


def add_further(act: ActTransaction, further: Mapping[str, Mapping[str, str]]) -> None:
    """Store the further columns of new records by record id."""
    insert_missing(
        act.connection, t.record_further, [{"record_id": key, "cells": dict(cells)} for key, cells in further.items()]
    )


def further_of(source: Source, record_ids: Collection[str]) -> dict[str, Cells]:
    """The further columns of records by id; one that has none is left out."""
    c, wanted = t.record_further.c, sorted(set(record_ids))
    found: dict[str, Cells] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= _by_id(source, c.record_id.in_(wanted[start : start + _AT_ONCE]))
    return found


def further_up_to(source: Source, after: str, last: str) -> dict[str, Cells]:
    """The same of all records whose id comes after one and not after the other."""
    c = t.record_further.c
    return _by_id(source, c.record_id > after, c.record_id <= last)


def change_further(act: ActTransaction, by: Act, record: Mapping[str, Any], cells: Mapping[str, str]) -> bool:
    """Replace the further columns of a record, with an entry in the log; False where they are the same already.

    Parameters
    ----------
    record
        Its row: id and dataset_id.
    """
    key, new = record["id"], dict(cells) or None
    old = further_of(act, [key]).get(key)
    if new == old:
        return False
    act.log(by, dataset_id=record["dataset_id"], record_id=key, field=FURTHER, old=old, new=new)
    table = t.record_further
    if old is None:
        act.insert(table, {"record_id": key, "cells": new})
    elif new is None:
        act.connection.execute(table.delete().where(table.c.record_id == key))
    else:
        act.connection.execute(table.update().where(table.c.record_id == key).values(cells=new))
    return True


def _by_id(source: Source, *conditions: sa.ColumnElement[bool]) -> dict[str, Cells]:
    c = t.record_further.c
    statement = sa.select(c.record_id, c.cells).where(*conditions)
    return {row["record_id"]: row["cells"] for row in read(source, statement)}
