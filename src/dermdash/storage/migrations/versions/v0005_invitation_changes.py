"""Invitations are withdrawn and renewed any number of times: one row for each such act, the latest one holds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table and move the withdrawals there."""
    op.create_table(
        "invitation_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.execute(
        "INSERT INTO invitation_change (id, invitation_id, kind, changed_at, changed_by) "
        "SELECT invitation_id, invitation_id, 'withdrawn', revoked_at, 'admin' FROM invitation_revocation"
    )
    op.drop_table("invitation_revocation")
