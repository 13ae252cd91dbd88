"""What an export reads: records with the facts of their image, some at a time, and what is said of all of them."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from dermdash.records.details import FURTHER
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import tables as t
from dermdash.storage.ladder_rows import Source, connection_to, read
from dermdash.storage.record_conditions import conditions_of

_AT_ONCE = 2_000


def export_rows(engine: sa.Engine, record_filter: RecordFilter) -> Iterator[list[dict[str, Any]]]:
    """Records by image id, with ``format``, ``width``, ``height``, ``mask_sha256`` and ``further``, some at a time."""
    r, i = t.record.c, t.image.c
    statement = (
        sa.select(
            t.record, i.format, i.width, i.height, t.segmentation.c.mask_sha256, t.record_further.c.cells.label(FURTHER)
        )
        .join(t.image, i.sha256 == r.image_sha256)
        .outerjoin(t.segmentation, t.segmentation.c.record_id == r.id)
        .outerjoin(t.record_further, t.record_further.c.record_id == r.id)
        .where(*conditions_of(record_filter))
        .order_by(r.image_id, r.id)
    )
    with connection_to(engine) as connection:
        result = connection.execution_options(stream_results=True).execute(statement)
        names = list(result.keys())
        while rows := result.fetchmany(_AT_ONCE):
            yield [dict(zip(names, row, strict=True)) for row in rows]


def further_names(source: Source, record_filter: RecordFilter) -> list[str]:
    """Names of the further columns that any of these records has, by name."""
    f = t.record_further.c
    chosen = sa.select(t.record.c.id).where(*conditions_of(record_filter))
    names: set[str] = set()
    with connection_to(source) as connection:
        for (cells,) in connection.execute(sa.select(f.cells).where(f.record_id.in_(chosen))):
            names |= (cells if isinstance(cells, dict) else json.loads(cells)).keys()
    return sorted(names)


def lesions_of_several_patients(source: Source, record_filter: RecordFilter) -> list[tuple[str, str]]:
    """Data set and id of each lesion that these records give to more than one patient."""
    c = t.record.c
    statement = (
        sa.select(c.dataset_id, c.lesion_id)
        .where(*conditions_of(record_filter), c.patient_id.is_not(None))
        .group_by(c.dataset_id, c.lesion_id)
        .having(sa.func.count(c.patient_id.distinct()) > 1)
    )
    return [(row["dataset_id"], row["lesion_id"]) for row in read(source, statement)]


def first_labels(source: Source, dataset_id: str) -> dict[str, dict[str, Any]]:
    """Of records whose class or stage was changed by an act here, what each was before the first of them."""
    c = t.change_log.c
    statement = (
        sa.select(c.record_id, c.field, c.old)
        .where(c.dataset_id == dataset_id, c.field.in_(["dx", "verification_stage"]), c.record_id.is_not(None))
        .order_by(c.sequence)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in read(source, statement):
        found.setdefault(row["record_id"], {}).setdefault(row["field"], json.loads(row["old"]))
    return found


def reopenings_of(source: Source, dataset_id: str) -> list[dict[str, Any]]:
    """Every reopening of a record of a data set, in order."""
    c = t.reopening.c
    return read(source, sa.select(t.reopening).where(c.dataset_id == dataset_id).order_by(c.sequence))


def image_facts(source: Source, record_filter: RecordFilter) -> dict[str, Any]:
    """What a filter lets through of images: ``formats`` with counts, ``smallest`` and ``largest`` (width and height, by
    pixels; None: no image), ``masks``, and ``period`` (first and last acquisition date; None: none is recorded)."""
    r, i = t.record.c, t.image.c
    joined = t.record.join(t.image, i.sha256 == r.image_sha256)
    mine = sa.and_(*conditions_of(record_filter))
    formats = sa.select(i.format, sa.func.count().label("n")).select_from(joined).where(mine).group_by(i.format)
    sizes = sa.select(i.width, i.height).select_from(joined).where(mine).distinct()
    masks = (
        sa.select(sa.func.count().label("n"))
        .select_from(t.segmentation.join(t.record, r.id == t.segmentation.c.record_id))
        .where(mine)
    )
    dates = sa.select(sa.func.min(r.acquisition_date).label("first"), sa.func.max(r.acquisition_date).label("last"))
    span = read(source, dates.where(mine, r.acquisition_date.is_not(None), r.acquisition_date != ""))[0]
    every = sorted(((row["width"], row["height"]) for row in read(source, sizes)), key=lambda size: size[0] * size[1])
    return {
        "formats": {row["format"]: int(row["n"]) for row in read(source, formats)},
        "smallest": every[0] if every else None,
        "largest": every[-1] if every else None,
        "masks": int(read(source, masks)[0]["n"]),
        "period": None if span["first"] is None else (span["first"], span["last"]),
    }
