"""Words by which public data sets say how a diagnosis was confirmed."""

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
