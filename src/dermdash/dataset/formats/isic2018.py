"""ISIC 2018, task 3: one-hot diagnoses of training, validation and test; lesions and confirmation in another table.

Source: arXiv:1902.03368; the images are those of HAM10000 (doi 10.7910/DVN/DBW86T).
"""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import CONFIRMATION, DERMOSCOPIC, SPLITS, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, OneHot, TableLayout
from dermdash.records.taxonomy import HAM7

CLASS_COLUMNS = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
GROUND_TRUTH = TableLayout(
    kind="ground truth",
    needs=("image", *CLASS_COLUMNS),
    columns=(named("image", ColumnRole.IMAGE_ID),),
    one_hot=OneHot(classes={name: name for name in CLASS_COLUMNS}),
    at_most=True,
)

FORMAT = DatasetFormat(
    key="isic2018",
    title="ISIC 2018 Task 3",
    description="Import ISIC 2018, task 3: training, validation or test, with the lesion groupings.",
    table="ISIC2018_Task3_Training_GroundTruth (one-hot CSV)",
    columns=("image", *CLASS_COLUMNS),
    layout=Layout(
        tables=(
            GROUND_TRUTH,
            TableLayout(
                kind="lesion groupings",
                needs=("image", "lesion_id", "diagnosis_confirm_type"),
                columns=(named("image", ColumnRole.IMAGE_ID), named("lesion_id", ColumnRole.LESION_ID), CONFIRMATION),
                at_most=True,
            ),
        ),
        constants=DERMOSCOPIC,
        splits=SPLITS,
    ),
    taxonomy=HAM7.name,
    dataset_id="isic2018",
    name="ISIC 2018 Task 3",
    source="doi:10.7910/DVN/DBW86T",
    licence="CC BY-NC 4.0",
)
