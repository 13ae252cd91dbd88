"""PH2: 200 dermoscopic images with structures and colours (Mendonça et al., EMBC 2013); framed text or a workbook."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import DERMOSCOPIC, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, OneHot, SourceColumn, TableLayout

_COLORS = {"1": "white", "2": "red", "3": "light_brown", "4": "dark_brown", "5": "blue_gray", "6": "black"}


def _structure(name: str, structure: str) -> SourceColumn:
    """Present (P), typical (T) or atypical (AT): the structure is there; which of them is kept verbatim."""
    return SourceColumn(
        name=name,
        to="dermoscopic_structures",
        values={"a": "", **dict.fromkeys(("p", "t", "at"), structure)},
        keep=True,
    )


_STRUCTURES = (
    _structure("pigment network", "pigment_network"),
    _structure("dots/globules", "globules"),
    _structure("streaks", "streaks"),
    _structure("regression areas", "regression"),
    _structure("blue-whitish veil", "blue_white_veil"),
)
_COLOR_HEADS = ("white", "red", "light-brown", "dark-brown", "blue-gray", "black")

FORMAT = DatasetFormat(
    key="ph2",
    title="PH2",
    description="Import PH2: diagnoses, dermoscopic structures and colours.",
    table="PH2_dataset.txt or .xlsx",
    columns=("Name", "Histological Diagnosis", "Clinical Diagnosis", "Asymmetry", "Pigment Network", "Colors"),
    layout=Layout(
        tables=(
            TableLayout(
                kind="table",
                needs=(
                    "name",
                    "histological diagnosis",
                    "clinical diagnosis",
                    "asymmetry",
                    "pigment network",
                    "colors",
                ),
                columns=(
                    named("name", ColumnRole.IMAGE_ID),
                    named("histological diagnosis", ColumnRole.HISTOLOGY),
                    SourceColumn(
                        name="clinical diagnosis",
                        to=ColumnRole.DIAGNOSIS,
                        values={"0": "common nevus", "1": "atypical nevus", "2": "melanoma"},
                    ),
                    *_STRUCTURES,
                    SourceColumn(name="colors", to="dominant_colors", values=_COLORS, separator=" "),
                ),
            ),
            TableLayout(
                kind="workbook",
                needs=("image name", "common nevus", "atypical nevus", "melanoma"),
                columns=(
                    named("image name", ColumnRole.IMAGE_ID),
                    named("histological diagnosis", ColumnRole.HISTOLOGY),
                    *_STRUCTURES,
                    *(
                        SourceColumn(name=name, to="dominant_colors", values={"x": color})
                        for name, color in zip(_COLOR_HEADS, _COLORS.values(), strict=True)
                    ),
                ),
                one_hot=OneHot(
                    classes={name: name for name in ("common nevus", "atypical nevus", "melanoma")}, mark="X"
                ),
            ),
        ),
        constants=DERMOSCOPIC,
    ),
    taxonomy=None,
    usual_taxonomy="clinical9",
    dataset_id="ph2",
    name="PH2",
    source="doi:10.1109/EMBC.2013.6610779",
)
