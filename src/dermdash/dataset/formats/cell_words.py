"""Words by which public data sets say how a diagnosis was confirmed, and how they write skin types and sexes."""

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

FITZPATRICK: dict[str, str] = {
    **{str(n): roman for n, roman in enumerate(("I", "II", "III", "IV", "V", "VI"), start=1)},
    **{f"fst{n}": roman for n, roman in enumerate(("I", "II", "III", "IV", "V", "VI"), start=1)},
    "-1": "",
    "none_identified": "",
}
SEXES: dict[str, str] = {"f": "female", "m": "male", "w": "female", "woman": "female", "man": "male"}
