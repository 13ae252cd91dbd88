"""How good the retrieval is: precision at k, mean average precision, majority vote; each image asked in turn.

Every diagnosed image of the index is a query against all the others but those of its own lesion, patient or file
(leave-lesion-out). A hit is an image of the same diagnosis. Each figure comes over all images (micro), per class, and
as the mean over the classes (macro), with an interval from draws of whole groups of images (patients, lesions), since
images of one lesion are no independent evidence (`drawn_intervals`; of a macro mean the groups of the smallest class
count). Below `LEAST_CLUSTERS` groups there is none. Where all draws agree (all right, all wrong) that is no certainty:
Wilson's interval with the groups as cases stands in. That several queries share neighbours is not part of the interval.

Average precision is the mean, over the hits in the whole ranking, of the precision at the rank of each (Manning et al.,
Introduction to Information Retrieval, 2008, ch. 8); equally similar images share the rank of the last of them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.drawn_intervals import drawn_interval, too_few
from dermdash.errors import InvalidInput
from dermdash.retrieval.nearest_neighbours import NeighbourIndex
from dermdash.wording import counted

_CONFIDENCE = 0.95
_NO_WIDTH = 1e-12
_NUMBERS_AT_ONCE = 2**24
"""Similarities held at a time (64 MiB of float32)."""


@dataclass(frozen=True, slots=True)
class RetrievalFigure:
    """A figure (0..1) with the bounds of its 95 % interval, None without one, and the queries it rests on."""

    value: float
    low: float | None
    high: float | None
    queries: int


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Scores of all queries (``overall``), as mean over the classes (``macro``) and per class code.

    Each maps a measure to its estimate: ``precision_at_1`` ... ``precision_at_k``, ``average_precision`` and
    ``majority_vote``. ``queries``: images asked; ``without_relevant``: those with no other image of their diagnosis,
    which have no average precision.
    """

    k: int
    queries: int
    candidates: int
    without_relevant: int
    overall: dict[str, RetrievalFigure]
    macro: dict[str, RetrievalFigure]
    by_class: dict[str, dict[str, RetrievalFigure]]


def majority_vote(labels: Sequence[str], similarities: Sequence[float]) -> str | None:
    """Return the most frequent label; among equally frequent ones that of the greater sum of similarities.

    Should the sums be equal too, the label that comes first (the nearest) is returned; None without labels.
    """
    order = list(dict.fromkeys(labels))
    sums = {
        label: (
            sum(1 for other in labels if other == label),
            float(sum(s for other, s in zip(labels, similarities, strict=True) if other == label)),
        )
        for label in order
    }
    return max(order, key=lambda label: sums[label]) if order else None


def score_retrieval(
    index: NeighbourIndex,
    diagnoses: Sequence[str | None],
    *,
    k: int = 8,
    max_queries: int | None = None,
    seed: int = 2020,
    resamples: int = 1000,
    progress: Callable[[int, int], None] | None = None,
) -> RetrievalScores:
    """Ask every diagnosed image of the index and score what comes back.

    Parameters
    ----------
    index
        Features with their groups.
    diagnoses
        Of each image of the index; None: it is neither asked nor found.
    k
        Neighbours for precision and vote; fewer count where fewer are allowed.
    max_queries
        Ask at most so many, drawn at random; None: all.
    seed
        Of that draw and of the bootstrap.
    resamples
        Bootstrap samples.
    progress
        Called with the queries done and their total.

    Raises
    ------
    InvalidInput
        ``k`` below 1, another number of diagnoses than images, or fewer than two groups of diagnosed images.
    """
    if k < 1:
        raise InvalidInput(f"k must be at least 1, not {k}")
    if len(diagnoses) != len(index):
        raise InvalidInput(f"{counted(len(diagnoses), 'diagnosis', 'diagnoses')} for {counted(len(index), 'image')}")
    codes = sorted({dx for dx in diagnoses if dx is not None})
    of_code = {code: i for i, code in enumerate(codes)}
    labels = np.array([-1 if dx is None else of_code[dx] for dx in diagnoses], dtype=np.int64)
    eligible = (labels >= 0) & index.usable
    if len(np.unique(index.groups[eligible])) < 2:
        raise InvalidInput("Retrieval can be measured from two diagnosed lesions on.")
    rng = np.random.default_rng(seed)
    queries = np.flatnonzero(eligible)
    if max_queries is not None and max_queries < len(queries):
        queries = np.sort(rng.choice(queries, max_queries, replace=False))
    measures = _measure(index, labels, eligible, queries, k, len(codes), progress)
    truth = labels[queries]
    groups = np.unique(index.groups[queries], return_inverse=True)[1]
    overall, macro, per_class = estimate_measures(measures, truth, groups, len(codes), rng, resamples)
    return RetrievalScores(
        k=k,
        queries=len(queries),
        candidates=int(eligible.sum()),
        without_relevant=int(np.isnan(measures["average_precision"]).sum()),
        overall=overall,
        macro=macro,
        by_class={code: per_class[i] for code, i in of_code.items() if (truth == i).any()},
    )


def _measure(
    index: NeighbourIndex,
    labels: NDArray[np.int64],
    eligible: NDArray[np.bool_],
    queries: NDArray[np.intp],
    k: int,
    class_count: int,
    progress: Callable[[int, int], None] | None,
) -> dict[str, NDArray[np.float64]]:
    """Of every query each measure, NaN where it has none."""
    precision = np.full((len(queries), k), np.nan)
    found = {f"precision_at_{i + 1}": precision[:, i] for i in range(k)}
    found |= {name: np.full(len(queries), np.nan) for name in ("average_precision", "majority_vote")}
    done = 0
    for chunk in _chunks(queries, len(index)):
        scores = index.similarities(chunk)
        scores[:, ~eligible] = -np.inf
        for row, query in enumerate(chunk):
            at = done + row
            line = scores[row]
            line[index.groups == index.groups[query]] = -np.inf
            allowed = int(np.count_nonzero(line > -np.inf))
            if allowed == 0:
                continue
            nearest = _nearest(line, min(k, allowed))
            hits = labels[nearest] == labels[query]
            shares = np.cumsum(hits) / np.arange(1, len(hits) + 1)
            precision[at, : len(shares)] = shares
            precision[at, len(shares) :] = shares[-1]  # fewer than k may be shown
            found["majority_vote"][at] = _vote(labels[nearest], line[nearest], class_count) == labels[query]
            found["average_precision"][at] = average_precision(line, (labels == labels[query]) & (line > -np.inf))
        done += len(chunk)
        if progress is not None:
            progress(done, len(queries))
    return found


def _chunks(queries: NDArray[np.intp], width: int) -> Iterator[NDArray[np.intp]]:
    step = max(1, _NUMBERS_AT_ONCE // max(1, width))
    for start in range(0, len(queries), step):
        yield queries[start : start + step]


def _nearest(line: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    threshold = np.partition(line, len(line) - k)[len(line) - k]
    rows = np.flatnonzero(line >= threshold)  # in index order, which decides between equal ones
    return rows[np.argsort(-line[rows], kind="stable")[:k]]


def _vote(labels: NDArray[np.int64], similarities: NDArray[np.float32], class_count: int) -> int:
    """The rule of ``majority_vote`` over class numbers."""
    counts = np.bincount(labels, minlength=class_count)
    sums = np.bincount(labels, weights=similarities.astype(np.float64), minlength=class_count)
    tied = counts == counts.max()
    best = tied & (sums >= sums[tied].max())
    return int(next(label for label in labels if best[label]))


def average_precision(scores: NDArray[np.floating], relevant: NDArray[np.bool_]) -> float:
    """Return the average precision of a ranking by score (higher first); entries of -inf are not ranked.

    NaN when nothing is relevant.
    """
    hits = np.sort(scores[relevant])
    if len(hits) == 0:
        return float("nan")
    ranked = np.sort(scores)
    # Rank of each hit: how many images, and how many hits, are at least as similar.
    images = len(ranked) - np.searchsorted(ranked, hits, side="left")
    as_good = len(hits) - np.searchsorted(hits, hits, side="left")
    return float(np.mean(as_good / images))


def estimate_measures(
    measures: dict[str, NDArray[np.float64]],
    truth: NDArray[np.int64],
    groups: NDArray[np.int64],
    class_count: int,
    rng: np.random.Generator,
    resamples: int,
) -> tuple[dict[str, RetrievalFigure], dict[str, RetrievalFigure], list[dict[str, RetrievalFigure]]]:
    """Means of each measure with intervals: over all queries, over the classes, and of each class.

    Parameters
    ----------
    measures
        Of every query each measure, float (queries,), NaN where it has none.
    truth, groups
        int (queries,): class, and patient or lesion, both from 0 on.
    class_count, resamples
        How many classes; bootstrap samples of whole groups, the same for every measure.
    """
    names = list(measures)
    group_count = int(groups.max()) + 1
    values = np.stack([measures[name] for name in names])  # (measures, queries)
    valid = np.isfinite(values)
    sums = np.zeros((len(names), class_count, group_count))
    counts = np.zeros_like(sums)
    for m in range(len(names)):
        here = valid[m]
        np.add.at(sums[m], (truth[here], groups[here]), values[m, here])
        np.add.at(counts[m], (truth[here], groups[here]), 1)
    drawn_sums = np.empty((resamples, len(names), class_count))
    drawn_counts = np.empty_like(drawn_sums)
    for i in range(resamples):
        weights = np.bincount(rng.integers(0, group_count, group_count), minlength=group_count)
        drawn_sums[i], drawn_counts[i] = sums @ weights, counts @ weights
    total, number, asked = sums.sum(axis=2), counts.sum(axis=2), counts > 0
    overall, macro = {}, {}
    per_class: list[dict[str, RetrievalFigure]] = [{} for _ in range(class_count)]
    with np.errstate(invalid="ignore", divide="ignore"):
        class_means, drawn_means = total / number, drawn_sums / drawn_counts
        micro, drawn_micro = total.sum(axis=1) / number.sum(axis=1), drawn_sums.sum(axis=2) / drawn_counts.sum(axis=2)
    for m, name in enumerate(names):
        queries, of_groups = int(number[m].sum()), int(asked[m].any(axis=0).sum())
        overall[name] = _estimate(micro[m], drawn_micro[:, m], queries, of_groups)
        seen = number[m] > 0
        macro[name] = _estimate(
            _mean(class_means[m, seen][None])[0], _mean(drawn_means[:, m, seen]), queries,
            int(asked[m, seen].sum(axis=1).min(initial=of_groups)),
        )  # fmt: skip
        for c in range(class_count):
            in_class = int(number[m, c]), int(asked[m, c].sum())
            per_class[c][name] = _estimate(class_means[m, c], drawn_means[:, m, c], *in_class)
    return overall, macro, per_class


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the classes of a row, those left out that a draw happens to miss; NaN without any."""
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, values, 0.0).sum(axis=1) / there.sum(axis=1))


def _estimate(value: float, drawn: NDArray[np.float64], queries: int, groups: int) -> RetrievalFigure:
    """The interval of the draws, or Wilson's for so many groups where the draws have no width."""
    drawn = drawn[np.isfinite(drawn)]
    low = high = None
    if len(drawn) and not too_few(groups, "lesion"):
        if np.ptp(drawn) < _NO_WIDTH:
            low, high = _wilson(float(value), groups)
        elif found := drawn_interval(
            float(value), drawn, groups, confidence=_CONFIDENCE, bounds=(0.0, 1.0), log_odds=True
        ):
            low, high = found.low, found.high
    return RetrievalFigure(float(value), low, high, queries)


def _wilson(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share of ``n`` independent cases (Wilson, JASA 1927)."""
    z = NormalDist().inv_cdf(0.975)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(max(share * (1 - share), 0.0) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (0.0 if share <= 0 else max(0.0, centre - half)), (1.0 if share >= 1 else min(1.0, centre + half))
