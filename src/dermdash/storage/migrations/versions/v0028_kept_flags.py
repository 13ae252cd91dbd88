"""Beside each record: the class that the model in use names, and whether an open finding says a rule is broken."""

import sqlalchemy as sa
from alembic import op

from dermdash.classifier.reference_model import reference_sha256
from dermdash.errors import NotFound

revision = "0028"
down_revision = "0027"

_RULES = (
    "impossible_value", "same_picture_other_diagnosis", "repeated_id_other_diagnosis", "diagnosis_against_histology",
    "lesion_of_several_patients", "lesion_of_several_diagnoses", "sex_against_site", "patient_of_both_sexes",
    "stage_3_without_result", "histology_contradiction",
)  # fmt: skip
_ANSWERS = """
WITH chosen AS (
  SELECT model_id, simulated, taxonomy, max(sequence) AS latest FROM model_choice
  GROUP BY model_id, simulated, taxonomy
), ranked AS (
  SELECT model.id, coalesce(model.simulated, FALSE) AS simulated, model.taxonomy, row_number() OVER (
    PARTITION BY coalesce(model.simulated, FALSE), model.taxonomy
    ORDER BY chosen.latest DESC NULLS LAST, CASE WHEN model.id = :reference THEN 0 ELSE 1 END, model.created_at,
      model.id
  ) AS place
  FROM model LEFT JOIN chosen ON chosen.model_id = model.id AND chosen.taxonomy = model.taxonomy
    AND chosen.simulated = coalesce(model.simulated, FALSE)
)
UPDATE record SET model_dx = said.predicted_dx FROM (
  SELECT prediction.record_id, prediction.predicted_dx FROM prediction
  JOIN ranked ON ranked.id = prediction.model_id AND ranked.place = 1
  JOIN record AS predicted ON predicted.id = prediction.record_id
  JOIN dataset ON dataset.id = predicted.dataset_id
    AND dataset.simulated = ranked.simulated AND dataset.taxonomy = ranked.taxonomy
) AS said WHERE record.id = said.record_id
"""
_BROKEN = f"""
UPDATE record SET breaks_rule = TRUE WHERE id IN (
  SELECT finding_record.record_id FROM finding_record JOIN finding ON finding.id = finding_record.finding_id
  WHERE finding.gone_at IS NULL AND finding.kind IN ({", ".join(f"'{kind}'" for kind in _RULES)})
    AND finding.id NOT IN (
      SELECT finding_id FROM (
        SELECT finding_id, decision, row_number() OVER (
          PARTITION BY finding_id ORDER BY sequence DESC, id DESC
        ) AS place FROM finding_decision
      ) AS ranked WHERE place = 1 AND decision <> 'open'
    )
    AND finding.id IN (SELECT finding_id FROM finding_record GROUP BY finding_id HAVING count(*) <= 10)
)
"""  # noqa: S608  names from above


def upgrade() -> None:
    """Of the records that are there both are worked out from what there is."""
    op.add_column("record", sa.Column("model_dx", sa.String()))
    op.add_column("record", sa.Column("breaks_rule", sa.Boolean()))
    try:
        reference = reference_sha256()[:12]
    except NotFound:
        reference = ""
    op.get_bind().execute(sa.text(_ANSWERS), {"reference": reference})
    op.execute(_BROKEN)
    if op.get_bind().dialect.name == "postgresql":
        # The order of the Records page: a page of a million is read without sorting them.
        op.create_index("record_image_id", "record", ["image_id", "id"])
