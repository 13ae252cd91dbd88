"""How a protocol names the analyses of the benefit, its subgroups and populations."""

KEY, KEY_MALIGNANCY = "benefit", "benefit-malignancy"
TITLE = "Benefit of assistance"
PARTS = {
    "readers_and_cases": "Benefit for other readers and other cases",
    "experience_group": "Benefit by experience",
    "profession": "Benefit by profession",
    "truth_dx": "Benefit by true class",
    "truth_malignant": "Benefit in malignant and benign cases",
    "confidence": "Benefit by confidence before assistance",
    "advice_correct": "Benefit of right and wrong advice",
    "advice_faulty": "Benefit of advice made wrong on purpose",
    "round": "Benefit by round",
    "unaided_skill": "Benefit by skill before assistance",
}
"""Subgroups and populations of it that a protocol can name, after the key."""
READERS_AND_CASES = f"{KEY}:readers_and_cases"
"""The same change for other cases as well (`populations`), as a protocol names it."""
