"""What readers see of a case beside its image, fixed when the study is frozen."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Studies frozen before show nothing beside the image."""
    op.add_column("study_case", sa.Column("beside", sa.JSON()))
