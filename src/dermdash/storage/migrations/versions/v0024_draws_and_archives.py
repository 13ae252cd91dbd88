"""Cases drawn by difficulty, exchanges before a study was frozen, and profiles that came in groups with an archive."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Earlier studies were drawn without strata, and nobody exchanged a case of them."""
    # Of readers who said their years the group follows from these.
    op.add_column("reader_profile", sa.Column("experience_group", sa.String()))
    op.add_column("study_case", sa.Column("stratum", sa.Integer()))
    op.add_column("study_case", sa.Column("difficulty", sa.Double()))
    op.create_table(
        "case_exchange",
        sa.Column("draw_sha256", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("old_record_id", sa.String()),
        sa.Column("new_record_id", sa.String()),
        sa.Column("truth_dx", sa.String()),
        sa.Column("stratum", sa.Integer()),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("draw_sha256", "number"),
    )
    op.create_table(
        "study_exchange",
        sa.Column("study_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("draw_sha256", sa.String(), nullable=False),
        sa.Column("old_record_id", sa.String(), nullable=False),
        sa.Column("new_record_id", sa.String(), nullable=False),
        sa.Column("truth_dx", sa.String(), nullable=False),
        sa.Column("stratum", sa.Integer()),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("study_id", "number"),
    )
