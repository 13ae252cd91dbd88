"""Tables of the ladder of labels: rules, tasks, answers, consensus, histology, and the change log."""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, table

review_rule = table(
    "review_rule",
    sa.Column("dataset_id", sa.String, nullable=False),
    # The latest version holds for tasks made from then on; a task keeps the version it was made under.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("rule", sa.JSON, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("dataset_id", "version"),
)

verification_task = table(
    "verification_task",
    # Opaque and random: the only name of a record that a reviewer's browser gets, and the order of their work.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("stage", sa.Integer, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    # Which of the record's tasks of this purpose: two processes that assign at once cannot both fill a place.
    sa.Column("place", sa.Integer, nullable=False),
    # Null: in the queue, for whoever takes it first.
    sa.Column("account_id", sa.String),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("assigned_by", sa.String, nullable=False),
    sa.Column("assigned_at", TIMESTAMP, nullable=False),
    sa.Column("due_at", TIMESTAMP),
    # Of a hidden repeat: after how many annotations of this person it may be shown.
    sa.Column("not_before", sa.Integer),
    # "open", "answered" or "withdrawn": follows from annotations and changes, and is kept beside them.
    sa.Column("state", sa.String, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("record_id", "cycle", "purpose", "place"),
    sa.UniqueConstraint("record_id", "stage", "cycle", "account_id", "purpose"),
)

task_change = table(
    "task_change",
    sa.Column("task_id", sa.String, nullable=False),
    # 1, 2, ...: withdrawn, reinstated, withdrawn, ...; the latest holds.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("changed_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("task_id", "number"),
)

annotation = table(
    "annotation",
    # Made by the browser, so that a resend after a lost acknowledgement is recognised.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("task_id", sa.String, nullable=False),
    # 1, 2, ... of the task: the latest counts, and decides between two tabs.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("stage", sa.Integer, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("dx", sa.String),
    sa.Column("unsure", sa.Boolean, nullable=False),
    sa.Column("quality", sa.Integer),
    # All that was entered: dx, values, marks, unsure, comment, quality.
    sa.Column("content", sa.JSON, nullable=False),
    # What the person could not see when they answered.
    sa.Column("blind_to_initial", sa.Boolean, nullable=False),
    sa.Column("blind_to_model", sa.Boolean, nullable=False),
    sa.Column("client_ms", sa.Double),
    sa.Column("shown_at", TIMESTAMP),
    sa.Column("submitted_at", TIMESTAMP),
    sa.Column("recorded_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("task_id", "version"),
)

annotation_draft = table(
    "annotation_draft",
    sa.Column("task_id", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("saved_at", TIMESTAMP, nullable=False),
    sa.Column("recorded_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("task_id", "account_id"),
)

annotation_refused = table(
    "annotation_refused",
    # The browser's id: what came too late or to a closed record is kept and counts nowhere.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("task_id", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("refused_at", TIMESTAMP, nullable=False),
)

task_lease = table(
    "task_lease",
    # "task:ID" or "record:ID": what only one person edits at a time.
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("token", sa.String, nullable=False),
    sa.Column("taken_at", TIMESTAMP, nullable=False),
    sa.Column("expires_at", TIMESTAMP, nullable=False),
)

review_outcome = table(
    "review_outcome",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    # 1, 2, ...: what the rule said whenever all who were asked had answered; the latest holds.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("dx", sa.String),
    sa.Column("agreement", sa.Double, nullable=False),
    sa.Column("n_reviewers", sa.Integer, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("annotations", sa.JSON, nullable=False),
    sa.Column("decided_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle", "number"),
)

consensus = table(
    "consensus",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    # "direct": all agreed and the rule let it pass; "board": formulated.
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("dx", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("participants", sa.JSON, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    # Share of the reviewers who gave this label, and how many reviewed.
    sa.Column("agreement", sa.Double, nullable=False),
    sa.Column("n_reviewers", sa.Integer, nullable=False),
    sa.Column("annotations", sa.JSON, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("decided_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle"),
)

board_comment = table(
    "board_comment",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

histology = table(
    "histology",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("dx", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("report_number", sa.String, nullable=False),
    sa.Column("report_date", sa.Date),
    # "entered" or "imported"
    sa.Column("source", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("recorded_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle"),
)

reopening = table(
    "reopening",
    sa.Column("record_id", sa.String, nullable=False),
    # The cycle that begins with it: the first has none.
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("from_stage", sa.Integer),
    # Null: from the beginning, initial annotation included.
    sa.Column("to_stage", sa.Integer),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("reopened_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle"),
)

change_log = table(
    "change_log",
    # From 1 without gaps. What an entry says and how it is tied to the one before: `records/change_chain.py`.
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String),
    sa.Column("record_id", sa.String),
    sa.Column("field", sa.String),
    # Canonical JSON as it was hashed.
    sa.Column("old", sa.String, nullable=False),
    sa.Column("new", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    # Unique: no two entries follow the same one, whichever processes wrote them.
    sa.Column("previous", sa.String, nullable=False, unique=True),
    sa.Column("hash", sa.String, nullable=False),
)

notice = table(
    "notice",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

notice_read = table(
    "notice_read",
    sa.Column("notice_id", sa.String, primary_key=True),
    sa.Column("read_at", TIMESTAMP, nullable=False),
)

absence = table(
    "absence",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    # Both days are days of absence.
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    # The absence that this row takes back; null: it is one.
    sa.Column("cancels", sa.String),
    sa.Column("entered_by", sa.String, nullable=False),
    sa.Column("entered_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
