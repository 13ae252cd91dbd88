"""Tables of the measured classifier: operating points, saliency, findings and their decisions."""

import sqlalchemy as sa  # noqa: F401
from alembic import op  # noqa: F401

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables; nothing of an older workspace changes."""
