"""Retrieval scores against a naive implementation and scikit-learn."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dermdash.analysis.retrieval_quality import average_precision, majority_vote, score_retrieval
from dermdash.errors import InvalidInput
from dermdash.retrieval.nearest_neighbours import NeighbourIndex

K = 5


def example(count: int = 90, seed: int = 0) -> tuple[NeighbourIndex, list[str | None], np.ndarray, list[str]]:
    """Clustered features; images 2 i and 2 i + 1 are one lesion; some have no diagnosis, one class is rare."""
    rng = np.random.default_rng(seed)
    lesions = [f"lesion_{i // 2}" for i in range(count)]
    kinds = rng.choice(["mel", "nv", "bcc"], p=[0.3, 0.6, 0.1], size=count // 2 + 1)
    diagnoses: list[str | None] = [str(kinds[i // 2]) for i in range(count)]
    diagnoses[0] = diagnoses[1] = "vasc"  # a single lesion: nothing of its class can be found
    diagnoses[10] = None
    centres = {"mel": 0, "nv": 1, "bcc": 2, "vasc": 3, None: 1}
    features = rng.normal(size=(count, 12)) * 0.9
    for i, dx in enumerate(diagnoses):
        features[i, centres[dx]] += 1
    index = NeighbourIndex(features, image_ids=[str(i) for i in range(count)], groups={"lesion": lesions})
    return index, diagnoses, features, lesions


def naive(diagnoses: list[str | None], features: np.ndarray, lesions: list[str]) -> dict[str, list[float]]:
    """Every figure from its definition, one query at a time."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    found: dict[str, list[float]] = {"class": [], "precision": [], "ap": [], "vote": []}  # type: ignore[dict-item]
    for q, dx in enumerate(diagnoses):
        if dx is None:
            continue
        others = [i for i, d in enumerate(diagnoses) if d is not None and lesions[i] != lesions[q]]
        ranked = sorted(others, key=lambda i: -(unit[i] @ unit[q]))
        hits = [diagnoses[i] == dx for i in ranked]
        found["class"].append(dx)  # type: ignore[arg-type]
        found["precision"].append(sum(hits[:K]) / K)
        precisions = [sum(hits[: r + 1]) / (r + 1) for r, hit in enumerate(hits) if hit]
        found["ap"].append(sum(precisions) / len(precisions) if precisions else float("nan"))
        nearest = ranked[:K]
        tally: dict[Any, tuple[int, float]] = {}
        for i in nearest:
            n, s = tally.get(diagnoses[i], (0, 0.0))
            tally[diagnoses[i]] = (n + 1, s + float(unit[i] @ unit[q]))
        found["vote"].append(max(tally, key=lambda d: tally[d]) == dx)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_the_definitions(seed: int) -> None:
    index, diagnoses, features, lesions = example(seed=seed)
    scores = score_retrieval(index, diagnoses, k=K, resamples=20)
    expected = naive(diagnoses, features, lesions)
    assert scores.queries == scores.candidates == 89
    assert scores.without_relevant == 2
    pairs = {f"precision_at_{K}": "precision", "average_precision": "ap", "majority_vote": "vote"}
    kinds = np.array(expected["class"])
    for measure, name in pairs.items():
        values = np.array(expected[name], dtype=float)
        assert scores.overall[measure].value == pytest.approx(np.nanmean(values))
        means = {c: np.nanmean(values[kinds == c]) for c in set(kinds) if np.isfinite(values[kinds == c]).any()}
        assert scores.macro[measure].value == pytest.approx(np.mean(list(means.values())))
        for code, mean in means.items():
            assert scores.by_class[code][measure].value == pytest.approx(mean)
    assert np.isnan(scores.by_class["vasc"]["average_precision"].value)
    assert scores.by_class["vasc"][f"precision_at_{K}"].value == 0


def test_average_precision_is_scikit_learns_with_ties_too() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        scores = rng.integers(0, 12, 40) / 12  # many equal ones
        relevant = rng.random(40) < 0.3
        relevant[0] = True
        assert average_precision(scores, relevant) == pytest.approx(average_precision_score(relevant, scores))
    assert np.isnan(average_precision(np.ones(3), np.zeros(3, dtype=bool)))


def test_a_tied_vote_goes_to_the_greater_sum_of_similarities_then_to_the_nearest() -> None:
    assert majority_vote(["nv", "mel", "mel"], [0.9, 0.5, 0.4]) == "mel"
    assert majority_vote(["nv", "mel", "mel", "nv"], [0.9, 0.8, 0.7, 0.5]) == "mel"
    assert majority_vote(["nv", "mel"], [0.5, 0.5]) == "nv"
    assert majority_vote([], []) is None


def test_separate_classes_score_one_and_shuffled_labels_the_share_of_the_class() -> None:
    features = np.repeat(np.eye(4), 25, axis=0) + np.random.default_rng(1).normal(0, 0.01, (100, 4))
    index = NeighbourIndex(features, image_ids=[str(i) for i in range(100)])
    names = [str(i // 25) for i in range(100)]
    perfect = score_retrieval(index, names, k=8, resamples=50)
    assert {e.value for e in perfect.overall.values()} == {1.0}
    # Nothing varies in the bootstrap: Wilson's bound of 100 out of 100, and of 25 out of 25 in a class.
    z2 = 1.959964**2
    for found, n in ((perfect.overall, 100), (perfect.macro, 25), (perfect.by_class["2"], 25)):
        for measure in found.values():
            assert (measure.low, measure.high) == (pytest.approx(n / (n + z2), abs=1e-6), 1.0)
    shuffled = list(np.random.default_rng(2).permutation(names))
    by_chance = score_retrieval(index, [str(s) for s in shuffled], k=8, resamples=200)
    assert 0.15 < by_chance.overall["precision_at_8"].value < 0.35
    estimate = by_chance.overall["precision_at_8"]
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < estimate.value < estimate.high


def test_where_all_draws_agree_the_groups_count_and_not_their_images() -> None:
    """Two classes of eight lesions with ten images each, all found: eight cases a class, 16 in all."""
    features = np.repeat(np.eye(2), 80, axis=0)
    lesions = {"lesion": [str(i // 10) for i in range(160)]}
    index = NeighbourIndex(features, image_ids=[str(i) for i in range(160)], groups=lesions)
    scores = score_retrieval(index, ["mel"] * 80 + ["nv"] * 80, k=1, resamples=30)
    whole, melanomas = scores.overall["precision_at_1"], scores.by_class["mel"]["precision_at_1"]
    assert (whole.value, whole.low, whole.high) == (1.0, pytest.approx(16 / (16 + 1.959964**2), abs=1e-6), 1.0)
    assert (melanomas.low, melanomas.queries) == (pytest.approx(8 / (8 + 1.959964**2), abs=1e-6), 80)


def test_few_lesions_have_no_interval() -> None:
    """Six lesions of a class, of the seven that an interval needs; the other class and all images have one."""
    truth = np.repeat([0, 1], [6, 30])
    features = np.eye(2)[truth] + np.random.default_rng(2).normal(0, 0.8, (36, 2))
    index = NeighbourIndex(features, image_ids=[str(i) for i in range(36)])
    scores = score_retrieval(index, ["mel" if t == 0 else "nv" for t in truth], k=3)
    for few in (scores.by_class["mel"], scores.macro):
        assert all((e.low, e.high) == (None, None) for e in few.values())
    for enough in (scores.by_class["nv"], scores.overall):
        assert all(e.low is not None and e.low <= e.value for e in enough.values())


def test_copies_of_a_lesion_do_not_narrow_the_interval() -> None:
    index, diagnoses, features, _ = example()
    once = score_retrieval(index, diagnoses, k=3, seed=1).overall["precision_at_3"]
    copies = 5
    copied = NeighbourIndex(
        np.repeat(features, copies, axis=0),
        image_ids=[str(i) for i in range(90 * copies)],
        groups={"lesion": [f"lesion_{i // copies // 2}" for i in range(90 * copies)]},
    )
    many = score_retrieval(copied, [d for d in diagnoses for _ in range(copies)], k=3, seed=1).overall["precision_at_3"]
    assert many.queries == copies * once.queries
    widths = [e.high - e.low for e in (many, once) if e.high is not None and e.low is not None]
    assert widths[0] > 0.7 * widths[1]


def test_a_lesion_is_no_hit_for_itself() -> None:
    """Every image has its twin as nearest neighbour; left out, nothing of the class remains nearby."""
    features = np.repeat(np.eye(6), 2, axis=0)
    lesions = [str(i // 2) for i in range(12)]
    diagnoses = ["a", "a", "b", "b", "c", "c"] * 2
    index = NeighbourIndex(features, image_ids=[str(i) for i in range(12)], groups={"lesion": lesions})
    scores = score_retrieval(index, diagnoses, k=1, resamples=10)
    assert scores.by_class["b"]["precision_at_1"].value == 0


def test_a_sample_of_the_queries_is_repeatable_and_progress_is_told() -> None:
    index, diagnoses, *_ = example()
    told: list[tuple[int, int]] = []
    a = score_retrieval(index, diagnoses, max_queries=20, seed=3, progress=lambda *p: told.append(p))
    assert a == score_retrieval(index, diagnoses, max_queries=20, seed=3)
    assert a.queries == 20
    assert a.candidates == 89
    assert told[-1] == (20, 20)


def test_what_cannot_be_measured_is_named() -> None:
    index, diagnoses, *_ = example()
    with pytest.raises(InvalidInput, match="two diagnosed lesions"):
        score_retrieval(index, [None] * 88 + ["nv", "nv"])
    with pytest.raises(InvalidInput, match="k must be"):
        score_retrieval(index, diagnoses, k=0)
    with pytest.raises(InvalidInput, match="3 diagnoses"):
        score_retrieval(index, ["nv"] * 3)
