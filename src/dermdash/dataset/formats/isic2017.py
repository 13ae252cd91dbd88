"""ISIC 2017, part 3: melanoma, seborrheic keratosis or (both 0) nevus; ages and sexes apart (arXiv:1710.05006)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import DERMOSCOPIC, SEX, SPLITS, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, OneHot, TableLayout

FORMAT = DatasetFormat(
    key="isic2017",
    title="ISIC 2017",
    description="Import ISIC 2017, part 3: melanoma, seborrheic keratosis or nevus, with ages and sexes.",
    table="ISIC-2017_Training_Part3_GroundTruth (CSV)",
    columns=("image_id", "melanoma", "seborrheic_keratosis"),
    layout=Layout(
        tables=(
            TableLayout(
                kind="ground truth",
                needs=("image_id", "melanoma", "seborrheic_keratosis"),
                columns=(named("image_id", ColumnRole.IMAGE_ID),),
                one_hot=OneHot(
                    classes={"melanoma": "melanoma", "seborrheic_keratosis": "seborrheic_keratosis"}, none_is="nevus"
                ),
                at_most=True,
            ),
            TableLayout(
                kind="metadata",
                needs=("image_id", "age_approximate", "sex"),
                columns=(named("image_id", ColumnRole.IMAGE_ID), named("age_approximate", "age_at_exam"), SEX),
                at_most=True,
            ),
        ),
        constants=DERMOSCOPIC,
        splits=SPLITS,
    ),
    taxonomy=None,
    usual_taxonomy="ham7",
    dataset_id="isic2017",
    name="ISIC 2017",
    source="doi:10.48550/arXiv.1710.05006",
    licence="CC0",
)
