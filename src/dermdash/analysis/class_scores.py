"""Which class is named: top-1 and top-k accuracy, recall, precision and F1 by class, their means, confusion."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.auc_intervals import LEAST_SIDE
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.drawn_intervals import interval_of, share_with_draws
from dermdash.analysis.estimates import Estimate, clustered_proportion, not_estimable
from dermdash.analysis.scored_cases import ScoredCases
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class ClassificationMeasures:
    """Scores of the class each case is called by (the most probable one).

    ``accuracy`` is top-1; ``top_k`` maps k to the share of cases whose true class is among the k most probable.
    ``mean_recall`` averages recall, ``macro_f1`` F1 over the classes that occur in the truth. ``recalls``,
    ``precisions``, ``f1`` by class code. ``confusion``: int (classes, classes), rows the truth.
    """

    codes: tuple[str, ...]
    accuracy: Estimate
    top_k: dict[int, Estimate]
    mean_recall: Estimate
    macro_f1: Estimate
    recalls: dict[str, Estimate]
    precisions: dict[str, Estimate]
    f1: dict[str, Estimate]
    confusion: IntArray

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the figures that are not of one class."""
        return {
            "accuracy": self.accuracy.as_dict(),
            "top_k": {str(k): estimate.as_dict() for k, estimate in self.top_k.items()},
            "mean_recall": self.mean_recall.as_dict(),
            "macro_f1": self.macro_f1.as_dict(),
            "confusion": {"codes": list(self.codes), "rows_are": "truth", "counts": self.confusion.tolist()},
        }

    def class_dict(self, code: str) -> dict[str, Any]:
        """For JSON: recall, precision and F1 of one class."""
        return {
            "recall": self.recalls[code].as_dict(),
            "precision": self.precisions[code].as_dict(),
            "f1": self.f1[code].as_dict(),
        }


def rank_of_truth(truth: IntArray, probabilities: FloatArray) -> IntArray:
    """Place of the true class among the classes by probability, 0 = most probable.

    Among equal probabilities the class that stands first in the taxonomy comes first, as in the top-1 call.
    """
    own = probabilities[np.arange(len(truth)), truth][:, None]
    earlier = np.arange(probabilities.shape[1])[None, :] < truth[:, None]
    return ((probabilities > own) | ((probabilities == own) & earlier)).sum(axis=1)


def measure_classification(
    cases: ScoredCases, *, top_k: tuple[int, ...] = (1, 2, 3), bootstrap: GroupedBootstrap
) -> ClassificationMeasures:
    """Score the most probable classes; the bootstrap gives its intervals and the confidence level."""
    truth, predicted, groups = cases.truth, cases.predicted, cases.groups
    codes = cases.taxonomy.codes
    k = len(codes)
    confidence = bootstrap.confidence
    confusion = np.zeros((k, k), dtype=np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    is_true, is_called = np.eye(k, dtype=bool)[truth], np.eye(k, dtype=bool)[predicted]
    right = is_true & is_called
    drawn = bootstrap.sums(np.column_stack([right, is_true, is_called, np.ones(len(truth))]))
    hit, true, called, size = drawn[:, :k], drawn[:, k : 2 * k], drawn[:, 2 * k : 3 * k], drawn[:, 3 * k]
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn_recall, drawn_precision, drawn_f1 = hit / true, hit / called, 2 * hit / (true + called)
        drawn_accuracy = hit.sum(axis=1) / size
    present = confusion.sum(axis=1) > 0

    def drawn_mean(values: FloatArray) -> FloatArray:
        # A draw may miss a rare class altogether: it then averages over the classes it has.
        seen = np.where(true[:, present] > 0, values[:, present], np.nan)
        with np.errstate(invalid="ignore"):
            return np.nanmean(seen, axis=1) if len(seen) else np.empty(0)

    def share(hits: Any, among: Any, values: FloatArray, empty: str) -> Estimate:
        estimate = clustered_proportion(hits[among], groups[among], confidence=confidence, empty=empty)
        return share_with_draws(estimate, bootstrap.interval(values))

    recalls, precisions, f1 = {}, {}, {}
    sizes = class_sizes(cases)
    for i, code in enumerate(codes):
        recalls[code] = share(right[:, i], is_true[:, i], drawn_recall[:, i], "no case of the class")
        precisions[code] = share(right[:, i], is_called[:, i], drawn_precision[:, i], "the class was never called")
        both = int(is_true[:, i].sum() + is_called[:, i].sum())
        f1[code] = (
            of_classes(2 * int(right[:, i].sum()) / both, drawn_f1[:, i], sizes[[i]], bootstrap, level=True)
            if present[i]
            else not_estimable("no case of the class")
        )
    rank = rank_of_truth(truth, cases.probabilities)
    everyone = np.ones(len(truth), bool)
    ks = sorted({min(max(n, 1), k) for n in top_k})
    return ClassificationMeasures(
        codes=codes,
        accuracy=share(truth == predicted, everyone, drawn_accuracy, "no case"),
        top_k={n: share(rank < n, everyone, bootstrap.shares(rank < n), "no case") for n in ks},
        mean_recall=of_classes(
            float(np.mean([recalls[c].value for c, there in zip(codes, present, strict=True) if there])),
            drawn_mean(drawn_recall),
            sizes[present],
            bootstrap,
            level=True,
        ),
        macro_f1=of_classes(
            float(np.mean([f1[c].value for c, there in zip(codes, present, strict=True) if there])),
            drawn_mean(drawn_f1),
            sizes[present],
            bootstrap,
            level=True,
        ),
        recalls=recalls,
        precisions=precisions,
        f1=f1,
        confusion=confusion,
    )


def class_sizes(cases: ScoredCases) -> IntArray:
    """Groups (patients, lesions, images) of each true class: int (classes,)."""
    return np.array([len(np.unique(cases.groups[cases.truth == i])) for i in range(len(cases.taxonomy.codes))])


def of_classes(
    value: float, drawn: FloatArray, sizes: IntArray, bootstrap: GroupedBootstrap, *, level: bool = False
) -> Estimate:
    """A figure that averages over classes of these ``sizes``, with its interval; ``level``: between 0 and 1.

    The smallest class decides how well it is known, as the smaller side does of an area (`auc_intervals`): below
    `LEAST_SIDE` groups there is no interval, else that of `interval_of`.
    """
    smallest = int(sizes.min())
    if smallest < LEAST_SIDE:
        what = counted(smallest, "case")
        return Estimate(value, reason=f"no interval: {what} of a class, of the {LEAST_SIDE} that each needs")
    low, high = interval_of(value, drawn, smallest, bootstrap, level=level) or (None, None)
    return Estimate(value, bootstrap_low=low, bootstrap_high=high)
