"""ISIC 2020: patients, sites, and diagnoses that are mostly "unknown" (Rotemberg et al., Sci Data 8, 34, 2021)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import AGE, DERMOSCOPIC, MALIGNANCY, SEX, SPLITS, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, TableLayout

FORMAT = DatasetFormat(
    key="isic2020",
    title="ISIC 2020",
    description="Import ISIC 2020: patients, diagnoses, benign or malignant.",
    table="ISIC_2020_Training_GroundTruth (CSV, first or second release)",
    columns=("image_name", "patient_id", "age_approx", "anatom_site_general_challenge"),
    more_columns="sex, diagnosis, benign_malignant, lesion_id",
    layout=Layout(
        tables=(
            TableLayout(
                kind="ground truth",
                needs=("image_name", "patient_id", "age_approx", "anatom_site_general_challenge"),
                columns=(
                    named("image_name", ColumnRole.IMAGE_ID),
                    named("patient_id", ColumnRole.PATIENT_ID),
                    named("lesion_id", ColumnRole.LESION_ID),
                    SEX,
                    AGE,
                    named("anatom_site_general_challenge", "anatomical_site"),
                    named("diagnosis", ColumnRole.DIAGNOSIS),
                    MALIGNANCY,
                ),
            ),
        ),
        constants=DERMOSCOPIC,
        splits=SPLITS,
    ),
    taxonomy=None,
    usual_taxonomy="milk11",
    dataset_id="isic2020",
    name="ISIC 2020",
    source="doi:10.34970/2020-ds01",
    licence="CC BY-NC 4.0",
    caution="Where the diagnosis is unknown, the label says no more than benign or malignant, and has no class.",
)
