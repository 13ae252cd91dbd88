"""From a diagnosis as a source writes it to a class of the taxonomy."""

from dermdash.records.diagnosis_words import DiagnosisReading, read_diagnosis, read_diagnosis_path
from dermdash.records.taxonomy import Taxonomy

PATH = "::"
"""Between the levels of a diagnosis, from wide to narrow."""


def reading_of(text: str, taxonomy: Taxonomy) -> DiagnosisReading:
    """What a diagnosis means in the taxonomy, be it words or a path."""
    return read_diagnosis_path([text], taxonomy) if PATH in text else read_diagnosis(text, taxonomy)


def class_of(text: str, taxonomy: Taxonomy) -> str | None:
    """The class that a diagnosis means; None where it means none."""
    return reading_of(text, taxonomy).code
