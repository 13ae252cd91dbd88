"""How often each rater is right, learned from the raters alone: no truth is needed where several rated the same items.

The model is that of Dawid and Skene (Appl Stat 1979) with fewer unknowns, as few raters see rare categories often
enough: every item has a true category; a rater is right with a probability of their own, whatever the category; and
where they are wrong, a category is taken for others as all raters take it. With a table of errors for each rater, as in
the paper, categories of few items are taken over by others: intervals missed in 20 to 70 % of simulated studies, these
in 2 to 6 %.
All is drawn by Gibbs sampling, which gives an interval of everything.

What the model cannot know: an error that most raters share looks like the truth. It is no replacement of histology.
"""

from dataclasses import dataclass

import numpy as np

from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.arrays import FloatArray
from dermdash.wording import counted

PRIOR_RIGHT, PRIOR_WRONG = 8.0, 2.0
"""Answers of each rater seen before: without them three raters could as well be called wrong together."""
LEAST_ITEMS = 30
"""Items with several ratings below which nothing is said: below, intervals missed too often (error_rates.md)."""
LEAST_RATINGS = 15
"""Ratings of a rater below which they have no figure."""
_BURN_IN = 200


@dataclass(frozen=True, slots=True)
class RaterAccuracy:
    """How often a rater is right on items as these: mean of the draws and the interval that holds most of them."""

    value: float | None
    low: float | None = None
    high: float | None = None
    ratings: int = 0
    reason: str | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class AnnotatorModel:
    """What the model says.

    Attributes
    ----------
    accuracy
        Of each rater, in the order of the ratings.
    posterior
        (items, categories): how probable each category is for each item; NaN where nobody rated it.
    reason
        Why there is no model; None where there is one.
    """

    accuracy: tuple[RaterAccuracy, ...]
    posterior: FloatArray
    reason: str | None = None


def annotator_model(
    ratings: Ratings, *, draws: int = 1000, seed: int = 2020, confidence: float = 0.95
) -> AnnotatorModel:
    """Learn from ratings how often each rater is right.

    Parameters
    ----------
    ratings
        From `make_ratings`; who rated nothing and items that nobody rated may be among them.
    draws
        Kept draws of the sampler; 0: no model.
    """
    raters, items = ratings.codes.shape
    categories = len(ratings.categories)
    given = (ratings.codes >= 0).sum(axis=1)
    several = int(((ratings.codes >= 0).sum(axis=0) > 1).sum())
    why = None
    if draws < 1:
        why = "no draws requested"
    elif several < LEAST_ITEMS:
        why = f"{counted(several, 'record')} with several answers: a model of the reviewers needs {LEAST_ITEMS}"
    elif ratings.raters < 3:
        why = f"{counted(ratings.raters, 'reviewer')}: of two who differ nobody can say who is right"
    if why:
        nobody = tuple(RaterAccuracy(None, ratings=int(n), reason=why) for n in given)
        return AnnotatorModel(nobody, np.full((items, categories), np.nan), why)
    drawn, posterior = _sampled(ratings, draws, seed)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    accuracy = tuple(
        RaterAccuracy(float(drawn[:, r].mean()), float(low[r]), float(high[r]), int(given[r]))
        if given[r] >= LEAST_RATINGS
        else RaterAccuracy(
            None, ratings=int(given[r]), reason=f"{counted(int(given[r]), 'answer')} of the {LEAST_RATINGS} it takes"
        )
        for r in range(raters)
    )
    return AnnotatorModel(accuracy, posterior)


def _sampled(ratings: Ratings, draws: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Accuracy of each rater in each draw (draws, raters), and how often each item had each category."""
    rng = np.random.default_rng(seed)
    raters, items = ratings.codes.shape
    n = len(ratings.categories)
    rater, item = np.nonzero(ratings.codes >= 0)
    answer = ratings.codes[rater, item]
    given = np.bincount(rater, minlength=raters)
    diagonal = np.arange(n)
    # From the plurality, ties by chance: what raters mostly mean by a category is taken to be it.
    truth = (ratings.counts + rng.random((items, n)) * 1e-3).argmax(axis=1)
    accuracy, posterior = np.empty((draws, raters)), np.zeros((items, n))
    for draw in range(-_BURN_IN, draws):
        hit = answer == truth[item]
        use = rng.dirichlet(1.0 + np.bincount(truth, minlength=n))
        right = np.bincount(rater[hit], minlength=raters)
        own = rng.beta(PRIOR_RIGHT + right, PRIOR_WRONG + given - right)
        errors = np.ones((n, n))
        np.add.at(errors, (truth[item][~hit], answer[~hit]), 1)
        errors = np.maximum(rng.gamma(errors), 1e-300)
        errors[diagonal, diagonal] = 0.0
        errors /= np.maximum(errors.sum(axis=1, keepdims=True), 1e-300)
        chance = (1 - own)[:, None, None] * errors
        chance[:, diagonal, diagonal] = own[:, None]
        score = np.log(use) + np.zeros((items, n))
        np.add.at(score, item, np.log(np.maximum(chance, 1e-300))[rater, :, answer])
        # The largest of log probability plus Gumbel noise is a draw of the category.
        truth = (score - np.log(-np.log(rng.random((items, n))))).argmax(axis=1)
        if draw >= 0:
            accuracy[draw] = own
            posterior[np.arange(items), truth] += 1
    posterior /= draws
    posterior[(ratings.codes < 0).all(axis=0)] = np.nan
    return accuracy, posterior
