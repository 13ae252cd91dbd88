"""The two phases of a reading and what may be shown between them: one word per thing in code, tables and files."""

from enum import StrEnum
from typing import Any

from dermdash.readings.assistance.assistance_form import AssistanceForm
from dermdash.readings.assistance.class_probabilities import CrowdProbability, MulticlassProbability
from dermdash.readings.assistance.combination import (
    EverythingOfTheModel,
    ProbabilitiesAndSaliency,
    ProbabilitiesAndSimilar,
)
from dermdash.readings.assistance.malignancy_probability import MalignancyProbability
from dermdash.readings.assistance.no_assistance import NoAssistance
from dermdash.readings.assistance.saliency import SaliencyAssistance
from dermdash.readings.assistance.similar_images import SimilarImages


class Modality(StrEnum):
    """What a reader is shown after the unaided answer is locked: the registry of the forms of assistance.

    A line here makes a form known everywhere; its value is the key of the form.
    """

    _value_: str
    form: AssistanceForm

    # Any: below a form is given, everywhere else the text that names it.
    def __new__(cls, form: Any) -> "Modality":
        """The member of a form: the text that names it in tables and files."""
        member = str.__new__(cls, form.key)
        member._value_ = form.key
        member.form = form
        return member

    NONE = NoAssistance()
    MALIGNANCY_PROBABILITY = MalignancyProbability()
    MULTICLASS_PROBABILITY = MulticlassProbability()
    CBIR = SimilarImages()
    CROWD_PROBABILITY = CrowdProbability()
    SALIENCY = SaliencyAssistance()
    MULTICLASS_AND_SALIENCY = ProbabilitiesAndSaliency()
    MULTICLASS_AND_CBIR = ProbabilitiesAndSimilar()
    EVERYTHING = EverythingOfTheModel()

    @property
    def label(self) -> str:
        """The modality in words, for people."""
        return self.form.label

    @property
    def public_name(self) -> str | None:
        """Its name in the public file of the Nature Medicine 2020 study; None where that file has none."""
        return self.form.public_name

    @property
    def needs_model(self) -> bool:
        """Whether a classifier must have seen the case."""
        return self.form.needs_model


PUBLIC_NAMES: dict[Modality, str] = {m: m.form.public_name for m in Modality if m.form.public_name is not None}


class Phase(StrEnum):
    """Whether an answer was given before or after assistance was shown."""

    UNAIDED = "unaided"
    AIDED = "aided"


def modality_label(code: str) -> str:
    """The modality in words: of our own, its label; of another study, what that study calls it."""
    return Modality(code).label if code in set(Modality) else code


ALL_MODALITIES = "all"
"""Stands in the place of a modality for all of them together."""


def modality_name(code: str) -> str:
    """`modality_label`, or what all together are called."""
    return "All modalities" if code == ALL_MODALITIES else modality_label(code)


def public_modality(code: str) -> str:
    """The modality as the public file of the Nature Medicine 2020 study spells it, else its code."""
    return (Modality(code).public_name or code) if code in set(Modality) else code
