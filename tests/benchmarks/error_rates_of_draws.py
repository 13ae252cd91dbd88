"""Error rates of what is drawn or fitted: agreement, skill, item response, times, panels, readers beside a model."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dermdash.analyses.agreement.change import compare_agreement
from dermdash.analyses.agreement.intra_reader import RepeatedRatings, intra_reader_agreement
from dermdash.analyses.benefit.discordant import mcnemar
from dermdash.analyses.benefit.skill import change_by_skill
from dermdash.analyses.item_response.model import fit_item_response
from dermdash.analyses.reading_time.speed_accuracy import correlation
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.paired_accuracy import paired_change
from dermdash.analysis.reader_slopes import slope
from dermdash.analysis.two_way import ReaderCaseInference
from tests.benchmarks.simulated import Simulated
from tests.null_studies import (
    Test,
    agreement_misses,
    exchangeable_readings,
    mean_misses,
    panel_misses,
    placed_misses,
    rated_cases,
)

DRAWS = 200


def simulations() -> Iterator[Simulated]:
    """Every statistic of these at the smallest sizes that are shown, and at one that is not."""
    yield from _agreement()
    yield from _skill()
    yield from _item_response()
    yield from _times()
    yield from _two_way()
    yield from _panels()
    yield from _beside_a_model()


def _agreement() -> Iterator[Simulated]:
    rare = (0.05, 0.05, 0.9)
    for key, name in (("percent", "percent agreement"), ("ac1", "Gwet's AC1"), ("alpha", "Krippendorff's alpha")):
        for readers, cases in ((3, 9), (3, 10), (10, 10), (3, 20), (10, 20)):
            test = agreement_misses(readers, cases, key, replicates=DRAWS)
            yield Simulated(f"{name}, interval", f"{readers} readers, {cases} cases", test, 2.0)
        test = agreement_misses(10, 40, key, replicates=DRAWS, classes=rare)
        yield Simulated(f"{name}, interval", "10 readers, 40 cases, 90 % of one class", test)
    for key, name in (("fleiss", "Fleiss' kappa"), ("cohen", "Cohen's kappa")):
        yield Simulated(f"{name}, interval", "2 readers, 20 cases", agreement_misses(2, 20, key, replicates=DRAWS), 2.5)

    def change(readers: int, cases: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            before, after = (Ratings(x, (0, 1, 2)) for x in rated_cases(readers, cases, rng))
            seed = int(rng.integers(1 << 30))
            return compare_agreement(before, after, ("alpha",), replicates=DRAWS, seed=seed)[0].p

        return p

    for readers, cases in ((3, 5), (30, 5), (10, 10), (10, 20)):
        yield Simulated("change of alpha", f"{readers} readers, {cases} cases", change(readers, cases))

    def oneself(readers: int, pairs: int) -> Test:
        truth = float(np.mean(0.6 + 0.4 * np.random.default_rng(1).random(200_000) ** 2))

        def p(rng: np.random.Generator) -> float | None:
            same = rng.random((readers, pairs)) < 0.6 + 0.4 * rng.random((readers, 1)) ** 2
            names, first = np.repeat([f"r{i}" for i in range(readers)], pairs), rng.integers(0, 2, readers * pairs)
            before = RepeatedRatings(names.tolist(), first.tolist(), np.where(same.ravel(), first, 1 - first).tolist())
            found = intra_reader_agreement(
                before,
                RepeatedRatings([], [], []),
                categories=(0, 1),
                replicates=DRAWS,
                seed=int(rng.integers(1 << 30)),
            )
            one = found.pooled[0].before
            return None if one.low is None or one.high is None else float(one.low <= truth <= one.high)

        return p

    for readers in (4, 5, 10):
        yield Simulated("agreement with oneself, interval", f"{readers} readers, 10 pairs each", oneself(readers, 10))


def _skill() -> Iterator[Simulated]:
    def gain(readers: int, cases: int, which: str) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            chance = 0.5 + rng.uniform(-0.2, 0.2, cases) + rng.uniform(-0.15, 0.15, (readers, 1))
            own = rng.normal(0, 0.06, (readers, 1)).clip(-0.14, 0.14)
            first = rng.random((readers, cases))
            second = np.where(rng.random((readers, cases)) < 0.5, first, rng.random((readers, cases)))
            reader, case = np.indices(first.shape)
            frame = pd.DataFrame(
                {"reader": reader.ravel(), "case": case.ravel(), "unaided": (first < chance).ravel().astype(float),
                 "aided": (second < chance + own).ravel().astype(float)}
            )  # fmt: skip
            scope = pd.Series(np.ones(len(frame), bool))
            seed = int(rng.integers(1 << 30))
            found = change_by_skill(frame, modality="all", scope=scope, seed=seed, confidence=0.95)
            if which == "test":
                return found.test.p_value
            return found.rows[0].change.p_value if found.rows else None

        return p

    for readers in (3, 4, 9, 30):
        words, share = f"{readers} readers, 28 cases", 0.4 if readers < 30 else 0.3
        yield Simulated("change by skill, test between groups", words, gain(readers, 28, "test"), share)
        yield Simulated("change by skill, least skilled", words, gain(readers, 28, "row"), share)


def _item_response() -> Iterator[Simulated]:
    def missed(readers: int, cases: int, what: str) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            ability, difficulty = rng.normal(size=readers), rng.normal(-0.5, 1, cases)
            right = rng.random((readers, cases)) < 1 / (1 + np.exp(difficulty - ability[:, None]))
            found = fit_item_response(right, model="one")
            if found.reason:
                return None
            if what == "ability":
                own = np.array([r.ability for r in found.readers])
                reach = found.readers[0].high - own[0]
                return float(abs(own[0] - own.mean() - ability[0] + ability.mean()) <= reach)
            case = found.cases[0]
            return float(case.difficulty_low <= difficulty[0] <= case.difficulty_high)

        return p

    for what, name in (("ability", "ability of a reader beside the others"), ("difficulty", "difficulty of a case")):
        sizes = ((3, 3), (5, 28), (10, 28), (30, 28))
        for readers, cases in (*sizes, (5, 200)) if what == "ability" else sizes:
            yield Simulated(f"{name}, interval", f"{readers} readers, {cases} cases", missed(readers, cases, what), 0.3)


def _times() -> Iterator[Simulated]:
    """Logarithms of times vary between readers (0.3), cases (0.2) and readings (0.5)."""

    def logs(readers: int, cases: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        reader, case = np.repeat(np.arange(readers), cases), np.tile(np.arange(cases), readers)
        own = rng.normal(0, 0.3, readers)[reader] + rng.normal(0, 0.2, cases)[case]
        return reader, case, own + rng.normal(0, 0.5, len(reader))

    def mean(readers: int, cases: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            reader, case, values = logs(readers, cases, rng)
            found = ReaderCaseInference(reader, case, replicates=0, seed=1).rate(values, share=False)
            return None if found.low is None or found.high is None else float(found.low <= 0 <= found.high)

        return p

    for readers, cases in ((2, 20), (3, 100), (10, 10), (100, 5)):
        yield Simulated("geometric mean time, interval", f"{readers} readers, {cases} cases", mean(readers, cases))

    def trend(readers: int, cases: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            reader, case, values = logs(readers, cases, rng)
            position = np.argsort(rng.random((readers, cases)), axis=1).ravel().astype(float)
            names = ("time", "position", "case")
            return slope(values, position, reader=reader, case=case, family="gaussian", names=names).p_value

        return p

    for readers, cases in ((3, 10), (5, 20), (10, 40)):
        yield Simulated("time along the session", f"{readers} readers, {cases} cases", trend(readers, cases), 0.5)

    def ranks(readers: int, what: str) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            found = correlation("", rng.normal(size=readers), rng.normal(size=readers), 0.95)
            if what == "p":
                return found.p_value
            return None if found.low is None or found.high is None else float(found.low <= 0 <= found.high)

        return p

    for readers in (4, 5, 7, 8, 20):
        yield Simulated("rank correlation of readers", f"{readers} readers", ranks(readers, "p"), 2.0)
    for readers in (4, 20):
        yield Simulated("rank correlation of readers, interval", f"{readers} readers", ranks(readers, "interval"), 2.0)


def _two_way() -> Iterator[Simulated]:
    def change(readers: int, cases: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = exchangeable_readings(readers, cases, rng)
            pairs = pd.DataFrame(
                {"reader": made.reader, "case": made.case, "unaided": made.before, "aided": made.after, "stratum": 0}
            )
            seed = int(rng.integers(1 << 30))
            found = paired_change(pairs, "all", seed=seed, confidence=0.95, replicates=DRAWS)
            assert found is not None
            ends = found.bootstrap_interval
            return None if ends is None else float(ends.low <= 0 <= ends.high)

        return p

    for readers, cases in ((2, 20), (3, 100), (10, 28), (100, 10)):
        words = f"{readers} readers, {cases} cases"
        yield Simulated("change, bootstrap of readers and cases", words, change(readers, cases), 0.8)

    def gains(readers: int, cases: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = exchangeable_readings(readers, cases, rng)
            return mcnemar(made.before, made.after, clusters=(made.reader, made.case)).p_value

        return p

    for readers, cases in ((3, 28), (10, 28), (30, 10)):
        yield Simulated("gains against losses", f"{readers} readers, {cases} cases", gains(readers, cases))


def _panels() -> Iterator[Simulated]:
    for readers, cases, size in ((20, 6, 1), (3, 100, 1), (10, 10, 5), (30, 7, 5), (10, 28, 3)):
        words = f"{size} of {readers} readers, {cases} cases"
        yield Simulated(
            "accuracy of panels, interval", words, panel_misses(readers, cases, size, replicates=DRAWS), 0.8
        )


def _beside_a_model() -> Iterator[Simulated]:
    for upwards, name in ((True, "at equal specificity"), (False, "at equal sensitivity")):
        for matched, others in ((14, 14), (15, 15), (15, 45), (20, 60), (40, 120)):
            sides = (others, matched) if upwards else (matched, others)
            yield Simulated(
                f"a reader beside the curve, {name}", f"{sides[0]} positive and {sides[1]} negative cases",
                placed_misses(*sides, upwards=upwards, replicates=DRAWS),
            )  # fmt: skip
    for what, name, sizes in (
        ("sensitivity", "mean sensitivity of readers, interval", ((3, 40, 80), (10, 7, 40), (30, 7, 40), (100, 7, 40))),
        ("upwards", "model - mean of readers, at equal specificity", ((3, 40, 80), (10, 10, 40), (30, 40, 10))),
        ("across", "model - mean of readers, at equal sensitivity", ((10, 9, 40), (10, 10, 40), (30, 10, 40))),
    ):
        for readers, positives, negatives in sizes:
            words = f"{readers} readers, {positives} positive and {negatives} negative cases"
            test = mean_misses(readers, positives, negatives, what, replicates=DRAWS)
            yield Simulated(name, words, test, 0.8)
