"""Names of the analyses, and of subgroups and populations of the main one, that a protocol can name beforehand.

They are the names of the commands, of the sections of the report and of `ReadingsTable.prespecified`.
"""

ANALYSES: dict[str, str] = {
    "benefit": "Benefit of assistance",
    "benefit-malignancy": "Benefit of assistance for malignancy",
    "mrmc": "Multi-reader multi-case comparison",
    "human-machine": "Readers and model",
    "reliance": "Reliance on advice",
    "reading-time": "Reading time",
    "agreement": "Agreement",
    "item-response": "Readers and cases",
    "collective": "Collective decisions",
    "triage": "Second opinion and triage",
}
BENEFIT_GROUPS: dict[str, str] = {
    "benefit:experience_group": "Benefit by experience",
    "benefit:profession": "Benefit by profession",
    "benefit:truth_dx": "Benefit by true class",
    "benefit:truth_malignant": "Benefit in malignant and benign cases",
    "benefit:confidence": "Benefit by confidence before assistance",
    "benefit:advice_correct": "Benefit of right and wrong advice",
    "benefit:advice_faulty": "Benefit of advice made wrong on purpose",
    "benefit:round": "Benefit by round",
    "benefit:unaided_skill": "Benefit by skill before assistance",
}
PRIMARY_ANALYSIS = "benefit"
"""Of the template *Nature Medicine 2020*: the paired t test, which speaks of other readers of these cases."""
READERS_AND_CASES = "benefit:readers_and_cases"
BENEFIT_POPULATIONS: dict[str, str] = {READERS_AND_CASES: "Benefit for other readers and other cases"}
"""The same change for other cases as well (`dermdash.analyses.benefit.populations`)."""
NAMES: dict[str, str] = ANALYSES | BENEFIT_POPULATIONS | BENEFIT_GROUPS
"""Everything a protocol can name."""


def analysis_title(name: str) -> str:
    """The analysis or subgroup in words."""
    return NAMES.get(name, name)
