"""Tables of reader studies: protocols and their drafts, cases, amendments, acts of the team, imported logs."""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, table

study = table(
    "study",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String),
    sa.Column("protocol", sa.String, nullable=False),
    sa.Column("protocol_sha256", sa.String, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("frozen_at", TIMESTAMP, nullable=False),
    # A random secret: with it the images are made that readers get.
    sa.Column("image_key", sa.String),
)

study_case = table(
    "study_case",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("practice", sa.Boolean, nullable=False),
    sa.Column("truth_dx", sa.String, nullable=False),
    sa.Column("held_out", sa.Boolean, nullable=False),
    # What each modality would show, fixed at freezing: a later model or index cannot change a running study.
    sa.Column("assistance", sa.JSON, nullable=False),
    # Part of its class by difficulty (1 the easiest) and the number itself; null where the study was not drawn by it.
    sa.Column("stratum", sa.Integer),
    sa.Column("difficulty", sa.Double),
    # What is seen beside the image, fixed at freezing, too; null where the protocol shows nothing there.
    sa.Column("beside", sa.JSON),
    # The part of the study it belongs to; null: practice or not says it all.
    sa.Column("part", sa.String),
    # What an attention check tells the reader to answer.
    sa.Column("expected", sa.JSON),
)

reading_log = table(
    "reading_log",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    # As of an operating point: decides between two that import under one name at once.
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("format", sa.String, nullable=False),
    # Of the file in the object store, which is read anew whenever the log is analysed.
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("truth_sha256", sa.String),
    # Answers; for a file of counts per image the participants counted, whose readers are not known.
    sa.Column("readings", sa.Integer, nullable=False),
    sa.Column("readers", sa.Integer),
    sa.Column("cases", sa.Integer, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("recognised", sa.String, nullable=False),
    sa.Column("excluded", sa.JSON, nullable=False),
    sa.Column("imported_at", TIMESTAMP, nullable=False),
    sa.Column("imported_by", sa.String, nullable=False),
    sa.UniqueConstraint("name", "generation"),
)

reading_log_withdrawal = table(
    "reading_log_withdrawal",
    sa.Column("reading_log_id", sa.String, primary_key=True),
    sa.Column("withdrawn_by", sa.String, nullable=False),
    sa.Column("withdrawn_at", TIMESTAMP, nullable=False),
)

# A case of a drawn list that somebody exchanged for the next one before the study was frozen. The list is named by what
# stands in it; "begun again" takes back all that was done to it before; "locked" keeps it from exchanges until it is
# "opened". The number is part of the key: of two at once one comes first.
case_exchange = table(
    "case_exchange",
    sa.Column("draw_sha256", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("old_record_id", sa.String),
    sa.Column("new_record_id", sa.String),
    sa.Column("truth_dx", sa.String),
    sa.Column("stratum", sa.Integer),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("made_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("draw_sha256", "number"),
)

# The exchanges that a study was frozen with.
study_exchange = table(
    "study_exchange",
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("draw_sha256", sa.String, nullable=False),
    sa.Column("old_record_id", sa.String, nullable=False),
    sa.Column("new_record_id", sa.String, nullable=False),
    sa.Column("truth_dx", sa.String, nullable=False),
    sa.Column("stratum", sa.Integer),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("made_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("study_id", "number"),
)

# What a study follows from then on in place of the protocol before; the number is part of the key, so that one of two
# at once wins.
study_amendment = table(
    "study_amendment",
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("protocol", sa.String, nullable=False),
    sa.Column("protocol_sha256", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("amended_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("study_id", "number"),
)

# What the study team decides while a study runs (reader_study/conduct.py): the latest row of a kind holds.
study_act = table(
    "study_act",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    # The reader whom it is about; null: all of them.
    sa.Column("reader_id", sa.String),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("acted_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# A protocol in the making: each row is all of it after an act ("saved", "deleted", "freezing", "frozen"), and the last
# one holds. The key decides between two that change it at once. Older states than the latest few are deleted.
study_draft = table(
    "study_draft",
    sa.Column("id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("entries", sa.JSON, nullable=False),
    # What it was frozen as.
    sa.Column("study_id", sa.String),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("made_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("id", "number"),
)
