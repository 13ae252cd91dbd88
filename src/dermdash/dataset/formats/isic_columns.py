"""Columns that the challenges and the archive of ISIC have in common.

Source: metadata dictionary of the ISIC archive; files of the challenges 2016 to 2024.
"""

from dermdash.dataset.formats.layout import ColumnRole, SourceColumn

AGE = SourceColumn(name="age_approx", to="age_at_exam")
SEX = SourceColumn(name="sex", to="sex")
SITE = SourceColumn(name="anatom_site_general", to="anatomical_site")
ATTRIBUTION = SourceColumn(name="attribution", to="attribution")
LICENCE = SourceColumn(name="copyright_license", to="licence")
IMAGE_TYPE = SourceColumn(name="image_type", to="image_type")
CONFIRMATION = SourceColumn(name="diagnosis_confirm_type", to=ColumnRole.CONFIRMATION)
DIAMETER = SourceColumn(name="clin_size_long_diam_mm", to="lesion_diameter_mm")
THICKNESS = SourceColumn(name="mel_thick_mm", to="breslow_mm")
MALIGNANCY = SourceColumn(name="benign_malignant", to=ColumnRole.DIAGNOSIS, keep=True)
PERSONAL_HISTORY = SourceColumn(
    name="personal_hx_mm",
    to="personal_ca_history",
    # Who had no melanoma may have had another skin cancer.
    values={"true": "true", "false": ""},
    keep=True,
)
SPLITS = {"train": "train", "valid": "validation", "test": "test"}
DERMOSCOPIC = {"image_type": "dermoscopic"}


def named(name: str, to: str) -> SourceColumn:
    """A column whose cells need no more than their place."""
    return SourceColumn(name=name, to=to)
