"""What was taken out of files, where text was proposed, and what people decided about it: statements, nothing else."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame

MASKED, CLEANED = "masked", "cleaned"
"""Verdicts: regions were covered, or what the file held beside its pixels taken out, in a new version of the image."""


def images_of_datasets(engine: sa.Engine, dataset_ids: Collection[str]) -> pd.DataFrame:
    """Every image that records of these data sets have now, once, ordered by hash.

    Columns sha256, removed, and of its screening detector, regions and surplus (null where it was not screened).
    """
    i, s, r = t.image.c, t.text_screening.c, t.record.c
    used = sa.select(r.image_sha256).where(r.dataset_id.in_(list(dataset_ids)))
    statement = (
        sa.select(i.sha256, i.removed, s.detector, s.regions, s.surplus)
        .select_from(t.image.outerjoin(t.text_screening, s.image_sha256 == i.sha256))
        .where(i.sha256.in_(used))
        .order_by(i.sha256)
    )
    return read_frame(engine, statement)


def records_of_images(engine: sa.Engine, hashes: Collection[str]) -> pd.DataFrame:
    """Records of these images: id, dataset_id, image_id, lesion_id, dx, image_sha256, ordered by id."""
    c = t.record.c
    columns = (c.id, c.dataset_id, c.image_id, c.lesion_id, c.dx, c.image_sha256)
    return read_frame(engine, sa.select(*columns).where(c.image_sha256.in_(list(hashes))).order_by(c.id))


def save_screenings(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store what a search proposed (image_sha256, detector, regions, surplus), in place of what was proposed before."""
    moment, c = now(), t.text_screening.c

    def work() -> None:
        with engine.begin() as connection:
            connection.execute(t.text_screening.delete().where(c.image_sha256.in_([r["image_sha256"] for r in rows])))
            insert_missing(connection, t.text_screening, [{**row, "screened_at": moment} for row in rows])

    if rows:
        retry_on_conflict(work)


def latest_decisions(engine: sa.Engine) -> dict[str, dict[str, Any]]:
    """The latest decision about each image by its hash; one that was taken back (verdict "open") is left out."""
    c = t.text_decision.c
    latest = {row["image_sha256"]: row for row in read_dicts(engine, sa.select(t.text_decision).order_by(c.sequence))}
    return {sha256: row for sha256, row in latest.items() if row["verdict"] != "open"}


def add_decision(
    engine: sa.Engine, *, image_sha256: str, verdict: str, note: str, account_id: str, regions: Sequence[Any] = ()
) -> None:
    """Append a decision that leaves the image as it is; every record of the image has an entry in the change log."""

    def work(act: ActTransaction) -> None:
        act.insert(
            t.text_decision, _decision(act, image_sha256, verdict, note, regions=list(regions), masked_sha256=None)
        )
        for row in _records_of(act, image_sha256):
            act.log(
                Act.TEXT_DECISION, dataset_id=row["dataset_id"], record_id=row["id"],
                new={"verdict": verdict, "image": image_sha256}, reason=note,
            )  # fmt: skip

    in_one_act(engine, account_id, work)


def replace_image(
    engine: sa.Engine,
    *,
    image_sha256: str,
    masked: Mapping[str, Any],
    regions: Sequence[Any],
    note: str,
    account_id: str,
) -> list[str]:
    """Give every record of an image another version of it, in one act; return the ids of the records.

    Where regions were covered, what a classifier said of the image as it was goes: it spoke of these as well. Without
    regions the pixels are the same.

    Parameters
    ----------
    masked
        Row of the new version in the table of images.
    """

    def work(act: ActTransaction) -> list[str]:
        insert_missing(act.connection, t.image, [{**masked, "created_at": act.moment}])
        rows = _records_of(act, image_sha256)
        for row in rows:
            values = {"image_sha256": masked["sha256"], "technical_quality": masked["technical_quality"]}
            kind = Act.MASKING if regions else Act.CLEANING
            act.change_record(kind, row, values, reason=note, derived=("technical_quality",))
        ids = [row["id"] for row in rows]
        for table in (t.prediction, t.saliency, t.saliency_faithfulness, t.saliency_curve) if regions else ():
            act.connection.execute(table.delete().where(table.c.record_id.in_(ids)))
        verdict = MASKED if regions else CLEANED
        act.insert(
            t.text_decision,
            _decision(act, image_sha256, verdict, note, regions=list(regions), masked_sha256=masked["sha256"]),
        )
        return ids

    return in_one_act(engine, account_id, work)


def _records_of(act: ActTransaction, image_sha256: str) -> list[dict[str, Any]]:
    return act.read(sa.select(t.record).where(t.record.c.image_sha256 == image_sha256).order_by(t.record.c.id))


def _decision(act: ActTransaction, image_sha256: str, verdict: str, note: str, **more: Any) -> dict[str, Any]:
    return {
        "id": uuid4().hex, "image_sha256": image_sha256, "verdict": verdict, "note": note, "decided_at": act.moment,
        "account_id": act.account_id, "sequence": next_number(act.connection, t.text_decision), **more,
    }  # fmt: skip


def add_sign_off(engine: sa.Engine, *, dataset_id: str, images: int, digest: str, note: str, account_id: str) -> None:
    """Append a person's word for all images of a data set, with an entry in the change log."""

    def work(act: ActTransaction) -> None:
        row = {"id": uuid4().hex, "dataset_id": dataset_id, "images": images, "digest": digest, "note": note}
        number = next_number(act.connection, t.text_sign_off)
        act.insert(t.text_sign_off, row | {"account_id": account_id, "signed_at": act.moment, "sequence": number})
        act.log(Act.TEXT_SIGN_OFF, dataset_id=dataset_id, new={"images": images, "digest": digest}, reason=note)

    in_one_act(engine, account_id, work)


def sign_offs(engine: sa.Engine) -> dict[str, dict[str, Any]]:
    """The latest word for each data set."""
    statement = sa.select(t.text_sign_off).order_by(t.text_sign_off.c.sequence)
    return {row["dataset_id"]: row for row in read_dicts(engine, statement)}


def locked_images(engine: sa.Engine) -> dict[str, str]:
    """Hash of every version that was locked away, and of the one in its place."""
    c = t.text_decision.c
    statement = sa.select(c.image_sha256, c.masked_sha256).where(c.masked_sha256.is_not(None)).order_by(c.sequence)
    return {row["image_sha256"]: row["masked_sha256"] for row in read_dicts(engine, statement)}
