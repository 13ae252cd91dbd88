"""Labels that a model which did not see the record is sure of otherwise.

Two steps. Probabilities of each record come from a model that did not train on its group (lesion or patient): k-fold
logistic regression on features, all of a group in one fold. Then each probability is held against how sure the model
usually is of that class: the mean probability of a class among the records that are labelled so is its own threshold
(the idea of confident learning, Northcutt et al., JAIR 2021, worked out here from the paper). A record is likely
mislabelled where another class passes its threshold and the given one does not reach its own; what orders the list is
how far the two lie apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import FloatArray

FOLDS = 5
LEAST_GROUPS = 10
"""A class with fewer groups is left out: a fold would have one or two of it."""
COMPONENTS = 16
_PENALTY = 0.1
"""Few axes and a strong penalty: with more, labels that are wrong in the training folds are learned by heart. Of 3 %
wrong labels in HAM10000 the first 3 % of the ranking held 85 %, with 96 axes and a penalty of 0.001 78 %."""
_STEPS = 120
_SEED = 2020


@dataclass(frozen=True, slots=True, eq=False)
class LabelMargins:
    """For each record how the given label stands against the best other one.

    ``proposed`` (n,): position of the other class; ``score`` (n,) 0 to 1, 0.5 where both are as sure as usual;
    ``likely`` (n,): the other class passes its threshold and the given one does not. ``thresholds`` (k,).
    """

    proposed: NDArray[np.intp]
    score: FloatArray
    likely: NDArray[np.bool_]
    thresholds: FloatArray


def label_margins(probabilities: FloatArray, labels: NDArray[np.intp]) -> LabelMargins:
    """Hold each record's probabilities (n, k) against those that its class and the others usually have."""
    n, k = probabilities.shape
    thresholds = np.array(
        [probabilities[labels == c, c].mean() if (labels == c).any() else 1.0 for c in range(k)], dtype=np.float64
    )
    thresholds = np.clip(thresholds, 0.05, 0.999)
    rows = np.arange(n)
    relative = np.log(np.clip(probabilities, 1e-6, 1)) - np.log(thresholds)
    given = relative[rows, labels]
    others = relative.copy()
    others[rows, labels] = -np.inf
    proposed = others.argmax(axis=1) if k > 1 else np.zeros(n, dtype=np.intp)
    best = others[rows, proposed] if k > 1 else np.full(n, -np.inf)
    score = 1 / (1 + np.exp(-np.clip(best - given, -30, 30)))
    likely = (best >= 0) & (given < 0)
    return LabelMargins(proposed, score, likely, thresholds)


def grouped_folds(
    labels: NDArray[np.intp], groups: NDArray[np.intp], *, folds: int = FOLDS, seed: int = _SEED
) -> NDArray[np.intp]:
    """A fold for each record: all of a group in one, each class spread over all as evenly as groups allow."""
    rng = np.random.default_rng(seed)
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    k = int(labels.max()) + 1 if len(labels) else 1
    counts = np.zeros((n_groups, k), dtype=np.int64)
    np.add.at(counts, (groups, labels), 1)
    main = counts.argmax(axis=1)
    fold_of = np.zeros(n_groups, dtype=np.intp)
    for c in range(k):
        mine = np.flatnonzero(main == c)
        mine = mine[rng.permutation(len(mine))]
        mine = mine[np.argsort(-counts[mine].sum(axis=1), kind="stable")]
        start = int(rng.integers(folds))
        fold_of[mine] = (np.arange(len(mine)) + start) % folds
    return np.asarray(fold_of[groups], dtype=np.intp)


def out_of_fold_probabilities(
    features: NDArray[np.float32],
    labels: NDArray[np.intp],
    groups: NDArray[np.intp],
    *,
    folds: int = FOLDS,
    seed: int = _SEED,
    progress: Callable[[float], None] = lambda _: None,
) -> FloatArray:
    """Class probabilities (n, k) of each record by a model fitted without its group.

    Features (n, d) are brought to unit length, then to their leading principal axes of the training folds.
    """
    k = int(labels.max()) + 1
    fold_of = grouped_folds(labels, groups, folds=folds, seed=seed)
    result = np.zeros((len(labels), k))
    for fold in range(folds):
        test = fold_of == fold
        if test.any() and not test.all():
            fit = _fit(features[~test], labels[~test], k)
            result[test] = fit(features[test])
        progress((fold + 1) / folds)
    return result


def _fit(
    features: NDArray[np.float32], labels: NDArray[np.intp], k: int
) -> Callable[[NDArray[np.float32]], FloatArray]:
    centre = features.mean(axis=0, dtype=np.float64)
    spread = np.maximum(features.std(axis=0, dtype=np.float64), 1e-6)
    scaled = ((features - centre) / spread).astype(np.float32)
    covariance = (scaled.T @ scaled).astype(np.float64) / len(scaled)
    values, axes = np.linalg.eigh(covariance)
    kept = np.argsort(values)[::-1][: min(COMPONENTS, len(values))]
    kept = kept[values[kept] > 1e-9]
    projection = (axes[:, kept] / np.sqrt(values[kept])).astype(np.float32)

    def project(given: NDArray[np.float32]) -> FloatArray:
        points = ((given - centre) / spread).astype(np.float32) @ projection
        return np.column_stack([points, np.ones(len(points), np.float32)]).astype(np.float64)

    weights = _logistic(project(features), labels, k)
    return lambda given: _softmax(project(given) @ weights)


def _logistic(points: FloatArray, labels: NDArray[np.intp], k: int) -> FloatArray:
    from scipy.optimize import minimize

    n, d = points.shape
    target = np.zeros((n, k))
    target[np.arange(n), labels] = 1.0

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        weights = flat.reshape(d, k)
        p = _softmax(points @ weights)
        value = -float(np.log(np.clip(p[np.arange(n), labels], 1e-12, 1)).mean())
        decay = weights.copy()
        decay[-1] = 0
        gradient = points.T @ (p - target) / n + _PENALTY * decay
        return value + 0.5 * _PENALTY * float((decay**2).sum()), gradient.ravel()

    found = minimize(loss, np.zeros(d * k), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return np.asarray(found.x).reshape(d, k)


def _softmax(logits: FloatArray) -> FloatArray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
