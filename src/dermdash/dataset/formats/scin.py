"""SCIN: up to three photographs per case, sent in by the public (Ward et al., JAMA Network Open 2024)."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, Picture, SourceColumn, TableLayout

_PARTS = {
    "head_or_neck": "head or neck", "arm": "arm", "palm": "palm", "back_of_hand": "back of hand",
    "torso_front": "torso front", "torso_back": "torso back", "genitalia_or_groin": "genitalia or groin",
    "buttocks": "buttocks", "leg": "leg", "foot_top_or_side": "foot top or side", "foot_sole": "foot sole",
}  # fmt: skip
_SHOTS = {"close_up": "clinical_close_up", "at_an_angle": "clinical_close_up", "at_distance": "clinical_overview"}


def _picture(number: int) -> Picture:
    shot = SourceColumn(name=f"image_{number}_shot_type", to="image_type", values=_SHOTS)
    return Picture(column=f"image_{number}_path", columns=(shot,))


FORMAT = DatasetFormat(
    key="scin",
    title="SCIN",
    description="Import SCIN: up to three photographs per case.",
    table="scin_cases.csv",
    columns=("case_id", "image_1_path"),
    more_columns="age group, sex, skin type, body parts; the labels in a table of their own",
    layout=Layout(
        tables=(
            TableLayout(
                kind="cases",
                needs=("case_id", "image_1_path"),
                columns=(
                    SourceColumn(name="case_id", to=ColumnRole.LESION_ID),
                    SourceColumn(name="age_group", to="age_at_exam", values={"age_unknown": ""}),
                    SourceColumn(
                        name="sex_at_birth", to="sex", values={"other_or_unspecified": "", "intersex": ""}, keep=True
                    ),
                    SourceColumn(name="fitzpatrick_skin_type", to="fitzpatrick_type", values={"none_identified": ""}),
                    *(
                        SourceColumn(
                            name=f"body_parts_{part}", to="anatomical_site", values={"yes": word, "no": ""}, agree=True
                        )
                        for part, word in _PARTS.items()
                    ),
                ),
                pictures=tuple(map(_picture, (1, 2, 3))),
            ),
            TableLayout(
                kind="labels",
                needs=("case_id", "weighted_skin_condition_label"),
                columns=(
                    SourceColumn(name="case_id", to=ColumnRole.LESION_ID),
                    SourceColumn(
                        name="weighted_skin_condition_label", to=ColumnRole.DIAGNOSIS, weighted=True, keep=True
                    ),
                ),
                key="case_id",
                of=ColumnRole.LESION_ID,
                names_images=False,
            ),
        ),
    ),
    taxonomy=None,
    usual_taxonomy="milk11",
    dataset_id="scin",
    name="SCIN",
    source="https://github.com/google-research-datasets/scin",
    licence="SCIN Data Use License",
    caution="Labels are opinions of dermatologists on photographs: the heaviest of each case is taken, all are kept.",
)
