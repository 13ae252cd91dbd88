"""Every table, once, for both engines: those of studies here, the others in a module for each domain.

No foreign keys: DuckDB turns an update of a referenced row into delete plus insert and then refuses it, so
the workflows keep references whole instead. What holds people's work is only ever inserted, never updated.
``JSON`` columns hold lists and payloads that are read back whole and never filtered on.

Whoever needs a table imports this module. A new one stands at the end of it, or in the module of its domain.
"""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, metadata
from dermdash.storage.table_parts import table as _table
from dermdash.storage.tables_of_accounts import (
    account,
    account_change,
    account_identity,
    account_password,
    known_browser,
    login_link,
    login_session,
    sign_in_attempt,
)
from dermdash.storage.tables_of_findings import (
    finding,
    finding_act,
    finding_assignment,
    finding_check,
    finding_decision,
    finding_record,
    finding_search,
    identity_act,
    identity_evidence,
)
from dermdash.storage.tables_of_images import (
    ACQUISITION_MEASURES,
    acquisition_assessment,
    acquisition_measurement,
    acquisition_proposal_seen,
    text_decision,
    text_screening,
    text_sign_off,
)
from dermdash.storage.tables_of_models import (
    model,
    model_choice,
    model_training_lesion,
    operating_point,
    operating_point_withdrawal,
    prediction,
    saliency,
    saliency_curve,
    saliency_faithfulness,
)
from dermdash.storage.tables_of_records import (
    dataset,
    dataset_answer,
    dataset_version,
    image,
    import_change,
    import_exclusion,
    import_run,
    picture_key,
    record,
    record_further,
    record_set,
    record_set_member,
    segmentation,
    split,
    split_lock,
    split_record,
    split_withdrawal,
)
from dermdash.storage.tables_of_review import (
    absence,
    annotation,
    annotation_draft,
    annotation_refused,
    board_comment,
    change_log,
    consensus,
    histology,
    notice,
    notice_read,
    reopening,
    review_outcome,
    review_rule,
    task_change,
    task_lease,
    verification_task,
)

__all__ = [
    "ACQUISITION_MEASURES",
    "absence",
    "account",
    "account_change",
    "account_identity",
    "account_password",
    "acquisition_assessment",
    "acquisition_measurement",
    "acquisition_proposal_seen",
    "annotation",
    "annotation_draft",
    "annotation_refused",
    "board_comment",
    "change_log",
    "consensus",
    "dataset",
    "dataset_answer",
    "dataset_version",
    "finding",
    "finding_act",
    "finding_assignment",
    "finding_check",
    "finding_decision",
    "finding_record",
    "finding_search",
    "histology",
    "identity_act",
    "identity_evidence",
    "image",
    "import_change",
    "import_exclusion",
    "import_run",
    "known_browser",
    "login_link",
    "login_session",
    "metadata",
    "model",
    "model_choice",
    "model_training_lesion",
    "notice",
    "notice_read",
    "operating_point",
    "operating_point_withdrawal",
    "picture_key",
    "prediction",
    "record",
    "record_further",
    "record_set",
    "record_set_member",
    "reopening",
    "review_outcome",
    "review_rule",
    "saliency",
    "saliency_curve",
    "saliency_faithfulness",
    "segmentation",
    "sign_in_attempt",
    "split",
    "split_lock",
    "split_record",
    "split_withdrawal",
    "task_change",
    "task_lease",
    "text_decision",
    "text_screening",
    "text_sign_off",
    "verification_task",
]

_Timestamp = TIMESTAMP

study = _table(
    "study",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String),
    sa.Column("protocol", sa.String, nullable=False),
    sa.Column("protocol_sha256", sa.String, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("frozen_at", _Timestamp, nullable=False),
    # A random secret: with it the images are made that readers get.
    sa.Column("image_key", sa.String),
)

study_case = _table(
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
    # The part of the study it belongs to; null: practice or not says it all.
    sa.Column("part", sa.String),
    # What an attention check tells the reader to answer.
    sa.Column("expected", sa.JSON),
)

invitation = _table(
    "invitation",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("token_hash", sa.String, nullable=False, unique=True),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
)

invitation_change = _table(
    "invitation_change",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("invitation_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("token_hash", sa.String, unique=True),
    sa.Column("changed_at", _Timestamp, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
    # The order of the acts: the latest one holds, whatever a clock said.
    sa.Column("sequence", sa.BigInteger),
)

reader = _table(
    "reader",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("invitation_id", sa.String, nullable=False, unique=True),
    sa.Column("consent_version", sa.String, nullable=False),
    sa.Column("consented_at", _Timestamp, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    # Under which the reader's browser files what it has not delivered; random, as the id stands in every export.
    sa.Column("browser_name", sa.String),
)

reader_arm = _table(
    "reader_arm",
    # Drawn once, at consent or, where arms are balanced within strata, with the profile.
    sa.Column("reader_id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("arm", sa.String, nullable=False),
    sa.Column("stratum", sa.String, nullable=False),
    # How many readers of the study had an arm before.
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("drawn_at", _Timestamp, nullable=False),
)

reader_profile = _table(
    "reader_profile",
    sa.Column("reader_id", sa.String, primary_key=True),
    sa.Column("profession", sa.String, nullable=False),
    sa.Column("years_experience", sa.Integer),
    sa.Column("age_group", sa.String),
    sa.Column("gender", sa.String),
    sa.Column("country", sa.String),
    sa.Column("created_at", _Timestamp, nullable=False),
)

assignment = _table(
    "assignment",
    # Opaque to the reader: the only name of a case that reaches the browser.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("case_id", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("modality", sa.String, nullable=False),
    sa.Column("practice", sa.Boolean, nullable=False),
    # What the modality shows this reader, fixed when the reader starts (the crowd grows meanwhile).
    sa.Column("assistance", sa.JSON),
    # Place in the order of all of the reader's assignments, from 1.
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("part", sa.String, nullable=False),
    sa.Column("period", sa.Integer, nullable=False),
    # 2 for a hidden repeat.
    sa.Column("occasion", sa.Integer, nullable=False),
    # Which answers it asks for: sequential, unaided or aided.
    sa.Column("reading", sa.String, nullable=False),
    sa.UniqueConstraint("reader_id", "case_id", "period", "occasion"),
)

reading = _table(
    "reading",
    # Made by the client, so that a resend after a lost acknowledgement is recognised.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("assignment_id", sa.String, nullable=False),
    sa.Column("case_id", sa.String, nullable=False),
    sa.Column("practice", sa.Boolean, nullable=False),
    sa.Column("phase", sa.String, nullable=False),
    sa.Column("modality", sa.String, nullable=False),
    sa.Column("dx", sa.String, nullable=False),
    sa.Column("confidence", sa.Integer, nullable=False),
    sa.Column("management", sa.String),
    sa.Column("malignancy_rating", sa.Double),
    # The assistance exactly as shown before this answer; null when unaided.
    sa.Column("assistance", sa.JSON),
    # While what was judged was seen; and while it was not: in a hidden tab, behind a pause, on a sleeping device (null
    # where the two were not counted apart).
    sa.Column("client_ms", sa.Double, nullable=False),
    sa.Column("hidden_ms", sa.Double),
    # What the server's clock says of client_ms; null where nobody looked.
    sa.Column("time_check", sa.String),
    sa.Column("shown_at", _Timestamp),
    sa.Column("submitted_at", _Timestamp),
    # When the step that was answered first left the server, and the hash of what it showed; null where not recorded.
    sa.Column("sent_at", _Timestamp),
    sa.Column("shown_sha256", sa.String),
    sa.Column("recorded_at", _Timestamp, nullable=False),
    # The order of recording, which no clock that is set back turns round; counted with session_event and step_sent.
    sa.Column("sequence", sa.BigInteger),
    sa.UniqueConstraint("assignment_id", "phase"),
)

step_sent = _table(
    "step_sent",
    sa.Column("assignment_id", sa.String, nullable=False),
    sa.Column("phase", sa.String, nullable=False),
    # Of the picture and the assistance in the form in which they left: another one is another row.
    sa.Column("shown_sha256", sa.String, nullable=False),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("sent_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("assignment_id", "phase", "shown_sha256"),
)

session_event = _table(
    "session_event",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("assignment_id", sa.String),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("detail", sa.JSON),
    sa.Column("client_at", _Timestamp),
    sa.Column("recorded_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger),
)

reading_log = _table(
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
    sa.Column("imported_at", _Timestamp, nullable=False),
    sa.Column("imported_by", sa.String, nullable=False),
    sa.UniqueConstraint("name", "generation"),
)

reading_log_withdrawal = _table(
    "reading_log_withdrawal",
    sa.Column("reading_log_id", sa.String, primary_key=True),
    sa.Column("withdrawn_by", sa.String, nullable=False),
    sa.Column("withdrawn_at", _Timestamp, nullable=False),
)

# What a reader agreed to, as they read it: the text, not only its version. Another row where it was asked again.
consent = _table(
    "consent",
    sa.Column("reader_id", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    # Of the text, and of the pages around it: a study may have its text in one language only.
    sa.Column("language", sa.String, nullable=False),
    sa.Column("pages_language", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("text_sha256", sa.String, nullable=False),
    sa.Column("agreed_at", _Timestamp, nullable=False),
    # Of the same version the first one stands, whichever tab it came from.
    sa.PrimaryKeyConstraint("reader_id", "version"),
)

# A reader who left for good. The key lets one of two tabs win.
reader_withdrawal = _table(
    "reader_withdrawal",
    sa.Column("reader_id", sa.String, primary_key=True),
    # "keep" or "delete": what the protocol says becomes of the answers.
    sa.Column("policy", sa.String, nullable=False),
    # A random number that the reader is given: with it they can ask about the deletion.
    sa.Column("receipt", sa.String, nullable=False, unique=True),
    # How many rows there were of each kind, and the hash of what was deleted.
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("withdrawn_at", _Timestamp, nullable=False),
)
