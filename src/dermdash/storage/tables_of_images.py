"""Tables of what was decided about images: burned-in text, and the acquisition gate."""

import sqlalchemy as sa

from dermdash.storage.table_parts import TIMESTAMP, table

ACQUISITION_MEASURES: tuple[str, ...] = (
    "sharpness", "exposure", "glare", "colour_cast", "off_centre", "lesion_share", "hair", "ruler", "pen", "bubbles",
    "vignette", "short_side",
)  # fmt: skip
"""Columns of `acquisition_measurement`: the keys of `dataset.acquisition.measurements`, which a test holds them to."""

# What a search for burned-in text proposed: computed, and made anew by another version of the detector.
text_screening = table(
    "text_screening",
    sa.Column("image_sha256", sa.String, primary_key=True),
    sa.Column("detector", sa.String, nullable=False),
    sa.Column("regions", sa.JSON, nullable=False),
    # What the stored file holds beside its pixels, as one may that came before all of it was removed; null: nothing.
    sa.Column("surplus", sa.String),
    sa.Column("screened_at", TIMESTAMP, nullable=False),
)

# What a person decided about an image: the latest row holds.
text_decision = table(
    "text_decision",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("image_sha256", sa.String, nullable=False),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("regions", sa.JSON, nullable=False),
    # The version of the image in which the regions are covered; the file of the earlier one is locked away.
    sa.Column("masked_sha256", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("decided_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# A person's word for all images of a data set as they were then: ``digest`` is of the hashes of these.
text_sign_off = table(
    "text_sign_off",
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("dataset_id", sa.String, nullable=False),
    sa.Column("images", sa.Integer, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("signed_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# What is measured of a record's image for the acquisition gate, and the score that follows: computed, made anew by
# another version or for another version of the image.
acquisition_measurement = table(
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
    sa.Column("measured_at", TIMESTAMP, nullable=False),
)

# What a person said of a record's image at the acquisition gate: the latest that was not taken back holds.
acquisition_assessment = table(
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
    sa.Column("assessed_at", TIMESTAMP, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)


# To whom the proposal for an image was sent: what they say of it after that is not blind.
acquisition_proposal_seen = table(
    "acquisition_proposal_seen",
    sa.Column("account_id", sa.String, nullable=False),
    sa.Column("image_sha256", sa.String, nullable=False),
    sa.Column("seen_at", TIMESTAMP, nullable=False),
    sa.PrimaryKeyConstraint("account_id", "image_sha256"),
)
