"""Consent as it was given, readers who withdrew, and time in which a case was not seen."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Of readers before this the version alone is known (`reader.consent_version`): their text is the protocol's."""
    op.create_table(
        "consent",
        sa.Column("reader_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("pages_language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", "version"),
    )
    op.create_table(
        "reader_withdrawal",
        sa.Column("reader_id", sa.String(), primary_key=True),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False, unique=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("reading", sa.Column("hidden_ms", sa.Double(), nullable=True))
