"""Models, what they trained on, and their predictions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.classifier.preprocessing import PREPROCESSING, VIEW_COUNT
from dermdash.errors import NotFound
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import in_turn
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now
from dermdash.storage.kept_flags import keep_model_answers, models_in_use
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame
from dermdash.storage.unchanged import while_unchanged


def save_model(engine: sa.Engine, *, values: Mapping[str, Any], training_lesion_digests: Iterable[str]) -> None:
    """Register a checkpoint with digests of the lesions it trained on; a known id stays as it is.

    ``preprocessing`` is the one of this version where ``values`` do not name it, ``simulated`` False.
    """
    values = {"preprocessing": PREPROCESSING, "simulated": False} | dict(values)
    rows = [{"model_id": values["id"], "lesion_digest": digest} for digest in sorted(set(training_lesion_digests))]

    def work(connection: sa.Connection) -> None:
        before = connection.execute(models_in_use()).all()
        connection.execute(insert(t.model).values(created_at=now(), **values).on_conflict_do_nothing())
        insert_missing(connection, t.model_training_lesion, rows)
        if set(connection.execute(models_in_use()).all()) != set(before):
            keep_model_answers(connection)

    # Two processes, or two sessions of the app, may register the same model at once.
    in_turn(engine, work)


def list_models(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every model with its number of predictions, newest first."""
    return deepcopy(while_unchanged(engine, "models", lambda: _models_now(engine), scans=True))


def _models_now(engine: sa.Engine) -> list[dict[str, Any]]:
    counts = sa.select(t.prediction.c.model_id, sa.func.count().label("n")).group_by(t.prediction.c.model_id).subquery()
    statement = (
        sa.select(t.model, sa.func.coalesce(counts.c.n, 0).label("predictions"))
        .outerjoin(counts, counts.c.model_id == t.model.c.id)
        .order_by(t.model.c.created_at.desc(), t.model.c.id)
    )
    return read_dicts(engine, statement)


def get_model(engine: sa.Engine, model_id: str) -> dict[str, Any]:
    """One model, or NotFound."""
    rows = read_dicts(engine, sa.select(t.model).where(t.model.c.id == model_id))
    if not rows:
        raise NotFound(f"There is no model {model_id!r} in this workspace; `dermdash train` makes one.")
    return rows[0]


def save_choice(engine: sa.Engine, *, values: Mapping[str, Any]) -> None:
    """Log that somebody chose which model answers where none is named."""

    def work(connection: sa.Connection) -> None:
        sequence = next_number(connection, t.model_choice)
        connection.execute(t.model_choice.insert().values(chosen_at=now(), sequence=sequence, **values))
        keep_model_answers(connection)

    in_turn(engine, work)


def list_choices(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every choice with the name of the model, the latest first."""
    c = t.model_choice.c
    statement = (
        sa.select(t.model_choice, t.model.c.name.label("model_name"))
        .join(t.model, t.model.c.id == c.model_id)
        .order_by(c.sequence.desc(), c.id)
    )
    return read_dicts(engine, statement)


def training_lesion_digests(engine: sa.Engine, model_id: str) -> set[str]:
    """Digests of the lesions the model trained on."""
    c = t.model_training_lesion.c
    statement = sa.select(c.lesion_digest).where(c.model_id == model_id)
    with engine.connect() as connection:
        return set(connection.execute(statement).scalars())


def predicted_record_ids(engine: sa.Engine, model_id: str) -> set[str]:
    """Records that already have a prediction of this model."""
    c = t.prediction.c
    with engine.connect() as connection:
        return set(connection.execute(sa.select(c.record_id).where(c.model_id == model_id)).scalars())


def save_predictions(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store predictions (record_id, model_id, probabilities, predicted_dx, malignancy_probability).

    ``views`` is the number that this version averages where a row does not name it.
    """
    moment = now()
    kept = [{"views": VIEW_COUNT} | dict(row) | {"created_at": moment} for row in rows]

    def work(connection: sa.Connection) -> None:
        insert_missing(connection, t.prediction, kept)
        keep_model_answers(connection, [row["record_id"] for row in kept])

    in_turn(engine, work)


def predictions_of_record(
    engine: sa.Engine, record_id: str, *, lesion_digests: Collection[str]
) -> list[dict[str, Any]]:
    """Every model's prediction for one record, oldest model first, with whether it trained on one of the lesions.

    `trained_on_lesion` is None where the model's training lesions are not known.
    """
    trained = (
        sa.select(sa.literal(1))
        .select_from(t.model_training_lesion)
        .where(
            t.model_training_lesion.c.model_id == t.model.c.id,
            t.model_training_lesion.c.lesion_digest.in_(list(lesion_digests)),
        )
        .exists()
    )
    statement = (
        sa.select(
            t.prediction,
            t.model.c.name.label("model_name"),
            t.model.c.architecture,
            t.model.c.taxonomy,
            t.model.c.input_size,
            t.model.c.checkpoint_sha256,
            t.model.c.preprocessing,
            t.model.c.simulated.label("model_simulated"),
            sa.case((t.model.c.training_lesions_known, trained), else_=sa.null()).label("trained_on_lesion"),
        )
        .join(t.model, t.model.c.id == t.prediction.c.model_id)
        .where(t.prediction.c.record_id == record_id)
        .order_by(t.model.c.created_at, t.model.c.id)
    )
    return read_dicts(engine, statement)


def predictions_of_model(engine: sa.Engine, model_id: str, record_ids: Iterable[str]) -> pd.DataFrame:
    """One model's predictions for the given records."""
    c = t.prediction.c
    return read_frame(engine, sa.select(t.prediction).where(c.model_id == model_id, c.record_id.in_(list(record_ids))))


def predictions_with_image(engine: sa.Engine, model_id: str) -> pd.DataFrame:
    """Every prediction of a model with the data set and the image id of its record, in the order of these."""
    statement = (
        sa.select(t.prediction, t.record.c.dataset_id, t.record.c.image_id)
        .join(t.record, t.record.c.id == t.prediction.c.record_id)
        .where(t.prediction.c.model_id == model_id)
        .order_by(t.record.c.dataset_id, t.record.c.image_id)
    )
    return read_frame(engine, statement)
