"""Acts are ordered by number and not by a clock alone; what leaves for readers is recorded, and says less."""

import hashlib
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_RECORDED = {"reading": "recorded_at", "session_event": "recorded_at"}
_ACTS = {"invitation_change": "changed_at", "model_choice": "chosen_at", "finding_decision": "created_at"}


def upgrade() -> None:
    """Add the columns, number what is there as it was ordered until now, and create the table of sendings.

    Of a reader's unaided and aided answer the unaided one comes first, whatever the clock said when it was set back.
    """
    for table in (*_RECORDED, *_ACTS):
        op.add_column(table, sa.Column("sequence", sa.BigInteger()))
    op.add_column("reading", sa.Column("time_check", sa.String()))
    op.add_column("reading", sa.Column("sent_at", sa.DateTime(timezone=True)))
    op.add_column("reading", sa.Column("shown_sha256", sa.String()))
    op.create_table(
        "step_sent",
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("shown_sha256", sa.String(), nullable=False),
        sa.Column("reader_id", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", "phase", "shown_sha256"),
    )
    # An aided answer is no earlier than its unaided one; an event keeps its place among the answers.
    op.execute(
        "CREATE TEMPORARY TABLE renumbered AS SELECT kind, id, "
        "row_number() OVER (ORDER BY moment, later, id) AS number FROM ("
        "SELECT 'reading' AS kind, a.id, CASE WHEN a.phase = 'aided' AND u.recorded_at > a.recorded_at "
        "THEN u.recorded_at ELSE a.recorded_at END AS moment, CASE WHEN a.phase = 'aided' THEN 1 ELSE 0 END AS later "
        "FROM reading a LEFT JOIN reading u ON u.assignment_id = a.assignment_id AND u.phase = 'unaided' "
        "UNION ALL SELECT 'session_event', id, recorded_at, 2 FROM session_event) AS recorded"
    )
    for table in _RECORDED:
        op.execute(
            f"UPDATE {table} SET sequence = renumbered.number FROM renumbered "  # noqa: S608  names from above
            f"WHERE renumbered.kind = '{table}' AND renumbered.id = {table}.id"
        )
    op.execute("DROP TABLE renumbered")
    for table, moment in _ACTS.items():
        op.execute(
            f"UPDATE {table} SET sequence = numbered.number FROM "  # noqa: S608
            f"(SELECT id, row_number() OVER (ORDER BY {moment}, id) AS number FROM {table}) AS numbered "
            f"WHERE numbered.id = {table}.id"
        )
    _name_anew()
    # PostgreSQL would read the whole table for the last number; DuckDB knows it.
    if op.get_bind().dialect.name == "postgresql":
        for table in (*_RECORDED, *_ACTS, "step_sent"):
            op.create_index(f"{table}_sequence", table, ["sequence"])


def _name_anew() -> None:
    """A secret for the images of each study; readers keep the name under which their browser may hold answers."""
    op.add_column("study", sa.Column("image_key", sa.String()))
    op.add_column("reader", sa.Column("browser_name", sa.String()))
    connection = op.get_bind()
    for study_id in connection.execute(sa.text("SELECT id FROM study")).scalars().all():
        key = {"id": study_id, "key": secrets.token_hex(16)}
        connection.execute(sa.text("UPDATE study SET image_key = :key WHERE id = :id"), key)
    for reader_id in connection.execute(sa.text("SELECT id FROM reader")).scalars().all():
        name = {"id": reader_id, "name": hashlib.sha256(reader_id.encode()).hexdigest()[:16]}
        connection.execute(sa.text("UPDATE reader SET browser_name = :name WHERE id = :id"), name)
