"""The acquisition gate: what is measured of each image, what people decided, and where each record stands."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_Timestamp = sa.DateTime(timezone=True)
_MEASURES = (
    "sharpness", "exposure", "glare", "colour_cast", "off_centre", "lesion_share", "hair", "ruler", "pen", "bubbles",
    "vignette", "short_side",
)  # fmt: skip


def upgrade() -> None:
    """Of the records that are there nobody has decided at the gate: null."""
    op.add_column("record", sa.Column("acquisition", sa.String()))
    op.create_table(
        "acquisition_measurement",
        sa.Column("record_id", sa.String(), primary_key=True),
        sa.Column("image_sha256", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("by_mask", sa.Boolean(), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Double()) for name in _MEASURES),
        sa.Column("proposed_score", sa.Integer(), nullable=False),
        sa.Column("weakest", sa.String(), nullable=False),
        sa.Column("measured_at", _Timestamp, nullable=False),
    )
    op.create_table(
        "acquisition_assessment",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("answer_id", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("image_sha256", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("score", sa.Integer()),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.JSON()),
        sa.Column("proposed_score", sa.Integer()),
        sa.Column("proposal_hidden", sa.Boolean(), nullable=False),
        sa.Column("earlier_score", sa.Integer()),
        sa.Column("takes_back", sa.String()),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("assessed_at", _Timestamp, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
