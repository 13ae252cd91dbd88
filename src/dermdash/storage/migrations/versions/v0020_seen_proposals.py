"""Which proposals of the acquisition gate were shown to whom: an answer after that is not blind."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Of what was shown before nothing is known: answers say themselves whether the proposal was hidden."""
    op.create_table(
        "acquisition_proposal_seen",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("image_sha256", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "image_sha256"),
    )
