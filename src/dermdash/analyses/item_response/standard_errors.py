"""Standard errors of estimated items: the observed information of the marginal posterior (Louis, JRSS B 44, 226, 1982).

The information of complete data minus what the unknown abilities hide, with the priors' own information added. What is
not known of the items moves the abilities, too: of that, what moves readers apart is added to their own uncertainty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dermdash.analyses.item_response.fit import (
    INTERCEPT_SD,
    SLOPE_SD,
    Answers,
    ItemFit,
    ability_grid,
    prior_centre,
    reader_posterior,
)
from dermdash.analysis.arrays import FloatArray, IntArray

_FEW, _COLUMNS = 0.3, 2000
MOST_ITEMS_TOGETHER = 1500
"""Up to here the information of all items together is inverted; beyond, that of each item by itself."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """What is not known of the items, and what that adds to the readers' abilities.

    ``items`` (items, 2, 2): covariance of log slope and intercept of each. ``abilities`` (readers,): variance that the
    items add to an ability's distance from the mean of these readers; 0 where each item was taken by itself.
    """

    items: FloatArray
    abilities: FloatArray


def uncertainty(answers: Answers, fit: ItemFit) -> Uncertainty:
    """Standard errors of everything.

    Up to `MOST_ITEMS_TOGETHER` items from the information of all parameters together, which carries over what is not
    known about the other items; beyond that from each item's own.
    """
    nodes, log_weight = ability_grid(answers)
    posterior = reader_posterior(answers, fit.log_slope, fit.intercept, nodes, log_weight)[0]
    complete, chance, along = _complete(answers, fit, posterior, nodes)
    items = len(complete)
    if items > MOST_ITEMS_TOGETHER:
        return Uncertainty(_each(answers, fit, posterior, complete, chance, along), np.zeros(len(posterior)))
    covariance = _together(answers, fit, posterior, complete, chance, along)
    moved = _moved_abilities(answers, posterior, nodes, chance, along)
    moved -= moved.mean(axis=0)  # where all of them lie is a matter of the scale
    if fit.shared:
        moved = np.column_stack([moved[:, :items].sum(axis=1), moved[:, items:]])
    place = np.zeros(items, np.int64) if fit.shared else np.arange(items)
    there = np.arange(items) + (1 if fit.shared else items)
    found = np.empty((items, 2, 2))
    found[:, 0, 0], found[:, 1, 1] = covariance[place, place], covariance[there, there]
    found[:, 0, 1] = found[:, 1, 0] = covariance[place, there]
    return Uncertainty(found, np.maximum(((moved @ covariance) * moved).sum(axis=1), 0.0))


def _moved_abilities(
    answers: Answers, posterior: FloatArray, nodes: FloatArray, chance: FloatArray, along: FloatArray
) -> FloatArray:
    """How an ability moves with each log slope and intercept: its posterior covariance with their scores.

    (readers, 2 items), log slopes first.
    """
    apart = posterior * (nodes - (posterior @ nodes)[:, None])
    by_intercept = -(apart @ chance.T) * answers.seen
    by_slope = (apart @ along.T) * answers.right - (apart @ (chance * along).T) * answers.seen
    return np.concatenate([by_slope, by_intercept], axis=1)


def _complete(
    answers: Answers, fit: ItemFit, posterior: FloatArray, nodes: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Information of complete data (items, 2, 2), and on the grid the chance of a right answer and a * ability."""
    along = np.exp(fit.log_slope)[:, None] * nodes
    chance = 1 / (1 + np.exp(-np.clip(along + fit.intercept[:, None], -35, 35)))
    hits, tries = answers.right.astype(float).T @ posterior, answers.seen.astype(float).T @ posterior
    spread = tries * chance * (1 - chance)
    information = np.empty((len(along), 2, 2))
    # The logit is curved in the log slope, so that the gradient enters too.
    information[:, 0, 0] = (spread * along**2).sum(axis=1) - ((hits - tries * chance) * along).sum(axis=1)
    information[:, 0, 1] = information[:, 1, 0] = (spread * along).sum(axis=1)
    information[:, 1, 1] = spread.sum(axis=1)
    return information, chance, along


def _together(
    answers: Answers, fit: ItemFit, posterior: FloatArray, complete: FloatArray, chance: FloatArray, along: FloatArray
) -> FloatArray:
    """Covariance of all parameters: log slopes (one, where it is shared), then intercepts."""
    items = len(complete)
    information = np.zeros((2 * items, 2 * items))
    place = np.arange(items)
    for row in (0, 1):
        for column in (0, 1):
            information[row * items + place, column * items + place] = complete[:, row, column]
    for where, scores in _hidden_scores(answers, posterior, chance, along):
        information[np.ix_(where, where)] -= scores @ scores.T
    information += _of_priors(fit)
    if fit.shared:
        # One slope for all: its scores are the sums over items.
        joint = np.empty((items + 1, items + 1))
        joint[0, 0] = information[:items, :items].sum() + 1 / SLOPE_SD**2
        joint[0, 1:] = joint[1:, 0] = information[:items, items:].sum(axis=0)
        joint[1:, 1:] = information[items:, items:]
        return np.asarray(np.linalg.inv(joint), float)
    information[place, place] += 1 / SLOPE_SD**2
    return np.asarray(np.linalg.inv(information), float)


def _of_priors(fit: ItemFit) -> FloatArray:
    """Information of the prior of the intercepts, (2 items, 2 items); their centre takes its best place."""
    items = len(fit.intercept)
    slope, centre = np.exp(fit.log_slope), prior_centre(fit.log_slope, fit.intercept)
    there = slope * centre
    apart = fit.intercept - there
    place = np.arange(items)
    own = np.zeros((2 * items, 2 * items))
    own[place, place] = there**2 - apart * there
    own[place, items + place] = own[items + place, place] = -there
    own[items + place, items + place] = 1.0
    with_centre = np.concatenate([slope * there - apart * slope, -slope])
    own -= np.outer(with_centre, with_centre) / (slope**2).sum()
    return np.asarray(own / INTERCEPT_SD**2)


def _hidden_scores(
    answers: Answers, posterior: FloatArray, chance: FloatArray, along: FloatArray
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Places of parameters, and scores of these as they vary with what is not known of some readers' abilities.

    The product of the scores with themselves is the covariance of the scores over the readers' posteriors. Readers of
    few cases come one by one with their own cases, others many at a time with all cases: one product of large matrices
    is faster than many.
    """
    items = len(chance)
    kept: list[FloatArray] = []
    for i, weight in enumerate(posterior):
        few = answers.seen[i].mean() < _FEW
        used = weight > 1e-9
        seen = np.flatnonzero(answers.seen[i]) if few else np.arange(items)
        rest = answers.right[i, seen, None] - chance[np.ix_(seen, used)]
        rest[~answers.seen[i, seen]] = 0
        scores = np.concatenate([rest * along[np.ix_(seen, used)], rest])
        share = weight[used] / weight[used].sum()
        centred = (scores - (scores @ share)[:, None]) * np.sqrt(share)
        if few:
            yield np.concatenate([seen, items + seen]), centred
            continue
        kept.append(centred)
        if sum(part.shape[1] for part in kept) >= _COLUMNS:
            yield np.arange(2 * items), np.concatenate(kept, axis=1)
            kept = []
    if kept:
        yield np.arange(2 * items), np.concatenate(kept, axis=1)


def _each(
    answers: Answers, fit: ItemFit, posterior: FloatArray, complete: FloatArray, chance: FloatArray, along: FloatArray
) -> FloatArray:
    information = complete.copy()
    for row, column in ((0, 0), (0, 1), (1, 1)):
        power = row + column
        factor = {0: along**2, 1: along, 2: np.ones_like(along)}[power]
        second = _expected(answers, posterior, (1 - chance) ** 2 * factor, chance**2 * factor)
        first = [
            _expected(answers, posterior, (1 - chance) * f, -chance * f)
            for f in ((along if row == 0 else 1.0), (along if column == 0 else 1.0))
        ]
        hidden = (second - first[0] * first[1]).sum(axis=0)
        information[:, row, column] -= hidden
        if row != column:
            information[:, column, row] -= hidden
    information[:, 0, 0] += 1 / SLOPE_SD**2
    information[:, 1, 1] += 1 / INTERCEPT_SD**2
    if fit.shared:
        # The slope from the sums of its scores over items; for an intercept it is taken as given.
        scores = along[0] * (answers.right.sum(axis=1)[:, None] - answers.seen @ chance)
        hidden_slope = ((posterior * scores**2).sum(axis=1) - (posterior * scores).sum(axis=1) ** 2).sum()
        inverted = np.zeros_like(information)
        inverted[:, 1, 1] = 1 / information[:, 1, 1]
        inverted[:, 0, 0] = 1 / (complete[:, 0, 0].sum() - hidden_slope + 1 / SLOPE_SD**2)
        return inverted
    return np.asarray(np.linalg.inv(information), float)


def _expected(answers: Answers, posterior: FloatArray, if_right: FloatArray, if_wrong: FloatArray) -> FloatArray:
    """Posterior mean of a function of ability for each answer: (readers, items), 0 where there is none."""
    return np.where(answers.right, posterior @ if_right.T, 0.0) + np.where(answers.wrong, posterior @ if_wrong.T, 0.0)
