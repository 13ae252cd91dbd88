"""Readings of studies that ask for no diagnosis or no confidence, and names under which readers play."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Nothing is asked less of readings that are there already, and nobody has a name."""
    op.alter_column("reading", "dx", existing_type=sa.String(), nullable=True)
    op.alter_column("reading", "confidence", existing_type=sa.Integer(), nullable=True)
    op.create_table(
        "player_name",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("study_id", sa.String(), nullable=False),
        sa.Column("reader_id", sa.String(), nullable=False),
        # Null: the reader plays no more.
        sa.Column("name", sa.String()),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
