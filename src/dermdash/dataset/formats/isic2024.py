"""ISIC 2024 (SLICE-3D): tiles of total body photographs (Kurtansky et al., Scientific Data 11, 884, 2024)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import (
    AGE,
    ATTRIBUTION,
    DIAMETER,
    IMAGE_TYPE,
    LICENCE,
    SEX,
    SITE,
    SPLITS,
    THICKNESS,
    named,
)  # fmt: skip
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

FORMAT = DatasetFormat(
    key="isic2024",
    title="ISIC 2024 (SLICE-3D)",
    description="Import ISIC 2024: tiles of total body photographs.",
    table="train-metadata.csv",
    columns=("isic_id", "patient_id", "tbp_tile_type"),
    more_columns="target, iddx_full, age, sex, site, diameter, thickness",
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("isic_id", "patient_id", "tbp_tile_type"),
                columns=(
                    named("isic_id", ColumnRole.IMAGE_ID),
                    named("patient_id", ColumnRole.PATIENT_ID),
                    named("lesion_id", ColumnRole.LESION_ID),
                    named("iddx_full", ColumnRole.DIAGNOSIS),
                    SourceColumn(
                        name="target", to=ColumnRole.DIAGNOSIS, values={"0": "Benign", "1": "Malignant"}, keep=True
                    ),
                    AGE, SEX, SITE, DIAMETER, IMAGE_TYPE, ATTRIBUTION, LICENCE, THICKNESS,
                ),
            ),
        ),
        splits=SPLITS,
    ),
    taxonomy=None,
    usual_taxonomy="milk11",
    dataset_id="isic2024",
    name="ISIC 2024",
    source="doi:10.34970/2024-slice-3d",
    licence="CC BY-NC 4.0",
    caution=(
        "These are tiles of total body photographs, no dermoscopy. iddx_*, mel_thick_mm, mel_mitotic_index and the "
        "presence of a lesion_id give the label away: a model must not see them."
    ),
)  # fmt: skip
