"""Edinburgh Dermofit: a list of lesions, or a folder per class (Ballerini et al., 2013)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

_CLASSES = "AK|ALY|BCC|DF|IEC|MEL|ML|PYO|SCC|SK|VASC"
_WORDS = {
    "ak": "actinic keratosis", "bcc": "basal cell carcinoma", "df": "dermatofibroma",
    "iec": "intraepithelial carcinoma",
    "mel": "melanoma", "ml": "melanocytic nevus", "pyo": "pyogenic granuloma", "scc": "squamous cell carcinoma",
    "sk": "seborrheic keratosis", "vasc": "hemangioma",
}  # fmt: skip

FORMAT = DatasetFormat(
    key="dermofit",
    title="Edinburgh Dermofit",
    description="Import the Edinburgh Dermofit library: its list of lesions, or its folders.",
    table="lesionlist (CSV)",
    columns=("Lesion", "Label"),
    layout=Layout(
        tables=(
            TableLayout(
                kind="list of lesions",
                needs=("lesion", "label"),
                columns=(
                    SourceColumn(name="lesion", to=ColumnRole.IMAGE_ID),
                    SourceColumn(name="label", to=ColumnRole.DIAGNOSIS, values=_WORDS, keep=True),
                ),
                cells={"lesion": r"[A-Z]\d+[a-z]?", "label": _CLASSES},
                at_most=True,
            ),
            TableLayout(
                kind="folders",
                needs=("file_name", "class"),
                columns=(
                    SourceColumn(name="file_name", to=ColumnRole.IMAGE_PATH),
                    SourceColumn(name="class", to=ColumnRole.DIAGNOSIS, values=_WORDS, keep=True),
                ),
                cells={"file_name": r"(.*/)?[A-Z]\d+[a-z]?\.png", "class": _CLASSES},
                shape="folders",
            ),
        ),
        constants={"image_type": "clinical_close_up"},
    ),
    taxonomy=None,
    usual_taxonomy="asan12",
    dataset_id="dermofit",
    name="Edinburgh Dermofit",
    source="doi:10.1007/978-94-007-5389-1_4",
    caution="These are clinical photographs, no dermoscopy.",
)
