"""Fitzpatrick17k: clinical photographs of two atlases with skin types (Groh et al., CVPR Workshops 2021)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

FORMAT = DatasetFormat(
    key="fitzpatrick17k",
    title="Fitzpatrick17k",
    description="Import Fitzpatrick17k: 114 conditions in words, with skin types.",
    table="fitzpatrick17k.csv",
    columns=("md5hash", "label", "three_partition_label"),
    more_columns="fitzpatrick_scale or fitzpatrick, nine_partition_label, url",
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("md5hash", "label", "three_partition_label"),
                columns=(
                    SourceColumn(name="md5hash", to=ColumnRole.IMAGE_ID),
                    SourceColumn(name="label", to=ColumnRole.DIAGNOSIS),
                    SourceColumn(name="fitzpatrick_scale", to="fitzpatrick_type", values={"-1": ""}),
                    SourceColumn(name="fitzpatrick", to="fitzpatrick_type", values={"-1": ""}),
                ),
            ),
        ),
        constants={"image_type": "clinical_close_up"},
    ),
    taxonomy=None,
    usual_taxonomy="milk11",
    dataset_id="fitzpatrick17k",
    name="Fitzpatrick17k",
    source="https://github.com/mattgroh/fitzpatrick17k",
    licence="CC BY-NC-SA 3.0",
    caution="Many of its links are dead, and labels of the atlases were not confirmed.",
)
