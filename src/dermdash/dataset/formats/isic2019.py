"""ISIC 2019: eight classes and "unknown" one-hot, ages, sites, lesions and sexes in a table of their own.

Source: arXiv:1902.03368, 1908.02288 and Tschandl et al. 2018; ids of BCN20000 and MSK end in ``_downsampled``.
"""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import AGE, DERMOSCOPIC, SEX, SITE, SPLITS, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, OneHot, TableLayout

CLASS_COLUMNS = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC")

FORMAT = DatasetFormat(
    key="isic2019",
    title="ISIC 2019",
    description="Import ISIC 2019: ground truth of eight classes, with the metadata where they are given.",
    table="ISIC_2019_Training_GroundTruth (one-hot CSV)",
    columns=("image", *CLASS_COLUMNS),
    more_columns="UNK",
    layout=Layout(
        tables=(
            TableLayout(
                kind="ground truth",
                needs=("image", *CLASS_COLUMNS),
                columns=(
                    named("image", ColumnRole.IMAGE_ID),
                    named("score_weight", ""),
                    named("validation_weight", ""),
                ),
                one_hot=OneHot(classes={name: name for name in (*CLASS_COLUMNS, "UNK")}),
                at_most=True,
            ),
            TableLayout(
                kind="metadata",
                needs=("image", "age_approx", "anatom_site_general", "sex"),
                columns=(named("image", ColumnRole.IMAGE_ID), AGE, SITE, named("lesion_id", ColumnRole.LESION_ID), SEX),
                at_most=True,
            ),
        ),
        constants=DERMOSCOPIC,
        splits=SPLITS,
    ),
    taxonomy=None,
    usual_taxonomy="isic2019",
    dataset_id="isic2019",
    name="ISIC 2019",
    source="https://challenge.isic-archive.com/data/#2019",
    licence="CC BY-NC 4.0",
)
