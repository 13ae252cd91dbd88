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
    # Until when somebody may begin with it, of the changes that say so; null: for ever.
    sa.Column("until", _Timestamp),
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
    # Where only the group of the years of experience is known, as the years themselves did not leave another workspace.
    sa.Column("experience_group", sa.String),
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
    # 2, 3, ...: of a round that was begun again; only the last attempt counts.
    sa.Column("attempt", sa.Integer, nullable=False),
    # Which answers it asks for: sequential, unaided or aided.
    sa.Column("reading", sa.String, nullable=False),
    sa.UniqueConstraint("reader_id", "case_id", "period", "occasion", "attempt"),
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

# A case of a drawn list that somebody exchanged for the next one before the study was frozen. The list is named by what
# stands in it; "begun again" takes back all exchanges of it before. The number is part of the key: of two at once one
# comes first.
case_exchange = _table(
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
    sa.Column("made_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("draw_sha256", "number"),
)

# The exchanges that a study was frozen with.
study_exchange = _table(
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
    sa.Column("made_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("study_id", "number"),
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

# What a study follows from then on in place of the protocol before; the number is part of the key, so that one of two
# at once wins.
study_amendment = _table(
    "study_amendment",
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("protocol", sa.String, nullable=False),
    sa.Column("protocol_sha256", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("amended_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("study_id", "number"),
)

# An invitation for several people: whoever comes by its link gets one of their own.
invitation_group = _table(
    "invitation_group",
    sa.Column("invitation_id", sa.String, primary_key=True),
    # How many may come; null: any number.
    sa.Column("places", sa.Integer),
    # The page without a link leads to it; nobody was given its token.
    sa.Column("public", sa.Boolean, nullable=False),
)

# Who came by the link of a group. The number is part of the key, which decides between two that come at once.
invitation_via = _table(
    "invitation_via",
    sa.Column("group_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("invitation_id", sa.String, nullable=False, unique=True),
    sa.PrimaryKeyConstraint("group_id", "number"),
)

# Where mail about an invitation goes. The only rows about people that are deleted: when nobody is to be written to.
invitation_address = _table(
    "invitation_address",
    sa.Column("invitation_id", sa.String, primary_key=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
)

# A mail that is about to be sent; the key decides between two that would send it at once. It holds no address.
mail = _table(
    "mail",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("invitation_id", sa.String, nullable=False),
    # "invitation" or "reminder", and which one of its kind.
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("begun_at", _Timestamp, nullable=False),
    sa.UniqueConstraint("invitation_id", "kind", "number", "attempt"),
)

# What became of it: "sent" or "failed"; a mail without a row was broken off, and may have gone out.
mail_outcome = _table(
    "mail_outcome",
    sa.Column("mail_id", sa.String, primary_key=True),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("ended_at", _Timestamp, nullable=False),
)

# What the study team decides while a study runs (reader_study/conduct.py): the latest row of a kind holds.
study_act = _table(
    "study_act",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    # The reader whom it is about; null: all of them.
    sa.Column("reader_id", sa.String),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("acted_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# Whether there was a place for who a reader said they are. The number is part of the key, so that two who come at once
# are counted one after the other.
reader_admission = _table(
    "reader_admission",
    sa.Column("study_id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("reader_id", sa.String, nullable=False, unique=True),
    # The stratum that was full; null: they were admitted.
    sa.Column("full", sa.String),
    sa.Column("decided_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("study_id", "number"),
)

# A protocol in the making: each row is all of it after an act ("saved", "deleted", "freezing", "frozen"), and the last
# one holds. The key decides between two that change it at once. Older states than the latest few are deleted.
study_draft = _table(
    "study_draft",
    sa.Column("id", sa.String, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("entries", sa.JSON, nullable=False),
    # What it was frozen as.
    sa.Column("study_id", sa.String),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("made_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("id", "number"),
)
