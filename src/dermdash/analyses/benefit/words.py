"""What modalities, breakdowns and their groups are called."""

from typing import NamedTuple

from dermdash.analyses.benefit.grouping import GROUPINGS, NO, YES
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.readings.confidence_words import confidence_in_words
from dermdash.records.taxonomy import get_taxonomy

_YES_NO = {
    "truth_malignant": {YES: "Malignant", NO: "Benign"},
    "advice_correct": {YES: "Advice right", NO: "Advice wrong"},
    "advice_faulty": {YES: "Made wrong on purpose", NO: "Not tampered with"},
}


class GroupNames(NamedTuple):
    """What groups are named with: the taxonomy of diagnoses, and the words of degrees of confidence."""

    taxonomy: str | None
    confidence: tuple[str, ...] = ()


def breakdown_title(key: str) -> str:
    """What groups are made from, in words."""
    return GROUPINGS[key].title


def group_label(key: str, level: str, names: GroupNames) -> str:
    """A group in words."""
    taxonomy = names.taxonomy
    if key in _YES_NO:
        return _YES_NO[key].get(level, level)
    if key == "profession":
        return PROFESSIONS.get(level, level)
    if key == "truth_dx" and taxonomy is not None and level in get_taxonomy(taxonomy):
        return get_taxonomy(taxonomy)[level].name
    if key == "confidence":
        return confidence_in_words(level, names.confidence)
    if key == "round":
        return f"Round {level}"
    return level[:1].upper() + level[1:]
