"""derm7pt: a clinical and a dermoscopic image per case, with the seven-point criteria (Kawahara et al., JBHI 2019)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ANY, ColumnRole, Layout, Picture, SourceColumn, TableLayout


def _criterion(name: str, structure: str) -> SourceColumn:
    """Anything but "absent" means that the structure is there; how it looks is kept verbatim."""
    return SourceColumn(name=name, to="dermoscopic_structures", values={"absent": "", ANY: structure}, keep=True)


FORMAT = DatasetFormat(
    key="derm7pt",
    title="derm7pt",
    description="Import derm7pt: two images per case, the seven-point criteria as structures.",
    table="meta.csv",
    columns=("case_num", "diagnosis", "seven_point_score", "clinic", "derm"),
    more_columns="the seven criteria, elevation, location, sex, management",
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("case_num", "diagnosis", "seven_point_score", "clinic", "derm"),
                columns=(
                    SourceColumn(name="case_num", to=ColumnRole.LESION_ID),
                    SourceColumn(name="diagnosis", to=ColumnRole.DIAGNOSIS),
                    SourceColumn(name="elevation", to="elevation"),
                    SourceColumn(name="location", to="anatomical_site"),
                    SourceColumn(name="sex", to="sex"),
                    _criterion("pigment_network", "pigment_network"),
                    _criterion("streaks", "streaks"),
                    _criterion("pigmentation", "blotch"),
                    _criterion("regression_structures", "regression"),
                    _criterion("dots_and_globules", "globules"),
                    _criterion("blue_whitish_veil", "blue_white_veil"),
                    SourceColumn(
                        name="vascular_structures",
                        to="dermoscopic_structures",
                        # The others (comma, hairpin, wreath, linear irregular, within regression) have no name here.
                        values={"arborizing": "arborizing_vessels", "dotted": "dotted_vessels", ANY: ""},
                        keep=True,
                    ),
                ),
                pictures=(
                    Picture(column="derm", constants={"image_type": "dermoscopic"}),
                    Picture(column="clinic", constants={"image_type": "clinical_close_up"}),
                ),
            ),
        ),
    ),
    taxonomy=None,
    usual_taxonomy="ham7",
    dataset_id="derm7pt",
    name="derm7pt",
    source="doi:10.1109/JBHI.2018.2824327",
    caution="The two images of a case are one lesion. Table and disk differ in capitals of file names.",
)
