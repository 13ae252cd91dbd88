"""What an import found changed and updated, and whether what it left out was a row or a file."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the columns, empty for earlier imports, and the table of changes."""
    for name in ("changed", "updated", "restored"):
        op.add_column("import_run", sa.Column(name, sa.Integer()))
    op.add_column("import_run", sa.Column("files_left_out", sa.JSON()))
    op.add_column("import_exclusion", sa.Column("concerns", sa.String()))
    op.create_table(
        "import_change",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position"),
    )
