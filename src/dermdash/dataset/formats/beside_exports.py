"""Tables that our exports put beside the images, and that no import reads: who said what, and what was left out."""

LABELS = "labels.csv"
LABEL_COLUMNS = (
    "image_id", "number", "act", "stage", "person", "dx", "label", "unsure", "blind_to_others", "blind_to_initial",
    "blind_to_model", "agreement", "text", "day", "outcome", "overruled_by", "overruled_on",
)  # fmt: skip
"""A row for each time that somebody, or the source, said what an image shows (docs/exports.md)."""
LEFT_OUT = "left_out.csv"
LEFT_OUT_COLUMNS = ("record_id", "image_id", "reason", "detail")
NOT_READ = "lists what an export says beside its records; it is not imported"
_KNOWN = (frozenset(LABEL_COLUMNS), frozenset(LEFT_OUT_COLUMNS))


def is_beside(columns: frozenset[str]) -> bool:
    """Whether a table with these columns is one of the two."""
    return columns in _KNOWN
