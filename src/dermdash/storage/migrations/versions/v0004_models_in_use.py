"""Which models were trained on drawn lesions, and which model answers where none is named."""

import hashlib
from pathlib import Path

import sqlalchemy as sa
from alembic import context, op

from dermdash.classifier.checkpoints import read_metadata
from dermdash.errors import DermdashError

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and the table, and mark the models that were trained on simulated data sets."""
    op.create_table(
        "model_choice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("taxonomy", sa.String(), nullable=False),
        sa.Column("replaced_model_id", sa.String(), nullable=True),
        sa.Column("chosen_by", sa.String(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # DuckDB adds no column that forbids nulls.
    op.add_column("model", sa.Column("simulated", sa.Boolean(), server_default=sa.false()))
    connection = op.get_bind()
    simulated = _of_simulated_data_sets(connection) | _by_their_checkpoints(connection)
    for model_id in sorted(simulated):
        connection.execute(sa.text("UPDATE model SET simulated = true WHERE id = :id"), {"id": model_id})


def _of_simulated_data_sets(connection: sa.Connection) -> set[str]:
    """Models trained here on a simulated data set, or elsewhere on lesions that only simulated data sets have."""
    found = set(
        connection.execute(
            sa.text("SELECT m.id FROM model m JOIN dataset d ON d.id = m.dataset_id WHERE d.simulated")
        ).scalars()
    )
    elsewhere = connection.execute(sa.text("SELECT id FROM model WHERE dataset_id IS NULL")).scalars().all()
    if not elsewhere:
        return found
    lesions = connection.execute(
        sa.text("SELECT DISTINCT r.lesion_id, d.simulated FROM record r JOIN dataset d ON d.id = r.dataset_id")
    ).all()
    drawn = {_digest(lesion) for lesion, simulated in lesions if simulated}
    drawn -= {_digest(lesion) for lesion, simulated in lesions if not simulated}
    for model_id in elsewhere:
        trained = connection.execute(
            sa.text("SELECT lesion_digest FROM model_training_lesion WHERE model_id = :id"), {"id": model_id}
        ).scalars()
        if not drawn.isdisjoint(trained):
            found.add(model_id)
    return found


def _by_their_checkpoints(connection: sa.Connection) -> set[str]:
    """Models whose checkpoint, written by a newer version, says it."""
    folder: Path | None = context.config.attributes.get("checkpoints")
    if folder is None or not folder.is_dir():
        return set()
    found = set()
    for model_id in connection.execute(sa.text("SELECT id FROM model")).scalars().all():
        try:
            metadata = read_metadata(folder / f"{model_id}.safetensors")
        except DermdashError:  # lost or of another version: then the tables alone say
            continue
        if metadata.simulated:
            found.add(str(model_id))
    return found


def _digest(lesion_id: str) -> str:
    """As version 1 of a checkpoint names a lesion; here, so that a later change does not change this migration."""
    return hashlib.sha256(lesion_id.encode()).hexdigest()[:16]
