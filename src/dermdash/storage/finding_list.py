"""Findings of every kind in one list, and what the checks that look for them did: statements and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa

from dermdash.records.details import FURTHER
from dermdash.storage import tables as t
from dermdash.storage.engine import now
from dermdash.storage.findings import OPEN, latest_decisions
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame

_AT_ONCE = 1000
_SAID = ("decision", "decided_by", "note", "decided_at")


def every_finding(engine: sa.Engine, kinds: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Findings (of these kinds) with `records` (ids), the latest decision, and `gone_at` where they are history.

    `decision`, `decided_by`, `note` and `decided_at` are None where nobody has decided or the decision was taken back.
    """
    c, r = t.finding.c, t.finding_record.c
    of_kinds = [] if kinds is None else [c.kind.in_(list(kinds))]
    found = read_dicts(engine, sa.select(t.finding).where(*of_kinds))
    concerned = (
        sa.select(r.finding_id, r.record_id)
        .join(t.finding, c.id == r.finding_id)
        .where(*of_kinds)
        .order_by(r.finding_id, r.position)
    )
    records: dict[str, list[str]] = {}
    for row in read_dicts(engine, concerned):
        records.setdefault(row["finding_id"], []).append(row["record_id"])
    latest = latest_decisions(engine)
    for row in found:
        row["records"] = records.get(row["id"], [])
        last = latest.get(row["id"])
        said = last if last is not None and last["decision"] != OPEN else {}
        row.update(zip(_SAID, map(said.get, ("decision", "account_id", "note", "created_at")), strict=True))
    return found


def existing_ids(engine: sa.Engine, finding_ids: Sequence[str]) -> dict[str, str]:
    """Kind of each finding that is there, by id."""
    c = t.finding.c
    found: dict[str, str] = {}
    for start in range(0, len(finding_ids), _AT_ONCE):
        part = list(finding_ids[start : start + _AT_ONCE])
        found |= {row["id"]: row["kind"] for row in read_dicts(engine, sa.select(c.id, c.kind).where(c.id.in_(part)))}
    return found


def save_check(engine: sa.Engine, *, values: Mapping[str, Any]) -> None:
    """Note what a check did: check_key, scope, records, found, notes, data_version and seconds."""
    with engine.begin() as connection:
        order = {"sequence": next_number(connection, t.finding_check), "finished_at": now(), "id": uuid4().hex}
        connection.execute(t.finding_check.insert().values(**order, **values))


def latest_checks(engine: sa.Engine) -> dict[tuple[str, str], dict[str, Any]]:
    """What each check did last, by check and scope."""
    rows = read_dicts(engine, sa.select(t.finding_check).order_by(t.finding_check.c.sequence))
    return {(row["check_key"], row["scope"]): row for row in rows}


def images_to_check(engine: sa.Engine, dataset_ids: Collection[str]) -> pd.DataFrame:
    """What checks of images need of the records, ordered by id: names, file, perceptual hash and its measurements."""
    r, i = t.record.c, t.image.c
    columns = (
        r.id, r.dataset_id, r.image_id, r.lesion_id, r.patient_id, r.dx, r.image_type, r.image_sha256, i.phash, i.width,
        i.height, i.technical_quality, i.sharpness, i.exposure, i.glare, i.quality_driver,
    )  # fmt: skip
    statement = (
        sa.select(*columns)
        .join(t.image, i.sha256 == r.image_sha256)
        .where(r.dataset_id.in_(list(dataset_ids)))
        .order_by(r.id)
    )
    return read_frame(engine, statement)


def acquisition_measures(engine: sa.Engine, dataset_ids: Collection[str]) -> pd.DataFrame:
    """What the acquisition gate measured of the images that the records have now, by record id."""
    m, r = t.acquisition_measurement.c, t.record.c
    names = [m[name] for name in t.ACQUISITION_MEASURES]
    statement = (
        sa.select(m.record_id, m.damaged, m.proposed_score, *names)
        .join(t.record, (r.id == m.record_id) & (r.image_sha256 == m.image_sha256))
        .where(r.dataset_id.in_(list(dataset_ids)))
        .order_by(m.record_id)
    )
    return read_frame(engine, statement)


def further_columns(engine: sa.Engine, dataset_id: str) -> pd.DataFrame:
    """Record id and further columns (a mapping) of the records of a data set that have any, ordered by id."""
    f = t.record_further.c
    statement = (
        sa.select(f.record_id, f.cells.label(FURTHER))
        .join(t.record, t.record.c.id == f.record_id)
        .where(t.record.c.dataset_id == dataset_id)
        .order_by(f.record_id)
    )
    return read_frame(engine, statement)


def left_out_of_imports(engine: sa.Engine, dataset_id: str) -> list[dict[str, Any]]:
    """What the imports of a data set left out or could not use, oldest first: image_id, reason, detail, concerns."""
    e, run = t.import_exclusion.c, t.import_run.c
    statement = (
        sa.select(e.image_id, e.reason, e.detail, e.concerns)
        .join(t.import_run, run.id == e.run_id)
        .where(run.dataset_id == dataset_id)
        .order_by(run.started_at, e.position)
    )
    return read_dicts(engine, statement)
