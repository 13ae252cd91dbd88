"""Two models on the same cases, with paired statistics.

Each case is judged by both, so what they share (a hard image is hard for both) cancels: differences are tested, not the
overlap of two intervals.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.as_json import to_json
from dermdash.analysis.auc_intervals import FEW_FOR_TEST, paired_area_test, sides_of
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.calibration import multiclass_brier_score
from dermdash.analysis.class_scores import class_sizes, of_classes
from dermdash.analysis.clustered_pairs import clustered_difference
from dermdash.analysis.delong import AucDifference
from dermdash.analysis.distributions import sign_test
from dermdash.analysis.drawn_intervals import interval_of
from dermdash.analysis.estimates import json_number
from dermdash.analysis.paired_accuracy import holm
from dermdash.analysis.roc import area, missing_side
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """Areas of both models for one class (or malignancy), first minus second.

    ``delong`` takes cases as independent; ``grouped`` counts patients or lesions (the same where every case stands
    alone). ``p_holm`` corrects the grouped p value for the number of classes; malignancy is not among them and has
    None. ``reason`` says why there is no comparison.
    """

    code: str
    positives: int
    delong: AucDifference | None
    grouped: AucDifference | None
    p_holm: float | None
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.code,
            "positives": self.positives,
            "delong": self.delong and difference_dict(self.delong),
            "grouped": self.grouped and difference_dict(self.grouped),
            "p_holm": json_number(self.p_holm),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class McNemar:
    """Top-1 diagnoses of both: how many only one of them had right, and the two-sided p value.

    Exact; of images that share lesions or patients (``clustered``) that of a t test between these
    (`clustered_difference`, as Durkalski et al., Stat Med 2003), None where nothing varies between them.
    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    p_value: float | None
    clustered: bool = False


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """One figure of both models, first minus second, with the interval of the paired grouped bootstrap.

    The interval is that of `interval_of`, for means over classes by the groups of the smallest. ``low``
    and ``high`` are None without draws, where both models behave alike in every draw, and where a class is too small.
    """

    metric: str
    higher_is_better: bool
    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Two models on the same cases.

    ``warnings`` are sentences to read before the figures, each naming its model; ``replicates`` the draws behind the
    intervals of ``metrics``, 0 where none were asked for.
    """

    first: str
    second: str
    images: int
    groups: int
    classes: tuple[ClassDifference, ...]
    malignancy: ClassDifference | None
    mcnemar: McNemar
    metrics: tuple[MetricDifference, ...]
    warnings: tuple[str, ...] = ()
    replicates: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": "models",
            "first": self.first,
            "second": self.second,
            "images": self.images,
            "groups": self.groups,
            "warnings": list(self.warnings),
            "classes": [c.as_dict() for c in self.classes],
            "malignancy": self.malignancy and self.malignancy.as_dict(),
            "mcnemar": to_json(self.mcnemar),
            "metrics": to_json(self.metrics),
        }


def difference_dict(found: AucDifference) -> dict[str, Any]:
    """A difference of areas for JSON."""
    return {
        "first": found.first,
        "second": found.second,
        "difference": found.difference,
        "low": json_number(found.low),
        "high": json_number(found.high),
        "z": json_number(found.z),
        "p_value": json_number(found.p_value),
        "reason": found.reason,
    }


def mcnemar(first_right: BoolArray, second_right: BoolArray, groups: IntArray | None = None) -> McNemar:
    """McNemar's test on cases that only one of both had right (McNemar 1947).

    Exact (binomial, p = 1/2) where no two cases share a group, else between groups.
    """
    only_first = int((first_right & ~second_right).sum())
    only_second = int((~first_right & second_right).sum())
    discordant = only_first + only_second
    clustered = groups is not None and len(np.unique(groups)) < len(groups)
    if groups is not None and clustered:
        index = np.unique(groups, return_inverse=True)[1].astype(np.int64)
        p_value = clustered_difference(first_right, second_right, clusters=(index,)).p_value
    else:
        p_value = sign_test(min(only_first, only_second), discordant)
    return McNemar(
        both_right=int((first_right & second_right).sum()),
        only_first=only_first,
        only_second=only_second,
        both_wrong=int((~first_right & ~second_right).sum()),
        p_value=p_value,
        clustered=clustered,
    )


def compare_models(
    first: ScoredCases,
    second: ScoredCases,
    *,
    names: tuple[str, str],
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 2020,
) -> ModelComparison:
    """Compare two models on the same cases.

    Parameters
    ----------
    first, second
        Same cases in the same order.
    names
        Of both, for people.
    replicates, seed
        Of the paired bootstrap; both models are drawn with the same groups.

    Raises
    ------
    InvalidInput
        The cases or their truths differ.
    """
    if first.case_ids != second.case_ids or not np.array_equal(first.truth, second.truth):
        raise InvalidInput("the two models are not judged on the same cases with the same truth")
    codes = first.taxonomy.codes
    found = [
        _class_difference(
            first, second, code, first.truth == i, first.probabilities[:, i], second.probabilities[:, i], confidence
        )
        for i, code in enumerate(codes)
    ]
    corrected = holm([c.grouped.p_value if c.grouped else None for c in found])
    classes = tuple(
        ClassDifference(c.code, c.positives, c.delong, c.grouped, p, c.reason)
        for c, p in zip(found, corrected, strict=True)
    )
    malignancy = None
    if first.malignant_classes.any():
        one, other = first.sided, second.sided
        malignancy = _class_difference(
            one, other, MALIGNANCY, one.malignant, one.malignancy, other.malignancy, confidence
        )
    bootstrap = GroupedBootstrap(first.groups, replicates, seed, confidence)
    return ModelComparison(
        first=names[0],
        second=names[1],
        images=len(first),
        groups=len(np.unique(first.groups)),
        classes=classes,
        malignancy=malignancy,
        mcnemar=mcnemar(first.predicted == first.truth, second.predicted == second.truth, first.groups),
        metrics=metric_differences(first, second, bootstrap),
        replicates=replicates,
    )


def metric_differences(
    first: ScoredCases, second: ScoredCases, bootstrap: GroupedBootstrap
) -> tuple[MetricDifference, ...]:
    """Differences of accuracy, mean recall, mean AUC over classes, malignancy AUC and Brier score."""
    a, b = _figures(first, bootstrap), _figures(second, bootstrap)
    differences = []
    for metric, (value, drawn) in a.items():
        other, other_drawn = b[metric]
        gap = None if value is None or other is None else value - other
        interval = None if gap is None else _interval(gap, drawn - other_drawn, metric, first, bootstrap)
        low, high = interval or (None, None)
        one, two = first.sided, second.sided
        if metric == "malignancy_auc" and min(sides_of(one.malignant, one.groups)) < FEW_FOR_TEST:
            test = paired_area_test(
                one.malignant, one.malignancy, two.malignancy, groups=one.groups, confidence=bootstrap.confidence
            )
            low, high = test.low, test.high
        differences.append(MetricDifference(metric, metric != "brier", value, other, gap, low, high))
    return tuple(differences)


def _interval(
    gap: float, drawn: FloatArray, metric: str, cases: ScoredCases, bootstrap: GroupedBootstrap
) -> tuple[float, float] | None:
    if metric in ("mean_recall", "mean_auc"):
        sizes = class_sizes(cases)
        return of_classes(gap, drawn, sizes[sizes > 0], bootstrap).interval
    return interval_of(gap, drawn, len(np.unique(cases.groups)), bootstrap)


def _class_difference(
    first: ScoredCases,
    second: ScoredCases,
    code: str,
    target: BoolArray,
    a: FloatArray,
    b: FloatArray,
    confidence: float,
) -> ClassDifference:
    positives = int(target.sum())
    if reason := missing_side(target):
        return ClassDifference(code, positives, None, None, None, reason)
    return ClassDifference(
        code,
        positives,
        paired_area_test(target, a, b, confidence=confidence),
        paired_area_test(target, a, b, groups=first.groups, confidence=confidence),
        None,
        None,
    )


def _figures(cases: ScoredCases, bootstrap: GroupedBootstrap) -> dict[str, tuple[float | None, FloatArray]]:
    """Each figure with its value in every draw."""
    k = len(cases.taxonomy.codes)
    right = cases.predicted == cases.truth
    is_true = np.eye(k, dtype=bool)[cases.truth]
    present = is_true.any(axis=0)
    squares = ((cases.probabilities - is_true) ** 2).sum(axis=1)
    sums = bootstrap.sums(np.column_stack([is_true & right[:, None], is_true, squares]))
    hits, counts, size = sums[:, :k], sums[:, k : 2 * k], sums[:, k : 2 * k].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = (hits / counts)[:, present]
    areas, drawn_areas = [], []
    for i in np.flatnonzero(present):
        if missing_side(is_true[:, i]) is None:
            areas.append(area(is_true[:, i], cases.probabilities[:, i]))
            drawn_areas.append(bootstrap.areas(is_true[:, i], cases.probabilities[:, i]))
    figures: dict[str, tuple[float | None, FloatArray]] = {
        "accuracy": (float(right.mean()), hits.sum(axis=1) / size),
        "mean_recall": (float((is_true & right[:, None]).sum(axis=0)[present] @ (1 / is_true.sum(axis=0)[present])
                              / present.sum()), _mean(recall)),
        "mean_auc": (float(np.mean(areas)) if areas else None, _mean(np.column_stack(drawn_areas))
                     if drawn_areas else np.empty(0)),
        "brier": (multiclass_brier_score(cases.truth, cases.probabilities), sums[:, 2 * k] / size),
    }  # fmt: skip
    sided = cases.sided
    if missing_side(sided.malignant) is None:
        drawn = bootstrap if sided is cases else replace(bootstrap, groups=sided.groups)
        figures["malignancy_auc"] = (
            area(sided.malignant, sided.malignancy),
            drawn.areas(sided.malignant, sided.malignancy),
        )
    return figures


def _mean(columns: FloatArray) -> FloatArray:
    """Mean over the columns a draw has; a rare class may be missing from a draw."""
    if not len(columns):
        return np.empty(0)
    seen = np.isfinite(columns)
    with np.errstate(invalid="ignore"):
        return np.where(seen, columns, 0).sum(axis=1) / seen.sum(axis=1)
