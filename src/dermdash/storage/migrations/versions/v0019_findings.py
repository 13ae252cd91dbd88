"""Findings that are not found any more, who is asked about one, acts about several, and what the checks did."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_Timestamp = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a column and three tables; every finding that is there counts as found."""
    op.add_column("finding", sa.Column("gone_at", _Timestamp))
    op.create_table(
        "finding_assignment",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("finding_id", sa.String, nullable=False),
        sa.Column("account_id", sa.String),
        sa.Column("assigned_by", sa.String, nullable=False),
        sa.Column("assigned_at", _Timestamp, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "finding_act",
        sa.Column("decision_id", sa.String, primary_key=True),
        sa.Column("act_id", sa.String, nullable=False),
        sa.Column("before", sa.String, nullable=False),
        sa.Column("undoes", sa.String),
    )
    op.create_table(
        "finding_check",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("check_key", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("found", sa.JSON, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("data_version", sa.String, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("finished_at", _Timestamp, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
