"""Saliency maps and what was measured on them: statements and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts, read_frame


def save_maps(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store maps (record_id, model_id, target, method, explained, probability, heat); known ones stay as they are."""
    _save(engine, t.saliency, rows)


def save_faithfulness(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store figures (record_id, model_id, target, method, region, region_sha256, figures)."""
    _save(engine, t.saliency_faithfulness, rows)


def save_curves(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store insertion and deletion curves (record_id, model_id, target, method, curves)."""
    _save(engine, t.saliency_curve, rows)


def _save(engine: sa.Engine, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    moment = now()

    def work() -> None:
        with engine.begin() as connection:
            insert_missing(connection, table, [{**row, "created_at": moment} for row in rows])

    retry_on_conflict(work)


def explained_record_ids(engine: sa.Engine, model_id: str, target: str, method: str) -> set[str]:
    """Records that have a map of this model, target and method."""
    c = t.saliency.c
    statement = sa.select(c.record_id).where(c.model_id == model_id, c.target == target, c.method == method)
    with engine.connect() as connection:
        return set(connection.execute(statement).scalars())


def maps_of_records(
    engine: sa.Engine, record_ids: Iterable[str], *, model_id: str, target: str, method: str
) -> list[dict[str, Any]]:
    """Stored maps of the given records, in no particular order, with the input size of the model."""
    c = t.saliency.c
    statement = (
        sa.select(t.saliency, t.model.c.input_size)
        .join(t.model, t.model.c.id == c.model_id)
        .where(c.model_id == model_id, c.target == target, c.method == method, c.record_id.in_(list(record_ids)))
    )
    return [{**row, "heat": bytes(row["heat"])} for row in read_dicts(engine, statement)]


def explained_records(
    engine: sa.Engine, *, model_id: str, target: str, method: str, simulated: bool | None = None
) -> pd.DataFrame:
    """Every record with a map, ordered by id: what is explained, its probability, the truth, lesion, patient, mask.

    ``simulated`` names one kind of data sets; None: both.

    Columns record_id, image_id, image_sha256, dataset_id, dx, lesion_id, patient_id, explained, probability,
    predicted_dx, mask_sha256.
    """
    s, r = t.saliency.c, t.record.c
    statement = (
        sa.select(
            s.record_id, r.image_id, r.image_sha256, r.dataset_id, r.dx, r.lesion_id,
            r.patient_id, s.explained, s.probability, t.prediction.c.predicted_dx, t.segmentation.c.mask_sha256,
        )
        .join(t.record, r.id == s.record_id)
        .outerjoin(t.segmentation, t.segmentation.c.record_id == s.record_id)
        .outerjoin(
            t.prediction, sa.and_(t.prediction.c.record_id == s.record_id, t.prediction.c.model_id == s.model_id)
        )
        .where(s.model_id == model_id, s.target == target, s.method == method)
        .order_by(s.record_id)
    )  # fmt: skip
    if simulated is not None:
        kind = sa.select(t.dataset.c.id).where(t.dataset.c.simulated.is_(simulated))
        statement = statement.where(r.dataset_id.in_(kind))
    return read_frame(engine, statement)


def measured_regions(engine: sa.Engine, *, model_id: str, target: str, method: str) -> set[tuple[str, str, str]]:
    """What has figures already: (record id, region, sha256 of the region)."""
    c = t.saliency_faithfulness.c
    statement = sa.select(c.record_id, c.region, c.region_sha256).where(
        c.model_id == model_id, c.target == target, c.method == method
    )
    with engine.connect() as connection:
        return {(row.record_id, row.region, row.region_sha256) for row in connection.execute(statement)}


def faithfulness_of_model(engine: sa.Engine, *, model_id: str, target: str, method: str) -> list[dict[str, Any]]:
    """Figures of every record and region, ordered by record (record_id, region, region_sha256, figures)."""
    c = t.saliency_faithfulness.c
    statement = (
        sa.select(c.record_id, c.region, c.region_sha256, c.figures)
        .where(c.model_id == model_id, c.target == target, c.method == method)
        .order_by(c.record_id, c.region)
    )
    return read_dicts(engine, statement)


def curves_of_model(engine: sa.Engine, *, model_id: str, target: str, method: str) -> list[dict[str, Any]]:
    """Insertion and deletion curves of every record that has them, ordered by record (record_id, curves)."""
    c = t.saliency_curve.c
    statement = (
        sa.select(c.record_id, c.curves)
        .where(c.model_id == model_id, c.target == target, c.method == method)
        .order_by(c.record_id)
    )
    return read_dicts(engine, statement)


def count_explained(
    engine: sa.Engine, *, model_id: str, target: str, method: str, taxonomy: str, simulated: bool
) -> tuple[int, int]:
    """How many records of the taxonomy's data sets of one kind have a map, and how many there are."""
    s, r = t.saliency.c, t.record.c
    matching = sa.and_(s.record_id == r.id, s.model_id == model_id, s.target == target, s.method == method)
    statement = (
        sa.select(sa.func.count(s.record_id), sa.func.count())
        .select_from(t.record)
        .join(t.dataset, t.dataset.c.id == r.dataset_id)
        .outerjoin(t.saliency, matching)
        .where(t.dataset.c.taxonomy == taxonomy, t.dataset.c.simulated.is_(simulated))
    )
    with engine.connect() as connection:
        explained, total = connection.execute(statement).one()
    return int(explained), int(total)


def version(engine: sa.Engine, *, model_id: str) -> str:
    """Return a value that changes whenever maps, figures or curves of a model are added; caches are keyed on it."""
    counts = [
        sa.select(sa.func.count()).select_from(table).where(table.c.model_id == model_id).scalar_subquery()
        for table in (t.saliency, t.saliency_faithfulness, t.saliency_curve, t.prediction)
    ]
    with engine.connect() as connection:
        return ":".join(str(n) for n in connection.execute(sa.select(*counts)).one())
