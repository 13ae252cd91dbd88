"""What was measured of images for the acquisition gate, and what people decided there: statements, nothing else."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pandas as pd
import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.records.quality_score import ACCEPTED, REJECTED
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame

TAKEN_BACK = "taken_back"
_AT_ONCE = 1000

_m, _a, _r = t.acquisition_measurement.c, t.acquisition_assessment.c, t.record.c
_taken_back = sa.select(_a.takes_back).where(_a.takes_back.is_not(None))
_holds = sa.and_(_a.takes_back.is_(None), _a.id.not_in(_taken_back))
_latest = sa.select(sa.func.max(_a.sequence)).where(_holds).group_by(_a.record_id)
_current = sa.select(t.acquisition_assessment).where(_a.sequence.in_(_latest)).subquery("current_assessment")


def images_to_measure(engine: sa.Engine, dataset_ids: Collection[str], version: str) -> list[dict[str, Any]]:
    """Records whose image as it is now this version has not measured: record_id, image_sha256, mask_sha256, damaged.

    ``mask_sha256`` is None where there is no mask, ``damaged`` whether the file is.
    """
    mask = t.segmentation.c
    done = sa.and_(_m.record_id == _r.id, _m.image_sha256 == _r.image_sha256, _m.version == version)
    fresh = sa.or_(sa.and_(_m.by_mask, mask.created_at <= _m.measured_at), mask.mask_sha256.is_(None))
    statement = (
        sa.select(
            _r.id.label("record_id"), _r.image_sha256, mask.mask_sha256,
            (sa.func.coalesce(t.image.c.quality_driver, "") == "damage").label("damaged"),
        )
        .select_from(
            t.record.join(t.image, t.image.c.sha256 == _r.image_sha256)
            .outerjoin(t.segmentation, mask.record_id == _r.id)
            .outerjoin(t.acquisition_measurement, done)
        )
        # A mask that came after the measurement, or in the place of another: it is made anew with it.
        .where(_r.dataset_id.in_(list(dataset_ids)), sa.or_(_m.record_id.is_(None), sa.not_(fresh)))
        .order_by(_r.id)
    )  # fmt: skip
    return read_dicts(engine, statement)


def save_measurements(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store measurements (columns of the table without the moment) in place of earlier ones of the same records."""
    moment = now()

    def work() -> None:
        with engine.begin() as connection:
            connection.execute(
                t.acquisition_measurement.delete().where(_m.record_id.in_([row["record_id"] for row in rows]))
            )
            insert_missing(connection, t.acquisition_measurement, [{**row, "measured_at": moment} for row in rows])

    if rows:
        retry_on_conflict(work)


def assessed_records(engine: sa.Engine, dataset_ids: Collection[str]) -> pd.DataFrame:
    """Every record of these data sets with what was measured of its image as it is now and who decided what.

    Columns record_id, dataset_id, image_id, image_sha256, the record's image_quality_score, the columns of
    `acquisition_measurement` and, of the assessment that holds, decision, score, account_id, assessed_at (null: none),
    ordered by record_id.
    """
    c = _current.c
    measured = [_m[name] for name in ("version", "by_mask", "damaged", *t.ACQUISITION_MEASURES)]
    statement = (
        sa.select(
            _r.id.label("record_id"), _r.dataset_id, _r.image_id, _r.image_sha256, _r.image_quality_score, *measured,
            _m.proposed_score, _m.weakest, c.decision, c.score, c.account_id, c.assessed_at,
        )
        .select_from(_joined())
        .where(_r.dataset_id.in_(list(dataset_ids)))
        .order_by(_r.id)
    )  # fmt: skip
    return read_frame(engine, statement)


def _joined(version: str | None = None) -> sa.FromClause:
    now_measured = sa.and_(_m.record_id == _r.id, _m.image_sha256 == _r.image_sha256)
    if version is not None:
        now_measured = sa.and_(now_measured, _m.version == version)
    return t.record.outerjoin(t.acquisition_measurement, now_measured).outerjoin(
        _current, _current.c.record_id == _r.id
    )


def version_of_measurements(engine: sa.Engine) -> str:
    """A value that changes whenever measurements are stored; caches are keyed on it."""
    statement: Any = sa.select(sa.func.count().label("n"), sa.func.max(_m.measured_at).label("latest"))
    row = read_dicts(engine, statement.select_from(t.acquisition_measurement))[0]
    return f"{row['n']}:{row['latest']}"


def queue_rows(engine: sa.Engine, dataset_ids: Collection[str], version: str) -> pd.DataFrame:
    """The images of these data sets once each, by hash, with little of what is known of them.

    Columns image_sha256, record_id (the first of those that show it), proposed_score and weakest (null: not
    measured by this version), decision (null: not about every record of it), score, and
    ``record_score``, the lowest they have now.
    """
    c = _current.c
    statement = (
        sa.select(
            _r.image_sha256, sa.func.min(_r.id).label("record_id"),
            sa.func.min(_m.proposed_score).label("proposed_score"),
            sa.func.min(_m.weakest).label("weakest"),
            # A record of the file that came in since was not decided about: nor is the image, then.
            sa.case((sa.func.count(c.decision) < sa.func.count(), None), else_=sa.func.min(c.decision)).label(
                "decision"
            ),
            sa.func.min(c.score).label("score"), sa.func.min(_r.image_quality_score).label("record_score"),
        )
        .select_from(_joined(version))
        .where(_r.dataset_id.in_(list(dataset_ids)))
        .group_by(_r.image_sha256)
        .order_by(_r.image_sha256)
    )  # fmt: skip
    return read_frame(engine, statement)


def image_rows(engine: sa.Engine, image_sha256: str) -> list[dict[str, Any]]:
    """Records that show an image, with their measurement (null columns: none), ordered by id."""
    names = ("version", "damaged", *t.ACQUISITION_MEASURES, "proposed_score", "weakest")
    statement = (
        sa.select(t.record, *[_m[name].label(f"measured_{name}") for name in names])
        .select_from(_joined())
        .where(_r.image_sha256 == image_sha256)
        .order_by(_r.id)
    )
    return read_dicts(engine, statement)


def history(engine: sa.Engine, record_id: str) -> list[dict[str, Any]]:
    """Every assessment of a record in order, those that take one back among them."""
    return read_dicts(
        engine, sa.select(t.acquisition_assessment).where(_a.record_id == record_id).order_by(_a.sequence)
    )


def is_stored(act: ActTransaction, answer_id: str) -> bool:
    """Whether an answer is there already."""
    return bool(act.read(sa.select(_a.id).where(_a.answer_id == answer_id).limit(1)))


def records_showing(act: ActTransaction, image_sha256: str) -> list[dict[str, Any]]:
    """Records that show an image, by id, with the ``taxonomy`` of their data set."""
    statement = sa.select(t.record, t.dataset.c.taxonomy).join(t.dataset, t.dataset.c.id == _r.dataset_id)
    return act.read(statement.where(_r.image_sha256 == image_sha256).order_by(_r.id))


def record_with_taxonomy(act: ActTransaction, record_id: str) -> dict[str, Any]:
    """A record with the ``taxonomy`` of its data set."""
    statement = sa.select(t.record, t.dataset.c.taxonomy).join(t.dataset, t.dataset.c.id == _r.dataset_id)
    return act.read(statement.where(_r.id == record_id))[0]


def held_of_image(act: ActTransaction, image_sha256: str) -> list[dict[str, Any]]:
    """The assessments of an image that hold, one per record that shows it."""
    c = _current.c
    return act.read(sa.select(_current).where(c.image_sha256 == image_sha256).order_by(c.record_id))


def decision_before(act: ActTransaction, assessment: Mapping[str, Any]) -> str | None:
    """What held of the record before an assessment that holds: its decision, None where there was none."""
    earlier = sa.select(_a.decision).where(_holds, _a.record_id == assessment["record_id"], _a.id != assessment["id"])
    rows = act.read(earlier.order_by(_a.sequence.desc()).limit(1))
    return str(rows[0]["decision"]) if rows else None


def add_assessments(act: ActTransaction, answer_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append the assessments of one answer, one per record; who, when and in which order are filled in here."""
    if not rows:
        return
    number = next_number(act.connection, t.acquisition_assessment, rows=len(rows))
    made = [
        {
            **row, "id": uuid5(NAMESPACE_OID, f"{answer_id} {row['record_id']}").hex, "answer_id": answer_id,
            "account_id": act.account_id, "assessed_at": act.moment, "sequence": number + place,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    act.insert(t.acquisition_assessment, *made)


def has_seen(act: ActTransaction, image_sha256: str, account_id: str) -> bool:
    """Whether an account has seen the proposal for an image: it was sent to it, or it has answered before."""
    s = t.acquisition_proposal_seen.c
    sent = sa.select(s.image_sha256).where(s.image_sha256 == image_sha256, s.account_id == account_id).limit(1)
    said = sa.select(_a.id).where(_a.image_sha256 == image_sha256, _a.account_id == account_id).limit(1)
    return bool(act.read(sent)) or bool(act.read(said))


def note_seen(engine: sa.Engine, image_sha256: str, account_id: str) -> None:
    """Note that the proposal for an image is sent to an account; once."""
    row = {"account_id": account_id, "image_sha256": image_sha256, "seen_at": now()}

    def work() -> None:
        with engine.begin() as connection:
            insert_missing(connection, t.acquisition_proposal_seen, [row])

    retry_on_conflict(work)


def inherit_decisions(act: ActTransaction, rows: Iterable[Mapping[str, Any]]) -> int:
    """Let new records have the decision that holds of the file they show; return for how many there is one.

    A rejected file that comes in under another name is rejected there, too. The record's score stays what its source
    says: nobody has looked at it as this record.
    """
    if not act.read(sa.select(_a.id).limit(1)):
        return 0
    new = {row["id"]: row for row in rows}
    c = _current.c
    hashes = {row["image_sha256"] for row in new.values()}
    held: dict[str, dict[str, Any]] = {}
    for one in act.read(sa.select(_current).where(c.image_sha256.in_(list(hashes))).order_by(c.sequence)):
        held[one["image_sha256"]] = one  # the latest
    chosen = [(row, held[row["image_sha256"]]) for row in new.values() if row["image_sha256"] in held]
    if not chosen:
        return 0
    number = next_number(act.connection, t.acquisition_assessment, rows=len(chosen))
    made = [
        {
            **one, "id": uuid5(NAMESPACE_OID, f"{one['answer_id']} {row['id']}").hex, "record_id": row["id"],
            "dataset_id": row["dataset_id"], "earlier_score": row.get("image_quality_score"),
            "sequence": number + place,
        }
        for place, (row, one) in enumerate(chosen)
    ]  # fmt: skip
    act.insert(t.acquisition_assessment, *made)
    for row, one in chosen:
        before = {"id": row["id"], "dataset_id": row["dataset_id"], "acquisition": None}
        values = {"acquisition": one["decision"]}
        act.change_record(Act.ACQUISITION, before, values, reason="decided about this file before it came in here")
    return len(chosen)


def last_answer_of(act: ActTransaction, account_id: str) -> str | None:
    """Hash of the image that an account answered last of those whose answer still holds; None: there is none."""
    c = _current.c
    statement = sa.select(c.image_sha256).where(c.account_id == account_id).order_by(c.sequence.desc()).limit(1)
    rows = act.read(statement)
    return str(rows[0]["image_sha256"]) if rows else None


def answers_with_proposal(engine: sa.Engine, dataset_ids: Collection[str]) -> pd.DataFrame:
    """The answers to which a proposal was there, of each person and image the first blind one, else the last.

    It counts whatever was said later: who sees the proposal and follows it would take their disagreement away.
    Columns answer_id, record_id, account_id, score, proposed_score, proposal_hidden, ordered by sequence.
    """
    said = sa.and_(_a.takes_back.is_(None), _a.proposed_score.is_not(None), _a.dataset_id.in_(list(dataset_ids)))
    blind_first = sa.func.min(sa.case((_a.proposal_hidden, _a.sequence), else_=None))
    chosen = sa.select(sa.func.coalesce(blind_first, sa.func.max(_a.sequence))).where(said)
    statement = (
        sa.select(_a.answer_id, _a.record_id, _a.account_id, _a.score, _a.proposed_score, _a.proposal_hidden)
        .where(_a.sequence.in_(chosen.group_by(_a.account_id, _a.image_sha256)))
        .order_by(_a.sequence)
    )
    return read_frame(engine, statement)


def count_decisions(engine: sa.Engine, dataset_ids: Collection[str] | None = None) -> dict[str, dict[str, int]]:
    """How many records of each data set the gate accepted and rejected; the rest is open."""
    statement = sa.select(_r.dataset_id, _r.acquisition, sa.func.count().label("n")).group_by(
        _r.dataset_id, _r.acquisition
    )
    if dataset_ids is not None:
        statement = statement.where(_r.dataset_id.in_(list(dataset_ids)))
    counts: dict[str, dict[str, int]] = {}
    for row in read_dicts(engine, statement):
        of = counts.setdefault(row["dataset_id"], {ACCEPTED: 0, REJECTED: 0, "open": 0})
        of[row["acquisition"] or "open"] += row["n"]
    return counts


def rejected_ids(engine: sa.Engine, dataset_ids: Collection[str] | None = None) -> set[str]:
    """Ids of the records that the gate rejected."""
    statement = sa.select(_r.id).where(_r.acquisition == REJECTED)
    if dataset_ids is not None:
        statement = statement.where(_r.dataset_id.in_(list(dataset_ids)))
    return {row["id"] for row in read_dicts(engine, statement)}
