"""What was taken out of files, where text was proposed, and what people decided about it: statements, nothing else."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa

from dermdash.errors import NotFound
from dermdash.records.acts import Act
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.kept_flags import keep_model_answers
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame

CLEAR, OPEN = "clear", "open"
"""Verdicts: nothing in the image shows who somebody is; an earlier decision is taken back."""
MASKED, CLEANED = "masked", "cleaned"
"""Verdicts: regions were covered, or what the file held beside its pixels taken out, in a new version of the image."""
_MEANWHILE = "Somebody has covered or cleaned this image meanwhile: look at its new version."


def no_record_shows(engine: sa.Engine, sha256: str) -> NotFound:
    """What to say of an image that no record shows: a new version may have taken its place."""
    if sha256 in locked_images(engine):
        return NotFound(_MEANWHILE)
    return NotFound(f"No record of this workspace has the image {sha256[:12]}….")


_latest = sa.select(sa.func.max(t.text_decision.c.sequence)).group_by(t.text_decision.c.image_sha256)
_decided = sa.select(t.text_decision).where(t.text_decision.c.sequence.in_(_latest)).subquery("decided")
_last_cover = (
    sa.select(sa.func.max(t.text_decision.c.sequence))
    .where(t.text_decision.c.verdict == MASKED)
    .group_by(t.text_decision.c.masked_sha256)
)
_covering = sa.select(t.text_decision).where(t.text_decision.c.sequence.in_(_last_cover)).subquery("covering")
_joined = (
    t.image.outerjoin(t.text_screening, t.text_screening.c.image_sha256 == t.image.c.sha256)
    .outerjoin(_decided, _decided.c.image_sha256 == t.image.c.sha256)
    .outerjoin(_covering, _covering.c.masked_sha256 == t.image.c.sha256)
)
_is_clear = _decided.c.verdict == CLEAR
_is_back = _decided.c.verdict == MASKED
_is_covered = _covering.c.account_id.is_not(None)
_is_looked_at = sa.or_(
    _is_clear, sa.and_(_is_covered, sa.or_(_decided.c.verdict.is_(None), _decided.c.verdict != OPEN))
)


def _is_proposed(detector: str) -> sa.ColumnElement[bool]:
    return sa.and_(_is_searched(detector), sa.cast(t.text_screening.c.regions, sa.String) != "[]")


def _is_searched(detector: str) -> sa.ColumnElement[bool]:
    return sa.and_(t.text_screening.c.detector.is_not(None), t.text_screening.c.detector == detector)


def _shown_by(dataset_ids: Collection[str]) -> sa.ColumnElement[bool]:
    c = t.record.c
    return t.image.c.sha256.in_(sa.select(c.image_sha256).where(c.dataset_id.in_(list(dataset_ids))))


def images_of_datasets(engine: sa.Engine, dataset_ids: Collection[str]) -> pd.DataFrame:
    """Every image that records of these data sets have now, once, ordered by hash.

    Columns sha256, removed, of its screening detector, regions and surplus (null where it was not screened), of the
    latest decision about it verdict, account_id, decided_at and note (null where there is none), and ``covered_by``:
    who made it by covering an earlier version (null where it is none).
    """
    return _images(engine, _shown_by(dataset_ids))


def images_by_hash(engine: sa.Engine, hashes: Collection[str]) -> pd.DataFrame:
    """The images of these hashes that records show now, as `images_of_datasets` tells of them."""
    c = t.record.c
    return _images(engine, t.image.c.sha256.in_(sa.select(c.image_sha256).where(c.image_sha256.in_(list(hashes)))))


def _images(engine: sa.Engine, which: sa.ColumnElement[bool]) -> pd.DataFrame:
    i, s, d = t.image.c, t.text_screening.c, _decided.c
    columns = (i.sha256, i.removed, s.detector, s.regions, s.surplus, d.verdict, d.account_id, d.decided_at, d.note)
    covered_by = _covering.c.account_id.label("covered_by")
    return read_frame(engine, sa.select(*columns, covered_by).select_from(_joined).where(which).order_by(i.sha256))


def count_images(engine: sa.Engine, dataset_ids: Collection[str], detector: str) -> dict[str, int]:
    """How many images records of these data sets have, and of how many that holds by name.

    ``screened`` by this version of the search, ``proposed``: it proposes something, ``open``: nobody has decided about
    that, or a version that was covered came back; ``masked``: covered versions, ``looked_at`` by a person, ``surplus``:
    the file holds more than pixels.
    """
    holds = {
        "screened": _is_searched(detector),
        "proposed": _is_proposed(detector),
        "open": sa.and_(
            sa.or_(_is_proposed(detector), _is_back), sa.or_(_decided.c.verdict.is_(None), sa.not_(_is_clear))
        ),
        "masked": _is_covered,
        "looked_at": _is_looked_at,
        "surplus": sa.and_(_is_searched(detector), t.text_screening.c.surplus.is_not(None)),
    }
    sums = [sa.func.coalesce(sa.func.sum(sa.case((said, 1), else_=0)), 0).label(name) for name, said in holds.items()]
    statement = sa.select(sa.func.count().label("images"), *sums).select_from(_joined).where(_shown_by(dataset_ids))
    return {name: int(n) for name, n in read_dicts(engine, statement)[0].items()}


def looked_at_by_image(engine: sa.Engine, dataset_ids: Collection[str]) -> dict[str, bool]:
    """Every image of these data sets, ordered by hash, and whether a person has looked at it."""
    i = t.image.c.sha256
    seen = sa.case((_is_looked_at, 1), else_=0)
    with engine.connect() as connection:
        statement = sa.select(i, seen).select_from(_joined).where(_shown_by(dataset_ids)).order_by(i)
        return {sha256: bool(looked) for sha256, looked in connection.execute(statement)}


def images_with_proposals(engine: sa.Engine, dataset_ids: Collection[str], detector: str) -> pd.DataFrame:
    """Images in which something is proposed, or of which a covered version came back, as `images_of_datasets`."""
    return _images(engine, sa.and_(_shown_by(dataset_ids), sa.or_(_is_proposed(detector), _is_back)))


def image_hashes(engine: sa.Engine, dataset_ids: Collection[str]) -> list[str]:
    """Of every image that records of these data sets have now, in their order."""
    i = t.image.c.sha256
    with engine.connect() as connection:
        return list(connection.execute(sa.select(i).where(_shown_by(dataset_ids)).order_by(i)).scalars())


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


def add_decision(
    engine: sa.Engine,
    *,
    image_sha256: str,
    verdict: str,
    note: str,
    account_id: str,
    regions: Sequence[Any] = (),
    decision_id: str | None = None,
) -> None:
    """Append a decision that leaves the image as it is; every record of the image has an entry in the change log.

    ``decision_id``: a decision that is there already is not made a second time.

    Raises
    ------
    NotFound
        No record shows the image, or not any more.
    """

    def work(act: ActTransaction) -> None:
        same = sa.select(t.text_decision.c.id).where(t.text_decision.c.id == decision_id)
        if decision_id is not None and act.connection.execute(same).first() is not None:
            return
        rows = _records_of(act, image_sha256)
        if not rows:
            raise no_record_shows(engine, image_sha256)
        row = _decision(act, image_sha256, verdict, note, regions=list(regions), masked_sha256=None)
        act.insert(t.text_decision, row | ({} if decision_id is None else {"id": decision_id}))
        for row in rows:
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

    Raises
    ------
    NotFound
        No record shows the image any more: somebody else has just given them another version of it.
    """

    def work(act: ActTransaction) -> list[str]:
        rows = _records_of(act, image_sha256)
        if not rows:
            raise NotFound(_MEANWHILE)
        insert_missing(act.connection, t.image, [{**masked, "created_at": act.moment}])
        for row in rows:
            values = {"image_sha256": masked["sha256"], "technical_quality": masked["technical_quality"]}
            kind = Act.MASKING if regions else Act.CLEANING
            act.change_record(kind, row, values, reason=note, derived=("technical_quality",))
        ids = [row["id"] for row in rows]
        for table in (t.prediction, t.saliency, t.saliency_faithfulness, t.saliency_curve) if regions else ():
            act.connection.execute(table.delete().where(table.c.record_id.in_(ids)))
        keep_model_answers(act.connection, ids)
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


def add_sign_off(
    engine: sa.Engine, *, dataset_id: str, images: int, looked_at: int, digest: str, note: str, account_id: str
) -> None:
    """Append a person's word for all images of a data set, with an entry in the change log.

    ``looked_at``: at how many of them a person has looked one by one; it stands in the log.
    """

    def work(act: ActTransaction) -> None:
        row = {"id": uuid4().hex, "dataset_id": dataset_id, "images": images, "digest": digest, "note": note}
        told = {"images": images, "looked_at": looked_at, "digest": digest}
        number = next_number(act.connection, t.text_sign_off)
        act.insert(t.text_sign_off, row | {"account_id": account_id, "signed_at": act.moment, "sequence": number})
        act.log(Act.TEXT_SIGN_OFF, dataset_id=dataset_id, new=told, reason=note)

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


def covered_images(engine: sa.Engine) -> list[dict[str, Any]]:
    """Rows of the table of images of every version of which regions were covered and that is locked away."""
    covered = sa.select(t.text_decision.c.image_sha256).where(t.text_decision.c.verdict == MASKED)
    return read_dicts(engine, sa.select(t.image).where(t.image.c.sha256.in_(covered)))


def image_row(engine: sa.Engine, sha256: str) -> dict[str, Any]:
    """The row of an image in the table of images.

    Raises
    ------
    NotFound
        There is none.
    """
    rows = read_dicts(engine, sa.select(t.image).where(t.image.c.sha256 == sha256))
    if not rows:
        raise NotFound(f"The workspace has no image {sha256[:12]}….")
    return rows[0]
