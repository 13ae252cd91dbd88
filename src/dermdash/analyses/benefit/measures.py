"""Outcomes and measures of an answer: their names, and how people call them."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """A family of measures from the same answers."""

    DIAGNOSIS = "diagnosis"
    MALIGNANCY = "malignancy"
    MANAGEMENT = "management"
    AGREEMENT = "agreement"


class Measure(StrEnum):
    """A yes/no property of an answer, whose share before and after assistance is compared."""

    CORRECT = "correct"
    ACCURACY = "accuracy"
    BALANCED = "balanced_accuracy"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"
    REFERRAL = "referral"
    APPROPRIATE = "appropriate"
    UNDERTREATMENT_MALIGNANT = "undertreatment_malignant"
    OVERTREATMENT_BENIGN = "overtreatment_benign"
    UNDERTREATMENT = "undertreatment"
    OVERTREATMENT = "overtreatment"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """How a measure is called, as the subject of a sentence and as a heading, and what it is, for people.

    ``higher_is_better`` None: neither. ``of_hundred``: what 16 of 100 more of it are; empty: nothing that is counted.
    """

    label: str
    subject: str
    meaning: str
    higher_is_better: bool | None = True
    of_hundred: str = ""


WORDS: dict[Measure, MeasureWords] = {
    Measure.CORRECT: MeasureWords(
        "Correct diagnosis", "correct diagnoses", "share of answers with the true class", of_hundred="diagnoses right"
    ),
    Measure.ACCURACY: MeasureWords(
        "Accuracy for malignancy",
        "answers on the right side",
        "share of answers on the right side, benign or malignant",
        of_hundred="lesions called right, benign or malignant",
    ),
    Measure.BALANCED: MeasureWords(
        "Balanced accuracy", "balanced accuracy", "mean of sensitivity and specificity for malignancy"
    ),
    Measure.SENSITIVITY: MeasureWords(
        "Sensitivity",
        "sensitivity",
        "share of malignant cases called malignant",
        of_hundred="malignant lesions called malignant",
    ),
    Measure.SPECIFICITY: MeasureWords(
        "Specificity", "specificity", "share of benign cases called benign", of_hundred="benign lesions called benign"
    ),
    Measure.REFERRAL: MeasureWords(
        "Called malignant",
        "lesions called malignant",
        "share of all answers that call the lesion malignant",
        None,
        of_hundred="lesions called malignant",
    ),
    Measure.APPROPRIATE: MeasureWords(
        "Appropriate management",
        "appropriate management",
        "share of managements the rubric calls appropriate",
        of_hundred="managements appropriate",
    ),
    Measure.UNDERTREATMENT_MALIGNANT: MeasureWords(
        "Undertreatment of malignant cases",
        "undertreatment of malignant cases",
        "share of managements of malignant cases the rubric calls too little",
        False,
        of_hundred="malignant lesions undertreated",
    ),
    Measure.OVERTREATMENT_BENIGN: MeasureWords(
        "Overtreatment of benign cases",
        "overtreatment of benign cases",
        "share of managements of benign cases the rubric calls too much",
        False,
        of_hundred="benign lesions overtreated",
    ),
    Measure.UNDERTREATMENT: MeasureWords(
        "Undertreatment, all cases",
        "undertreatment among all cases",
        "share of all managements the rubric calls too little, which falls with the share of malignant cases",
        False,
        of_hundred="lesions undertreated",
    ),
    Measure.OVERTREATMENT: MeasureWords(
        "Overtreatment, all cases",
        "overtreatment among all cases",
        "share of all managements the rubric calls too much, which falls with the share of benign cases",
        False,
        of_hundred="lesions overtreated",
    ),
    Measure.AGREEMENT: MeasureWords(
        "Agreement with the model",
        "agreement with the model",
        "share of answers that name the model's most probable class (with crowd probabilities: the crowd's), right or "
        "wrong",
        None,
        of_hundred="answers the same as the model's",
    ),
}
MEASURES: dict[Outcome, tuple[Measure, ...]] = {
    Outcome.DIAGNOSIS: (Measure.CORRECT,),
    Outcome.MALIGNANCY: (
        Measure.ACCURACY, Measure.SENSITIVITY, Measure.SPECIFICITY, Measure.BALANCED, Measure.REFERRAL,
    ),
    Outcome.MANAGEMENT: (
        Measure.APPROPRIATE, Measure.UNDERTREATMENT_MALIGNANT, Measure.OVERTREATMENT_BENIGN,
        Measure.UNDERTREATMENT, Measure.OVERTREATMENT,
    ),
    Outcome.AGREEMENT: (Measure.AGREEMENT, Measure.REFERRAL),
}  # fmt: skip
"""The measures of each family; breakdowns are of the first."""
