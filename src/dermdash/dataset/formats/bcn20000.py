"""BCN20000: dermoscopy of the Hospital Clínic in Barcelona (Hernández-Pérez et al., Scientific Data 11, 641, 2024)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import AGE, DERMOSCOPIC, SEX, SITE, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, TableLayout

FORMAT = DatasetFormat(
    key="bcn20000",
    title="BCN20000",
    description="Import BCN20000: eight classes, capture dates and the split of the source.",
    table="bcn_20k_train.csv",
    columns=("bcn_filename",),
    more_columns="diagnosis, lesion_id, capture_date, sex, age_approx, anatom_site_general, split",
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("bcn_filename",),
                columns=(
                    named("bcn_filename", ColumnRole.IMAGE_PATH),
                    named("lesion_id", ColumnRole.LESION_ID),
                    named("diagnosis", ColumnRole.DIAGNOSIS),
                    named("capture_date", "acquisition_date"),
                    named("split", "source_split"),
                    AGE, SEX, SITE,
                ),
            ),
        ),
        constants=DERMOSCOPIC,
    ),
    taxonomy=None,
    usual_taxonomy="isic2019",
    dataset_id="bcn20000",
    name="BCN20000",
    source="doi:10.6084/m9.figshare.24140028",
    licence="CC BY 4.0",
)  # fmt: skip
