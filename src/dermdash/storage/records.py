"""Records, images, masks and import runs: statements and nothing else."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.errors import NotFound
from dermdash.records.acts import Act
from dermdash.records.change_chain import batch_digest, digested_names, record_digest
from dermdash.records.details import FURTHER
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import tables as t
from dermdash.storage.acquisition import inherit_decisions
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.bulk import insert_missing
from dermdash.storage.covered_meanwhile import shown_instead
from dermdash.storage.engine import now
from dermdash.storage.flags import flag_columns
from dermdash.storage.further_columns import DIGESTED, add_further, further_of
from dermdash.storage.record_conditions import conditions_of, quality_column
from dermdash.storage.record_order import ordering
from dermdash.storage.results import columns_as_frame, frame_of, read_columns, read_dicts, read_frame, read_rows
from dermdash.storage.unchanged import while_unchanged

_CSV_CHUNK = 20_000

_AT_ONCE = 1000  # parameters of a statement are limited


def record_id(dataset_id: str, image_id: str) -> str:
    """The key of a record: stable over re-imports, unique over data sets."""
    return f"{dataset_id}:{image_id}"


def save_dataset(engine: sa.Engine, *, values: Mapping[str, Any]) -> str:
    """Create the data set unless it is there; return its taxonomy, which then may be another one."""
    statement = insert(t.dataset).values(created_at=now(), **values).on_conflict_do_nothing()
    with engine.begin() as connection:
        connection.execute(statement)
        of_dataset = sa.select(t.dataset.c.taxonomy).where(t.dataset.c.id == values["id"])
        return str(connection.execute(of_dataset).scalar_one())


def list_datasets(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every data set with its number of records, oldest first."""
    return [dict(row) for row in while_unchanged(engine, "datasets", lambda: _datasets_now(engine), scans=True)]


def _datasets_now(engine: sa.Engine) -> list[dict[str, Any]]:
    counts = sa.select(t.record.c.dataset_id, sa.func.count().label("n")).group_by(t.record.c.dataset_id).subquery()
    statement = (
        sa.select(t.dataset, sa.func.coalesce(counts.c.n, 0).label("records"))
        .outerjoin(counts, counts.c.dataset_id == t.dataset.c.id)
        .order_by(t.dataset.c.created_at)
    )
    return read_dicts(engine, statement)


def kinds_of_datasets(engine: sa.Engine) -> dict[str, bool]:
    """Whether each data set is simulated, by its id, oldest first; no record is counted for it."""
    statement = sa.select(t.dataset.c.id, t.dataset.c.simulated).order_by(t.dataset.c.created_at)
    return {str(row.id): bool(row.simulated) for row in read_rows(engine, statement)}


def known_image_hashes(engine: sa.Engine, dataset_id: str) -> dict[str, str]:
    """Content hash (of the stored, de-identified bytes) to image id, for the records of one data set."""
    statement = sa.select(t.record.c.image_sha256, t.record.c.image_id).where(t.record.c.dataset_id == dataset_id)
    with engine.connect() as connection:
        return {row.image_sha256: row.image_id for row in connection.execute(statement)}


def image_sizes(engine: sa.Engine, dataset_id: str) -> dict[str, tuple[int, int]]:
    """Image id to width and height as the pixels lie, for the records of one data set."""
    statement = (
        sa.select(t.record.c.image_id, t.image.c.width, t.image.c.height)
        .join(t.image, t.image.c.sha256 == t.record.c.image_sha256)
        .where(t.record.c.dataset_id == dataset_id)
    )
    with engine.connect() as connection:
        return {row.image_id: (row.width, row.height) for row in connection.execute(statement)}


def record_ids_with_mask(engine: sa.Engine, dataset_id: str) -> set[str]:
    """Ids of the records of a data set that have a segmentation mask."""
    statement = (
        sa.select(t.segmentation.c.record_id)
        .join(t.record, t.record.c.id == t.segmentation.c.record_id)
        .where(t.record.c.dataset_id == dataset_id)
    )
    with engine.connect() as connection:
        return set(connection.execute(statement).scalars())


def stored_files(engine: sa.Engine, dataset_id: str) -> dict[str, tuple[str, str, str | None, str | None]]:
    """Image id to the hashes of original, file as it came, thumbnail (None: not kept) and mask (None: none)."""
    r, i, s = t.record.c, t.image.c, t.segmentation.c
    statement = (
        sa.select(r.image_id, i.sha256, i.source_sha256, i.thumbnail_sha256, s.mask_sha256)
        .join(t.image, i.sha256 == r.image_sha256)
        .outerjoin(t.segmentation, s.record_id == r.id)
        .where(r.dataset_id == dataset_id)
    )
    with engine.connect() as connection:
        rows = connection.execute(statement)
        # Most files are stored as they came: one text then serves as both.
        return {name: (sha, sha if sha == came else came, small, mask) for name, sha, came, small, mask in rows}


def save_thumbnail_hashes(engine: sa.Engine, hashes: Mapping[str, str]) -> None:
    """Note the hashes of thumbnails that were made anew, by the hash of their original."""
    c = t.image.c
    with engine.begin() as connection:
        for sha256, thumbnail in hashes.items():
            connection.execute(sa.update(t.image).where(c.sha256 == sha256).values(thumbnail_sha256=thumbnail))


def save_batch(
    engine: sa.Engine,
    *,
    images: Sequence[Mapping[str, Any]],
    records: Sequence[Mapping[str, Any]],
    masks: Sequence[Mapping[str, Any]] = (),
    account_id: str = "",
) -> set[str]:
    """Store a batch of an import in one act; rows that are there already stay as they are.

    A record of an image that somebody has covered or cleaned meanwhile gets the version in its place. Returns the
    hashes of such images, as they were given.

    The further columns of a record stand in its row under ``further``.
    The records of each data set and run that are new have an entry in the change log, with a digest of what is stored:
    an import of more than one batch has as many entries, so that one that is killed leaves no record without.
    """

    def work(act: ActTransaction) -> set[str]:
        instead = shown_instead(act, (row["image_sha256"] for row in records))
        kept = [{**row, "created_at": act.moment} for row in images if row["sha256"] not in instead]
        insert_missing(act.connection, t.image, kept)
        _add_records(act, [{**row, **_version(instead, row), "imported_at": act.moment} for row in records])
        insert_missing(act.connection, t.segmentation, [{**row, "created_at": act.moment} for row in masks])
        return set(instead)

    return in_one_act(engine, account_id, work)


def _version(instead: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    image = instead.get(row["image_sha256"])
    if image is None:
        return {}
    return {"image_sha256": image["sha256"], "technical_quality": image["technical_quality"]}


def _add_records(act: ActTransaction, rows: Sequence[Mapping[str, Any]]) -> None:
    c = t.record.c
    known = (
        {row["id"] for row in act.read(sa.select(c.id).where(c.id.in_([row["id"] for row in rows])))} if rows else ()
    )
    digested = [c[name] for name in digested_names(DIGESTED) if name in c]
    groups: dict[tuple[str, str | None], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        if row["id"] not in known:
            group = groups.setdefault((row["dataset_id"], row.get("import_run_id")), {})
            group.setdefault(row["id"], row)
    for (dataset_id, run_id), group in groups.items():
        entry = act.next_sequence
        insert_missing(
            act.connection,
            t.record,
            [
                {"stage_claimed": None if row.get("verification_stage") is None else True, **row, "import_entry": entry}
                for row in group.values()
            ],
        )
        given = {key: row[FURTHER] for key, row in group.items() if row.get(FURTHER)}
        add_further(act, given)
        # What is stored, not what was given: a whole number in a column of others comes back as another text.
        stored = act.read(sa.select(*digested).where(c.id.in_(list(group))))
        further = further_of(act, list(given))
        digests = {row["id"]: record_digest({**row, FURTHER: further.get(row["id"])}, DIGESTED) for row in stored}
        new = {"run": run_id, "records": len(digests), "digest": batch_digest(digests)}
        act.log(Act.IMPORT, dataset_id=dataset_id, new=new)
        inherit_decisions(act, group.values())


def count_records(engine: sa.Engine, record_filter: RecordFilter) -> int:
    """How many records the filter lets through."""
    return while_unchanged(engine, ("records", record_filter), lambda: _counted_now(engine, record_filter), scans=True)


def _counted_now(engine: sa.Engine, record_filter: RecordFilter) -> int:
    statement = sa.select(sa.func.count()).select_from(t.record).where(*conditions_of(record_filter))
    with engine.connect() as connection:
        return int(connection.execute(statement).scalar_one())


def lets_through(engine: sa.Engine, record_filter: RecordFilter, record_id: str) -> bool:
    """Whether a record is among those that the filter lets through."""
    statement = sa.select(sa.literal(1)).where(t.record.c.id == record_id, *conditions_of(record_filter))
    with engine.connect() as connection:
        return connection.execute(statement).first() is not None


def page_of_records(
    engine: sa.Engine,
    record_filter: RecordFilter,
    *,
    sort: str = "image_id",
    descending: bool = False,
    limit: int = 60,
    offset: int = 0,
    columns: Collection[str] | None = None,
    flagged: bool = False,
) -> pd.DataFrame:
    """One page of the filtered records, plus `quality` as the filter means it.

    ``columns``: of the record, None for all; a narrow page is read in less than half the time. ``flagged``: with a
    column for each flag of `dermdash.storage.flags`.
    """
    order = ordering(record_filter, sort, descending)
    # First which records, then their rows: sorting a million whole rows for sixty of them is what takes long.
    chosen = sa.select(t.record.c.id).where(*conditions_of(record_filter)).order_by(*order).limit(limit).offset(offset)
    wanted = [t.record] if columns is None else [column for column in t.record.c if column.name in columns]
    quality = quality_column(record_filter.quality_source).label("quality")
    page = sa.select(*wanted, quality, *(flag_columns() if flagged else ())).order_by(*order)
    if engine.dialect.name != "duckdb":
        return read_frame(engine, page.where(t.record.c.id.in_(chosen)))
    # It joins with what a statement inside finds by reading all ids, and finds those that it is given in an index. Both
    # in one transaction see one moment: nobody is shown a row that the filter does not let through.
    with engine.connect() as connection:
        ids = connection.execute(chosen).scalars().all()
        return frame_of(connection.execute(page.where(t.record.c.id.in_(ids))))


def some_of_each_class(
    engine: sa.Engine, record_filter: RecordFilter, *, limit: int
) -> list[tuple[str, str, str | None]]:
    """Id, image and diagnosis of up to so many filtered records: the first of each class, then the second of each."""
    c = t.record.c
    place = sa.func.row_number().over(partition_by=c.dx, order_by=c.id)
    ranked = sa.select(c.id, c.image_sha256, c.dx, place.label("place")).where(*conditions_of(record_filter)).subquery()
    statement = (
        sa.select(ranked.c.id, ranked.c.image_sha256, ranked.c.dx)
        .where(ranked.c.place <= limit)
        .order_by(ranked.c.place, ranked.c.dx, ranked.c.id)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [(str(row[0]), str(row[1]), row[2]) for row in connection.execute(statement)]


def iterate_records(
    engine: sa.Engine,
    record_filter: RecordFilter,
    *,
    sort: str = "image_id",
    descending: bool = False,
    further: bool = False,
) -> Iterator[pd.DataFrame]:
    """The whole filtered set in the order of the page, in chunks; ``further``: with the column of that name."""
    order = ordering(record_filter, sort, descending)
    statement = sa.select(t.record).where(*conditions_of(record_filter)).order_by(*order)
    if further:
        f = t.record_further.c
        statement = statement.add_columns(f.cells.label(FURTHER)).outerjoin(
            t.record_further, f.record_id == t.record.c.id
        )
    with engine.connect() as connection:
        result = connection.execute(statement)
        columns = list(result.keys())
        while rows := result.fetchmany(_CSV_CHUNK):
            yield pd.DataFrame.from_records([tuple(row) for row in rows], columns=columns)


def get_record(engine: sa.Engine, record_id: str) -> dict[str, Any]:
    """One record with the facts of its image and the hash of its mask, or NotFound."""
    facts = [c for c in t.image.c if c.name not in ("technical_quality", "sha256", "thumbnail_sha256")]
    statement = (
        sa.select(t.record, *facts, t.segmentation.c.mask_sha256)
        .join(t.image, t.image.c.sha256 == t.record.c.image_sha256)
        .outerjoin(t.segmentation, t.segmentation.c.record_id == t.record.c.id)
        .where(t.record.c.id == record_id)
    )
    with engine.connect() as connection:
        row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound(f"There is no record {record_id!r} in this workspace.")
    return dict(row)


def find_record_ids(engine: sa.Engine, image_id: str) -> list[str]:
    """Ids of the records with that image id, over all data sets."""
    statement = sa.select(t.record.c.id).where(t.record.c.image_id == image_id).order_by(t.record.c.id)
    with engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def records_by_id(engine: sa.Engine, record_ids: Iterable[str]) -> pd.DataFrame:
    """Records of the given ids, in no particular order."""
    ids = list(record_ids)
    parts = [ids[start : start + _AT_ONCE] for start in range(0, max(1, len(ids)), _AT_ONCE)]
    frames = [read_frame(engine, sa.select(t.record).where(t.record.c.id.in_(part))) for part in parts]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def records_of_dataset(engine: sa.Engine, dataset_id: str) -> pd.DataFrame:
    """Every record of a data set ordered by id; what training and case selection read."""
    return read_frame(engine, sa.select(t.record).where(t.record.c.dataset_id == dataset_id).order_by(t.record.c.id))


def record_ids(engine: sa.Engine, record_filter: RecordFilter) -> set[str]:
    """Ids of the records that the filter lets through."""
    with engine.connect() as connection:
        return set(connection.execute(sa.select(t.record.c.id).where(*conditions_of(record_filter))).scalars())


def records_of_lesion(engine: sa.Engine, dataset_id: str, lesion_id: str) -> pd.DataFrame:
    """Every image of one lesion."""
    c = t.record.c
    return read_frame(
        engine,
        sa.select(t.record).where(c.dataset_id == dataset_id, c.lesion_id == lesion_id).order_by(c.image_id),
    )


def data_version(engine: sa.Engine) -> str:
    """A value that changes whenever records do; caches are keyed on it."""
    return while_unchanged(engine, "data version", lambda: _data_version_now(engine), scans=True)


def _data_version_now(engine: sa.Engine) -> str:
    # The number of records shows an import that is still running or was interrupted, the log every later change.
    records = sa.select(sa.func.count()).select_from(t.record).scalar_subquery()
    changes = sa.select(sa.func.coalesce(sa.func.max(t.change_log.c.sequence), 0)).scalar_subquery()
    statement = sa.select(sa.func.max(t.import_run.c.finished_at), records, changes)
    with engine.connect() as connection:
        latest, n, last = connection.execute(statement).one()
    return f"{n}:{latest}:{last}"


def similarity_columns(engine: sa.Engine) -> pd.DataFrame:
    """What a similarity index needs of every record: ids of image, lesion, patient and file, diagnosis and stage."""
    c = t.record.c
    columns = (c.id, c.dataset_id, c.image_id, c.lesion_id, c.patient_id, c.dx, c.image_sha256, c.verification_stage)
    return columns_as_frame(read_columns(engine, sa.select(*columns)))


def records_of_images(engine: sa.Engine, image_ids: Iterable[str]) -> pd.DataFrame:
    """Records (id, data set, image, lesion) of images by their ids, whatever data set they are in."""
    c = t.record.c
    columns = (c.id, c.dataset_id, c.image_id, c.lesion_id)
    wanted = sorted(set(image_ids))
    parts = [wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)] or [[]]
    return pd.concat(
        [read_frame(engine, sa.select(*columns).where(c.image_id.in_(part))) for part in parts], ignore_index=True
    )


def image_hashes(engine: sa.Engine, record_ids: Iterable[str]) -> dict[str, str]:
    """The hash of each record's stored image; a record that is not there is left out."""
    c, ids, found = t.record.c, list(record_ids), dict[str, str]()
    for start in range(0, len(ids), _AT_ONCE):
        statement = sa.select(c.id, c.image_sha256).where(c.id.in_(ids[start : start + _AT_ONCE]))
        found |= {row.id: row.image_sha256 for row in read_rows(engine, statement)}
    return found


def image_size(engine: sa.Engine, sha256: str) -> tuple[int, int]:
    """Width and height of a stored image as its pixels lie, before its EXIF orientation turns it."""
    c = t.image.c
    with engine.connect() as connection:
        row = connection.execute(sa.select(c.width, c.height).where(c.sha256 == sha256)).one()
    return int(row.width), int(row.height)


def record_ids_of_files(engine: sa.Engine, sha256s: Iterable[str]) -> list[str]:
    """Ids of the records whose image is one of these files, as it came or as it is stored."""
    hashes = list(sha256s)
    i = t.image.c
    statement = (
        sa.select(t.record.c.id)
        .join(t.image, i.sha256 == t.record.c.image_sha256)
        .where(sa.or_(i.sha256.in_(hashes), i.source_sha256.in_(hashes)))
        .order_by(t.record.c.id)
    )
    with engine.connect() as connection:
        return list(connection.execute(statement).scalars())
