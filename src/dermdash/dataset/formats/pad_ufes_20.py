"""PAD-UFES-20: clinical photographs taken with phones (Pacheco et al., Data in Brief 32, 106221, 2020).

Lesion ids are unique only within a patient. The column names are spelt as the file spells them.
"""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

_UNKNOWN = {"unk": ""}

FORMAT = DatasetFormat(
    key="pad-ufes-20",
    title="PAD-UFES-20",
    description="Import PAD-UFES-20: clinical photographs with history and symptoms.",
    table="metadata.csv",
    columns=("patient_id", "lesion_id", "img_id", "diagnostic", "biopsed"),
    more_columns="age, gender, fitspatrick, region, diameters, history and symptoms",
    layout=Layout(
        tables=(
            TableLayout(
                kind="metadata",
                needs=("patient_id", "lesion_id", "img_id", "diagnostic", "biopsed"),
                columns=(
                    SourceColumn(name="img_id", to=ColumnRole.IMAGE_PATH),
                    SourceColumn(name="patient_id", to=ColumnRole.PATIENT_ID),
                    SourceColumn(name="lesion_id", to=ColumnRole.LESION_ID),
                    SourceColumn(name="diagnostic", to=ColumnRole.DIAGNOSIS),
                    SourceColumn(
                        name="biopsed", to=ColumnRole.CONFIRMATION, values={"true": "histo", "false": "", "unk": ""}
                    ),
                    SourceColumn(name="age", to="age_at_exam"),
                    SourceColumn(name="gender", to="sex"),
                    SourceColumn(name="fitspatrick", to="fitzpatrick_type"),
                    SourceColumn(name="region", to="anatomical_site"),
                    SourceColumn(name="diameter_1", to="lesion_diameter_mm", values={"0": "", "0.0": ""}),
                    SourceColumn(name="diameter_2", to="second_diameter_mm", values={"0": "", "0.0": ""}),
                    SourceColumn(name="skin_cancer_history", to="personal_ca_history", values=_UNKNOWN),
                    # Raised or not is all that is asked: raised is neither palpable nor nodular.
                    SourceColumn(
                        name="elevation", to="elevation", values={"false": "flat", "true": "", "unk": ""}, keep=True
                    ),
                ),
            ),
        ),
        constants={"image_type": "clinical_close_up"},
        lesion_of_patient=True,
    ),
    taxonomy=None,
    usual_taxonomy="padufes6",
    dataset_id="pad-ufes-20",
    name="PAD-UFES-20",
    source="doi:10.17632/zr7vgbcyr2.1",
    licence="CC BY 4.0",
    caution="These are clinical photographs, no dermoscopy.",
)
