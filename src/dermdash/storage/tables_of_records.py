"""Tables of data sets: images, records and what came beside them, imports, splits, versions, documents."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS, Kind
from dermdash.storage.table_parts import TIMESTAMP, table

_FIELD_TYPES: dict[Kind, type[TypeEngine[Any]]] = {
    Kind.INTEGER: sa.Integer,
    Kind.NUMBER: sa.Double,
    Kind.TEXT: sa.String,
    Kind.BOOLEAN: sa.Boolean,
    Kind.LIST: sa.JSON,
    Kind.DATE: sa.String,
}

dataset = table(
    "dataset",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("taxonomy", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False, default=""),
    sa.Column("licence", sa.String, nullable=False, default=""),
    sa.Column("simulated", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
)

image = table(
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
    sa.Column("created_at", TIMESTAMP, nullable=False),
    # Kinds of what was taken out of the file as it came; null: it came before this was kept.
    sa.Column("removed", sa.JSON),
)

record = table(
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
    sa.Column("imported_at", TIMESTAMP, nullable=False),
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
    # The class that the model in use names (null: it has said nothing of it), and whether an open finding says that a
    # rule is broken (null: none does): `kept_flags`.
    sa.Column("model_dx", sa.String),
    sa.Column("breaks_rule", sa.Boolean),
)

# The columns of a source that are none of ours, verbatim, as a mapping of column to text. Not a column of `record`:
# whatever reads whole records would read dozens of columns with each.
record_further = table(
    "record_further",
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("cells", sa.JSON, nullable=False),
)

segmentation = table(
    "segmentation",
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("mask_sha256", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
)

import_run = table(
    "import_run",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("adapter", sa.String, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("imported", sa.Integer, nullable=False),
    sa.Column("already_present", sa.Integer, nullable=False),
    sa.Column("excluded", sa.JSON, nullable=False),
    sa.Column("started_at", TIMESTAMP, nullable=False),
    sa.Column("finished_at", TIMESTAMP, nullable=False),
    # Null of an import of an older version, which did not look: rows that differ from what was there, those of them
    # that it updated, files restored, and files left out by reason (``excluded`` counts rows).
    sa.Column("changed", sa.Integer),
    sa.Column("updated", sa.Integer),
    sa.Column("restored", sa.Integer),
    sa.Column("files_left_out", sa.JSON),
)

import_exclusion = table(
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
import_change = table(
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

picture_key = table(
    "picture_key",
    sa.Column("dataset_id", sa.String, primary_key=True),
    # A random secret: with it the pictures are made that annotators get.
    sa.Column("secret", sa.String, nullable=False),
)

# A way of dividing records that was drawn once and is kept; nothing of it changes, so a name means one thing for good.
split = table(
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
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

split_record = table(
    "split_record",
    sa.Column("split_id", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    # Name of the part, or number of the fold.
    sa.Column("part", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("split_id", "record_id"),
)

# Its test part is frozen: no training here may use what belongs to it. There is no way back.
split_lock = table(
    "split_lock",
    sa.Column("split_id", sa.String, primary_key=True),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("locked_by", sa.String, nullable=False),
    sa.Column("locked_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

split_withdrawal = table(
    "split_withdrawal",
    sa.Column("split_id", sa.String, primary_key=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("withdrawn_by", sa.String, nullable=False),
    sa.Column("withdrawn_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# A tagged state of a data set. The manifest is a file of the object store that never changes.
dataset_version = table(
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
    sa.Column("tagged_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("dataset_id", "name"),
)


# What people answer to the questions of documents about a data set (docs/documents.md): the latest row holds.
dataset_answer = table(
    "dataset_answer",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset_id", sa.String, nullable=False),
    # Key of the answer; several documents may ask for the same one.
    sa.Column("item", sa.String, nullable=False),
    # "text"; "unknown": somebody looked, and it is not known; "withdrawn": nobody has answered any more.
    sa.Column("state", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("answered_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# Records that somebody chose one by one, as by a lasso on the map. The id is a digest of the members, so that a set is
# there once and never changes.
record_set = table(
    "record_set",
    sa.Column("id", sa.String, primary_key=True),
    # How they were chosen, in words.
    sa.Column("how", sa.String, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
)

record_set_member = table(
    "record_set_member",
    sa.Column("set_id", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("set_id", "record_id"),
)
