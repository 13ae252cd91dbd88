"""Error rates of comparisons between arms of readers, and of the effects of a crossover."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr

from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.reader_groups import figures_of_readers, group_contrast, group_mean
from tests.benchmarks.simulated import Simulated
from tests.null_studies import Test
from tests.simulated_mrmc import parts_of_cases

SHARE = FigureOfMerit(Figure.SENSITIVITY, threshold=0.5)
AREA = FigureOfMerit(Figure.AUC)
Sizes = tuple[int, int]


def arms_of_readers(
    sizes: Sizes, cases: int, rng: np.random.Generator, *, of_case: float = 0.5, spread: Sizes | tuple[float, float]
) -> MrmcData:
    """Right (1) or wrong (0) of readers in two arms; assistance helps with some cases and harms with as many.

    ``spread``: standard deviation of the readers' skill (probit) in each arm, such that both are right as often on
    average over readers and cases. ``of_case``: half of what an arm does to a case, likewise.
    """
    arm = np.repeat([0, 1], sizes)
    sd = np.asarray(spread, float)[arm]
    # The mean of a probit shrinks by its spread: undone, so that the arms are equal.
    centre = 0.4 * (1 + 0.9**2 + of_case**2 + sd**2) ** 0.5
    skill = centre + rng.normal(size=len(arm)) * sd
    turn = np.where(arm == 1, 1.0, -1.0)[:, None] * rng.normal(0, of_case, cases)
    right = rng.random((len(arm), cases)) < ndtr(skill[:, None] + rng.normal(0, 0.9, cases) + turn)
    return _data(right.astype(float)[:, None], np.ones(cases, bool))


def rated_arms(sizes: Sizes, ill: int, well: int, rng: np.random.Generator) -> MrmcData:
    """Ratings after Roe and Metz (Acad Radiol 1997) with readers of their own in each arm; both arms have one area."""
    truth = np.arange(ill + well) < ill
    side, arm = truth.astype(int), np.repeat([0, 1], sizes)
    score = 1.5 * truth + rng.normal(0, 0.3**0.5, len(truth)) + rng.normal(0, 0.3**0.5, (2, len(truth)))[arm]
    score = score + rng.normal(0, 0.03**0.5, (len(arm), 2))[:, side] + rng.normal(0, 0.4**0.5, (len(arm), len(truth)))
    return _data(score[:, None], truth)


def crossover_readings(
    sizes: Sizes, cases: int, rng: np.random.Generator, *, period: float = 0.3, of_case: float = 0.5
) -> MrmcData:
    """Right or wrong, aided and unaided, of readers of two sequences (the first reads unaided first).

    The second period is easier by ``period`` (probit); assistance changes nothing on average.
    """
    sequence = np.repeat([0, 1], sizes)
    odds = rng.normal(0.4, 0.9, cases) + rng.normal(0, 0.4, (len(sequence), 1))
    helped = rng.normal(0, of_case, cases) + rng.normal(0, 0.2, (len(sequence), 1))
    later = np.where(sequence == 0, 1.0, 0.0)[:, None]
    aided = rng.random(odds.shape) < ndtr(odds + helped + period * (later - 0.5))
    unaided = rng.random(odds.shape) < ndtr(odds - helped + period * (0.5 - later))
    return _data(np.stack([aided, unaided], axis=1).astype(float), np.ones(cases, bool))


def _data(ratings: np.ndarray, truth: np.ndarray) -> MrmcData:
    readers, modalities, cases = ratings.shape
    return MrmcData(
        ratings,
        truth,
        tuple(f"{j:03}" for j in range(readers)),
        tuple("ab"[:modalities]),
        tuple(map(str, range(cases))),
    )


def _in_part(data: MrmcData, sizes: Sizes, of_each: int | None, rng: np.random.Generator) -> MrmcData:
    """The same where each reader reads so many cases, those least read first; None: all."""
    if of_each is None:
        return data
    read = parts_of_cases(sizes, len(data.cases), of_each, rng)
    return _data(np.where(read[:, None], data.ratings, np.nan), data.truth)


def _groups(sizes: Sizes) -> tuple[np.ndarray, np.ndarray]:
    first = np.arange(sum(sizes)) < sizes[0]
    return first, ~first


def difference_of_shares(sizes: Sizes, cases: int, spread: tuple[float, float], *, of_each: int | None = None) -> Test:
    """p of the difference between two arms that are right as often; ``of_each``: cases that one reader reads."""

    def p(rng: np.random.Generator) -> float | None:
        made = _in_part(arms_of_readers(sizes, cases, rng, spread=spread), sizes, of_each, rng)
        figures = figures_of_readers(made, SHARE)
        return group_contrast(figures, _groups(sizes), (1.0, -1.0)).p

    return p


def difference_of_areas(sizes: Sizes, ill: int, well: int, *, of_each: int | None = None) -> Test:
    """p of the difference between the areas of two arms."""

    def p(rng: np.random.Generator) -> float | None:
        made = _in_part(rated_arms(sizes, ill, well, rng), sizes, of_each, rng)
        return group_contrast(figures_of_readers(made, AREA), _groups(sizes), (1.0, -1.0)).p

    return p


def modalities_of_own_readers(sizes: Sizes, cases: int, spread: tuple[float, float]) -> Test:
    """p of the same in the analysis of modalities, for other readers and other cases."""

    def p(rng: np.random.Generator) -> float | None:
        return _as_modalities(arms_of_readers(sizes, cases, rng, spread=spread), sizes[0], SHARE)

    return p


def modalities_of_some_own_readers(both: int, sizes: Sizes, cases: int) -> Test:
    """p where ``both`` readers read under two modalities, and ``sizes`` under the first and the second alone."""

    def p(rng: np.random.Generator) -> float | None:
        made = crossover_readings((both + sum(sizes), 0), cases, rng, period=0.0, of_case=0.3)
        made.ratings[both : both + sizes[0], 1] = np.nan
        made.ratings[both + sizes[0] :, 0] = np.nan
        return analyse_mrmc(made, MrmcOptions(SHARE)).overall[Inference.RRRC].p

    return p


def areas_of_own_readers(sizes: Sizes, ill: int, well: int) -> Test:
    """p of the difference between the areas of two modalities with readers of their own."""

    def p(rng: np.random.Generator) -> float | None:
        return _as_modalities(rated_arms(sizes, ill, well, rng), sizes[0], AREA)

    return p


def _as_modalities(data: MrmcData, first: int, merit: FigureOfMerit) -> float | None:
    ratings = np.full((len(data.readers), 2, len(data.cases)), np.nan)
    ratings[:first, 0], ratings[first:, 1] = data.ratings[:first, 0], data.ratings[first:, 0]
    nested = MrmcData(ratings, data.truth, data.readers, ("a", "b"), data.cases)
    return analyse_mrmc(nested, MrmcOptions(merit)).overall[Inference.RRRC].p


def misses_of_share(readers: int, cases: int) -> Test:
    """Whether the interval of an arm's share misses it: 0, or 1 where it holds it."""
    truth = float(ndtr(0.4))

    def p(rng: np.random.Generator) -> float | None:
        data = arms_of_readers((readers, 0), cases, rng, spread=(0.4, 0.4))
        mean = group_mean(figures_of_readers(data, SHARE), np.ones(readers, bool))
        return None if mean.low is None or mean.high is None else float(mean.low <= truth <= mean.high)

    return p


def effect_of_crossover(sizes: Sizes, cases: int, which: str) -> Test:
    """p of the effect of assistance with a period effect there, of the period without one, of the sequences' sums."""

    def p(rng: np.random.Generator) -> float | None:
        data = crossover_readings(sizes, cases, rng, period=0.3 if which == "assistance" else 0.0)
        change = figures_of_readers(data, SHARE, (0.5, 0.5) if which == "sequence" else (1.0, -1.0))
        weights = {"assistance": (0.5, 0.5), "period": (0.5, -0.5), "sequence": (1.0, -1.0)}[which]
        return group_contrast(change, _groups(sizes), weights).p

    return p


def simulations() -> Iterator[Simulated]:
    """Of both designs, at the smallest sizes that are shown and beyond."""
    even, twice = (0.4, 0.4), (0.6, 0.3)
    sizes: tuple[Sizes, ...] = ((4, 5), (5, 5), (5, 6), (5, 20), (20, 5), (10, 10), (30, 30))
    for readers in sizes:
        for cases, spread in ((9, even), (10, even), (28, even), (100, even), (100, twice)):
            words = f"{readers[0]} and {readers[1]} readers, {cases} cases"
            words += ", the first twice as spread" if spread is twice else ""
            if cases > 9 or readers == (5, 5):
                yield Simulated("difference between arms, share", words, difference_of_shares(readers, cases, spread))
    parts: tuple[tuple[Sizes, int, int], ...] = (
        ((5, 5), 14, 28), ((5, 20), 14, 28), ((10, 10), 10, 28), ((10, 10), 14, 28), ((20, 20), 14, 28),
    )  # fmt: skip
    for readers, of_each, cases in parts:
        words = f"{readers[0]} and {readers[1]} readers, {of_each} of {cases} cases each"
        test = difference_of_shares(readers, cases, even, of_each=of_each)
        yield Simulated("difference between arms, share", words, test)
    for readers in ((5, 5), (5, 20), (30, 30)):
        for ill, well in ((9, 60), (10, 60), (40, 60)):
            words = f"{readers[0]} and {readers[1]} readers, {ill} and {well} cases"
            yield Simulated("difference between arms, area", words, difference_of_areas(readers, ill, well))
    for readers in ((4, 5), (5, 5), (5, 6), (5, 20), (20, 5), (10, 10)):
        for cases, spread in ((5, even), (10, even), (28, even), (100, even), (100, twice)):
            words = f"{readers[0]} and {readers[1]} readers, {cases} cases"
            words += ", the first twice as spread" if spread is twice else ""
            test = modalities_of_own_readers(readers, cases, spread)
            yield Simulated("modalities, readers of their own, share", words, test, 0.5)
        for ill, well in ((5, 60), (10, 60), (40, 60)):
            words = f"{readers[0]} and {readers[1]} readers, {ill} and {well} cases"
            yield Simulated(
                "modalities, readers of their own, area", words, areas_of_own_readers(readers, ill, well), 0.5
            )
    for both, sizes in ((2, (8, 0)), (2, (3, 3)), (2, (3, 10)), (5, (1, 0)), (5, (3, 3))):
        for cases in (10, 40, 100):
            words = f"{both} readers under both, {sizes[0]} and {sizes[1]} under one, {cases} cases"
            test = modalities_of_some_own_readers(both, sizes, cases)
            yield Simulated("modalities, some readers of their own, share", words, test, 0.5)
    for number, cases in ((5, 10), (5, 28), (20, 10), (20, 28), (50, 100)):
        yield Simulated("share of an arm, interval", f"{number} readers, {cases} cases", misses_of_share(number, cases))
    for which in ("assistance", "period", "sequence"):
        for readers in ((5, 5), (5, 15), (20, 20)):
            for cases in (10, 100):
                words = f"{readers[0]} and {readers[1]} readers, {cases} cases"
                yield Simulated(f"crossover, {which}", words, effect_of_crossover(readers, cases, which))
