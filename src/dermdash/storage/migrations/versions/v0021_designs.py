"""Designs beyond one arm: parts of a study, periods, hidden repeats, and the arm of each reader."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_KEPT = "id, reader_id, case_id, position, modality, practice, assistance"


def upgrade() -> None:
    """Let a reader have a case more than once; what was assigned before was read once, without and then with help."""
    op.add_column("study_case", sa.Column("part", sa.String()))
    op.add_column("study_case", sa.Column("expected", sa.JSON()))
    op.create_table(
        "reader_arm",
        sa.Column("reader_id", sa.String(), primary_key=True),
        sa.Column("study_id", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "study_amendment",
        sa.Column("study_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("protocol_sha256", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("study_id", "number"),
    )
    # Made anew: DuckDB drops no rule of a table that has a key.
    op.execute(f"CREATE TABLE assignment_before AS SELECT {_KEPT} FROM assignment")  # noqa: S608 - our own names
    op.drop_table("assignment")
    op.create_table(
        "assignment",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("reader_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("assistance", sa.JSON()),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.UniqueConstraint("reader_id", "case_id", "period", "occasion", "attempt"),
    )
    op.execute(
        f"INSERT INTO assignment ({_KEPT}, turn, part, period, occasion, attempt, reading) "  # noqa: S608
        f"SELECT {_KEPT}, row_number() OVER (PARTITION BY reader_id ORDER BY practice DESC, position), "
        "CASE WHEN practice THEN 'practice' ELSE 'study' END, 1, 1, 1, 'sequential' FROM assignment_before"
    )
    op.drop_table("assignment_before")
