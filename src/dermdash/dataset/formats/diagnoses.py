"""From a diagnosis as a source writes it to a class of the taxonomy."""

from dermdash.records.diagnosis_words import DiagnosisReading, read_diagnosis, read_diagnosis_path
from dermdash.records.taxonomy import TAXONOMIES, Taxonomy
from dermdash.wording import form

PATH = "::"
"""Between the levels of a diagnosis, from wide to narrow."""


def reading_of(text: str, taxonomy: Taxonomy) -> DiagnosisReading:
    """What a diagnosis means in the taxonomy, be it words or a path."""
    return read_diagnosis_path([text], taxonomy) if PATH in text else read_diagnosis(text, taxonomy)


def class_of(text: str, taxonomy: Taxonomy) -> str | None:
    """The class that a diagnosis means; None where it means none."""
    return reading_of(text, taxonomy).code


def classes_elsewhere(text: str, taxonomy: Taxonomy) -> str:
    """In words to be added, which other taxonomies have a class for a diagnosis that has none here; else nothing."""
    others = [t for t in TAXONOMIES.values() if t.name != taxonomy.name]
    names = [t.name for t in others if class_of(text, t) is not None]
    return f"; {', '.join(names)} {form(len(names), 'has', 'have')} a class for it" if names else ""
