"""What each import did: its counts, what it left out, what rows that came again said otherwise."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.records.change_chain import canonical
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.bulk import insert_missing
from dermdash.storage.record_rows import record_rows
from dermdash.storage.results import read_dicts, read_frame

ROW, FILE, NOTE = "row", "file", "note"
"""What an entry of the list of an import is about: a row or a file left out, or a value or column not used."""
TOLD, UPDATED, KEPT = "told", "updated", "kept"
"""What became of a difference: only told, taken over, or kept as it was because people here have decided."""
_DERIVED = ("completeness", "stage_claimed")
_AT_ONCE = 20_000


def save_import_run(
    engine: sa.Engine,
    *,
    values: Mapping[str, Any],
    exclusions: Sequence[tuple[str, str, str, str]] = (),
    changes: Sequence[tuple[str, str, Any, Any, str]] = (),
) -> None:
    """Log an import.

    Parameters
    ----------
    exclusions
        (image id, reason, detail, what it is about).
    changes
        (record id, field, old value, new value, outcome).
    """
    run = {"run_id": values["id"]}
    listed = (
        {**run, "position": i, "image_id": image_id, "reason": reason, "detail": detail, "concerns": concerns}
        for i, (image_id, reason, detail, concerns) in enumerate(exclusions)
    )
    differing = (
        {**run, "position": i, "record_id": record_id, "field": field, "old": canonical(old), "new": canonical(new),
         "outcome": outcome}
        for i, (record_id, field, old, new, outcome) in enumerate(changes)
    )  # fmt: skip
    with engine.begin() as connection:
        connection.execute(t.import_run.insert().values(**values))
        for table, rows in ((t.import_exclusion, listed), (t.import_change, differing)):
            for part in _parts(rows):
                insert_missing(connection, table, part)


def _parts(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def list_import_runs(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every import, newest first."""
    return read_dicts(engine, sa.select(t.import_run).order_by(t.import_run.c.started_at.desc()))


def import_exclusions(engine: sa.Engine, run_id: str) -> pd.DataFrame:
    """What one import left out: image_id, reason, detail, concerns (row, file, note), in order."""
    c = t.import_exclusion.c
    statement = sa.select(c.image_id, c.reason, c.detail, c.concerns).where(c.run_id == run_id).order_by(c.position)
    return read_frame(engine, statement)


def count_exclusions(engine: sa.Engine, run_id: str) -> dict[str, int]:
    """How many entries the list of an import has by reason."""
    c = t.import_exclusion.c
    statement = sa.select(c.reason, sa.func.count()).where(c.run_id == run_id).group_by(c.reason)
    with engine.connect() as connection:
        return {reason: int(n) for reason, n in connection.execute(statement)}


def left_out_images(engine: sa.Engine, dataset_ids: Collection[str], reason: str) -> dict[str, int]:
    """Images of each data set that imports left out for a reason, each once; those that are there now do not count."""
    c, run, r = t.import_exclusion.c, t.import_run.c, t.record.c
    there = sa.exists(sa.select(sa.literal(1)).where(r.dataset_id == run.dataset_id, r.image_id == c.image_id))
    statement = (
        sa.select(run.dataset_id, sa.func.count(sa.distinct(c.image_id)))
        .select_from(t.import_exclusion.join(t.import_run, run.id == c.run_id))
        .where(
            c.reason == reason,
            run.dataset_id.in_(list(dataset_ids)),
            ~there.correlate(t.import_run, t.import_exclusion),
        )
        .group_by(run.dataset_id)
    )
    with engine.connect() as connection:
        return {dataset_id: int(n) for dataset_id, n in connection.execute(statement)}


def import_changes(engine: sa.Engine, run_id: str) -> list[dict[str, Any]]:
    """What rows that came again said otherwise: record_id, image_id, field, old, new, outcome."""
    c, r = t.import_change.c, t.record.c
    statement = (
        sa.select(c.record_id, r.image_id, c.field, c.old, c.new, c.outcome)
        .outerjoin(t.record, r.id == c.record_id)
        .where(c.run_id == run_id)
        .order_by(c.position)
    )
    return [
        {**row, "old": json.loads(row["old"]), "new": json.loads(row["new"])} for row in read_dicts(engine, statement)
    ]


def stored_rows(engine: sa.Engine, dataset_id: str) -> Iterator[list[dict[str, Any]]]:
    """The records of a data set by id, some thousand at a time."""
    c, last = t.record.c, ""
    while True:
        statement = sa.select(t.record).where(c.dataset_id == dataset_id, c.id > last).order_by(c.id).limit(_AT_ONCE)
        rows = read_dicts(engine, statement)
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]


def values_of_source(engine: sa.Engine, dataset_id: str) -> dict[str, dict[str, tuple[Any, bool]]]:
    """For each record of a data set and each field that an act changed: what its source said last, and whether that
    holds no more because somebody here has decided."""
    c = t.change_log.c
    statement = (
        sa.select(c.record_id, c.field, c.act, c.old, c.new)
        .where(c.dataset_id == dataset_id, c.record_id.is_not(None), c.field.is_not(None))
        .order_by(c.sequence)
    )
    said: dict[str, dict[str, tuple[Any, bool]]] = {}
    with engine.connect() as connection:
        for row in connection.execute(statement, execution_options={"yield_per": _AT_ONCE}):
            fields = said.setdefault(row.record_id, {})
            if row.act == Act.IMPORT:
                fields[row.field] = (json.loads(row.new), False)
            else:
                before = fields.get(row.field)
                fields[row.field] = (json.loads(row.old) if before is None else before[0], True)
    return said


def update_records(
    engine: sa.Engine, values_of: Mapping[str, Mapping[str, Any]], *, account_id: str, reason: str
) -> None:
    """Change records as their source now says, in one act: each field that changes has its entry in the change log."""

    def work(act: ActTransaction) -> None:
        for record_id, row in record_rows(act, values_of).items():
            act.change_record(Act.IMPORT, row, values_of[record_id], reason=reason, derived=_DERIVED)

    in_one_act(engine, account_id, work)
