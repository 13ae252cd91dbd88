"""Experience in dermatoscopy, grouped the same way wherever results are broken down by it."""

EXPERIENCE_GROUPS = ("under 1 year", "1 to 2 years", "3 to 5 years", "6 to 10 years", "over 10 years", "not said")


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
