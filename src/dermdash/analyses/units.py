"""Which cases belong together, in words: the same unit and the same sentence in every analysis of a report."""

UNIT = "Images of one patient, else of one lesion,"
INDEPENDENT = "Every case counted as independent: no two were known to be of one lesion or patient."


def unit_text(clustered: bool, done: str) -> str:
    """What was ``done`` with images of one unit, e.g. "were drawn together"; else that no two share one."""
    return f"{UNIT} {done}." if clustered else INDEPENDENT
