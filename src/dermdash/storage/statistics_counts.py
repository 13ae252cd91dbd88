"""What the records that a filter lets through amount to: counts by class and stage, images per patient, ages, sexes."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from dermdash.records.fields import FIELDS
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import tables as t
from dermdash.storage.import_runs import ROW
from dermdash.storage.record_conditions import conditions_of
from dermdash.storage.results import read_columns, read_dicts

_AGE = next(spec for spec in FIELDS if spec.name == "age_at_exam")


def class_counts(engine: sa.Engine, record_filter: RecordFilter) -> list[dict[str, Any]]:
    """Records by dataset_id, dx and verification_stage: ``n`` of each combination that occurs.

    ``claimed``: how many of them stand at their stage only because their source says so.
    """
    c = t.record.c
    columns = (c.dataset_id, c.dx, c.verification_stage)
    claimed = sa.func.sum(sa.case((sa.func.coalesce(c.stage_claimed, sa.false()), 1), else_=0)).label("claimed")
    counted = (
        sa.select(*columns, sa.func.count().label("n"), claimed).where(*conditions_of(record_filter)).group_by(*columns)
    )
    return read_dicts(engine, counted)


def image_counts(engine: sa.Engine, record_filter: RecordFilter) -> dict[str, int]:
    """``records``, different ``images`` among them, and records ``without_patient``."""
    c = t.record.c
    figures: list[sa.ColumnElement[Any]] = [
        sa.func.count().label("records"),
        sa.func.count(c.image_sha256.distinct()).label("images"),
        (sa.func.count() - sa.func.count(c.patient_id)).label("without_patient"),
    ]
    counted = sa.select(*figures).where(*conditions_of(record_filter))
    return {name: int(n) for name, n in read_dicts(engine, counted)[0].items()}


def images_per(engine: sa.Engine, record_filter: RecordFilter, unit: str) -> dict[int, int]:
    """How many patients (``patient_id``) or lesions (``lesion_id``) have how many images: images to number of them."""
    c = t.record.c
    of_one = (
        sa.select(sa.func.count().label("images"))
        .where(c[unit].is_not(None), *conditions_of(record_filter))
        .group_by(c.dataset_id, c[unit])
        .subquery()
    )
    return _frequency(engine, of_one.c.images)


def ages_of_units(engine: sa.Engine, record_filter: RecordFilter) -> dict[int | None, int]:
    """Ages at the first examination, one for each patient, or lesion where no patient is named; None: no valid age."""
    column = t.record.c[_AGE.name]
    valid = sa.case((column.between(_AGE.minimum, _AGE.maximum), column))
    return _frequency(engine, _of_units(record_filter, sa.func.min(valid).label("age")).c.age)


def sexes_of_units(engine: sa.Engine, record_filter: RecordFilter) -> list[tuple[str | None, bool, int]]:
    """Sex, whether records of one patient (or lesion) name more than one, and how many patients (or lesions)."""
    sex = t.record.c.sex
    of_one = _of_units(record_filter, sa.func.min(sex).label("sex"), sa.func.max(sex).label("other")).c
    several = sa.func.coalesce(of_one.sex != of_one.other, sa.false()).label("several")
    counted = sa.select(of_one.sex, several, sa.func.count().label("n")).group_by(of_one.sex, several)
    return [(row["sex"], bool(row["several"]), int(row["n"])) for row in read_dicts(engine, counted)]


def lesions_without_patient(engine: sa.Engine, record_filter: RecordFilter) -> int:
    """How many lesions stand for a patient that nobody named."""
    c = t.record.c
    lesions = (
        sa.select(c.dataset_id, c.lesion_id)
        .where(c.patient_id.is_(None), *conditions_of(record_filter))
        .distinct()
        .subquery()
    )
    return int(read_dicts(engine, sa.select(sa.func.count().label("n")).select_from(lesions))[0]["n"])


def left_out_at_import(engine: sa.Engine, dataset_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Rows that imports left out, oldest import first: dataset_id, image_id, reason, detail, and whether such a record
    is there now."""
    x, run, c = t.import_exclusion.c, t.import_run.c, t.record.c
    statement = (
        sa.select(run.dataset_id, x.image_id, x.reason, x.detail, c.id.is_not(None).label("present"))
        .select_from(
            t.import_exclusion.join(t.import_run, run.id == x.run_id).outerjoin(
                t.record, sa.and_(c.dataset_id == run.dataset_id, c.image_id == x.image_id)
            )
        )
        .where(run.dataset_id.in_(list(dataset_ids)), sa.or_(x.concerns.is_(None), x.concerns == ROW))
        .order_by(run.started_at, x.position)
    )
    return read_dicts(engine, statement)


def _of_units(record_filter: RecordFilter, *figures: sa.ColumnElement[Any]) -> sa.Subquery:
    """Figures over the records of each patient; of a record without one, over its lesion."""
    c = t.record.c
    lesion = sa.case((c.patient_id.is_(None), c.lesion_id))
    return (
        sa.select(c.dataset_id, c.patient_id, lesion.label("lesion"), *figures)
        .where(*conditions_of(record_filter))
        .group_by(c.dataset_id, c.patient_id, lesion)
        .subquery()
    )


def _frequency(engine: sa.Engine, column: sa.ColumnElement[Any]) -> dict[Any, int]:
    counted = sa.select(column.label("value"), sa.func.count().label("n")).group_by(column)
    return {row["value"]: int(row["n"]) for row in read_dicts(engine, counted)}


def value_counts(engine: sa.Engine, record_filter: RecordFilter, column: str) -> dict[str, dict[str | None, int]]:
    """How often each value of a column occurs, by data set."""
    c = t.record.c
    counted = (
        sa.select(c.dataset_id, c[column].label("value"), sa.func.count().label("n"))
        .where(*conditions_of(record_filter))
        .group_by(c.dataset_id, c[column])
    )
    found: dict[str, dict[str | None, int]] = {}
    for row in read_dicts(engine, counted):
        found.setdefault(str(row["dataset_id"]), {})[row["value"]] = int(row["n"])
    return found


def years_of(engine: sa.Engine, record_filter: RecordFilter) -> dict[str, tuple[str, str]]:
    """First and last year of acquisition, by data set; a data set without a date is left out."""
    c = t.record.c
    year = sa.func.substr(c.acquisition_date, 1, 4)
    spans = (
        sa.select(c.dataset_id, sa.func.min(year).label("first"), sa.func.max(year).label("last"))
        .where(c.acquisition_date.is_not(None), c.acquisition_date != "", *conditions_of(record_filter))
        .group_by(c.dataset_id)
    )
    return {str(row["dataset_id"]): (row["first"], row["last"]) for row in read_dicts(engine, spans)}


def image_files(engine: sa.Engine, record_filter: RecordFilter) -> dict[str, list[tuple[str, str, str]]]:
    """Of each data set its records: id, hash of the file, perceptual hash of the picture."""
    c, i = t.record.c, t.image.c
    statement = (
        sa.select(c.dataset_id, c.id, c.image_sha256, i.phash)
        .select_from(t.record.join(t.image, i.sha256 == c.image_sha256))
        .where(*conditions_of(record_filter))
        .order_by(c.id)
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in read_dicts(engine, statement):
        found.setdefault(str(row["dataset_id"]), []).append((row["id"], row["image_sha256"], row["phash"]))
    return found


def patients_and_lesions(engine: sa.Engine, record_filter: RecordFilter) -> dict[str, dict[str, int]]:
    """Different ``patients`` and ``lesions`` that records name, by data set."""
    c = t.record.c
    counted = (
        sa.select(
            c.dataset_id,
            sa.func.count(c.patient_id.distinct()).label("patients"),
            sa.func.count(c.lesion_id.distinct()).label("lesions"),
        )
        .where(*conditions_of(record_filter))
        .group_by(c.dataset_id)
    )
    return {str(row.pop("dataset_id")): row for row in read_dicts(engine, counted)}


def column_values(engine: sa.Engine, column: str) -> pa.Table:
    """Of each record its ``id`` and the ``value`` of a column.

    ``quality``: the score of an examiner, else the estimate.
    """
    c = t.record.c
    value = sa.func.coalesce(c.image_quality_score, c.technical_quality) if column == "quality" else c[column]
    return read_columns(engine, sa.select(c.id, value.label("value")))


def malignancy_probabilities(engine: sa.Engine, model_id: str) -> pa.Table:
    """Of each record that a model has predicted its ``id`` and as ``value`` its probability of malignancy (0..1)."""
    c = t.prediction.c
    asked = sa.select(c.record_id.label("id"), c.malignancy_probability.label("value")).where(c.model_id == model_id)
    return read_columns(engine, asked)
