"""Diverse Dermatology Images (Daneshjou et al., Science Advances 8, eabq6147, 2022)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

FORMAT = DatasetFormat(
    key="ddi",
    title="DDI",
    description="Import Diverse Dermatology Images: diseases in words, and skin tones in pairs of types.",
    table="ddi_metadata.csv",
    columns=("DDI_ID", "DDI_file", "skin_tone", "malignant", "disease"),
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("ddi_id", "ddi_file", "skin_tone", "disease"),
                columns=(
                    SourceColumn(name="ddi_file", to=ColumnRole.IMAGE_PATH),
                    SourceColumn(name="disease", to=ColumnRole.DIAGNOSIS),
                    # 12, 34 and 56 are pairs of types: no single one.
                    SourceColumn(name="skin_tone", to="skin_tone"),
                ),
            ),
        ),
        constants={
            "image_type": "clinical_close_up",
            "skin_tone_scale": "DDI, pairs of Fitzpatrick types (12, 34, 56)",
        },
    ),
    taxonomy=None,
    usual_taxonomy="milk11",
    dataset_id="ddi",
    name="DDI",
    source="doi:10.71718/kqee-3z39",
    caution="Skin tone is a pair of types and stays one.",
)
