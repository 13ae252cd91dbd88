"""What is kept of a record beside its fields: the details as columns, and the further columns of its source.

Nothing that is there changes: a site keeps the words it was imported with until its data set is imported again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TEXTS = (
    "image_type", "polarisation", "contact", "acquisition_date", "source_site", "skin_tone", "skin_tone_scale",
    "acquisition_source", "source_split", "licence", "attribution",
)  # fmt: skip
_NUMBERS = ("second_diameter_mm", "breslow_mm")


def upgrade() -> None:
    """Add the columns, empty, and the table."""
    for name in _TEXTS:
        op.add_column("record", sa.Column(name, sa.String()))
    for name in _NUMBERS:
        op.add_column("record", sa.Column(name, sa.Double()))
    op.create_table(
        "record_further",
        sa.Column("record_id", sa.String(), primary_key=True),
        sa.Column("cells", sa.JSON(), nullable=False),
    )
