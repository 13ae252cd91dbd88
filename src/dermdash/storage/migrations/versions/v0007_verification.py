"""The ladder of labels: tasks, annotations, consensus, histology, and a change log that begins with what is there."""

import json
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from dermdash.records.change_chain import GENESIS, batch_digest, canonical, entry_hash, record_digest

revision = "0007"
down_revision = "0006"

# The fields of a record as they were then, in any order: the digest sorts them.
_LISTS = ("dominant_colors", "dermoscopic_structures")
_FIELDS = (
    "age_at_exam", "sex", "fitzpatrick_type", "sunburn_history", "personal_ca_history", "anatomical_site",
    "lesion_diameter_mm", "elevation", "border_regularity", "clinical_diagnosis", "histopathology_result",
    "verification_stage", "examiner_id", "image_quality_score", *_LISTS,
)  # fmt: skip
_NAMES = (
    "id", "dataset_id", "image_id", "lesion_id", "patient_id", "image_sha256", "source_label", "dx", "dx_type",
)  # fmt: skip
_BEFORE = "In the workspace before the change log began"
_INDEXED = {
    "verification_task": ("account_id", "sequence"),
    "annotation": ("record_id", "account_id", "sequence"),
    "change_log": ("record_id",),
    "notice": ("account_id", "sequence"),
    "board_comment": ("record_id", "sequence"),
    "consensus": ("sequence",),
    "histology": ("sequence",),
    "reopening": ("sequence",),
    "absence": ("sequence",),
}


def upgrade() -> None:
    """Create the tables, mark the stages that are there as claimed, and begin the log with the records."""
    _create_tables()
    op.add_column("record", sa.Column("stage_claimed", sa.Boolean()))
    op.add_column("record", sa.Column("agreement", sa.Double()))
    op.add_column("record", sa.Column("n_reviewers", sa.Integer()))
    op.add_column("record", sa.Column("import_entry", sa.BigInteger()))
    op.execute("UPDATE record SET stage_claimed = TRUE WHERE verification_stage IS NOT NULL")
    _begin_the_log()
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _INDEXED.items():
            for column in columns:
                op.create_index(f"{table}_{column}", table, [column])


def _begin_the_log() -> None:
    """An entry for the records of each import."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            f"SELECT {', '.join((*_NAMES, *_FIELDS))}, import_run_id FROM record "  # noqa: S608  names from above
            "ORDER BY dataset_id, coalesce(import_run_id, ''), id"
        )
    ).mappings()
    log = sa.table("change_log", *[sa.column(name) for name in _COLUMNS])
    previous, at = GENESIS, datetime.now(UTC).isoformat(timespec="microseconds")
    found = [_parsed(row) for row in rows]
    runs = groupby(found, key=lambda row: (row["dataset_id"], row["import_run_id"]))
    for sequence, ((dataset_id, run_id), group) in enumerate(runs, 1):
        digests = {row["id"]: record_digest(row, _FIELDS) for row in group}
        new = {"run": run_id, "records": len(digests), "digest": batch_digest(digests)}
        entry: dict[str, Any] = {
            "sequence": sequence, "at": at, "account_id": "", "act": "import", "dataset_id": dataset_id,
            "record_id": None, "field": None, "old": None, "new": new, "reason": _BEFORE, "previous": previous,
        }  # fmt: skip
        previous = entry["hash"] = entry_hash(entry)
        connection.execute(log.insert().values(entry | {"old": canonical(None), "new": canonical(new)}))
        condition = "import_run_id IS NULL" if run_id is None else "import_run_id = :run"
        connection.execute(
            sa.text(f"UPDATE record SET import_entry = :entry WHERE dataset_id = :dataset AND {condition}"),  # noqa: S608
            {"entry": sequence, "dataset": dataset_id} | ({} if run_id is None else {"run": run_id}),
        )


_COLUMNS = (
    "sequence", "at", "account_id", "act", "dataset_id", "record_id", "field", "old", "new", "reason", "previous",
    "hash",
)  # fmt: skip


def _parsed(row: Any) -> dict[str, Any]:
    values = dict(row)
    for name in _LISTS:
        # DuckDB gives the text of a JSON column here, PostgreSQL what it says.
        if isinstance(values[name], str):
            values[name] = json.loads(values[name])
    return values


def _create_tables() -> None:
    op.create_table(
        "picture_key",
        sa.Column("dataset_id", sa.String(), primary_key=True),
        sa.Column("secret", sa.String(), nullable=False),
    )
    op.create_table(
        "review_rule",
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id", "version"),
    )
    op.create_table(
        "verification_task",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String()),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("assigned_by", sa.String(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("not_before", sa.Integer()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("record_id", "cycle", "purpose", "place"),
        sa.UniqueConstraint("record_id", "stage", "cycle", "account_id", "purpose"),
    )
    op.create_table(
        "task_change",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "number"),
    )
    op.create_table(
        "annotation",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("dx", sa.String()),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("quality", sa.Integer()),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("blind_to_initial", sa.Boolean(), nullable=False),
        sa.Column("blind_to_model", sa.Boolean(), nullable=False),
        sa.Column("client_ms", sa.Double()),
        sa.Column("shown_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("task_id", "version"),
    )
    op.create_table(
        "annotation_draft",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "account_id"),
    )
    op.create_table(
        "annotation_refused",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "task_lease",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "review_outcome",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("dx", sa.String()),
        sa.Column("agreement", sa.Double(), nullable=False),
        sa.Column("n_reviewers", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "cycle", "number"),
    )
    op.create_table(
        "consensus",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dx", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("participants", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("agreement", sa.Double(), nullable=False),
        sa.Column("n_reviewers", sa.Integer(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "cycle"),
    )
    op.create_table(
        "board_comment",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "histology",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("dx", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("report_number", sa.String(), nullable=False),
        sa.Column("report_date", sa.Date()),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "cycle"),
    )
    op.create_table(
        "reopening",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("from_stage", sa.Integer()),
        sa.Column("to_stage", sa.Integer()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "cycle"),
    )
    op.create_table(
        "change_log",
        sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String()),
        sa.Column("record_id", sa.String()),
        sa.Column("field", sa.String()),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False, unique=True),
        sa.Column("hash", sa.String(), nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.String(), primary_key=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("cancels", sa.String()),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
