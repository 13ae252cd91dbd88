"""ISIC 2016, part 3: benign or malignant, in the official file without a header (arXiv:1605.01397)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import DERMOSCOPIC, SPLITS, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

_LABELS = "benign|malignant|[01](\\.0+)?"

FORMAT = DatasetFormat(
    key="isic2016",
    title="ISIC 2016",
    description="Import ISIC 2016, part 3: benign or malignant, with or without a header.",
    table="ISBI2016_ISIC_Part3_Training_GroundTruth (CSV)",
    columns=("img_id", "Label"),
    layout=Layout(
        tables=(
            TableLayout(
                kind="ground truth",
                needs=("img_id", "label"),
                columns=(
                    named("img_id", ColumnRole.IMAGE_ID),
                    SourceColumn(name="label", to=ColumnRole.DIAGNOSIS, values={"0": "benign", "1": "malignant"}),
                ),
                cells={"label": _LABELS},
                headless={"img_id": r"ISIC_\d{7}", "label": _LABELS},
                at_most=True,
            ),
        ),
        constants=DERMOSCOPIC,
        splits=SPLITS,
    ),
    taxonomy=None,
    usual_taxonomy="malignancy2",
    dataset_id="isic2016",
    name="ISIC 2016",
    source="doi:10.48550/arXiv.1605.01397",
    licence="CC0",
)
