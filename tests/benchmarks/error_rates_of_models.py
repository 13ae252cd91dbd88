"""Error rates of a model's figures: shares, means over classes, curves, and two models on the same images."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from dermdash.analyses.benefit.image_changes import AggregateRow, BootstrapSettings, aggregate_row
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.class_scores import measure_classification
from dermdash.analysis.decision_curve import decision_curve
from dermdash.analysis.estimates import clustered_proportion
from dermdash.analysis.model_comparison import mcnemar, metric_differences
from dermdash.analysis.one_vs_rest import one_vs_rest
from dermdash.analysis.retrieval_quality import estimate_measures
from dermdash.analysis.roc import average_precision
from dermdash.analysis.scored_cases import ScoredCases, make_cases
from dermdash.records.taxonomy import get_taxonomy
from tests.benchmarks.simulated import Simulated
from tests.null_studies import Test

DRAWS = 400
HAM7 = get_taxonomy("ham7")
APART = 1.5


def simulations() -> Iterator[Simulated]:
    """Every statistic of these at the smallest sizes that are shown, and at one that is not."""
    yield from _classes()
    yield from _shares()
    yield from _curves()
    yield from _images()
    yield from _retrieval()


def _two_models(of_class: int, rng: np.random.Generator) -> tuple[ScoredCases, ScoredCases]:
    """So many images of each of seven classes, and two models that are as good as one another."""
    truth = np.repeat(np.arange(7), of_class)
    shared = rng.normal(size=(len(truth), 7))
    shared[np.arange(len(truth)), truth] += 1.8

    def one() -> ScoredCases:
        odds = np.exp(1.5 * (shared + 0.7 * rng.normal(size=shared.shape)))
        return make_cases(
            taxonomy=HAM7, case_ids=[str(i) for i in range(len(truth))], truth=[HAM7.codes[i] for i in truth],
            probabilities=odds / odds.sum(axis=1, keepdims=True),
        )  # fmt: skip

    return one(), one()


@cache
def _truths() -> dict[str, float]:
    first, _ = _two_models(8000, np.random.default_rng(3))
    found = measure_classification(first, bootstrap=GroupedBootstrap(first.groups, 0, 1))
    values = {"accuracy": found.accuracy, "mean_recall": found.mean_recall, "macro_f1": found.macro_f1}
    values["recall"] = found.recalls[HAM7.codes[0]]
    return {name: float(one.value or 0) for name, one in values.items()}


def _classes() -> Iterator[Simulated]:
    def missed(of_class: int, what: str) -> Test:
        truth = _truths()[what]

        def p(rng: np.random.Generator) -> float | None:
            first, _ = _two_models(of_class, rng)
            found = measure_classification(
                first, bootstrap=GroupedBootstrap(first.groups, DRAWS, int(rng.integers(1 << 30)))
            )
            one = found.recalls[HAM7.codes[0]] if what == "recall" else getattr(found, what)
            return None if one.interval is None else float(one.interval[0] <= truth <= one.interval[1])

        return p

    for what, name in (("accuracy", "accuracy"), ("recall", "recall of a class"), ("mean_recall", "mean recall"),
                       ("macro_f1", "macro F1")):  # fmt: skip
        for of_class in (4, 5, 15, 40):
            yield Simulated(f"{name}, interval", f"7 x {of_class} images", missed(of_class, what), 0.4)

    def differ(of_class: int, metric: str) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            first, second = _two_models(of_class, rng)
            draws = GroupedBootstrap(first.groups, DRAWS, int(rng.integers(1 << 30)))
            one = next(m for m in metric_differences(first, second, draws) if m.metric == metric)
            return None if one.low is None or one.high is None else float(one.low <= 0 <= one.high)

        return p

    for metric, words in (("accuracy", "accuracy"), ("mean_recall", "mean recall"), ("mean_auc", "mean AUC"),
                          ("brier", "Brier score")):  # fmt: skip
        for of_class in (4, 5, 15):
            name = f"two models, {words}"
            yield Simulated(name, f"7 x {of_class} images", differ(of_class, metric), 0.6)

    def right(lesions: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            easy = rng.normal(0.5, 0.9, lesions)
            first, second = (rng.random((lesions, 3)) < ndtr(easy + rng.normal(0, 0.5, lesions))[:, None]
                             for _ in range(2))  # fmt: skip
            return mcnemar(first.ravel(), second.ravel(), np.repeat(np.arange(lesions), 3)).p_value

        return p

    for lesions in (3, 5, 10, 40):
        yield Simulated("two models, McNemar between lesions", f"{lesions} lesions on 3 images", right(lesions))


def _shares() -> Iterator[Simulated]:
    def missed(lesions: int, share: float) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            own = rng.beta(3 * share, 3 * (1 - share), lesions)
            hits = rng.random((lesions, 2)) < own[:, None]
            found = clustered_proportion(hits.ravel(), np.repeat(np.arange(lesions), 2))
            assert found.low is not None
            assert found.high is not None
            return float(found.low <= share <= found.high)

        return p

    for lesions in (5, 10, 20):
        for share in (0.5, 0.8):
            yield Simulated(f"share of {100 * share:.0f} %, interval", f"{lesions} lesions on 2 images",
                            missed(lesions, share), 2.0)  # fmt: skip


def _curves() -> Iterator[Simulated]:
    @cache
    def true_precision(positives: int, negatives: int, auc: float) -> float:
        rng, times = np.random.default_rng(1), 200
        target = np.arange((positives + negatives) * times) < positives * times
        return average_precision(target, rng.normal(size=len(target)) + target * ndtri(auc) * 2**0.5)

    def precision(positives: int, negatives: int, auc: float) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            target = np.arange(positives + negatives) < positives
            score = ndtr(rng.normal(size=len(target)) + target * ndtri(auc) * 2**0.5)
            groups = np.arange(len(target))
            found: Any = one_vs_rest(
                code="mel", name="", status="", target=target, score=score, malignant=target, groups=groups,
                bootstrap=GroupedBootstrap(groups, DRAWS, int(rng.integers(1 << 30))),
            )  # fmt: skip
            ends = found.average_precision.interval
            return None if ends is None else float(ends[0] <= true_precision(positives, negatives, auc) <= ends[1])

        return p

    for positives, negatives in ((19, 150), (20, 20), (20, 150), (40, 150), (100, 100)):
        for auc in (0.8, 0.95):
            words = f"{positives} of {positives + negatives}, area {auc}"
            yield Simulated("average precision, interval", words, precision(positives, negatives, auc))

    def benefit(positives: int, negatives: int, threshold: float) -> Test:
        share = positives / (positives + negatives)
        odds = np.log(share / (1 - share)) - APART**2 / 2
        cut = (np.log(threshold / (1 - threshold)) - odds) / APART
        truth = share * ndtr(APART - cut) - (1 - share) * ndtr(-cut) * threshold / (1 - threshold)

        def p(rng: np.random.Generator) -> float | None:
            target = rng.random(positives + negatives) < share
            chance = 1 / (1 + np.exp(-(odds + APART * (rng.normal(size=len(target)) + APART * target))))
            draws = GroupedBootstrap(np.arange(len(target)), DRAWS, int(rng.integers(1 << 30)))
            found = decision_curve(target, chance, bootstrap=draws, thresholds=np.array([threshold]))
            if found.low is None or found.high is None:
                return None
            return float(found.low[0] <= truth <= found.high[0])

        return p

    for positives, negatives in ((4, 100), (5, 100), (20, 100)):
        words = f"{positives} of {positives + negatives}, threshold 0.1"
        yield Simulated("net benefit, band", words, benefit(positives, negatives, 0.1))


def _images() -> Iterator[Simulated]:
    """Counts of answers per image without and with assistance that does nothing."""
    truth = float(ndtr(0.4 / (1 + 0.9**2) ** 0.5))

    def row(images: int, rng: np.random.Generator) -> AggregateRow:
        right, asked = ndtr(rng.normal(0.4, 0.9, images)), rng.integers(1, 21, images)
        names = [f"{i:03}" for i in range(images)]
        part = pd.DataFrame({
            "before": rng.binomial(asked, right), "after": rng.binomial(asked, right), "n_before": asked,
            "n_after": asked, "lesion": names, "case": names, "stratum": 0,
        })  # fmt: skip
        return aggregate_row(part, "", BootstrapSettings(0.95, DRAWS, int(rng.integers(1 << 30))))

    def change(images: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            ends = row(images, rng).interval
            return None if ends is None else float(ends.low <= 0 <= ends.high)

        return p

    def share(images: int) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            ends = row(images, rng).unaided_interval
            return None if ends is None else float(ends.low <= truth <= ends.high)

        return p

    for test, words in ((change, "change over images, counts"), (share, "share without assistance, counts")):
        for images in (6, 7, 20, 99, 100):
            yield Simulated(words, f"{images} images, 1 to 20 answers", test(images), 2.0)


def _retrieval() -> Iterator[Simulated]:
    """Images asked of a large index that stays: the interval speaks of other images asked."""
    classes = 3

    def asked(lesions: int, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        truth = np.repeat(np.arange(classes), 2 * lesions)
        easy = np.repeat(rng.normal(1.2, 0.8, classes * lesions), 2)
        hits = rng.random((8, len(truth))) < ndtr(easy + rng.normal(0, 0.5, len(truth)))
        return {"precision_at_8": hits.mean(axis=0)}, truth, np.repeat(np.arange(classes * lesions), 2)

    truth = float(ndtr(1.2 / (1 + 0.8**2 + 0.5**2) ** 0.5))

    def missed(lesions: int, what: str) -> Test:
        def p(rng: np.random.Generator) -> float | None:
            measures, of_class, lesion = asked(lesions, rng)
            overall, macro, per_class = estimate_measures(measures, of_class, lesion, classes, rng, DRAWS)
            found = {"overall": overall, "macro": macro, "class": per_class[0]}[what]["precision_at_8"]
            return None if found.low is None or found.high is None else float(found.low <= truth <= found.high)

        return p

    for what, words in (("class", "of a class"), ("macro", "mean over 3 classes"), ("overall", "of all images")):
        for lesions in (6, 7, 20):
            name = f"precision at 8, {words}"
            yield Simulated(name, f"{lesions} lesions of a class on 2 images", missed(lesions, what))
