"""Error rates where cases belong together: patients of equal and of very unequal numbers of lesions."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from dermdash.analyses.benefit.populations import population_tests
from dermdash.analyses.benefit.rows import benefit_row
from dermdash.analysis.agreement.coefficients import measure_agreement
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.auc_intervals import paired_area_test
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.estimates import clustered_proportion
from dermdash.analysis.mrmc.analysis import analyse_mrmc
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.one_vs_rest import estimate_auc
from dermdash.analysis.reader_calls import ReaderCalls, mean_of_readers
from dermdash.analysis.reader_slopes import slope
from dermdash.analysis.two_way import ReaderCaseInference
from dermdash.errors import InvalidInput
from tests.benchmarks.simulated import Simulated
from tests.null_studies import Test

SHARED = 0.5
"""Of what varies between cases, the part that lesions of one patient share."""
UNEVEN = (1, 1, 1, 1, 2, 2, 2, 3, 5, 8)
PATIENTS = (
    ("10 patients with 2 lesions", (2,) * 10),
    ("10 patients with 1 to 8 lesions", UNEVEN),
    ("20 patients with 1 to 8 lesions", UNEVEN * 2),
    ("40 patients with 1 to 8 lesions", UNEVEN * 4),
    ("30 patients, one with 10 of 39 lesions", (10, *(1,) * 29)),
    ("20 patients, one with 20 of 39 lesions", (20, *(1,) * 19)),
    ("40 patients, one with 40 of 79 lesions", (40, *(1,) * 39)),
)
Sizes = tuple[int, ...]


def simulations() -> Iterator[Simulated]:
    """Every statistic of readings with every set of patients."""
    for words, sizes in PATIENTS:
        for share in (0.5, 0.8):
            yield Simulated(f"share of {100 * share:.0f} %, interval", words, _share(sizes, share), 2.0)
        for readers in (10, 50):
            here = f"{readers} readers, {words}"
            yield Simulated("one share of readings, interval", here, _rate(readers, sizes), 1.5)
            yield Simulated("change, other readers and other cases", here, _population(readers, sizes))
        yield Simulated("change, estimating equations", f"10 readers, {words}", _pooled(10, sizes))
        yield Simulated("odds ratio on a predictor of the case", f"20 readers, {words}", _slope(20, sizes), 0.5)
        for key, name in (("percent", "percent agreement"), ("ac1", "Gwet's AC1"), ("alpha", "Krippendorff's alpha")):
            yield Simulated(f"{name}, interval", f"5 readers, {words}", _agreement(5, sizes, key))
        for kind in (Inference.RRRC, Inference.FRRC):
            name = f"modalities, {kind.value.upper()}"
            for readers in (5, 20):
                test = _modalities(kind, readers, sizes, of_lesion=True)
                yield Simulated(name, f"{readers} readers, {words}, truth of the lesion", test, 0.6)
            test = _modalities(kind, 10, sizes, of_lesion=False)
            yield Simulated(name, f"10 readers, {words}, truth of the patient", test, 0.6)
        yield Simulated("mean area of a modality, RRRC", f"10 readers, {words}", _mean_area(10, sizes), 0.6)
        yield Simulated("AUC 0.85, interval", words, _area(sizes, 0.85))
        yield Simulated("two areas of 0.8, paired", words, _two_areas(sizes))
        yield Simulated("mean sensitivity of readers, interval", f"20 readers, {words}", _sensitivity(20, sizes), 0.6)


def patient_of(sizes: Sizes) -> np.ndarray:
    """The patient of each lesion."""
    return np.repeat(np.arange(len(sizes)), sizes)


def of_lesions(patient: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Normal values of lesions, those of one patient correlated by `SHARED`."""
    own, shared = rng.normal(size=len(patient)), rng.normal(size=int(patient.max()) + 1)[patient]
    found: np.ndarray = deviation * (SHARED**0.5 * shared + (1 - SHARED) ** 0.5 * own)
    return found


def held(ends: tuple[float | None, float | None] | None, truth: float) -> float | None:
    """What a test of an interval says: 0 where it misses the truth, 1 where it holds it, None where there is none."""
    if ends is None or ends[0] is None or ends[1] is None:
        return None
    return float(ends[0] <= truth <= ends[1])


def _share(sizes: Sizes, share: float) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        patient = patient_of(sizes)
        found = clustered_proportion(of_lesions(patient, 1.0, rng) < ndtri(share), patient)
        return held((found.low, found.high), share)

    return p


def pairs_of(readers: int, sizes: Sizes, rng: np.random.Generator, *, of_reader: float = 0.2) -> pd.DataFrame:
    """As `null_studies.exchangeable_readings`, of lesions that share patients (``unit``)."""
    patient = patient_of(sizes)
    shape = readers, len(patient)
    odds = 0.4 + of_lesions(patient, 0.9, rng) + rng.normal(0, 0.4, (readers, 1))
    helped = of_lesions(patient, 0.5, rng) + rng.normal(0, of_reader, (readers, 1))
    first = rng.random(shape)
    second = np.where(rng.random(shape) < 0.5, first, rng.random(shape))
    reader, case = (index.ravel() for index in np.indices(shape))
    before, after = (draws.ravel() for draws in (first < ndtr(odds - helped), second < ndtr(odds + helped)))
    return pd.DataFrame(
        {"reader": reader, "case": case, "unit": patient[case], "stratum": 0}
        | {"unaided": before.astype(float), "aided": after.astype(float)}
    )


@cache
def _true_share() -> float:
    spread = (1 + 0.9**2 + 0.4**2 + 0.5**2 + 0.2**2) ** 0.5
    return float(ndtr(0.4 / spread))


def _rate(readers: int, sizes: Sizes) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        made = pairs_of(readers, sizes, rng)
        both = ReaderCaseInference(made["reader"].to_numpy(), made["unit"].to_numpy(), replicates=0, seed=1)
        found = both.rate(made["unaided"].to_numpy())
        return held((found.low, found.high), _true_share())

    return p


def _population(readers: int, sizes: Sizes) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        found = population_tests(pairs_of(readers, sizes, rng))
        assert found is not None
        test = found.tests[Inference.RRRC]
        return held((test.low, test.high), 0.0)

    return p


def _pooled(readers: int, sizes: Sizes) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        row = benefit_row(pairs_of(readers, sizes, rng), "all", seed=1, confidence=0.95, replicates=0)
        return None if row is None else row.pooled.p_value

    return p


def _slope(readers: int, sizes: Sizes) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        made = pairs_of(readers, sizes, rng)
        predictor = of_lesions(patient_of(sizes), 1.0, rng)[made["case"].to_numpy()]
        return slope(
            made["aided"].to_numpy(), predictor, reader=made["reader"].to_numpy(), case=made["unit"].to_numpy(),
            family="binomial", names=("right", "x", "1"),
        ).p_value  # fmt: skip

    return p


def _rated(readers: int, sizes: Sizes, rng: np.random.Generator) -> tuple[Ratings, np.ndarray]:
    patient = patient_of(sizes)
    skill = np.linspace(0.2, 1.4, readers)[:, None]
    truth = np.searchsorted([0.2, 0.5], ndtr(of_lesions(patient, 1.0, rng)))
    right = rng.random((readers, len(patient))) < ndtr(skill - of_lesions(patient, 0.8, rng))
    other = (truth + rng.integers(1, 3, right.shape)) % 3
    return Ratings(np.where(right, truth, other), (0, 1, 2)), patient


@cache
def _true_agreement(readers: int, key: str) -> float:
    ratings, _ = _rated(readers, (1,) * 100_000, np.random.default_rng(9))
    (found,) = measure_agreement(ratings, (key,), replicates=0)
    assert found.value is not None
    return found.value


def _agreement(readers: int, sizes: Sizes, key: str) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        ratings, patient = _rated(readers, sizes, rng)
        seed = int(rng.integers(1 << 30))
        (found,) = measure_agreement(ratings, (key,), groups=patient, replicates=200, seed=seed)
        return held((found.low, found.high), _true_agreement(readers, key))

    return p


def patients_study(
    kind: Inference, readers: int, sizes: Sizes, rng: np.random.Generator, *, of_lesion: bool
) -> MrmcData:
    """As `mrmc.null_study` (Roe and Metz), of lesions that share patients; ``of_lesion``: a patient has both sides."""
    patient = patient_of(sizes)
    truth = rng.random(len(patient)) < 0.5 if of_lesion else (np.arange(len(sizes)) % 2 == 0)[patient]
    side = truth.astype(int)

    def normal(variance: float, *shape: int) -> np.ndarray:
        return rng.normal(scale=variance**0.5, size=shape)

    def each(n: int, variance: float) -> np.ndarray:
        return np.stack([of_lesions(patient, variance**0.5, rng) for _ in range(n)])

    score = 1.5 * truth + each(1, 0.3) + each(readers, 0.2)[:, None] + each(2, 0.3)[None]
    score = score + normal(0.0055, readers, 1, 2)[:, :, side] + normal(0.2, readers, 2, len(patient))
    if kind is not Inference.FRRC:
        score = score + normal(0.0055, readers, 2, 2)[:, :, side]
    cases = tuple(map(str, range(len(patient))))
    units = dict(zip(cases, map(str, patient), strict=True))
    return MrmcData(score, truth, tuple(map(str, range(readers))), ("a", "b"), cases, units=units)


def _of_modalities(say: Callable[[MrmcData], float | None], make: Callable[[np.random.Generator], MrmcData]) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        try:
            return say(make(rng))
        except InvalidInput:  # all lesions of one side
            return None

    return p


def _modalities(kind: Inference, readers: int, sizes: Sizes, *, of_lesion: bool) -> Test:
    return _of_modalities(
        lambda data: analyse_mrmc(data).overall[kind].p,
        lambda rng: patients_study(kind, readers, sizes, rng, of_lesion=of_lesion),
    )


def _mean_area(readers: int, sizes: Sizes) -> Test:
    truth = float(ndtr(1.5 / (2 * 1.011) ** 0.5))

    def say(data: MrmcData) -> float | None:
        mean = analyse_mrmc(data).means[0][Inference.RRRC]
        return held((mean.low, mean.high), truth)

    return _of_modalities(say, lambda rng: patients_study(Inference.RRRC, readers, sizes, rng, of_lesion=True))


def _sides(sizes: Sizes, area: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    patient = patient_of(sizes)
    target = rng.random(len(patient)) < 0.5
    if target.all() or not target.any():
        return None
    return patient, target, of_lesions(patient, 1.0, rng) + target * ndtri(area) * 2**0.5


def _area(sizes: Sizes, area: float) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        if (made := _sides(sizes, area, rng)) is None:
            return None
        patient, target, score = made
        bootstrap = GroupedBootstrap(patient, 0, 1)
        found = estimate_auc(target, score, patient, drawn_areas=None, bootstrap=bootstrap).estimate
        return held(found.interval, area)

    return p


def _two_areas(sizes: Sizes) -> Test:
    def p(rng: np.random.Generator) -> float | None:
        if (made := _sides(sizes, 0.8, rng)) is None:
            return None
        patient, target, shared = made
        first, second = (shared + of_lesions(patient, 1.0, rng) for _ in range(2))
        return paired_area_test(target, first, second, groups=patient).p_value

    return p


def _sensitivity(readers: int, sizes: Sizes) -> Test:
    truth = float(ndtr((1.5 - 0.6) / (1 + 0.3**2) ** 0.5))

    def p(rng: np.random.Generator) -> float | None:
        patient = patient_of(sizes)
        target = rng.random(len(patient)) < 0.5
        if target.all() or not target.any():
            return None
        shared = of_lesions(patient, 0.5**0.5, rng) + 1.5 * target
        own = shared + np.stack([of_lesions(patient, 0.5**0.5, rng) for _ in range(readers)])
        called = own > 0.6 + rng.normal(0, 0.3, (readers, 1))
        score = shared + of_lesions(patient, 0.5**0.5, rng)
        calls = ReaderCalls(target, score, called, np.ones(called.shape, bool))
        draws = GroupedBootstrap(patient, 200, int(rng.integers(1 << 30)))
        mean = mean_of_readers(calls, draws, patient, seed=int(rng.integers(1 << 30)))
        return held(mean.sensitivity.interval, truth)

    return p
