"""A download of the ISIC archive (HAM, HIBA, BCN and any other collection): its columns vary with the collection."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import (
    AGE,
    ATTRIBUTION,
    CONFIRMATION,
    DIAMETER,
    IMAGE_TYPE,
    LICENCE,
    MALIGNANCY,
    PERSONAL_HISTORY,
    SEX,
    SITE,
    THICKNESS,
    named,
)  # fmt: skip
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

FORMAT = DatasetFormat(
    key="isic-archive",
    title="ISIC archive",
    description="Import a download of the ISIC archive: any collection.",
    table="metadata.csv of a download",
    columns=("isic_id", "attribution", "copyright_license"),
    more_columns="any other column of the archive",
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("isic_id", "attribution", "copyright_license"),
                without=("tbp_tile_type", "skin_tone_class"),
                columns=(
                    named("isic_id", ColumnRole.IMAGE_ID),
                    named("lesion_id", ColumnRole.LESION_ID),
                    named("patient_id", ColumnRole.PATIENT_ID),
                    *(named(f"diagnosis_{n}", ColumnRole.DIAGNOSIS_PATH) for n in range(1, 6)),
                    SourceColumn(name="diagnosis", to=ColumnRole.DIAGNOSIS, keep=True),
                    # What our export adds: its file, class and words, the age as it was entered, not rounded.
                    named("filename", ColumnRole.IMAGE_PATH),
                    named("dx", ColumnRole.DIAGNOSIS),
                    named("source_label", ColumnRole.SOURCE_LABEL),
                    named("source_site", "source_site"),
                    named("age", "age_at_exam"),
                    MALIGNANCY, CONFIRMATION, ATTRIBUTION, LICENCE, AGE, SEX, SITE,
                    # Collections that have no general site spell it from general to special.
                    named("anatom_site_2", "anatomical_site"),
                    named("anatom_site_1", "anatomical_site"),
                    IMAGE_TYPE,
                    named("dermoscopic_type", ColumnRole.DERMOSCOPIC_TYPE),
                    named("fitzpatrick_skin_type", "fitzpatrick_type"),
                    DIAMETER, THICKNESS, PERSONAL_HISTORY,
                ),
            ),
        ),
    ),
    taxonomy=None,
    usual_taxonomy="milk11",
    dataset_id="isic-archive",
    name="ISIC archive",
    source="https://www.isic-archive.com",
    caution="The archive's tree of diagnoses changes over time: the label keeps the path as it was downloaded.",
)  # fmt: skip
