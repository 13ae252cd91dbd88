"""The group of a reader's experience, for readers who came with an archive that does not tell their years."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the column; of readers who said their years the group follows from these."""
    op.add_column("reader_profile", sa.Column("experience_group", sa.String()))
