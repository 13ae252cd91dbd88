"""Do probabilities mean what they say: Brier score, calibration error, reliability curve, temperature scaling.

- ``brier_score``, ``multiclass_brier_score``, ``negative_log_likelihood``
- ``reliability(hits, stated, groups=, bins=, kind=) -> ReliabilityCurve``; ``expected_calibration_error(curve)``
- ``fit_temperature``, ``apply_temperature``, ``cross_fitted_temperature``
- ``measure_calibration(probabilities, truth, malignant_classes=)``: all of them
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.estimates import clustered_proportion, json_number
from dermdash.errors import InvalidInput
from dermdash.wording import counted

# Stored probabilities have six decimals: a smaller one cannot be told from 0.
SMALLEST_PROBABILITY = 1e-7
_COLDEST, _HOTTEST = 0.05, 20.0


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Cases whose stated probability lies in one bin: how many, what was stated, what came true.

    ``low`` and ``high`` are Wilson's interval, on the effective number of cases where groups were given.
    """

    lower: float
    upper: float
    count: int
    stated: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """The bins that hold a case, in rising order, and the calibration errors over them (0..1, lower = better).

    ``expected_error`` is the mean gap between stated and observed weighted by cases, ``largest_error`` the widest.
    """

    kind: Literal["equal_width", "equal_mass"]
    bins: tuple[ReliabilityBin, ...]
    expected_error: float
    largest_error: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "expected_calibration_error": json_number(self.expected_error),
            "largest_calibration_error": json_number(self.largest_error),
            "bins": [
                {
                    "lower": b.lower,
                    "upper": b.upper,
                    "count": b.count,
                    "stated": b.stated,
                    "observed": b.observed,
                    "low": b.low,
                    "high": b.high,
                }
                for b in self.bins
            ],
        }


@dataclass(frozen=True, slots=True)
class CalibrationMeasures:
    """Calibration of all classes (through the top class) and of the probability of malignancy.

    ``brier`` is the multi-class score 0..2, ``malignancy_brier`` the binary one 0..1, ``log_loss`` in nats; lower is
    better in all.
    """

    brier: float
    log_loss: float
    malignancy_brier: float | None
    top_class: ReliabilityCurve
    top_class_mass: ReliabilityCurve
    malignancy: ReliabilityCurve | None
    malignancy_mass: ReliabilityCurve | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "brier": json_number(self.brier),
            "log_loss": json_number(self.log_loss),
            "malignancy_brier": json_number(self.malignancy_brier),
            "top_class": self.top_class.as_dict(),
            "top_class_equal_mass": self.top_class_mass.as_dict(),
            "malignancy": self.malignancy and self.malignancy.as_dict(),
            "malignancy_equal_mass": self.malignancy_mass and self.malignancy_mass.as_dict(),
        }


def brier_score(target: BoolArray, probability: FloatArray) -> float:
    """Mean squared distance of a probability from what came true (0 or 1); 0..1 (Brier 1950, halved)."""
    return float(np.mean((probability - target) ** 2))


def multiclass_brier_score(truth: IntArray, probabilities: FloatArray) -> float:
    """Mean over cases of the squared distances summed over classes; 0..2 (Brier 1950)."""
    return float(np.mean(((probabilities - _one_hot(truth, probabilities.shape[1])) ** 2).sum(axis=1)))


def negative_log_likelihood(truth: IntArray, probabilities: FloatArray) -> float:
    """Mean of -log p of the true class in nats; p is taken as at least 1e-7."""
    p = probabilities[np.arange(len(truth)), truth]
    # A probability summed to a hair above 1 has no negative loss, and -0.0 is no number for people.
    return max(float(-np.log(np.maximum(p, SMALLEST_PROBABILITY)).mean()), 0.0) + 0.0


def reliability(
    hits: BoolArray,
    stated: FloatArray,
    *,
    groups: IntArray | None = None,
    bins: int = 10,
    kind: Literal["equal_width", "equal_mass"] = "equal_width",
    confidence: float = 0.95,
) -> ReliabilityCurve:
    """Stated probability against observed frequency.

    Parameters
    ----------
    hits, stated
        What came true, and the probability (0..1) that was stated for it; one entry per case.
    groups
        int (n,), patient or lesion of each case, which the intervals of the bins take into account; None: every case
        is independent.
    bins
        Their number. Equal width: (0, 0.1], (0.1, 0.2], ..., the first with 0. Equal mass: the cases in order of what
        was stated, cut into parts as equal as possible without parting equal values.
    confidence
        Of the Wilson intervals.

    Raises
    ------
    InvalidInput
        No case, or fewer than one bin.
    """
    if len(hits) == 0 or bins < 1:
        raise InvalidInput(f"no reliability curve of {counted(len(hits), 'case')} in {counted(bins, 'bin')}")
    if kind == "equal_width":
        edges = np.linspace(0.0, 1.0, bins + 1)
        index = np.clip(np.searchsorted(edges, stated, "left") - 1, 0, bins - 1)
    else:
        inner = np.quantile(stated, np.linspace(0, 1, bins + 1)[1:-1], method="inverted_cdf")
        edges = np.concatenate([[stated.min()], np.unique(inner), [stated.max()]])
        index = np.searchsorted(np.unique(inner), stated, "left")
    if groups is None:
        groups = np.arange(len(hits))
    found = []
    for i in np.unique(index):
        inside = index == i
        count, mean = int(inside.sum()), float(stated[inside].mean())
        share = clustered_proportion(hits[inside], groups[inside], confidence=confidence)
        if share.value is not None and share.low is not None and share.high is not None:
            edge = float(edges[i]), float(edges[i + 1])
            found.append(ReliabilityBin(*edge, count, mean, share.value, share.low, share.high))
    gaps = np.array([abs(b.observed - b.stated) for b in found])
    counts = np.array([b.count for b in found])
    return ReliabilityCurve(kind, tuple(found), float((gaps * counts).sum() / counts.sum()), float(gaps.max()))


def fit_temperature(truth: IntArray, probabilities: FloatArray) -> float:
    """Temperature that minimises the negative log likelihood (Guo et al., ICML 2017).

    The logarithms of the probabilities serve as logits, which softmax cannot tell from the network's own. Above 1: the
    probabilities were too sure. The search stays between 0.05 and 20; see `at_the_end`.

    Raises
    ------
    InvalidInput
        No case to fit on.
    """
    from scipy.optimize import minimize_scalar  # 0.4 s: not for every page that shows a probability

    if len(truth) == 0:
        raise InvalidInput("a temperature needs cases to be fitted on, and there is none")
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(truth, apply_temperature(probabilities, float(np.exp(log_t)))),
        bounds=(np.log(_COLDEST), np.log(_HOTTEST)),
        method="bounded",
        options={"xatol": 1e-5},
    )
    return float(np.exp(found.x))


def at_the_end(temperature: float) -> str | None:
    """That the search stopped at an end of its range, where it found no temperature; None elsewhere."""
    for end, beyond in ((_COLDEST, "lower"), (_HOTTEST, "higher")):
        if abs(np.log(temperature / end)) < 0.01:
            return f"the search for a temperature stopped at {end:g}, where it ends: a {beyond} one would fit better"
    return None


def apply_temperature(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Soften (temperature above 1) or sharpen probabilities; rows of the result sum to 1, their order stays."""
    if not temperature > 0:
        raise InvalidInput(f"the temperature is {temperature}: expected a number above 0")
    logits = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)) / temperature
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def cross_fitted_temperature(
    truth: IntArray, probabilities: FloatArray, groups: IntArray, *, folds: int = 5, seed: int
) -> tuple[FloatArray, tuple[float, ...]]:
    """Scale every case by a temperature that was fitted without its group.

    Returns
    -------
    probabilities, temperatures
        The scaled probabilities in the order of the cases, and the temperature of each fold.

    Raises
    ------
    InvalidInput
        Fewer than two groups.
    """
    labels, index = np.unique(groups, return_inverse=True)
    folds = min(folds, len(labels))
    if folds < 2:
        raise InvalidInput("a temperature cannot be fitted and judged on one patient or lesion")
    fold = (np.random.default_rng(seed).permutation(len(labels)) % folds)[index]
    scaled = np.empty_like(probabilities)
    temperatures = []
    for i in range(folds):
        temperatures.append(fit_temperature(truth[fold != i], probabilities[fold != i]))
        scaled[fold == i] = apply_temperature(probabilities[fold == i], temperatures[-1])
    return scaled, tuple(temperatures)


def measure_calibration(
    truth: IntArray,
    probabilities: FloatArray,
    *,
    malignant_classes: BoolArray,
    sided_classes: BoolArray | None = None,
    groups: IntArray | None = None,
    bins: int = 10,
    confidence: float = 0.95,
) -> CalibrationMeasures:
    """All measures of calibration; those of malignancy are None in a taxonomy without a malignant class.

    Parameters
    ----------
    truth, probabilities
        int (n,) and float (n, classes).
    malignant_classes, sided_classes
        bool (classes,): whether a class counts as malignant, and whether it counts as malignant or benign at all (None:
        each does). The measures of malignancy are of the cases of such classes.
    groups
        int (n,), patient or lesion of each case, for the intervals of the reliability curves.
    """
    right, stated = probabilities.argmax(axis=1) == truth, probabilities.max(axis=1)
    sided = np.ones(len(truth), bool) if sided_classes is None else sided_classes[truth]
    malignant = malignant_classes[truth][sided]
    risk = np.minimum(probabilities[:, malignant_classes].sum(axis=1), 1.0)[sided]
    known = bool(malignant_classes.any()) and bool(sided.any())
    curve = partial(reliability, groups=groups, bins=bins, confidence=confidence)
    of_risk = partial(reliability, groups=None if groups is None else groups[sided], bins=bins, confidence=confidence)
    return CalibrationMeasures(
        brier=multiclass_brier_score(truth, probabilities),
        log_loss=negative_log_likelihood(truth, probabilities),
        malignancy_brier=brier_score(malignant, risk) if known else None,
        top_class=curve(right, stated),
        top_class_mass=curve(right, stated, kind="equal_mass"),
        malignancy=of_risk(malignant, risk) if known else None,
        malignancy_mass=of_risk(malignant, risk, kind="equal_mass") if known else None,
    )


def _one_hot(truth: IntArray, classes: int) -> FloatArray:
    return np.eye(classes)[truth]
