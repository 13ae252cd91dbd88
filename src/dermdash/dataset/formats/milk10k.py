"""MILK10k: two images per lesion, one of them dermoscopic; three tables (doi 10.34970/648456)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import (
    AGE,
    ATTRIBUTION,
    CONFIRMATION,
    IMAGE_TYPE,
    LICENCE,
    SEX,
    SPLITS,
    named,
)  # fmt: skip
from dermdash.dataset.formats.layout import ColumnRole, Layout, OneHot, SourceColumn, TableLayout

CLASS_COLUMNS = ("AKIEC", "BCC", "BEN_OTH", "BKL", "DF", "INF", "MAL_OTH", "MEL", "NV", "SCCKA", "VASC")

FORMAT = DatasetFormat(
    key="milk10k",
    title="MILK10k",
    description="Import MILK10k: a clinical and a dermoscopic image per lesion, with ground truth and supplement.",
    table="MILK10k_Training_Metadata (CSV)",
    columns=("lesion_id", "image_type", "isic_id", "skin_tone_class"),
    more_columns="the columns of ground truth and supplement in tables of their own",
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("lesion_id", "image_type", "isic_id", "skin_tone_class"),
                columns=(
                    named("isic_id", ColumnRole.IMAGE_ID),
                    named("lesion_id", ColumnRole.LESION_ID),
                    IMAGE_TYPE, ATTRIBUTION, LICENCE, AGE, SEX,
                    named("site", "anatomical_site"),
                    # 0 very dark to 5 very light: not Fitzpatrick's types.
                    named("skin_tone_class", "skin_tone"),
                ),
            ),
            TableLayout(
                kind="ground truth",
                needs=("lesion_id", *CLASS_COLUMNS),
                columns=(named("lesion_id", ColumnRole.LESION_ID),),
                one_hot=OneHot(classes={name: name for name in CLASS_COLUMNS}),
                key="lesion_id",
                of=ColumnRole.LESION_ID,
                names_images=False,
                at_most=True,
            ),
            TableLayout(
                kind="supplement",
                needs=("isic_id", "diagnosis_full", "diagnosis_confirm_type"),
                columns=(
                    named("isic_id", ColumnRole.IMAGE_ID),
                    SourceColumn(name="diagnosis_full", to=ColumnRole.DIAGNOSIS, keep=True),
                    CONFIRMATION,
                ),
            ),
        ),
        constants={"skin_tone_scale": "MILK10k, 0 (very dark) to 5 (very light)"},
        splits=SPLITS,
    ),
    taxonomy=None,
    usual_taxonomy="milk11",
    dataset_id="milk10k",
    name="MILK10k",
    source="doi:10.34970/648456",
    licence="CC BY-NC 4.0",
    caution="The two images of a lesion are one case.",
)  # fmt: skip
