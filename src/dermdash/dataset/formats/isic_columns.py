"""Columns that the challenges and the archive of ISIC have in common.

Source: metadata dictionary of the ISIC archive; files of the challenges 2016 to 2024.
"""

from dermdash.dataset.formats.layout import Column, Role

AGE = Column(name="age_approx", to="age_at_exam")
SEX = Column(name="sex", to="sex")
SITE = Column(name="anatom_site_general", to="anatomical_site")
ATTRIBUTION = Column(name="attribution", to="attribution")
LICENCE = Column(name="copyright_license", to="licence")
IMAGE_TYPE = Column(name="image_type", to="image_type")
CONFIRMATION = Column(name="diagnosis_confirm_type", to=Role.CONFIRMATION)
DIAMETER = Column(name="clin_size_long_diam_mm", to="lesion_diameter_mm")
THICKNESS = Column(name="mel_thick_mm", to="breslow_mm")
MALIGNANCY = Column(name="benign_malignant", to=Role.DIAGNOSIS, keep=True)
PERSONAL_HISTORY = Column(
    name="personal_hx_mm",
    to="personal_ca_history",
    # Who had no melanoma may have had another skin cancer.
    values={"true": "true", "false": ""},
    keep=True,
)
SPLITS = {"train": "train", "valid": "validation", "test": "test"}
DERMOSCOPIC = {"image_type": "dermoscopic"}


def named(name: str, to: str) -> Column:
    """A column whose cells need no more than their place."""
    return Column(name=name, to=to)
