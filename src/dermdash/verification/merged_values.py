"""Fields of a consensus: what enough reviewers say alike; the rest stays as it was."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dermdash.records.fields import FIELDS, Kind
from dermdash.verification.review_rule import ReviewRule


def merged_values(answers: Sequence[Mapping[str, Any]], rule: ReviewRule) -> dict[str, Any]:
    """Return the values that a consensus takes over.

    A value of a field needs as many people as a label does, of those who filled it; of a list each entry by itself,
    of all who answered.

    Parameters
    ----------
    answers
        Values by field of each reviewer.
    """
    merged: dict[str, Any] = {}
    for spec in FIELDS:
        given = [answer[spec.name] for answer in answers if answer.get(spec.name) not in (None, "", [])]
        if not given:
            continue
        if spec.kind is Kind.LIST:
            counts = Counter(entry for value in given for entry in value)
            needed = rule.votes_needed(len(answers))
            agreed = [entry for entry in spec.choices if counts[entry] >= needed]
            if agreed:
                merged[spec.name] = agreed
            continue
        value, votes = Counter(given).most_common(1)[0]
        if votes >= rule.votes_needed(len(given)):
            merged[spec.name] = value
    return merged


def middle_quality(scores: Sequence[int | None]) -> int | None:
    """The middle one of quality scores, the lower of two; None where nobody gave one."""
    known = sorted(score for score in scores if score is not None)
    return known[(len(known) - 1) // 2] if known else None
