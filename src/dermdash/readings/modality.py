"""The two phases of a reading and what may be shown between them: one word per thing in code, tables and files."""

from enum import StrEnum


class Modality(StrEnum):
    """What a reader is shown after the unaided answer is locked."""

    NONE = "none"
    MALIGNANCY_PROBABILITY = "malignancy_probability"
    MULTICLASS_PROBABILITY = "multiclass_probability"
    CBIR = "cbir"
    CROWD_PROBABILITY = "crowd_probability"
    SALIENCY = "saliency"

    @property
    def label(self) -> str:
        """The modality in words, for people."""
        return _LABELS[self]

    @property
    def public_name(self) -> str | None:
        """Its name in the public file of the Nature Medicine 2020 study; None where that file has none."""
        return PUBLIC_NAMES.get(self)

    @property
    def needs_model(self) -> bool:
        """Whether a classifier must have seen the case."""
        return self not in (Modality.NONE, Modality.CROWD_PROBABILITY)


PUBLIC_NAMES: dict[Modality, str] = {
    Modality.MALIGNANCY_PROBABILITY: "Malignancy Probability (AI)",
    Modality.MULTICLASS_PROBABILITY: "Multiclass Probabilities (AI)",
    Modality.CBIR: "CBIR (AI)",
    Modality.CROWD_PROBABILITY: "Multiclass Probabilities (Crowd)",
}
_LABELS: dict[Modality, str] = {
    Modality.NONE: "No assistance",
    Modality.MALIGNANCY_PROBABILITY: "Malignancy probability",
    Modality.MULTICLASS_PROBABILITY: "Class probabilities",
    Modality.CBIR: "Similar images",
    Modality.CROWD_PROBABILITY: "Crowd probabilities",
    Modality.SALIENCY: "Saliency map",
}


class Phase(StrEnum):
    """Whether an answer was given before or after assistance was shown."""

    UNAIDED = "unaided"
    AIDED = "aided"


def modality_label(code: str) -> str:
    """The modality in words: of our own, its label; of another study, what that study calls it."""
    return Modality(code).label if code in set(Modality) else code


def public_modality(code: str) -> str:
    """The modality as the public file of the Nature Medicine 2020 study spells it, else its code."""
    return (Modality(code).public_name or code) if code in set(Modality) else code
