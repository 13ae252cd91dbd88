"""The model of raters finds how often each is right, and its intervals hold what they promise."""

import numpy as np
import pytest
from tests.null_studies import Rejections

from dermdash.analysis.agreement.annotators import LEAST_ITEMS, LEAST_RATINGS, annotator_model
from dermdash.analysis.agreement.ratings import Ratings

CLASSES = 7


def simulated(
    rng: np.random.Generator, items: int, raters: int, *, use: np.ndarray, spread: float = 0.07
) -> tuple[Ratings, np.ndarray]:
    """Three of the raters rate each item; how often each is right differs by category, unlike the model believes."""
    truth = rng.choice(CLASSES, items, p=use)
    confusion = rng.dirichlet(np.ones(CLASSES), CLASSES)
    codes = np.full((raters, items), -1)
    right = np.clip(rng.uniform(0.6, 0.92, (raters, 1)) + rng.normal(0, spread, (raters, CLASSES)), 0.3, 0.98)
    for i, k in enumerate(truth):
        others = confusion[k].copy()
        others[k] = 0
        for r in rng.choice(raters, 3, replace=False):
            hit = rng.random() < right[r, k]
            codes[r, i] = k if hit else rng.choice(CLASSES, p=others / others.sum())
    return Ratings(codes, tuple(range(CLASSES))), right @ use


@pytest.mark.parametrize(
    ("items", "raters", "use"),
    [
        (LEAST_ITEMS, 3, (0.67, 0.11, 0.11, 0.05, 0.03, 0.02, 0.01)),
        (120, 6, (1 / 7,) * 7),
    ],
)
def test_intervals_miss_no_more_often_than_they_say(items: int, raters: int, use: tuple[float, ...]) -> None:
    rng = np.random.default_rng(7)
    missed = shown = 0
    for study in range(25):
        ratings, right = simulated(rng, items, raters, use=np.array(use))
        for found, true in zip(annotator_model(ratings, draws=300, seed=study).accuracy, right, strict=True):
            if found.interval is not None:
                shown += 1
                missed += not found.interval[0] <= true <= found.interval[1]
    assert shown > 50
    assert Rejections(missed, shown, 0).holds


def test_a_rater_who_guesses_is_told_from_those_who_know() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 200)
    codes = np.stack([np.where(rng.random(200) < share, truth, rng.integers(0, 3, 200)) for share in (0.9, 0.9, 0)])
    model = annotator_model(Ratings(codes, (0, 1, 2)))
    values = [found.value for found in model.accuracy]
    assert values[0] == pytest.approx(0.93, abs=0.06)
    assert values[2] == pytest.approx(1 / 3, abs=0.1)
    assert (model.posterior.argmax(axis=1) == truth).mean() > 0.9


def test_the_same_seed_gives_the_same_figures() -> None:
    ratings, _ = simulated(np.random.default_rng(1), 40, 4, use=np.full(CLASSES, 1 / CLASSES))
    assert annotator_model(ratings, draws=50).accuracy == annotator_model(ratings, draws=50).accuracy


@pytest.mark.parametrize(
    ("raters", "items", "why"), [(3, LEAST_ITEMS - 1, "several answers"), (2, 60, "nobody can say who is right")]
)
def test_too_little_gives_a_reason_and_no_figure(raters: int, items: int, why: str) -> None:
    model = annotator_model(Ratings(np.zeros((raters, items), int), (0, 1)))
    assert model.reason is not None
    assert why in model.reason
    assert all(found.value is None for found in model.accuracy)


def test_a_rater_of_few_items_has_no_figure_beside_others_who_do() -> None:
    ratings, _ = simulated(np.random.default_rng(2), 60, 3, use=np.full(CLASSES, 1 / CLASSES))
    codes = ratings.codes.copy()
    codes[2, LEAST_RATINGS - 1 :] = -1
    model = annotator_model(Ratings(codes, ratings.categories), draws=100)
    assert model.accuracy[0].value is not None
    assert model.accuracy[2].value is None
