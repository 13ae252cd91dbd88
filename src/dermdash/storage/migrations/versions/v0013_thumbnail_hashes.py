"""The sha256 of each thumbnail, so that a damaged one is known."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column; thumbnails made before stay without a hash until they are made anew."""
    op.add_column("image", sa.Column("thumbnail_sha256", sa.String()))
