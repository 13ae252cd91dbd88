"""One class against the rest, as Han et al. (JID 2018) report it: AUC, Youden threshold, and the rates there.

A case is called when its probability of the class is at or above the threshold. Beside the usual specificity there are
two more, so that a wrong cancer and a false alarm are told apart: **specificity (malignant)** is the share of rejected
cases among malignant cases of other classes, **specificity (benign)** that among benign cases of other classes.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dermdash.analysis import roc
from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.auc_intervals import FEW_FOR_TEST, FEW_SIDE, analytic_interval, sides_of, too_few
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.delong import auc_covariance, auc_interval, variance_seen
from dermdash.analysis.drawn_intervals import ends_of, share_with_draws
from dermdash.analysis.drawn_intervals import too_few as few_sides
from dermdash.analysis.estimates import Estimate, clustered_proportion, json_number, not_estimable
from dermdash.analysis.roc import PrecisionRecallCurve, RocCurve
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.analysis.threshold_rates import without_interval

CURVE_POINTS = 400
YOUDEN, GIVEN = "youden", "given"
"""Rules of a threshold: chosen on the cases at hand, or given."""


@dataclass(frozen=True, slots=True)
class AucEstimate:
    """Area under the ROC curve with every interval that `auc_intervals` allows.

    ``estimate``: value, DeLong's Wald interval (cases taken as independent), grouped bootstrap; its ``interval`` is the
    one to show. ``logit``: DeLong's on the log odds. ``grouped``: the logit interval with the variance between patients
    or lesions (Obuchowski 1997), with Student's t where a side is small.
    """

    estimate: Estimate
    standard_error: float | None = None
    logit: tuple[float, float] | None = None
    grouped_standard_error: float | None = None
    grouped: tuple[float, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields of the estimate and, beside them, the standard errors and the other intervals."""
        return self.estimate.as_dict() | {
            "standard_error": json_number(self.standard_error),
            "logit_low": self.logit and self.logit[0],
            "logit_high": self.logit and self.logit[1],
            "grouped_standard_error": json_number(self.grouped_standard_error),
            "grouped_low": self.grouped and self.grouped[0],
            "grouped_high": self.grouped and self.grouped[1],
        }


@dataclass(frozen=True, slots=True)
class OneVsRest:
    """One class (or malignancy, code ``malignancy``) against the rest.

    ``threshold`` None: not estimable, see ``threshold_reason``; the rates then are not estimable either.
    ``threshold_rule`` is ``youden`` (chosen on these same cases: the rates are too good and have no interval) or
    ``given``.
    ``roc`` and ``precision_recall`` are None where a side has no case.
    """

    code: str
    name: str
    status: str
    positives: int
    negatives: int
    auc: AucEstimate
    average_precision: Estimate
    threshold: float | None
    threshold_rule: str
    threshold_reason: str | None
    youden_threshold: float | None
    youden_index: float | None
    sensitivity: Estimate
    specificity: Estimate
    specificity_malignant: Estimate
    specificity_benign: Estimate
    roc: RocCurve | None
    precision_recall: PrecisionRecallCurve | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, curves thinned to a few hundred points."""
        return {
            "code": self.code,
            "name": self.name,
            "status": self.status,
            "positives": self.positives,
            "negatives": self.negatives,
            "auc": self.auc.as_dict(),
            "average_precision": self.average_precision.as_dict(),
            "threshold": json_number(self.threshold),
            "threshold_rule": self.threshold_rule,
            "threshold_reason": self.threshold_reason,
            "youden_threshold": json_number(self.youden_threshold),
            "youden_index": json_number(self.youden_index),
            "sensitivity": self.sensitivity.as_dict(),
            "specificity": self.specificity.as_dict(),
            "specificity_malignant": self.specificity_malignant.as_dict(),
            "specificity_benign": self.specificity_benign.as_dict(),
            "roc": roc_dict(self.roc),
            "precision_recall": _pr_dict(self.precision_recall),
        }


def roc_dict(curve: RocCurve | None) -> dict[str, Any] | None:
    """A ROC curve for JSON; the threshold infinity (nothing is called) is None."""
    if curve is None:
        return None
    thin = curve.thinned(CURVE_POINTS)
    return {
        "thresholds": [json_number(float(v)) for v in thin.thresholds],
        "sensitivity": [round(float(v), 6) for v in thin.sensitivity],
        "specificity": [round(float(v), 6) for v in thin.specificity],
    }


def _pr_dict(curve: PrecisionRecallCurve | None) -> dict[str, Any] | None:
    if curve is None:
        return None
    n = len(curve.thresholds)
    at = np.unique(np.linspace(0, n - 1, min(n, CURVE_POINTS)).round().astype(int))
    return {
        "thresholds": [float(v) for v in curve.thresholds[at]],
        "precision": [round(float(v), 6) for v in curve.precision[at]],
        "recall": [round(float(v), 6) for v in curve.recall[at]],
    }


def estimate_auc(
    target: BoolArray,
    score: FloatArray,
    groups: IntArray,
    *,
    confidence: float = 0.95,
    drawn_areas: FloatArray | None = None,
    bootstrap: GroupedBootstrap | None = None,
) -> AucEstimate:
    """Area with its intervals by the rule of `auc_intervals`; not estimable where a side has no case."""
    if reason := roc.missing_side(target):
        return AucEstimate(not_estimable(reason))
    positives = int(target.sum())
    plain = auc_covariance(target, score)
    grouped = auc_covariance(target, score, groups=groups)
    auc = float(plain.areas[0])
    variance = None if plain.covariance is None else float(plain.covariance[0, 0])
    between = None if grouped.covariance is None else float(grouped.covariance[0, 0])
    negatives = len(target) - positives
    # A perfect separation of few patients is no proof of perfection, however many images they have.
    sides = sides_of(target, groups)
    errors = _standard_error(auc, variance), _standard_error(auc, between)
    if few := too_few(sides):
        return AucEstimate(Estimate(auc, reason=few), errors[0], None, errors[1])
    wald = auc_interval(auc, variance, positives=positives, negatives=negatives, confidence=confidence, method="wald")
    logit = auc_interval(auc, variance, positives=positives, negatives=negatives, confidence=confidence)
    shown = analytic_interval(auc, between, sides, confidence=confidence)
    drawn = bootstrap.interval(drawn_areas) if bootstrap is not None and drawn_areas is not None else None
    if min(sides) < FEW_FOR_TEST:
        drawn = None
    if shown is None and drawn is None:
        # Cases taken as independent may still vary; patients do not.
        return AucEstimate(Estimate(auc, reason="no interval: no variance can be seen"), errors[0], logit, errors[1])
    low, high = wald or (None, None)
    estimate = Estimate(auc, low, high, chosen=shown if drawn is None or min(sides) < FEW_SIDE else None)
    return AucEstimate(_with_bootstrap(estimate, drawn), errors[0], logit, errors[1], shown)


def _standard_error(auc: float, variance: float | None) -> float | None:
    return math.sqrt(max(variance, 0.0)) if variance is not None and variance_seen(auc, variance) else None


def one_vs_rest(
    *,
    code: str,
    name: str,
    status: str,
    target: BoolArray,
    score: FloatArray,
    malignant: BoolArray,
    groups: IntArray,
    benign: BoolArray | None = None,
    threshold: float | None = None,
    bootstrap: GroupedBootstrap | None = None,
    confidence: float = 0.95,
) -> OneVsRest:
    """Evaluate one score against one target.

    Parameters
    ----------
    target, score
        bool and float (n,): whether the case has the condition, and the probability the model gives it.
    malignant, benign
        bool (n,): whether the true class of the case counts as malignant, as benign; ``benign`` None: every other does.
    groups
        int (n,): patient, lesion or image.
    threshold
        Applied instead of the Youden threshold, e.g. an operating point chosen on other data.
    bootstrap
        Draws over the same cases. Thresholds stay fixed in the draws.
    """
    benign = ~malignant if benign is None else benign
    reason = roc.missing_side(target)
    curve = None if reason else roc.roc_curve(target, score)
    precision_recall = None if reason else roc.precision_recall_curve(target, score)
    drawn_areas = drawn_precisions = None
    if bootstrap is not None and bootstrap.replicates and not reason:
        drawn_areas, drawn_precisions = bootstrap.areas(target, score), bootstrap.precisions(target, score)
    best = None if curve is None else roc.youden(curve)
    used = threshold if threshold is not None else (best.threshold if best else None)
    no_threshold = None
    if used is None:
        no_threshold = reason or "no threshold is better than chance"
    called = np.zeros(len(target), bool) if used is None else score >= used
    rates = {
        "sensitivity": (called, target, "no case of the class"),
        "specificity": (~called, ~target, "no case of another class"),
        "specificity_malignant": (~called, ~target & malignant, "no malignant case of another class"),
        "specificity_benign": (~called, ~target & benign, "no benign case of another class"),
    }
    if code == MALIGNANCY:
        # Every other case is benign: the two specificities are specificity and nothing.
        rates["specificity_malignant"] = (~called, np.zeros(len(target), bool), "malignancy itself is the target")
    estimates = {
        key: not_estimable(no_threshold, total=int(among.sum()))
        if no_threshold
        else _rate(
            hits, among, groups, empty=empty, chosen_here=threshold is None, bootstrap=bootstrap, confidence=confidence
        )
        for key, (hits, among, empty) in rates.items()
    }
    positives = int(target.sum())
    return OneVsRest(
        code=code,
        name=name,
        status=status,
        positives=positives,
        negatives=len(target) - positives,
        auc=estimate_auc(target, score, groups, confidence=confidence, drawn_areas=drawn_areas, bootstrap=bootstrap),
        average_precision=not_estimable(reason)
        if reason
        else _precision(target, score, groups, drawn_precisions, bootstrap),
        threshold=used,
        threshold_rule=YOUDEN if threshold is None else GIVEN,
        threshold_reason=no_threshold,
        youden_threshold=best.threshold if best else None,
        youden_index=best.index if best else None,
        roc=curve,
        precision_recall=precision_recall,
        **estimates,
    )


def _precision(
    target: BoolArray,
    score: FloatArray,
    groups: IntArray,
    drawn: FloatArray | None,
    bootstrap: GroupedBootstrap | None,
) -> Estimate:
    """Average precision with its interval, from as many positives and negatives on as a test of areas needs."""
    value = roc.average_precision(target, score)
    if bootstrap is None or drawn is None:
        return Estimate(value)
    smaller = min(sides_of(target, groups))
    if few := few_sides(smaller, "case of a side", FEW_FOR_TEST, plural="cases of a side"):
        return Estimate(value, reason=few)
    # Percentiles lie too near 1 whatever the size: of 100 beside 100 cases they missed in 7 %.
    return _with_bootstrap(
        Estimate(value), ends_of(value, drawn, smaller, confidence=bootstrap.confidence, level=True)
    )  # fmt: skip


def _rate(
    hits: BoolArray,
    among: BoolArray,
    groups: IntArray,
    *,
    empty: str,
    chosen_here: bool,
    bootstrap: GroupedBootstrap | None,
    confidence: float,
) -> Estimate:
    """A share with its intervals; none, and so no draws, at a threshold that these same cases chose."""
    estimate = clustered_proportion(hits[among], groups[among], confidence=confidence, empty=empty)
    if chosen_here:
        return without_interval(estimate)
    if bootstrap is None or not bootstrap.replicates or not estimate.total:
        return estimate
    drawn = bootstrap.interval(bootstrap.shares(hits, among))
    return share_with_draws(estimate, drawn)


def _with_bootstrap(estimate: Estimate, drawn: tuple[float, float] | None) -> Estimate:
    return estimate if drawn is None else replace(estimate, bootstrap_low=drawn[0], bootstrap_high=drawn[1])
