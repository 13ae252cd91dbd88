"""Experience in dermatoscopy, grouped the same way wherever results are broken down by it."""

import re

EXPERIENCE_GROUPS = ("under 1 year", "1 to 2 years", "3 to 5 years", "6 to 10 years", "over 10 years", "not said")


_RANKS = (
    ("lay", "student", "none"), ("novice", "beginner", "inexperienced", "low"), ("resident", "trainee", "junior"),
    ("intermediate", "medium", "moderate"), ("advanced", "skilled", "senior", "experienced", "high"), ("expert",),
)  # fmt: skip
"""Words for experience as it grows."""


def experience_order(group: str) -> tuple[int, float, str]:
    """Sort key of a group by whatever name: as experience grows, what says nothing of it last.

    The first number in the name counts; "under" and its like put the group just below it, "over" just above.
    """
    text = group.casefold().strip()
    if text in ("not said", "unknown", "n/a", "na", "other", "prefer not to say"):
        return 3, 0.0, text
    if number := re.search(r"\d+(?:[.,]\d+)?", text):
        years = float(number.group().replace(",", "."))
        if re.search(r"under|below|less|fewer|up to|at most|<|≤", text):
            years -= 0.5
        elif re.search(r"over|above|more|at least|>|≥|\+", text):
            years += 0.5
        return 0, years, text
    words = set(re.findall(r"[a-z]+", text))
    ranks = [i for i, names in enumerate(_RANKS) if words & set(names)]
    return (1, float(ranks[0]), text) if ranks else (2, 0.0, text)


def experience_group(years: float | None) -> str:
    """Name the group of ``EXPERIENCE_GROUPS`` that so many completed years of dermatoscopy fall into."""
    if years is None or years != years:  # NaN is how a table says that nothing was said
        return "not said"
    if years < 1:
        return "under 1 year"
    if years < 3:
        return "1 to 2 years"
    if years < 6:
        return "3 to 5 years"
    return "6 to 10 years" if years < 11 else "over 10 years"
