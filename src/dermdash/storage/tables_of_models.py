"""Tables of models: what they learned from, said and showed, and the thresholds chosen for them."""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, table

model = table(
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
    sa.Column("created_at", TIMESTAMP, nullable=False),
    # Name of the way from image file to network input, as the checkpoint says it.
    sa.Column("preprocessing", sa.String),
    # Whether it was trained on drawn lesions: then it says nothing about photographs.
    sa.Column("simulated", sa.Boolean),
)

# Which model answers where none is named: the latest row of its kind (real or simulated, and taxonomy) holds.
model_choice = table(
    "model_choice",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("taxonomy", sa.String, nullable=False),
    # The model that answered before; null where there was none.
    sa.Column("replaced_model_id", sa.String),
    sa.Column("chosen_by", sa.String, nullable=False),
    sa.Column("chosen_at", TIMESTAMP, nullable=False),
    # The order of the acts: the latest one holds, whatever a clock said.
    sa.Column("sequence", sa.BigInteger),
)

model_training_lesion = table(
    "model_training_lesion",
    sa.Column("model_id", sa.String, nullable=False),
    # A digest, as in the checkpoint: a shared model tells whether it knows a lesion without naming any.
    sa.Column("lesion_digest", sa.String, nullable=False),
    sa.PrimaryKeyConstraint("model_id", "lesion_digest"),
)

prediction = table(
    "prediction",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("probabilities", sa.JSON, nullable=False),
    sa.Column("predicted_dx", sa.String, nullable=False),
    sa.Column("malignancy_probability", sa.Double, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    # How many views of the image were averaged.
    sa.Column("views", sa.Integer),
    sa.PrimaryKeyConstraint("record_id", "model_id"),
)

operating_point = table(
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
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.UniqueConstraint("name", "generation"),
)

operating_point_withdrawal = table(
    "operating_point_withdrawal",
    sa.Column("operating_point_id", sa.String, primary_key=True),
    sa.Column("withdrawn_by", sa.String, nullable=False),
    sa.Column("withdrawn_at", TIMESTAMP, nullable=False),
)

saliency = table(
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
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "model_id", "target", "method"),
)

saliency_faithfulness = table(
    "saliency_faithfulness",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("target", sa.String, nullable=False),
    sa.Column("method", sa.String, nullable=False),
    sa.Column("region", sa.String, nullable=False),
    # Of the mask the figures were measured on: another mask is measured again.
    sa.Column("region_sha256", sa.String, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "model_id", "target", "method", "region", "region_sha256"),
)

saliency_curve = table(
    "saliency_curve",
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("model_id", sa.String, nullable=False),
    sa.Column("target", sa.String, nullable=False),
    sa.Column("method", sa.String, nullable=False),
    sa.Column("curves", sa.JSON, nullable=False),
    sa.Column("created_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("record_id", "model_id", "target", "method"),
)
