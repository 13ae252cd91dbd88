"""De-identification: what was taken out of each file, what a search for burned-in text proposed, who decided."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"

_Timestamp = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Of the images that are there nobody knows what was taken out of their files: null."""
    op.add_column("image", sa.Column("removed", sa.JSON()))
    op.create_table(
        "text_screening",
        sa.Column("image_sha256", sa.String(), primary_key=True),
        sa.Column("detector", sa.String(), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("surplus", sa.String()),
        sa.Column("screened_at", _Timestamp, nullable=False),
    )
    op.create_table(
        "text_decision",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("image_sha256", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("masked_sha256", sa.String()),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("decided_at", _Timestamp, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "text_sign_off",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("signed_at", _Timestamp, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
