"""From a diagnosis as a source writes it to a class of the taxonomy."""

from dermdash.records.taxonomy import Taxonomy

PATH = "::"


def class_of(text: str, taxonomy: Taxonomy) -> str | None:
    """The class that a diagnosis means, from its most special part (after ``::``) on; None where it means none."""
    for part in reversed(text.split(PATH)):
        if (code := taxonomy.code_of(part)) is not None:
            return code
    return None
