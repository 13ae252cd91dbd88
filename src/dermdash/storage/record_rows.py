"""Records as an act sees them: rows of records with their image, data sets, and which of them want work."""

import secrets
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.records.details import FURTHER
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.further_columns import further_up_to
from dermdash.storage.ladder_rows import Source, first, read
from dermdash.storage.record_conditions import conditions_of

_AT_ONCE = 1000
_MANY = 20_000


def record_row(source: Source, record_id: str) -> dict[str, Any] | None:
    """A record with ``width`` and ``height`` of its image and the ``taxonomy`` of its data set."""
    # Two looks at one key each: a join of the three costs a DuckDB file four times as much.
    record = first(source, sa.select(t.record).where(t.record.c.id == record_id))
    if record is None:
        return None
    i, d = t.image.c, t.dataset.c
    beside = sa.select(
        sa.select(i.width).where(i.sha256 == record["image_sha256"]).scalar_subquery().label("width"),
        sa.select(i.height).where(i.sha256 == record["image_sha256"]).scalar_subquery().label("height"),
        sa.select(d.taxonomy).where(d.id == record["dataset_id"]).scalar_subquery().label("taxonomy"),
    )
    return record | read(source, beside)[0]


def full_rows(source: Source, record_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The same of several records by id; one that is not there is left out."""
    wanted = sorted(set(record_ids))
    joined = (
        sa.select(t.record, t.image.c.width, t.image.c.height, t.dataset.c.taxonomy)
        .join(t.image, t.image.c.sha256 == t.record.c.image_sha256)
        .join(t.dataset, t.dataset.c.id == t.record.c.dataset_id)
    )
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        statement = joined.where(t.record.c.id.in_(wanted[start : start + _AT_ONCE]))
        found |= {row["id"]: row for row in read(source, statement)}
    return found


def record_rows(source: Source, record_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Records by id; one that is not there is left out."""
    wanted = sorted(set(record_ids))
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        statement = sa.select(t.record).where(t.record.c.id.in_(wanted[start : start + _AT_ONCE]))
        found |= {row["id"]: row for row in read(source, statement)}
    return found


def filtered_rows(source: Source, record_filter: RecordFilter) -> list[dict[str, Any]]:
    """Every record that a filter lets through, by id."""
    return read(source, sa.select(t.record).where(*conditions_of(record_filter)).order_by(t.record.c.id))


def dataset_row(source: Source, dataset_id: str) -> dict[str, Any] | None:
    """A data set."""
    return first(source, sa.select(t.dataset).where(t.dataset.c.id == dataset_id))


def sites_of(source: Source, dataset_id: str) -> list[str]:
    """The anatomical sites that records of a data set came with, by name; not what somebody entered here."""
    c, log = t.record.c, t.change_log.c
    by_people = (log.record_id == c.id, log.field == "anatomical_site", log.act != Act.IMPORT)
    entered = sa.exists(sa.select(sa.literal(1)).where(*by_people))
    statement = (
        sa.select(c.anatomical_site)
        .where(c.dataset_id == dataset_id, c.anatomical_site.is_not(None), ~entered.correlate(t.record))
        .distinct()
        .order_by(c.anatomical_site)
    )
    return [row["anatomical_site"] for row in read(source, statement)]


def latest_prediction(source: Source, record_id: str, model_id: str | None = None) -> dict[str, Any] | None:
    """What a classifier says of a record: the named one, or the one that predicted last."""
    c = t.prediction.c
    statement = sa.select(t.prediction).where(c.record_id == record_id).order_by(c.created_at.desc(), c.model_id)
    return first(source, statement if model_id is None else statement.where(c.model_id == model_id))


def first_values(source: Source, record_id: str, names: Collection[str]) -> dict[str, str]:
    """Of fields that an act here has changed, the canonical JSON of what the record came with.

    Where its source was imported again and corrected it, that is what it came with.
    """
    c = t.change_log.c
    statement = (
        sa.select(c.field, c.act, c.old, c.new)
        .where(c.record_id == record_id, c.field.in_(list(names)))
        .order_by(c.sequence)
    )
    came: dict[str, str] = {}
    for row in read(source, statement):
        if row["act"] == Act.IMPORT:
            came[row["field"]] = row["new"]
        else:
            came.setdefault(row["field"], row["old"])
    return came


def named_rows(source: Source, kind: str, name: str, dataset_id: str | None = None) -> list[dict[str, Any]]:
    """Records whose id, image id or lesion id (``kind``: record_id, image_id, lesion_id) is that, by id."""
    c = t.record.c
    column = {"record_id": c.id, "image_id": c.image_id, "lesion_id": c.lesion_id}[kind]
    statement = sa.select(t.record).where(column == name).order_by(c.id)
    return read(source, statement if dataset_id is None else statement.where(c.dataset_id == dataset_id))


def rows_of_report(source: Source, report_number: str, dataset_id: str | None = None) -> list[dict[str, Any]]:
    """Records that have or had histology from a report of that number."""
    c = t.record.c
    known = sa.select(t.histology.c.record_id).where(t.histology.c.report_number == report_number)
    statement = sa.select(t.record).where(c.id.in_(known)).order_by(c.id)
    return read(source, statement if dataset_id is None else statement.where(c.dataset_id == dataset_id))


def rows_without_histology(source: Source, dataset_id: str, classes: Collection[str]) -> list[dict[str, Any]]:
    """Records of these classes below stage 3, by id."""
    c = t.record.c
    below = sa.or_(c.verification_stage.is_(None), c.verification_stage < 3)
    statement = sa.select(t.record).where(c.dataset_id == dataset_id, c.dx.in_(list(classes)), below)
    return read(source, statement.order_by(c.id))


def every_row(source: Source) -> Iterator[dict[str, Any]]:
    """Every record by id, some at a time, with its further columns under ``further`` (None: none)."""
    c, last = t.record.c, ""
    while rows := read(source, sa.select(t.record).where(c.id > last).order_by(c.id).limit(_MANY)):
        further = further_up_to(source, last, rows[-1]["id"])
        yield from ({**row, FURTHER: further.get(row["id"])} for row in rows)
        last = rows[-1]["id"]


def standing_rows(source: Source, dataset_id: str) -> list[dict[str, Any]]:
    """Of every record of a data set what the ladder needs: id, image_id, dx, verification_stage, stage_claimed."""
    c = t.record.c
    statement = sa.select(c.id, c.image_id, c.dx, c.verification_stage, c.stage_claimed)
    return read(source, statement.where(c.dataset_id == dataset_id).order_by(c.id))


def stage_counts(source: Source) -> list[dict[str, Any]]:
    """How many records of each data set stand at each stage, claimed or not: dataset_id, stage, claimed, n."""
    c = t.record.c
    claimed = sa.func.coalesce(c.stage_claimed, sa.false()).label("claimed")
    statement = sa.select(c.dataset_id, c.verification_stage.label("stage"), claimed, sa.func.count().label("n"))
    grouped = statement.group_by(c.dataset_id, c.verification_stage, sa.text("claimed"))
    return read(source, grouped.order_by(c.dataset_id, c.verification_stage))


def picture_key(act: ActTransaction, dataset_id: str) -> str:
    """The secret with which the pictures of a data set are made for annotators; made when it is asked for first."""
    c = t.picture_key.c
    known = act.read(sa.select(c.secret).where(c.dataset_id == dataset_id))
    if known:
        return str(known[0]["secret"])
    made = secrets.token_hex(16)
    act.insert(t.picture_key, {"dataset_id": dataset_id, "secret": made})
    return made
