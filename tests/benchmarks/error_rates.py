"""How often tests reject where nothing is to be found, and intervals hold the truth, at the smallest groups shown."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from dermdash.analyses.benefit.breakdown import permutation_test
from dermdash.analyses.benefit.populations import population_tests
from dermdash.analyses.benefit.rows import benefit_row
from dermdash.analysis.auc_intervals import paired_area_test
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.clustered_pairs import clustered_difference, group_differences
from dermdash.analysis.estimates import clustered_proportion
from dermdash.analysis.mrmc.analysis import analyse_mrmc
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.one_vs_rest import estimate_auc
from dermdash.analysis.reader_slopes import slope
from dermdash.analysis.roc import roc_curve, youden
from dermdash.analysis.two_way import ReaderCaseInference
from tests.benchmarks import error_rates_of_arms, error_rates_of_clusters, error_rates_of_draws, error_rates_of_models
from tests.benchmarks.figures import Figure
from tests.benchmarks.mrmc import null_study
from tests.benchmarks.simulated import Simulated
from tests.null_studies import (
    Readings,
    Test,
    class_counts,
    class_readings,
    confidence_readings,
    exchangeable_readings,
    mean_gain,
    rejections,
)

NAME = "error_rates"
RUNS = 1000


def measure(*, quick: bool) -> list[Figure]:
    """One figure per statistic and size: rejected at 5 %, or missed by a 95 % interval, in percent."""
    figures = []
    for one in _simulations():
        found = rejections(one.test, max(20, round((60 if quick else RUNS) * one.share)))
        note = f"nominal 5, Monte Carlo error {100 * found.error:.1f}"
        note += f", {100 * found.refused / (found.shown + found.refused):.0f} % not shown" if found.refused else ""
        share = 100 * found.share if found.shown else float("nan")
        figures.append(Figure(NAME, f"{one.statistic}: {one.size}", share, "%", note))
        print(f"  {one.statistic} | {one.size} | 5 | {share:.1f} | {100 * found.error:.1f} | {note}", flush=True)
    return figures


def _simulations() -> Iterator[Simulated]:
    yield from _classes()
    yield from _advice()
    yield from _readers()
    yield from _areas()
    yield from _several_readers()
    yield from _slopes()
    yield from _single_shares()
    yield from _pooled()
    yield from _thresholds()
    yield from _populations()
    yield from error_rates_of_arms.simulations()
    yield from error_rates_of_clusters.simulations()
    yield from error_rates_of_draws.simulations()
    yield from error_rates_of_models.simulations()


def _classes() -> Iterator[Simulated]:
    def counts(sizes: tuple[int, ...], least: int, most: int = 20) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = class_counts(sizes, rng, least=least, most=most)
            image = np.arange(len(made.change))
            found = group_differences(made.change, made.group, clusters=(image,), weight=made.answers, names=("image",))
            return found.p_value

        return p

    name = "change between classes, counts per image"
    for sizes, least, most, words in (
        ((60, 10), 20, 20, "60 and 10 images, 20 answers each"),
        ((10,) * 7, 20, 20, "7 x 10 images, 20 answers each"),
        ((60, 10), 1, 1, "60 and 10 images, 1 answer each"),
        ((60, 20, 20), 1, 20, "60, 20, 20 images, 1 to 20 answers"),
    ):
        yield Simulated(name, words, counts(sizes, least, most))

    def lesions(rng: np.random.Generator) -> float | None:
        made = class_counts((30, 10), rng, least=20)
        twice = [np.tile(x, 2) for x in (made.change, made.group, made.answers, np.arange(40))]
        moved = twice[0] + rng.integers(-2, 3, 80)
        return group_differences(moved, twice[1], clusters=(twice[3],), weight=twice[2], names=("lesion",)).p_value

    yield Simulated(name, "30 and 10 lesions on 2 images each", lesions)

    def readings(make: Callable[[np.random.Generator], Readings]) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = make(rng)
            return group_differences(made.change, made.group, clusters=(made.reader, made.case)).p_value

        return p

    name = "change between classes, readings"
    for readers, sizes in (
        (3, (60, 10)), (10, (60, 10)), (30, (60, 10)), (100, (60, 10)), (100, (30, 10, 10)), (10, (10,) * 7),
    ):  # fmt: skip
        words = f"{readers} readers, {' + '.join(map(str, sizes))} cases"
        yield Simulated(name, words, readings(lambda rng, r=readers, s=sizes: class_readings(s, r, rng)), 0.6)
    for readers in (3, 10):
        yield Simulated(
            name, f"{readers} readers, 60 + 10 cases, readers differ by class",
            readings(lambda rng, r=readers: class_readings((60, 10), r, rng, of_reader_and_class=0.4)), 0.6,
        )  # fmt: skip
    name = "change between levels of confidence, readings"
    for readers, cases in ((5, 20), (10, 40), (30, 60)):
        words = f"{readers} readers, {cases} cases"
        yield Simulated(name, words, readings(lambda rng, r=readers, c=cases: confidence_readings(r, c, rng)), 0.6)


def _advice() -> Iterator[Simulated]:
    def advised(readers: int, cases: int, wrong: int, *, opportunities: bool) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = class_readings((cases - wrong, wrong), readers, rng)
            kept = made.before == 0 if opportunities else np.ones(len(made.before), bool)
            value = made.after if opportunities else made.change
            draws = ReaderCaseInference(made.reader, made.case, replicates=0, seed=1)
            return draws.difference((value, kept & (made.group == 0)), (value, kept & (made.group == 1))).p_value

        return p

    for readers, cases, wrong in ((5, 40, 10), (30, 40, 10), (100, 60, 10)):
        words = f"{readers} readers, {wrong} of {cases} cases with wrong advice"
        yield Simulated("right - wrong advice, change", words, advised(readers, cases, wrong, opportunities=False), 0.5)
    for readers, cases, wrong in ((10, 60, 20), (30, 60, 20), (100, 60, 20), (100, 60, 30)):
        words = f"{readers} readers, {wrong} of {cases} cases"
        yield Simulated("right - wrong advice, share", words, advised(readers, cases, wrong, opportunities=True), 0.8)

    def nested(first: int, second: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = class_readings((30,), first + second, rng)
            here = made.reader < first
            draws = ReaderCaseInference(made.reader, made.case, replicates=0, seed=1)
            return draws.difference((made.change, here), (made.change, ~here)).p_value

        return p

    for first, second in ((3, 3), (3, 10), (5, 5)):
        yield Simulated("difference of shares, readers of their own", f"{first} and {second} readers, 30 cases",
                        nested(first, second), 0.6)  # fmt: skip


def _readers() -> Iterator[Simulated]:
    def permuted(sizes: tuple[int, ...], what: str) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            group = np.repeat(np.arange(len(sizes)), sizes)
            change = rng.normal(0.1, 0.1, len(group))
            found = permutation_test(change, group, seed=int(rng.integers(1 << 30)), permutations=999)
            if what == "p":
                return found.p_value
            if found.contrast_low is None or found.contrast_high is None:
                return None
            return float(found.contrast_low <= 0 <= found.contrast_high)

        return p

    for sizes in ((2, 3), (3, 3), (2, 10), (4, 4), (4, 10), (5, 5, 5)):
        words = " + ".join(map(str, sizes)) + " readers"
        yield Simulated("change between groups of readers, permutation", words, permuted(sizes, "p"))
        yield Simulated("last - first group of readers, interval", words, permuted(sizes, "interval"))


def _areas() -> Iterator[Simulated]:
    def scored(positives: int, negatives: int, auc: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        target = np.arange(positives + negatives) < positives
        return target, rng.normal(size=len(target)) + target * ndtri(auc) * 2**0.5

    def missed(positives: int, auc: float) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            target, score = scored(positives, 145, auc, rng)
            groups = np.arange(len(target))
            bootstrap = GroupedBootstrap(groups, 400 if positives >= 100 else 0, 1)
            drawn = bootstrap.areas(target, score) if positives >= 100 else None
            interval = estimate_auc(target, score, groups, drawn_areas=drawn, bootstrap=bootstrap).estimate.interval
            return None if interval is None else float(interval[0] <= auc <= interval[1])

        return p

    for auc in (0.7, 0.85, 0.95):
        for positives in (4, 5, 8, 12, 20, 40, 100):
            share = 1.0 if positives >= 100 else 1.5
            yield Simulated(f"AUC {auc}, interval", f"{positives} of {positives + 145}", missed(positives, auc), share)

    def paired(positives: int, auc: float) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            target, shared = scored(positives, 145, auc, rng)
            first, second = (shared + rng.normal(size=len(shared)) for _ in range(2))
            return paired_area_test(target, first, second).p_value

        return p

    for auc in (0.8, 0.95):
        for positives in (4, 5, 8, 12, 20):
            yield Simulated(f"two areas of {auc}, paired", f"{positives} of {positives + 145}", paired(positives, auc))


def lesions_twice(kind: Inference, readers: int, lesions: int, rng: np.random.Generator) -> MrmcData:
    """A null study in which every lesion is on two images that share all but half of a reading's error."""
    data = null_study(kind, readers, lesions, rng)
    ratings = np.repeat(data.ratings, 2, axis=2)
    ratings = ratings + rng.normal(scale=0.4, size=ratings.shape)
    cases = tuple(f"{c}{half}" for c in data.cases for half in "ab")
    units = {c: c[:-1] for c in cases}
    return MrmcData(ratings, np.repeat(data.truth, 2), data.readers, data.modalities, cases, units=units)


def _several_readers() -> Iterator[Simulated]:
    for kind in (Inference.RRRC, Inference.FRRC):
        for readers in (5, 10):
            yield Simulated(
                f"modalities, {kind.value.upper()}", f"{readers} readers, 40 lesions on 2 images",
                lambda rng, k=kind, r=readers: analyse_mrmc(lesions_twice(k, r, 40, rng)).overall[k].p, 1.5,
            )  # fmt: skip
        for readers, cases in ((2, 40), (3, 40), (5, 10), (5, 20), (5, 40)):
            yield Simulated(
                f"modalities, {kind.value.upper()}", f"{readers} readers, {cases} cases, half with the condition",
                lambda rng, k=kind, r=readers, c=cases: analyse_mrmc(null_study(k, r, c, rng)).overall[k].p,
            )  # fmt: skip

    for kind in (Inference.RRRC, Inference.FRRC):
        for readers, ill in ((5, 4), (2, 5), (5, 5), (10, 5), (10, 10), (30, 10), (10, 20), (10, 40)):
            words = f"{readers} readers, {ill} cases with and 60 without the condition"
            yield Simulated(
                f"modalities, {kind.value.upper()}", words,
                lambda rng, k=kind, r=readers, n=ill: analyse_mrmc(rare_condition(k, r, n, 60, rng)).overall[k].p,
            )  # fmt: skip

    # The area of the model of Roe and Metz: 1.5 between the sides, cases and readers of variance 1.011.
    truth = float(ndtr(1.5 / (2 * 1.011) ** 0.5))

    def missed(readers: int, ill: int, well: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            mean = analyse_mrmc(rare_condition(Inference.RRRC, readers, ill, well, rng)).means[0][Inference.RRRC]
            return None if mean.low is None or mean.high is None else float(mean.low <= truth <= mean.high)

        return p

    for readers, ill, well in ((2, 5, 60), (10, 5, 60), (30, 10, 60), (10, 10, 10), (10, 20, 60), (10, 40, 60)):
        words = f"{readers} readers, {ill} and {well} cases"
        yield Simulated("mean area of a modality, RRRC", words, missed(readers, ill, well))

    def of_one(rng: np.random.Generator, ill: int) -> float | None:
        found = analyse_mrmc(rare_condition(Inference.FRRC, 2, ill, 60, rng))
        return next(iter(found.pairs[0].readers.values())).p

    for ill in (5, 10, 20):
        words = f"{ill} cases with and 60 without the condition"
        yield Simulated("modalities, one reader", words, lambda rng, n=ill: of_one(rng, n))


def rare_condition(kind: Inference, readers: int, ill: int, well: int, rng: np.random.Generator) -> MrmcData:
    """A null study with few cases of one side."""
    data = null_study(kind, readers, 2 * max(ill, well), rng)
    kept = np.concatenate([np.flatnonzero(data.truth)[:ill], np.flatnonzero(~data.truth)[:well]])
    cases = tuple(data.cases[i] for i in kept)
    return MrmcData(data.ratings[:, :, kept], data.truth[kept], data.readers, data.modalities, cases)


def _slopes() -> Iterator[Simulated]:
    def sloped(readers: int, cases: int, *, of_case: bool) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = class_readings((cases,), readers, rng)
            values = rng.normal(size=cases)[made.case] if of_case else rng.normal(size=len(made.case))
            found = slope(
                made.after, values, reader=made.reader, case=made.case, family="binomial", names=("right", "x", "1")
            )
            return found.p_value

        return p

    for readers, cases in ((3, 10), (4, 20), (5, 10), (5, 20), (10, 40), (20, 10), (50, 10), (50, 20), (50, 40)):
        for of_case in (True, False):
            words = f"{readers} readers, {cases} cases, {'of the case' if of_case else 'of the reading'}"
            yield Simulated("odds ratio on a predictor", words, sloped(readers, cases, of_case=of_case), 0.5)


def _single_shares() -> Iterator[Simulated]:
    skills = np.random.default_rng(1).normal(size=(2, 200_000))
    truth = float(ndtr(0.4 + 0.9 * skills[0] + 0.4 * skills[1]).mean())

    def missed(readers: int, cases: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = class_readings((cases,), readers, rng)
            found = ReaderCaseInference(made.reader, made.case, replicates=0, seed=1).rate(made.before)
            return None if found.low is None or found.high is None else float(found.low <= truth <= found.high)

        return p

    for readers, cases in ((2, 20), (3, 20), (5, 10), (30, 3), (30, 10), (100, 5)):
        yield Simulated("one share, interval", f"{readers} readers, {cases} cases", missed(readers, cases))


def _pooled() -> Iterator[Simulated]:
    def change(readers: int, cases: int, which: str) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = class_readings((cases,), readers, rng)
            # Before and after change places at random by reader and by case: no change on average.
            turned = rng.choice([-1.0, 1.0], readers)[made.reader] * rng.choice([-1.0, 1.0], cases)[made.case] > 0
            before, after = np.where(turned, made.after, made.before), np.where(turned, made.before, made.after)
            pairs = pd.DataFrame(
                {"reader": made.reader, "case": made.case, "unaided": before, "aided": after, "stratum": 0}
            )
            row = benefit_row(pairs, "all", seed=1, confidence=0.95, replicates=0)
            return None if row is None else row.change.p_value if which == "t" else row.pooled.p_value

        return p

    for readers, cases in ((2, 20), (3, 20), (5, 20), (10, 40)):
        yield Simulated(
            "change, paired t over readers", f"{readers} readers, {cases} cases", change(readers, cases, "t")
        )
        yield Simulated(
            "change, estimating equations", f"{readers} readers, {cases} cases", change(readers, cases, "g")
        )

    def images(n: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            made = class_counts((n,), rng, least=20)
            sign = rng.choice([-1.0, 1.0], n)
            found = clustered_difference(
                np.where(sign > 0, 0, made.change), np.where(sign > 0, made.change, 0),
                clusters=(np.arange(n),), n_unaided=made.answers, n_aided=made.answers,
            )  # fmt: skip
            return found.p_value

        return p

    for n in (2, 3, 5, 10, 19):
        yield Simulated("change, t test over images", f"{n} images", images(n))


def _thresholds() -> Iterator[Simulated]:
    """Rates at Youden's threshold against what that threshold reaches on other images, of normal scores.

    ``cross-fitted``: every fifth of the images at the threshold of the other four.
    """

    def missed(positives: int, negatives: int, side: bool, folds: int) -> Test:
        target = np.arange(positives + negatives) < positives

        def p(rng: np.random.Generator) -> float | None:
            score = rng.normal(1.5 * target, 1)
            best = youden(roc_curve(target, score))
            if best is None:
                return None
            threshold = np.full(len(target), best.threshold)
            part = np.r_[rng.permutation(positives), rng.permutation(negatives)] % max(folds, 1)
            for k in range(folds):
                own = youden(roc_curve(target[part != k], score[part != k]))
                if own is None:
                    return None
                threshold[part == k] = own.threshold
            hits = (score >= threshold) == target
            found = clustered_proportion(hits[target == side], np.arange(int((target == side).sum())))
            reached = ndtr(1.5 - best.threshold) if side else ndtr(best.threshold)
            return 0.0 if found.low is None or not found.low <= reached <= float(found.high or 0) else 1.0

        return p

    for positives, negatives in ((5, 150), (20, 150), (20, 20), (200, 600)):
        for folds, how in ((0, "chosen on these images"), (5, "cross-fitted")):
            for side, rate in ((True, "sensitivity"), (False, "specificity")):
                yield Simulated(
                    f"Youden's threshold elsewhere, {rate}, {how}", f"{positives} of {positives + negatives}",
                    missed(positives, negatives, side, folds),
                )  # fmt: skip


def _populations() -> Iterator[Simulated]:
    """Readers and cases are drawn anew in every study, and assistance helps some of both and harms others."""

    def tested(kind: Inference, readers: int, cases: int, lesions: bool = False, **options: Any) -> Test:
        truth = mean_gain(options.get("gain", 0.0))

        def p(rng: np.random.Generator) -> float | None:
            made = exchangeable_readings(readers, cases, rng, **options)
            pairs = pd.DataFrame(
                {"reader": made.reader, "case": made.case, "unaided": made.before, "aided": made.after}
            )
            if lesions:
                # Of the second image of a lesion seven in ten readings are the same, the others without any change.
                same = rng.random(len(pairs)) < 0.7
                again = pairs.assign(case=pairs["case"] + cases, aided=pairs["aided"].where(same, pairs["unaided"]))
                pairs = pd.concat([pairs, again])
                pairs["unit"] = pairs["case"] % cases
            found = population_tests(pairs)
            assert found is not None
            test = found.tests[kind]
            if test.low is None or test.high is None:
                return None
            return float(test.low <= truth <= test.high)

        return p

    name = "change, other readers and other cases"
    for readers, cases in ((4, 28), (5, 9), (5, 10), (5, 20), (10, 10), (10, 28), (30, 10), (30, 28), (100, 10)):
        yield Simulated(name, f"{readers} readers, {cases} cases", tested(Inference.RRRC, readers, cases), 2.0)
    for readers in (5, 10, 30):
        yield Simulated(
            name, f"{readers} readers, 7 of 28 cases each", tested(Inference.RRRC, readers, 28, kinds=4), 6.0
        )
    yield Simulated(name, "5 readers, 10 cases of their own", tested(Inference.RRRC, 5, 10, own_cases=True), 6.0)
    yield Simulated(name, "10 readers, 20 lesions on 2 images", tested(Inference.RRRC, 10, 20, lesions=True), 2.0)
    for readers, cases in ((5, 10), (30, 28)):
        yield Simulated(
            name, f"{readers} readers, {cases} cases, cases do not differ",
            tested(Inference.RRRC, readers, cases, of_case=0.0), 2.0,
        )  # fmt: skip
        yield Simulated(
            name, f"{readers} readers, {cases} cases, a gain of 13 points",
            tested(Inference.RRRC, readers, cases, gain=0.26), 2.0,
        )  # fmt: skip
    name = "change, these readers and other cases"
    for readers, cases in ((5, 10), (5, 28), (30, 10)):
        yield Simulated(
            name, f"{readers} readers, {cases} cases", tested(Inference.FRRC, readers, cases, of_reader=0.0), 2.0
        )
    yield Simulated(name, "5 readers, 7 of 28 cases each", tested(Inference.FRRC, 5, 28, of_reader=0.0, kinds=4), 2.0)

    def paired(rng: np.random.Generator, readers: int, cases: int) -> float | None:
        made = exchangeable_readings(readers, cases, rng)
        pairs = pd.DataFrame(
            {"reader": made.reader, "case": made.case, "unaided": made.before, "aided": made.after, "stratum": 0}
        )
        row = benefit_row(pairs, "all", seed=1, confidence=0.95, replicates=0, group="all")
        return None if row is None else row.change.p_value

    for readers, cases in ((5, 28), (30, 28)):
        yield Simulated(
            "the paired t test, taken to speak of other cases", f"{readers} readers, {cases} cases",
            lambda rng, r=readers, c=cases: paired(rng, r, c),
        )  # fmt: skip
