"""Words by which public data sets say how a diagnosis was confirmed, what an image shows and where a lesion is."""

CONFIRMATIONS: dict[str, str] = {
    "histo": "histo",
    "histopathology": "histo",
    "histology": "histo",
    "biopsy": "histo",
    "pathology": "histo",
    "follow_up": "follow_up",
    "follow-up": "follow_up",
    "follow up": "follow_up",
    "serial imaging showing no change": "follow_up",
    "consensus": "consensus",
    "single image expert consensus": "consensus",
    "confocal": "confocal",
    "confocal microscopy with consensus dermoscopy": "confocal",
    "single contributor clinical assessment": "",
}
"""Of the words of the ISIC archive and of HAM10000, the dx_type; empty: an initial annotation, which has none."""

IMAGE_TYPES: dict[str, str] = {
    "dermoscopic": "dermoscopic",
    "dermoscopy": "dermoscopic",
    "clinical: close-up": "clinical_close_up",
    "close_up": "clinical_close_up",
    "close-up": "clinical_close_up",
    "clinical": "clinical_close_up",
    "at_an_angle": "clinical_close_up",
    "clinical: overview": "clinical_overview",
    "overview": "clinical_overview",
    "at_distance": "clinical_overview",
    "tbp tile: close-up": "tbp_tile",
    "tbp tile: overview": "tbp_tile",
    "rcm: macroscopic": "other",
    "rcm: mosaic": "other",
    "rcm: tile": "other",
}

DERMOSCOPY: dict[str, tuple[str, str]] = {
    "contact polarized": ("contact", "polarised"),
    "contact non-polarized": ("contact", "non_polarised"),
    "non-contact polarized": ("non_contact", "polarised"),
    "non-contact non-polarized": ("non_contact", "non_polarised"),
}
"""Of the archive's dermoscopic_type, contact and polarisation."""

FITZPATRICK: dict[str, str] = {
    **{str(n): roman for n, roman in enumerate(("I", "II", "III", "IV", "V", "VI"), start=1)},
    **{f"fst{n}": roman for n, roman in enumerate(("I", "II", "III", "IV", "V", "VI"), start=1)},
    "-1": "",
    "none_identified": "",
}
SEXES: dict[str, str] = {"f": "female", "m": "male", "w": "female", "woman": "female", "man": "male"}
