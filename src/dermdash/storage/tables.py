"""Every table, once, for both engines.

No foreign keys: DuckDB turns an update of a referenced row into delete plus insert and then refuses it, so
the workflows keep references whole instead. What holds people's work is only ever inserted, never updated.
``JSON`` columns hold lists and payloads that are read back whole and never filtered on.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS, Kind

metadata = sa.MetaData()

ACQUISITION_MEASURES: tuple[str, ...] = (
    "sharpness", "exposure", "glare", "colour_cast", "off_centre", "lesion_share", "hair", "ruler", "pen", "bubbles",
    "vignette", "short_side",
)  # fmt: skip
"""Columns of `acquisition_measurement`: the keys of `dataset.acquisition.measurements`, which a test holds them to."""

_Timestamp = sa.DateTime(timezone=True)
_FIELD_TYPES: dict[Kind, type[TypeEngine[Any]]] = {
    Kind.INTEGER: sa.Integer,
    Kind.NUMBER: sa.Double,
    Kind.TEXT: sa.String,
    Kind.BOOLEAN: sa.Boolean,
    Kind.LIST: sa.JSON,
    Kind.DATE: sa.String,
}


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, *columns)


dataset = _table(
    "dataset",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("taxonomy", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False, default=""),
    sa.Column("licence", sa.String, nullable=False, default=""),
    sa.Column("simulated", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", _Timestamp, nullable=False),
)

image = _table(
    "image",
    sa.Column("sha256", sa.String, primary_key=True),
    sa.Column("source_sha256", sa.String, nullable=False),
    sa.Column("phash", sa.String, nullable=False),
    sa.Column("format", sa.String, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("technical_quality", sa.Integer),
    sa.Column("sharpness", sa.Double),
    sa.Column("exposure", sa.Double),
    sa.Column("glare", sa.Double),
    sa.Column("quality_driver", sa.String),
    sa.Column("quality_version", sa.String),
    # None: the thumbnail was made before its hash was kept.
    sa.Column("thumbnail_sha256", sa.String),
    sa.Column("created_at", _Timestamp, nullable=False),
    # Kinds of what was taken out of the file as it came; null: it came before this was kept.
    sa.Column("removed", sa.JSON),
)

record = _table(
    "record",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("image_id", sa.String, nullable=False),
    sa.Column("lesion_id", sa.String, nullable=False),
    sa.Column("patient_id", sa.String),
    sa.Column("image_sha256", sa.String, nullable=False),
    sa.Column("source_label", sa.String),
    sa.Column("dx", sa.String),
    sa.Column("dx_type", sa.String),
    # The fields of the information model, and the details beside them; a migration adds the column of a new one.
    *(sa.Column(spec.name, _FIELD_TYPES[spec.kind]) for spec in (*FIELDS, *DETAILS)),
    # Derived at import and kept beside the fields, so that a filter over a million records reads one table.
    sa.Column("technical_quality", sa.Integer),
    sa.Column("completeness", sa.Double, nullable=False),
    sa.Column("import_run_id", sa.String),
    sa.Column("imported_at", _Timestamp, nullable=False),
    # Kept beside the acts that they follow from, so that records can be filtered by them.
    # Whether the stage is only said by the source; null where there is no stage.
    sa.Column("stage_claimed", sa.Boolean),
    # Share of the reviewers (0..1) who gave the label of the last consensus or outcome; null before.
    sa.Column("agreement", sa.Double),
    # Distinct people whose reviews of the present cycle count.
    sa.Column("n_reviewers", sa.Integer),
    # The entry of the change log that says how the record came here.
    sa.Column("import_entry", sa.BigInteger),
    # What the acquisition gate decided last, "accepted" or "rejected"; null: nobody has, or it was taken back.
    sa.Column("acquisition", sa.String),
)

# The columns of a source that are none of ours, verbatim, as a mapping of column to text. Not a column of `record`:
# whatever reads whole records would read dozens of columns with each.
record_further = _table(
    "record_further",
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("cells", sa.JSON, nullable=False),
)

# What a search for burned-in text proposed: computed, and made anew by another version of the detector.
text_screening = _table(
    "text_screening",
    sa.Column("image_sha256", sa.String, primary_key=True),
    sa.Column("detector", sa.String, nullable=False),
    sa.Column("regions", sa.JSON, nullable=False),
    # What the stored file holds beside its pixels, as one may that came before all of it was removed; null: nothing.
    sa.Column("surplus", sa.String),
    sa.Column("screened_at", _Timestamp, nullable=False),
)

# What a person decided about an image: the latest row holds.
text_decision = _table(
    "text_decision",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("image_sha256", sa.String, nullable=False),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("regions", sa.JSON, nullable=False),
    # The version of the image in which the regions are covered; the file of the earlier one is locked away.
    sa.Column("masked_sha256", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("decided_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# A person's word for all images of a data set as they were then: ``digest`` is of the hashes of these.
text_sign_off = _table(
    "text_sign_off",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("images", sa.Integer, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("signed_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

segmentation = _table(
    "segmentation",
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("mask_sha256", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
)

import_run = _table(
    "import_run",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("adapter", sa.String, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("imported", sa.Integer, nullable=False),
    sa.Column("already_present", sa.Integer, nullable=False),
    sa.Column("excluded", sa.JSON, nullable=False),
    sa.Column("started_at", _Timestamp, nullable=False),
    sa.Column("finished_at", _Timestamp, nullable=False),
    # Null of an import of an older version, which did not look: rows that differ from what was there, those of them
    # that it updated, files restored, and files left out by reason (``excluded`` counts rows).
    sa.Column("changed", sa.Integer),
    sa.Column("updated", sa.Integer),
    sa.Column("restored", sa.Integer),
    sa.Column("files_left_out", sa.JSON),
)

import_exclusion = _table(
    "import_exclusion",
    sa.Column("run_id", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("image_id", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
    # "row", "file" or "note"; null of an import of an older version.
    sa.Column("concerns", sa.String),
    sa.PrimaryKeyConstraint("run_id", "position"),
)

# What a row that came again says otherwise than before.
import_change = _table(
    "import_change",
    sa.Column("run_id", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("field", sa.String, nullable=False),
    # Canonical JSON.
    sa.Column("old", sa.String, nullable=False),
    sa.Column("new", sa.String, nullable=False),
    # "told", "updated", or "kept" because people here have decided.
    sa.Column("outcome", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("run_id", "position"),
)

model = _table(
    "model",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("architecture", sa.String, nullable=False),
    sa.Column("taxonomy", sa.String, nullable=False),
    sa.Column("input_size", sa.Integer, nullable=False),
    sa.Column("checkpoint_sha256", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String),
    sa.Column("metrics", sa.JSON, nullable=False),
    # Unknown for a checkpoint from outside: then no case can be shown to be held out.
    sa.Column("training_lesions_known", sa.Boolean, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    # Name of the way from image file to network input, as the checkpoint says it.
    sa.Column("preprocessing", sa.String),
    # Whether it was trained on drawn lesions: then it says nothing about photographs.
    sa.Column("simulated", sa.Boolean),
)

# Which model answers where none is named: the latest row of its kind (real or simulated, and taxonomy) holds.
model_choice = _table(
    "model_choice",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("taxonomy", sa.String, nullable=False),
    # The model that answered before; null where there was none.
    sa.Column("replaced_model_id", sa.String),
    sa.Column("chosen_by", sa.String, nullable=False),
    sa.Column("chosen_at", _Timestamp, nullable=False),
    # The order of the acts: the latest one holds, whatever a clock said.
    sa.Column("sequence", sa.BigInteger),
)

model_training_lesion = _table(
    "model_training_lesion",
    sa.Column("model_id", sa.String, nullable=False),
    # A digest, as in the checkpoint: a shared model tells whether it knows a lesion without naming any.
    sa.Column("lesion_digest", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("model_id", "lesion_digest"),
)

prediction = _table(
    "prediction",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("probabilities", sa.JSON, nullable=False),
    sa.Column("predicted_dx", sa.String, nullable=False),
    sa.Column("malignancy_probability", sa.Double, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    # How many views of the image were averaged.
    sa.Column("views", sa.Integer),
    sa.PrimaryKeyConstraint("record_id", "model_id"),
)

# Who signs in. All that is said of an account stands in `account_change`.
account = _table(
    "account",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("created_at", _Timestamp, nullable=False),
)

# The latest row of an account holds. The number is the key, without gaps: of two changes at once one comes first, and
# the other sees what it left (the last admin, a name that is taken).
account_change = _table(
    "account_change",
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("email", sa.String),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("expertise", sa.String, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
    sa.Column("changed_at", _Timestamp, nullable=False),
)

# Replaced when it changes: an old hash is of no use to anybody but who guesses.
account_password = _table(
    "account_password",
    sa.Column("account_id", sa.String, primary_key=True),
    sa.Column("password_hash", sa.String, nullable=False),
    sa.Column("changed_at", _Timestamp, nullable=False),
)

# Whom an OpenID provider means, once somebody has come from there.
account_identity = _table(
    "account_identity",
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("linked_at", _Timestamp, nullable=False),
    # When the provider made the last statement that opened a session, in seconds: an older one opens nothing.
    sa.Column("asserted_s", sa.BigInteger, nullable=False),
)

login_link = _table(
    "login_link",
    sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    # Null: until it is used or another takes its place.
    sa.Column("expires_at", _Timestamp),
)

login_session = _table(
    "login_session",
    sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    # What was exchanged for this session and works once: a link, or what a provider said. Unique, so that it works
    # exactly once even when two browsers come in the same instant. Null for a password.
    sa.Column("link_hash", sa.String, unique=True),
    sa.Column("way", sa.String, nullable=False),
    sa.Column("browser", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.Column("expires_at", _Timestamp, nullable=False),
)

# A browser from which somebody has signed in: what strangers try elsewhere does not keep its owner waiting.
known_browser = _table(
    "known_browser",
    sa.Column("token_hash", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("used_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("token_hash", "account_id"),
)

# Signing in that has not succeeded, for as long as it counts. The number is part of the key, so that attempts at once
# are counted one by one.
sign_in_attempt = _table(
    "sign_in_attempt",
    sa.Column("counted_as", sa.String, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("attempted_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("counted_as", "number"),
)

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

operating_point = _table(
    "operating_point",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    # 1 for the first point of a name, 2 for the one saved after that was withdrawn: with the name it is unique, which
    # decides between two that save the same name at once.
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("taxonomy", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    # What the rule aims at: a sensitivity, a specificity or the threshold itself; null for Youden.
    sa.Column("target", sa.Double),
    # Class code (and "malignancy") to threshold; null where the data set had no case to choose one on.
    sa.Column("thresholds", sa.JSON, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.UniqueConstraint("name", "generation"),
)

operating_point_withdrawal = _table(
    "operating_point_withdrawal",
    sa.Column("operating_point_id", sa.String, primary_key=True),
    sa.Column("withdrawn_by", sa.String, nullable=False),
    sa.Column("withdrawn_at", _Timestamp, nullable=False),
)

saliency = _table(
    "saliency",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    # What was asked to be explained (the predicted class, malignancy, a class), and what that was for this record.
    sa.Column("target", sa.String, nullable=False),
    sa.Column("method", sa.String, nullable=False),
    sa.Column("explained", sa.String, nullable=False),
    sa.Column("probability", sa.Double, nullable=False),
    # 784 bytes; its place in the image follows from the model's input size.
    sa.Column("heat", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "model_id", "target", "method"),
)

saliency_faithfulness = _table(
    "saliency_faithfulness",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("target", sa.String, nullable=False),
    sa.Column("method", sa.String, nullable=False),
    sa.Column("region", sa.String, nullable=False),
    # Of the mask the figures were measured on: another mask is measured again.
    sa.Column("region_sha256", sa.String, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "model_id", "target", "method", "region", "region_sha256"),
)

saliency_curve = _table(
    "saliency_curve",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("target", sa.String, nullable=False),
    sa.Column("method", sa.String, nullable=False),
    sa.Column("curves", sa.JSON, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "model_id", "target", "method"),
)

finding = _table(
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
    sa.Column("created_at", _Timestamp, nullable=False),
    # When a check did not find it any more that somebody had decided about; null: it is found.
    sa.Column("gone_at", _Timestamp),
)

finding_record = _table(
    "finding_record",
    sa.Column("finding_id", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("finding_id", "position"),
)

finding_decision = _table(
    "finding_decision",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("finding_id", sa.String, nullable=False),
    # "open" takes an earlier decision back.
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    # The order of the acts: the latest one holds, whatever a clock said.
    sa.Column("sequence", sa.BigInteger),
)

finding_search = _table(
    "finding_search",
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    # What the record was searched by: a version of the descriptors, or a model. Only the rest is searched next time.
    sa.Column("source", sa.String, nullable=False),
    sa.Column("searched_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("kind", "record_id", "source"),
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

picture_key = _table(
    "picture_key",
    sa.Column("dataset_id", sa.String, primary_key=True),
    # A random secret: with it the pictures are made that annotators get.
    sa.Column("secret", sa.String, nullable=False),
)

review_rule = _table(
    "review_rule",
    sa.Column("dataset_id", sa.String, nullable=False),
    # The latest version holds for tasks made from then on; a task keeps the version it was made under.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("rule", sa.JSON, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("dataset_id", "version"),
)

verification_task = _table(
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
    sa.Column("assigned_at", _Timestamp, nullable=False),
    sa.Column("due_at", _Timestamp),
    # Of a hidden repeat: after how many annotations of this person it may be shown.
    sa.Column("not_before", sa.Integer),
    # "open", "answered" or "withdrawn": follows from annotations and changes, and is kept beside them.
    sa.Column("state", sa.String, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("record_id", "cycle", "purpose", "place"),
    sa.UniqueConstraint("record_id", "stage", "cycle", "account_id", "purpose"),
)

task_change = _table(
    "task_change",
    sa.Column("task_id", sa.String, nullable=False),
    # 1, 2, ...: withdrawn, reinstated, withdrawn, ...; the latest holds.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("changed_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("task_id", "number"),
)

annotation = _table(
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
    sa.Column("shown_at", _Timestamp),
    sa.Column("submitted_at", _Timestamp),
    sa.Column("recorded_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("task_id", "version"),
)

annotation_draft = _table(
    "annotation_draft",
    sa.Column("task_id", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("saved_at", _Timestamp, nullable=False),
    sa.Column("recorded_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("task_id", "account_id"),
)

annotation_refused = _table(
    "annotation_refused",
    # The browser's id: what came too late or to a closed record is kept and counts nowhere.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("task_id", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("refused_at", _Timestamp, nullable=False),
)

task_lease = _table(
    "task_lease",
    # "task:ID" or "record:ID": what only one person edits at a time.
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("token", sa.String, nullable=False),
    sa.Column("taken_at", _Timestamp, nullable=False),
    sa.Column("expires_at", _Timestamp, nullable=False),
)

review_outcome = _table(
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
    sa.Column("decided_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle", "number"),
)

consensus = _table(
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
    sa.Column("decided_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle"),
)

board_comment = _table(
    "board_comment",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

histology = _table(
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
    sa.Column("recorded_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle"),
)

reopening = _table(
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
    sa.Column("reopened_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "cycle"),
)

change_log = _table(
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

notice = _table(
    "notice",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

notice_read = _table(
    "notice_read",
    sa.Column("notice_id", sa.String, primary_key=True),
    sa.Column("read_at", _Timestamp, nullable=False),
)

absence = _table(
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
    sa.Column("entered_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# What is measured of a record's image for the acquisition gate, and the score that follows: computed, made anew by
# another version or for another version of the image.
acquisition_measurement = _table(
    "acquisition_measurement",
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("image_sha256", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    # Whether the lesion was where a mask says, else an estimated region.
    sa.Column("by_mask", sa.Boolean, nullable=False),
    sa.Column("damaged", sa.Boolean, nullable=False),
    *(sa.Column(name, sa.Double) for name in ACQUISITION_MEASURES),
    sa.Column("proposed_score", sa.Integer, nullable=False),
    # The measurement that decides, "damage", or "none".
    sa.Column("weakest", sa.String, nullable=False),
    sa.Column("measured_at", _Timestamp, nullable=False),
)

# What a person said of a record's image at the acquisition gate: the latest that was not taken back holds.
acquisition_assessment = _table(
    "acquisition_assessment",
    sa.Column("id", sa.String, primary_key=True),
    # Of all records that show the same file, which one answer speaks of.
    sa.Column("answer_id", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("image_sha256", sa.String, nullable=False),
    # "accepted", "rejected", "taken_back"
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("score", sa.Integer),
    sa.Column("checklist", sa.JSON, nullable=False),
    # The proposal as it stood, and whether it was hidden until the answer; null: none was made then.
    sa.Column("proposal", sa.JSON),
    sa.Column("proposed_score", sa.Integer),
    sa.Column("proposal_hidden", sa.Boolean, nullable=False),
    # The record's score before the act.
    sa.Column("earlier_score", sa.Integer),
    # The assessment that this row takes back; null: it is one.
    sa.Column("takes_back", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("assessed_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)


# A way of dividing records that was drawn once and is kept; nothing of it changes, so a name means one thing for good.
split = _table(
    "split",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    # "parts" or "folds"
    sa.Column("kind", sa.String, nullable=False),
    # Name, share and number of records of each part, in order.
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("datasets", sa.JSON, nullable=False),
    # As `records/chosen_records.py` keeps it.
    sa.Column("record_filter", sa.JSON, nullable=False),
    # By what records could be kept together when it was made, with counts.
    sa.Column("grouping", sa.JSON, nullable=False),
    # SHA-256 over every record and its part.
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

split_record = _table(
    "split_record",
    sa.Column("split_id", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    # Name of the part, or number of the fold.
    sa.Column("part", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("split_id", "record_id"),
)

# Its test part is frozen: no training here may use what belongs to it. There is no way back.
split_lock = _table(
    "split_lock",
    sa.Column("split_id", sa.String, primary_key=True),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("locked_by", sa.String, nullable=False),
    sa.Column("locked_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

split_withdrawal = _table(
    "split_withdrawal",
    sa.Column("split_id", sa.String, primary_key=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("withdrawn_by", sa.String, nullable=False),
    sa.Column("withdrawn_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# A tagged state of a data set. The manifest is a file of the object store that never changes.
dataset_version = _table(
    "dataset_version",
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    # SHA-256 of the manifest's text: the id of the state. Two names of one state have the same.
    sa.Column("manifest_sha256", sa.String, nullable=False),
    # SHA-256 of that part of the text that speaks of the records: equal where only splits were made or withdrawn.
    sa.Column("records_sha256", sa.String, nullable=False),
    # SHA-256 of the compressed file, its name in the object store.
    sa.Column("file_sha256", sa.String, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("tagged_by", sa.String, nullable=False),
    sa.Column("tagged_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("dataset_id", "name"),
)


# What people answer to the questions of documents about a data set (docs/documents.md): the latest row holds.
dataset_answer = _table(
    "dataset_answer",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset_id", sa.String, nullable=False),
    # Key of the answer; several documents may ask for the same one.
    sa.Column("item", sa.String, nullable=False),
    # "text"; "unknown": somebody looked, and it is not known; "withdrawn": nobody has answered any more.
    sa.Column("state", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("answered_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# Records that somebody chose one by one, as by a lasso on the map. The id is a digest of the members, so that a set is
# there once and never changes.
record_set = _table(
    "record_set",
    sa.Column("id", sa.String, primary_key=True),
    # How they were chosen, in words.
    sa.Column("how", sa.String, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("created_at", _Timestamp, nullable=False),
)

record_set_member = _table(
    "record_set_member",
    sa.Column("set_id", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("set_id", "record_id"),
)

identity_act = _table(
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
    sa.Column("created_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

identity_evidence = _table(
    "identity_evidence",
    # What a row of finding_decision rests on, where it was not taken on the page of findings.
    sa.Column("decision_id", sa.String, primary_key=True),
    sa.Column("act_id", sa.String, nullable=False),
    sa.Column("evidence", sa.String, nullable=False),
    # Who decided and when, as a ledger from elsewhere says it: no account of this workspace.
    sa.Column("said_by", sa.String, nullable=False),
    sa.Column("said_on", sa.String, nullable=False),
)

# Who is asked to decide about a finding: the latest row holds; null takes it from everybody.
finding_assignment = _table(
    "finding_assignment",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("finding_id", sa.String, nullable=False),
    sa.Column("account_id", sa.String),
    sa.Column("assigned_by", sa.String, nullable=False),
    sa.Column("assigned_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# Decisions that one click made of several findings, and what each was before, so that one click takes all back.
finding_act = _table(
    "finding_act",
    sa.Column("decision_id", sa.String, primary_key=True),
    sa.Column("act_id", sa.String, nullable=False),
    # The decision before; "open": there was none.
    sa.Column("before", sa.String, nullable=False),
    # The act that this one takes back; null: it is no undo.
    sa.Column("undoes", sa.String),
)

# What a check did: computed, only added to, the latest row of a check and its scope says how things stand.
finding_check = _table(
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
    sa.Column("finished_at", _Timestamp, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# To whom the proposal for an image was sent: what they say of it after that is not blind.
acquisition_proposal_seen = _table(
    "acquisition_proposal_seen",
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("image_sha256", sa.String, nullable=False),
    sa.Column("seen_at", _Timestamp, nullable=False),
    sa.PrimaryKeyConstraint("account_id", "image_sha256"),
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
