"""The registry of kinds of findings: every one that dermdash looks for, declared once.

Command, page, documentation and exports are made from these lines. A kind says what it means, how many records it
concerns, what its score and threshold are, which decisions there are, which check finds it, what that check needs, and
how a finding is laid side by side. What is searched: ``workflows/findings/checks.py``.
"""

from __future__ import annotations

from dermdash.dataset.acquisition.measurements import MEASUREMENTS
from dermdash.dataset.finding_kind import Concerns, FindingDecision, FindingKind, FindingLayout, FindingNeed, Severity

PAIR_DECISIONS = (
    FindingDecision("same_image", "Same image", True),
    FindingDecision("same_lesion", "Same lesion", True),
    FindingDecision("different", "Different lesions", False),
    FindingDecision("unsure", "Unsure", None),
)
CONTRADICTION_DECISIONS = (
    FindingDecision("mended", "Mended", True),
    FindingDecision("no_contradiction", "No contradiction", False),
    FindingDecision("unsure", "Unsure", None),
)
_FAULT = (
    FindingDecision("fault", "A fault", True),
    FindingDecision("no_fault", "No fault", False),
    FindingDecision("unsure", "Unsure", None),
)
_DUPLICATES = (
    FindingDecision("duplicate", "Duplicates", True),
    FindingDecision("wanted", "Wanted", False),
    FindingDecision("unsure", "Unsure", None),
)
_LABEL = (
    FindingDecision("wrong_label", "Label is wrong", True),
    FindingDecision("right_label", "Label is right", False),
    FindingDecision("unsure", "Unsure", None),
)
_TOPIC = (
    FindingDecision("off_topic", "Off topic", True),
    FindingDecision("on_topic", "Belongs here", False),
    FindingDecision("unsure", "Unsure", None),
)
_LEAK = (
    FindingDecision("leak", "Leaks", True),
    FindingDecision("harmless", "Harmless", False),
    FindingDecision("unsure", "Unsure", None),
)
_CORRECT = "correct the table and import it again, with updating"


def _contradiction(
    key: str,
    title: str,
    meaning: str,
    what_to_do: str,
    fields: tuple[str, ...],
    score: float = 1.0,
    *,
    check: str = "contradictions",
) -> FindingKind:
    return FindingKind(
        key=key, title=title, meaning=meaning, what_to_do=what_to_do, fields=fields, score=score,
        score_means="1 where one of two statements must be wrong, 0.5 where something may only be missing.",
        concerns=Concerns.GROUP, severity=Severity.SPOILS_RECORDS, decisions=CONTRADICTION_DECISIONS,
        verdicts={"contradiction": "Contradiction"}, check=check,
        layout=FindingLayout.IMAGES, is_contradiction=True,
    )  # fmt: skip


_ALL = (
    FindingKind(
        key="split_leakage", title="Leak between training and test",
        meaning="Records of one patient, lesion, file or confirmed pair stand on both sides of a split.",
        score_means="1 for one file or confirmed pair, 0.9 for one lesion, 0.8 for one patient, 0.6 where only the "
        "measurement says that two images are one.",
        what_to_do="Keep all records of the group on one side: make the split anew by patient.",
        concerns=Concerns.GROUP, severity=Severity.SPOILS_RESULTS, decisions=_LEAK, threshold=0.5,
        verdicts={
            "same_file": "One file on both sides", "confirmed_pair": "A confirmed pair on both sides",
            "same_lesion": "One lesion on both sides", "same_patient": "One patient on both sides",
            "near_duplicate": "A near duplicate on both sides",
            "group": "Tied through other records",
        },
        check="split_leakage", layout=FindingLayout.IMAGES, needs=(FindingNeed.SPLIT,),
    ),
    FindingKind(
        key="presence_predicts_label", title="Field whose presence predicts the label",
        meaning="Whether a field is filled at all tells the diagnosis: a model would learn the filling, not the skin.",
        score_means="Youden's index of the field being filled for the class it tells best: 0 tells nothing, 1 all.",
        what_to_do="Leave the field out of what a model sees and out of filters for test sets, or fill it for all.",
        concerns=Concerns.FIELD, severity=Severity.SPOILS_RESULTS, decisions=_LEAK, threshold=0.3,
        verdicts={"predicts": "Predicts the label", "unsure": "May predict the label"},
        check="presence", layout=FindingLayout.FIELD, needs=(FindingNeed.LABELS,),
    ),
    FindingKind(
        key="exact_duplicate", title="One file in several records",
        meaning="The same picture, byte for byte once metadata is removed, stands in several rows or data sets.",
        score_means="Always 1: the bytes are the same.",
        what_to_do="Count it once: an import keeps the first row; across data sets keep both out of different splits.",
        concerns=Concerns.GROUP, severity=Severity.SPOILS_RESULTS, decisions=_DUPLICATES, threshold=1.0,
        verdicts={"same_bytes": "The same bytes", "left_out": "Left out by the import"},
        check="exact_duplicates", layout=FindingLayout.IMAGES,
    ),
    FindingKind(
        key="near_duplicate", title="Near duplicate",
        meaning="One photograph twice: compressed again, resized, cropped, turned by quarters or mirrored.",
        score_means="Correlation of the two pictures once one is laid over the other, 0 to 1.",
        what_to_do="Count it once: say that it is the same image, and nothing takes the two for independent any more.",
        concerns=Concerns.PAIR, severity=Severity.SPOILS_RESULTS, decisions=PAIR_DECISIONS, threshold=0.9,
        verdicts={
            "re_encoded": "Compressed again or resized", "cropped": "Cropped", "mirrored": "Mirrored",
            "turned": "Turned", "unsure": "Unsure",
        },
        check="near_duplicates", layout=FindingLayout.PAIR,
    ),
    FindingKind(
        key="same_lesion", title="One lesion under two ids",
        meaning="Two images under different lesion ids seem to show one lesion.",
        score_means="Grows with the points that agree on one motion and with the correlation of the aligned images.",
        what_to_do="Say whether it is one lesion: what takes lesions for independent follows.",
        concerns=Concerns.PAIR, severity=Severity.SPOILS_RESULTS, decisions=PAIR_DECISIONS, threshold=0.25,
        verdicts={
            "same_image": "Same image", "same_lesion": "Same lesion", "unsure": "Unsure", "listed": "Named by a list",
        },
        check="same_lesion", layout=FindingLayout.PAIR,
    ),
    FindingKind(
        key="label_error", title="Likely label error",
        meaning="A model that did not see this record is sure of another diagnosis than the one that is given.",
        score_means="How much surer it is of the other diagnosis, against how sure it usually is of each: 0.5 is even.",
        what_to_do="Look at the image and its neighbours; send it to reviewers, or correct the label with a reason.",
        concerns=Concerns.RECORD, severity=Severity.SPOILS_RESULTS, decisions=_LABEL, threshold=0.5,
        verdicts={"likely": "Another label is likely", "unsure": "Worth a look"},
        check="label_errors", layout=FindingLayout.LABEL, needs=(FindingNeed.FEATURES, FindingNeed.LABELS),
        fields=("dx",),
    ),
    FindingKind(
        key="off_topic", title="Off-topic image",
        meaning="The picture does not look like the others of its data set: overview, close-up, slide, screenshot.",
        score_means="Distance from what is usual in colour, grain and edges, 0.5 at the threshold.",
        what_to_do="Say what kind of picture it is in its image type, or take it out of the data set.",
        concerns=Concerns.RECORD, severity=Severity.SPOILS_RECORDS, decisions=_TOPIC, threshold=0.5,
        verdicts={
            "screenshot": "Looks like a screenshot or document", "histology_slide": "Looks like a histology slide",
            "overview": "Looks like an overview", "unlike": "Unlike the others",
        },
        check="off_topic", layout=FindingLayout.IMAGES, fields=("image_type",),
    ),
    FindingKind(
        key="impossible_value", title="Impossible value",
        meaning="A value that the field does not allow; it was left out at the import, and the record has none.",
        score_means="Always 1.",
        what_to_do=f"Look in the source, {_CORRECT}.",
        concerns=Concerns.FIELD, severity=Severity.SPOILS_RECORDS, decisions=_FAULT, threshold=1.0,
        verdicts={"outside": "Outside what is allowed", "unusable": "Cannot be used"},
        check="field_values", layout=FindingLayout.FIELD,
    ),
    FindingKind(
        key="default_value", title="Value that looks like a default",
        meaning="One value occurs far more often than its neighbours, or stands at the limit of what is allowed, as "
        "where a form fills in what nobody said.",
        score_means="Share of its records that the neighbours do not explain; 0.5 for a limit without a spike.",
        what_to_do="Ask the source what the value stands for; if for nothing known, empty it in the table and import "
        "that again, with updating.",
        concerns=Concerns.FIELD, severity=Severity.SPOILS_RECORDS, decisions=_FAULT, threshold=0.5,
        verdicts={"spike": "Spike", "limit": "At the limit"},
        check="field_values", layout=FindingLayout.FIELD,
    ),
    _contradiction(
        "same_picture_other_diagnosis", "One picture, several diagnoses",
        "The same picture stands in several rows, and they name different diagnoses.",
        f"Look in the source which row is right, take the other out or {_CORRECT}.",
        ("source_label", "dx"),
    ),
    _contradiction(
        "repeated_id_other_diagnosis", "One image id, several diagnoses",
        "An image id stands in several rows of the table, and they name different diagnoses; the first counts.",
        f"Look in the source which row is right and take the others out, or {_CORRECT}.",
        ("source_label", "dx"),
    ),
    _contradiction(
        "diagnosis_against_histology", "Diagnosis against histology",
        "The histopathology result of the record is another class than its diagnosis.",
        f"Read the report: {_CORRECT}, or enter the histology of the record.",
        ("dx", "histopathology_result"),
    ),
    _contradiction(
        "lesion_of_several_patients", "One lesion, several patients",
        "Images of one lesion id belong to several patients.",
        "Where the source numbers lesions within each patient, join patient and lesion id and import it anew under "
        f"another data set id; else {_CORRECT}.",
        ("lesion_id", "patient_id"),
    ),
    _contradiction(
        "lesion_of_several_diagnoses", "One lesion, several diagnoses",
        "Images of one lesion have different diagnoses.",
        f"Look which is confirmed better: {_CORRECT}, or give the images lesion ids of their own.",
        ("lesion_id", "dx"),
    ),
    _contradiction(
        "sex_against_site", "Sex against site", "The site exists in the other sex only.",
        f"Look in the source which of the two is right and {_CORRECT}.",
        ("sex", "anatomical_site"),
    ),
    _contradiction(
        "patient_of_both_sexes", "One patient, both sexes", "Records of one patient name both sexes.",
        f"Two people may share an id: look in the source and {_CORRECT}.",
        ("patient_id", "sex"),
    ),
    _contradiction(
        "stage_3_without_result", "Stage 3 without a result",
        "The record claims histology and has no histopathology result.",
        f"Add the result to the table and {_CORRECT}, enter it on the page of histology, or lower the stage.",
        ("verification_stage", "histopathology_result"), 0.5,
    ),
    _contradiction(
        "histology_contradiction", "Histology against consensus",
        "Histology that was entered here is another class than what people had agreed on.",
        "The record has the pathologist's class: look at the case with those who agreed, and reopen it if the "
        "report is of another lesion.",
        ("dx", "histopathology_result"), check="",
    ),
    FindingKind(
        key="quality_outlier", title="Poor image",
        meaning="A technical measurement lies far outside what is usual in the data set.",
        score_means="Robust distance from the median of the data set in the worst measurement, 0.5 at the threshold.",
        what_to_do="Look at it: if it cannot be read, give it an image quality score of 1 or 2.",
        concerns=Concerns.RECORD, severity=Severity.WORTH_KNOWING, decisions=_FAULT, threshold=0.5,
        verdicts={m.key: m.fault for m in MEASUREMENTS} | {"damage": "Damaged file"},
        check="quality_outliers", layout=FindingLayout.IMAGES, fields=("image_quality_score", "technical_quality"),
    ),
    FindingKind(
        key="missing_value", title="Field that is missing in some records",
        meaning="Some records of the data set have the field and others have not.",
        score_means="Share of the records without it.",
        what_to_do="Fill it from the source, or say in the data set's description why it is missing.",
        concerns=Concerns.FIELD, severity=Severity.WORTH_KNOWING, decisions=_FAULT,
        verdicts={"partly": "Missing in some", "mostly": "Missing in most"},
        check="field_values", layout=FindingLayout.FIELD,
    ),
    FindingKind(
        key="listed_duplicate", title="Called a duplicate by a list",
        meaning="A published list calls the image a duplicate and does not say of what.",
        score_means="Always 1: nobody measured it.",
        what_to_do="Look for its twin among the pairs.",
        concerns=Concerns.RECORD, severity=Severity.WORTH_KNOWING, decisions=_DUPLICATES,
        verdicts={"listed": "Named by a list"}, check="", layout=FindingLayout.IMAGES,
    ),
)  # fmt: skip
KINDS: dict[str, FindingKind] = {kind.key: kind for kind in _ALL}


def kind_of(key: str) -> FindingKind | None:
    """The kind of that key, None where this version has none: what an older one found stays readable."""
    return KINDS.get(key)


def verdict_words(kind: str, verdict: str) -> str:
    """A verdict for people."""
    spec = KINDS.get(kind)
    return spec.verdicts.get(verdict, verdict.replace("_", " ")) if spec else verdict.replace("_", " ")


def kinds_of_check(check: str) -> tuple[FindingKind, ...]:
    """What a check finds."""
    return tuple(kind for kind in KINDS.values() if kind.check == check)
