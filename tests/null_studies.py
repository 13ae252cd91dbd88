"""Studies without any effect, and how often a test rejects in them: for the tests and the benchmark of error rates."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from dermdash.analyses.collective.panel_curves import make_panels, plurality_values
from dermdash.analyses.collective.plurality import plurality_share
from dermdash.analyses.collective.votes import Votes
from dermdash.analyses.human_machine.reader_position import place_readers
from dermdash.analysis.agreement.coefficients import measure_agreement
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.reader_calls import ReaderCalls, mean_of_readers

QUICK = 400
Test = Callable[[np.random.Generator], float | None]


@dataclass(frozen=True, slots=True)
class Rejections:
    """How many of ``shown`` tests rejected at ``nominal``; ``refused`` studies had no test."""

    hits: int
    shown: int
    refused: int
    nominal: float = 0.05

    @property
    def share(self) -> float:
        return self.hits / max(self.shown, 1)

    @property
    def error(self) -> float:
        """Monte Carlo standard error at the nominal level."""
        return (self.nominal * (1 - self.nominal) / max(self.shown, 1)) ** 0.5

    @property
    def holds(self) -> bool:
        """Whether so many rejections are no evidence against the nominal level (one-sided, 0.1 %)."""
        return self.hits <= binom.ppf(0.999, self.shown, self.nominal)


def rejections(test: Test, runs: int, *, seed: int = 2020, nominal: float = 0.05) -> Rejections:
    """Run a test of ``p`` (None: refused) on simulated studies."""
    rng = np.random.default_rng(seed)
    found = [test(rng) for _ in range(runs)]
    shown = [p for p in found if p is not None]
    return Rejections(sum(p < nominal for p in shown), len(shown), runs - len(shown), nominal)


@dataclass(frozen=True, slots=True)
class Counts:
    """Changes of images: sum over ``answers`` answers of each, and the number of its class."""

    change: np.ndarray
    answers: np.ndarray
    group: np.ndarray


def class_counts(sizes: tuple[int, ...], rng: np.random.Generator, *, least: int = 1, most: int = 20) -> Counts:
    """Answers before and after of ``least`` to ``most`` participants per image; no class is helped more."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    easy, helped = rng.normal(0.4, 0.9, len(group)), rng.normal(0.3, 0.5, len(group))
    answers = rng.integers(least, most + 1, len(group))
    before, after = rng.binomial(answers, ndtr(easy)), rng.binomial(answers, ndtr(easy + helped))
    return Counts((after - before).astype(float), answers.astype(float), group)


@dataclass(frozen=True, slots=True)
class Readings:
    """Right (1) or wrong (0) before and after, per pair of answers; ``group`` of the case."""

    reader: np.ndarray
    case: np.ndarray
    group: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def change(self) -> np.ndarray:
        return self.after - self.before


def class_readings(
    sizes: tuple[int, ...],
    readers: int,
    rng: np.random.Generator,
    *,
    share: float = 1.0,
    of_reader_and_class: float = 0.0,
) -> Readings:
    """Every reader reads each case with probability ``share``; half of the answers are looked at again.

    Skill, difficulty, and what assistance does to a reader and to a case vary; ``of_reader_and_class`` is the standard
    deviation of what it does to a reader in a class. No class differs from another on average.
    """
    group = np.repeat(np.arange(len(sizes)), sizes)
    shape = (readers, len(group))
    odds = rng.normal(0.4, 0.9, len(group)) + rng.normal(0, 0.4, (readers, 1))
    helped = rng.normal(0.3, 0.5, len(group)) + rng.normal(0, 0.2, (readers, 1))
    helped = helped + rng.normal(0, 1, (readers, len(sizes)))[:, group] * of_reader_and_class
    before = rng.random(shape) < ndtr(odds)
    after = np.where(rng.random(shape) < 0.5, before, rng.random(shape) < ndtr(odds + 2 * helped))
    read = rng.random(shape) < share
    reader, case = np.nonzero(read)
    return Readings(reader, case, group[case], before[read].astype(float), after[read].astype(float))


def confidence_readings(readers: int, cases: int, rng: np.random.Generator) -> Readings:
    """Three groups that lie within readers and within cases, as answers of one confidence do: 15, 35 and 50 %."""
    found = class_readings((cases,), readers, rng)
    sure = rng.normal(0, 0.7, readers)[found.reader] + rng.normal(0, 0.7, cases)[found.case]
    sure = sure + rng.normal(size=len(sure))
    group = np.searchsorted(np.quantile(sure, [0.15, 0.5]), sure)
    return Readings(found.reader, found.case, group, found.before, found.after)


def exchangeable_readings(
    readers: int,
    cases: int,
    rng: np.random.Generator,
    *,
    of_case: float = 0.5,
    of_reader: float = 0.2,
    gain: float = 0.0,
    kinds: int = 1,
    own_cases: bool = False,
) -> Readings:
    """Assistance helps with some cases and readers and harms with others; before and after change places at no cost.

    So nothing changes on average over other readers and other cases (``gain`` 0), although it does for these readers
    and for these cases, by standard deviations of twice ``of_case`` and ``of_reader`` (probit).

    Parameters
    ----------
    kinds
        Each reader reads the ``cases`` with so many kinds of assistance in turn; the readings with one are given.
    own_cases
        Every reader reads so many cases of their own.
    """
    drawn = readers * cases if own_cases else cases
    shape = (readers, drawn)
    odds = rng.normal(0.4, 0.9, drawn) + rng.normal(0, 0.4, (readers, 1))
    helped = gain + rng.normal(0, of_case, drawn) + rng.normal(0, of_reader, (readers, 1))
    first = rng.random(shape)
    second = np.where(rng.random(shape) < 0.5, first, rng.random(shape))
    before, after = first < ndtr(odds - helped), second < ndtr(odds + helped)
    read = np.ones(shape, bool)
    if own_cases:
        read = np.arange(drawn) // cases == np.arange(readers)[:, None]
    elif kinds > 1:
        turn = np.tile(np.arange(cases) % kinds, (readers, 1))
        read = rng.permuted(turn, axis=1) == 0
    reader, case = np.nonzero(read)
    return Readings(reader, case, np.zeros(len(case), int), before[read].astype(float), after[read].astype(float))


def mean_gain(gain: float, *, of_case: float = 0.5, of_reader: float = 0.2) -> float:
    """What `exchangeable_readings` gain on average over all readers and cases, as a share of the answers."""
    spread = (1 + 0.9**2 + 0.4**2 + of_case**2 + of_reader**2) ** 0.5
    return float(ndtr((0.4 + gain) / spread) - ndtr((0.4 - gain) / spread))


def rated_cases(
    readers: int, cases: int, rng: np.random.Generator, *, classes: tuple[float, ...] = (0.2, 0.3, 0.5)
) -> tuple[np.ndarray, np.ndarray]:
    """Answers (readers, cases) before and after among three classes; half are looked at again, nothing is gained.

    The readers are the same in every study (skills of 0.2 to 1.4 on the probit scale), the cases are drawn anew.
    """
    skill = np.linspace(0.2, 1.4, readers)[:, None]
    truth, hard = rng.choice(3, cases, p=classes), rng.normal(0, 0.8, cases)

    def answers() -> np.ndarray:
        right = rng.random((readers, cases)) < ndtr(skill - hard)
        return np.where(right, truth, (truth + rng.integers(1, 3, (readers, cases))) % 3)

    before = answers()
    return before, np.where(rng.random((readers, cases)) < 0.5, before, answers())


@cache
def true_agreement(readers: int, key: str, classes: tuple[float, ...] = (0.2, 0.3, 0.5)) -> float:
    """The coefficient of `rated_cases` on 100,000 cases."""
    before, _ = rated_cases(readers, 100_000, np.random.default_rng(9), classes=classes)
    (found,) = measure_agreement(Ratings(before, (0, 1, 2)), (key,), replicates=0)
    assert found.value is not None
    return found.value


def agreement_misses(
    readers: int, cases: int, key: str, *, replicates: int, classes: tuple[float, ...] = (0.2, 0.3, 0.5)
) -> Test:
    """Whether a coefficient's interval misses the truth: 0, or 1 where it holds it."""
    truth = true_agreement(readers, key, classes)

    def p(rng: np.random.Generator) -> float | None:
        before, _ = rated_cases(readers, cases, rng, classes=classes)
        ratings = Ratings(before, (0, 1, 2))
        (found,) = measure_agreement(ratings, (key,), replicates=replicates, seed=int(rng.integers(1 << 30)))
        return None if found.low is None or found.high is None else float(found.low <= truth <= found.high)

    return p


def panel_votes(readers: int, cases: int, rng: np.random.Generator) -> Votes:
    """Votes of new readers on new cases; of a wrong answer every other is the class that is most like the true one."""
    truth = rng.choice(3, cases, p=[0.2, 0.3, 0.5])
    right = rng.random((readers, cases)) < ndtr(rng.normal(0, 0.5, (readers, 1)) - rng.normal(-0.4, 0.9, cases))
    like, other = (truth + rng.integers(1, 3, cases)) % 3, (truth + rng.integers(1, 3, (readers, cases))) % 3
    chosen = np.where(right, truth, np.where(rng.random((readers, cases)) < 0.5, like, other))
    names = tuple(map(str, range(readers))), tuple(map(str, range(cases)))
    return Votes(*names, chosen, truth, ("a", "b", "c"), ("all",), np.zeros(readers, np.int64))


@cache
def true_panel(size: int) -> float:
    """How often the plurality of so many of `panel_votes` is right."""
    rng = np.random.default_rng(5)
    found = []
    for _ in range(400):
        votes = panel_votes(size, 60, rng)
        found.append(plurality_share(votes.counts, votes.truth, [(size,)]).mean())
    return float(np.mean(found))


def panel_misses(readers: int, cases: int, size: int, *, replicates: int) -> Test:
    """Whether the interval of a panel's accuracy misses the truth: 0, or 1 where it holds it."""
    truth = true_panel(size)

    def p(rng: np.random.Generator) -> float | None:
        votes = panel_votes(readers, cases, rng)
        sizes = [(size,)]
        panels = make_panels(
            votes, plurality_values(votes, sizes), sizes, label="", left_out=0, seed=int(rng.integers(1 << 30)),
            replicates=replicates,
        )  # fmt: skip
        (found,) = panels.curve.points
        return None if found.low is None or found.high is None else float(found.low <= truth <= found.high)

    return p


SPREAD, SHARED, APART = 0.3, 0.5, 1.5
"""Of `reader_calls`: spread of the readers' thresholds, what errors share with the score, distance of both sides."""


def reader_calls(readers: int, positives: int, negatives: int, rng: np.random.Generator) -> ReaderCalls:
    """Readers as good as a score with whose errors theirs are correlated: each stands on its true curve."""
    target = np.arange(positives + negatives) < positives
    shared = rng.normal(size=len(target)) * SHARED**0.5 + APART * target
    score = shared + rng.normal(size=len(target)) * (1 - SHARED) ** 0.5
    own = shared + rng.normal(size=(readers, len(target))) * (1 - SHARED) ** 0.5
    called = own > 0.6 + rng.normal(0, SPREAD, (readers, 1))
    return ReaderCalls(target, score, called, np.ones(called.shape, bool))


def placed_misses(positives: int, negatives: int, *, upwards: bool, replicates: int) -> Test:
    """Whether the interval of a reader's distance from the curve misses 0: 0, or 1 where it holds it."""

    def p(rng: np.random.Generator) -> float | None:
        calls = reader_calls(1, positives, negatives, rng)
        draws = GroupedBootstrap(np.arange(len(calls.target)), replicates, int(rng.integers(1 << 30)))
        place = place_readers(calls, draws)[0]
        found = place.vertical if upwards else place.horizontal
        return None if found.low is None or found.high is None else float(found.low <= 0 <= found.high)

    return p


def mean_misses(readers: int, positives: int, negatives: int, what: str, *, replicates: int) -> Test:
    """Whether an interval of the mean of readers (sensitivity, specificity) or of a distance from it misses the truth.

    ``upwards`` is the distance at equal specificity, ``across`` that at equal sensitivity.
    """
    cut = 0.6 + SPREAD * np.random.default_rng(1).normal(size=200_000)
    sensitivity, specificity = float(ndtr(APART - cut).mean()), float(ndtr(cut).mean())
    truth = {
        "sensitivity": sensitivity,
        "specificity": specificity,
        "upwards": float(ndtr(APART - ndtri(specificity))) - sensitivity,
        "across": float(ndtr(APART - ndtri(sensitivity))) - specificity,
    }[what]

    def p(rng: np.random.Generator) -> float | None:
        calls = reader_calls(readers, positives, negatives, rng)
        groups = np.arange(len(calls.target))
        seed = int(rng.integers(1 << 30))
        mean = mean_of_readers(calls, GroupedBootstrap(groups, replicates, seed), groups, seed=seed)
        across, upwards = mean.differences
        if what in ("sensitivity", "specificity"):
            ends = (mean.sensitivity if what == "sensitivity" else mean.specificity).interval
        else:
            found = upwards if what == "upwards" else across
            ends = None if found.low is None or found.high is None else (found.low, found.high)
        return None if ends is None else float(ends[0] <= truth <= ends[1])

    return p
