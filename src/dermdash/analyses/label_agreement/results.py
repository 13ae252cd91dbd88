"""What an agreement of reviewers consists of: parts, pairs, overlaps, and what stands for each reviewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.analyses.agreement.intra_reader import IntraReader
from dermdash.analysis.agreement.annotators import RaterAccuracy
from dermdash.analysis.agreement.coefficients import Coefficient
from dermdash.analysis.agreement.cohen import CohenKappa
from dermdash.analysis.arrays import IntArray
from dermdash.analysis.as_json import to_json
from dermdash.analysis.estimates import Estimate, json_number
from dermdash.readings.case_votes import CaseVotes


@dataclass(frozen=True, slots=True)
class LabelPart:
    """Agreement on one thing (``kind``: overall, class, month, field, structure)."""

    kind: str
    value: str
    reviewers: int
    records: int
    answers: int
    coefficients: tuple[Coefficient, ...]

    def coefficient(self, statistic: str) -> Coefficient | None:
        """The coefficient of that name; None where it was not computed here."""
        return next((found for found in self.coefficients if found.statistic == statistic), None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "part": self.kind,
            "value": self.value,
            "n_reviewers": self.reviewers,
            "n_records": self.records,
            "n_answers": self.answers,
            "statistics": [to_json(found) for found in self.coefficients],
        }


@dataclass(frozen=True, slots=True)
class ReviewerPair:
    """Two reviewers: records in common, how often both said the same, Cohen's kappa."""

    first: str
    second: str
    records: int
    same: Estimate
    kappa: CohenKappa

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reviewers": [self.first, self.second],
            "n_records": self.records,
            "percent": self.same.as_dict(),
            "kappa": json_number(self.kappa.value),
            "kappa_se": json_number(self.kappa.se),
            "reason": self.kappa.reason,
        }


@dataclass(frozen=True, slots=True)
class StructureOverlap:
    """How far the regions overlap that two reviewers marked as one structure of a record.

    ``both``: pairs of reviewers of whom both marked it, of all ``pairs`` of whom one did; ``iou`` and ``dice`` are
    means over records of those where both did.
    """

    structure: str
    records: int
    pairs: int
    both: int
    iou: Estimate
    dice: Estimate

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "structure": self.structure,
            "n_records": self.records,
            "n_pairs": self.pairs,
            "n_both": self.both,
            "iou": self.iou.as_dict(),
            "dice": self.dice.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class ReviewerQuality:
    """One reviewer against what was decided.

    ``consensus``: own answers like the label of stage 2 (in which they had a say); ``histology``: like that of stage 3;
    ``model``: how often they are right as the answers of all tell (`annotators`).
    """

    reviewer: str
    answers: int
    unsure: int
    consensus: Estimate
    histology: Estimate
    model: RaterAccuracy

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reviewer": self.reviewer,
            "n_answers": self.answers,
            "n_unsure": self.unsure,
            "consensus": self.consensus.as_dict(),
            "histology": self.histology.as_dict(),
            "model": to_json(self.model),
        }


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Everything about agreement on the labels of a data set; arrays of ``confusion``: (classes, classes).

    ``split``: the records whose reviewers agree least, as many as are worth a look.
    """

    source: str
    classes: tuple[str, ...]
    overall: LabelPart
    by_class: tuple[LabelPart, ...]
    by_month: tuple[LabelPart, ...]
    by_field: tuple[LabelPart, ...]
    by_structure: tuple[LabelPart, ...]
    pairs: tuple[ReviewerPair, ...]
    confusion: IntArray
    overlaps: tuple[StructureOverlap, ...]
    intra: IntraReader | None
    reviewers: tuple[ReviewerQuality, ...]
    model_reason: str | None
    names: Mapping[str, str]
    excluded: Mapping[str, int]
    replicates: int
    seed: int
    confidence: float
    simulated: bool
    clustered: bool
    split: tuple[CaseVotes, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """For JSON, numbers finite or None."""
        return {
            "source": self.source,
            "simulated": self.simulated,
            "overall": self.overall.as_dict(),
            "classes": [part.as_dict() for part in self.by_class],
            "months": [part.as_dict() for part in self.by_month],
            "fields": [part.as_dict() for part in self.by_field],
            "structures": [part.as_dict() for part in self.by_structure],
            "pairs": [pair.as_dict() for pair in self.pairs],
            "confusion": {"classes": list(self.classes), "counts": self.confusion.tolist()},
            "overlaps": [overlap.as_dict() for overlap in self.overlaps],
            "intra_reviewer": None if self.intra is None else self.intra.as_dict(),
            "reviewers": [reviewer.as_dict() for reviewer in self.reviewers],
            "model_reason": self.model_reason,
            "excluded": dict(self.excluded),
            "clustered": self.clustered,
            "split_records": [
                {"record": one.case, "votes": dict(one.before), "agreement": one.agreement} for one in self.split
            ],
            "settings": {"replicates": self.replicates, "seed": self.seed, "confidence": self.confidence},
        }
