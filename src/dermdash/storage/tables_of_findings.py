"""Tables of findings, of decisions about them, and of the ledger of lesion identity."""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, table

finding = table(
    "finding",
    # A digest of kind and records: the same finding found again is the same row.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("threshold", sa.Double, nullable=False),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("method_version", sa.String, nullable=False),
    sa.Column("model_id", sa.String),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    # When a check did not find it any more that somebody had decided about; null: it is found.
    sa.Column("gone_at", TIMESTAMP),
)

finding_record = table(
    "finding_record",
    sa.Column("finding_id", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("finding_id", "position"),
)

finding_decision = table(
    "finding_decision",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("finding_id", sa.String, nullable=False),
    # "open" takes an earlier decision back.
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    # The order of the acts: the latest one holds, whatever a clock said.
    sa.Column("sequence", sa.BigInteger),
)

finding_search = table(
    "finding_search",
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    # What the record was searched by: a version of the descriptors, or a model. Only the rest is searched next time.
    sa.Column("source", sa.String, nullable=False),
    sa.Column("searched_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("kind", "record_id", "source"),
)

# Who is asked to decide about a finding: the latest row holds; null takes it from everybody.
finding_assignment = table(
    "finding_assignment",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("finding_id", sa.String, nullable=False),
    sa.Column("account_id", sa.String),
    sa.Column("assigned_by", sa.String, nullable=False),
    sa.Column("assigned_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# Decisions that one click made of several findings, and what each was before, so that one click takes all back.
finding_act = table(
    "finding_act",
    sa.Column("decision_id", sa.String, primary_key=True),
    sa.Column("act_id", sa.String, nullable=False),
    # The decision before; "open": there was none.
    sa.Column("before", sa.String, nullable=False),
    # The act that this one takes back; null: it is no undo.
    sa.Column("undoes", sa.String),
)

# What a check did: computed, only added to, the latest row of a check and its scope says how things stand.
finding_check = table(
    "finding_check",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("check_key", sa.String, nullable=False),
    # Ids of the data sets that it looked at, sorted, joined by a space.
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("records", sa.BigInteger, nullable=False),
    # Findings by kind, and what people should know of how it was done or why it could not be.
    sa.Column("found", sa.JSON, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    sa.Column("data_version", sa.String, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("finished_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

identity_act = table(
    "identity_act",
    sa.Column("id", sa.String, primary_key=True),
    # "hand": one pair that somebody entered; "ledger": a file; "list": a published list applied; "undo".
    sa.Column("kind", sa.String, nullable=False),
    # What the decisions come from: the name of a file or list, empty where a person alone speaks.
    sa.Column("source", sa.String, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    # The act that this one takes back; null: none.
    sa.Column("undoes", sa.String),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

identity_evidence = table(
    "identity_evidence",
    # What a row of finding_decision rests on, where it was not taken on the page of findings.
    sa.Column("decision_id", sa.String, primary_key=True),
    sa.Column("act_id", sa.String, nullable=False),
    sa.Column("evidence", sa.String, nullable=False),
    # Who decided and when, as a ledger from elsewhere says it: no account of this workspace.
    sa.Column("said_by", sa.String, nullable=False),
    sa.Column("said_on", sa.String, nullable=False),
)
