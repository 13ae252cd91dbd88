"""Multi-reader multi-case comparison: how long it takes, and how often it rejects where there is nothing to find."""

import resource
import time
from pathlib import Path
from statistics import NormalDist

import numpy as np

from dermdash.analyses.mrmc.ratings_file import read_mrmc_file
from dermdash.analyses.mrmc.run import analyse_mrmc_data
from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from tests.benchmarks.figures import Figure as Measured
from tests.benchmarks.figures import percentiles

NAME = "mrmc"
VANDYKE = Path(__file__).parents[3] / "shared" / "data" / "mrmc" / "vandyke.csv"
RUNS = 2000
ALPHA = 0.05


def measure(*, quick: bool) -> list[Measured]:
    """Times of the example data and of a large study, then rejection rates under simulated null data."""
    return [*_vandyke(quick), *_large(quick), *_rejections(200 if quick else RUNS)]


def _vandyke(quick: bool) -> list[Measured]:
    if not VANDYKE.is_file():
        return []
    figures = []
    data = read_mrmc_file(VANDYKE).data
    for name, run in (
        ("VanDyke, analysis", lambda: analyse_mrmc_data(data)),
        ("VanDyke, file to result", lambda: analyse_mrmc_data(read_mrmc_file(VANDYKE).data).as_dict()),
    ):
        run()
        milliseconds = []
        for _ in range(10 if quick else 100):
            begun = time.perf_counter()
            run()
            milliseconds.append(1000 * (time.perf_counter() - begun))
        figures += percentiles(NAME, name, milliseconds)
    return figures


def _large(quick: bool) -> list[Measured]:
    readers, cases = (60, 300) if quick else (300, 1500)
    rng = np.random.default_rng(1)
    truth = rng.random(cases) < 0.3
    latent = 1.2 * truth + 0.7 * rng.normal(size=cases) + rng.normal(size=(readers, 2, cases))
    latent[:, 1] += 0.2 * truth
    names = tuple(f"{j}" for j in range(readers))
    whole = MrmcData(np.round(2 * latent), truth, names, ("a", "b"), tuple(f"{k}" for k in range(cases)))
    ratings = whole.ratings.copy()
    ratings[rng.random(ratings.shape) < 0.5] = np.nan
    half = MrmcData(ratings, truth, whole.readers, whole.modalities, whole.cases)
    note = f"{readers} readers x {cases:,} cases x 2 modalities"
    figures = []
    for name, data, options in (
        *((f"AUC, {c.value}", whole, MrmcOptions(covariance=c)) for c in Covariance),
        ("AUC, half of the cells empty", half, MrmcOptions()),
        ("partial AUC", whole, MrmcOptions(merit=FigureOfMerit(Figure.PARTIAL_AUC))),
        ("sensitivity", whole, MrmcOptions(merit=FigureOfMerit(Figure.SENSITIVITY, threshold=2))),
    ):
        begun = time.perf_counter()
        analyse_mrmc(data, options)
        figures.append(Measured(NAME, f"large study, {name}", time.perf_counter() - begun, "s", note))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*figures, Measured(NAME, "large study, most memory of the process", memory, "MB")]


def _rejections(runs: int) -> list[Measured]:
    figures = []
    for readers, cases in ((5, 100), (10, 60)):
        for kind in Inference:
            rng = np.random.default_rng([readers, cases, list(Inference).index(kind)])
            rejected = 0
            for _ in range(runs):
                p = analyse_mrmc(null_study(kind, readers, cases, rng)).overall[kind].p
                rejected += p is not None and p < ALPHA
            figures.append(_rate(f"{kind.value}, {readers} readers x {cases} cases", rejected, runs))
    for name, make in (
        ("incomplete (each cell read with 60 %)", _incomplete),
        ("readers nested in modalities", _nested),
        ("cases nested in readers", _own_cases),
        ("cases nested in modalities", _own_cases_of_modality),
        ("two groups of readers with cases of their own", _groups),
        ("some readers under one modality only", _mixed),
        ("model against readers", _model),
    ):
        rng = np.random.default_rng(7)
        found = [analyse_mrmc(make(rng)).overall[Inference.RRRC].p for _ in range(runs)]
        figures.append(_rate(f"rrrc, {name}", sum(p is not None and p < ALPHA for p in found), runs))
    return figures


def _rate(name: str, rejected: int, runs: int) -> Measured:
    share = rejected / runs
    half = NormalDist().inv_cdf(0.975) * (share * (1 - share) / runs) ** 0.5
    return Measured(
        NAME,
        f"rejected at 5 %: {name}",
        100 * share,
        "%",
        f"{runs:,} runs; 95 % Monte Carlo interval {100 * (share - half):.1f} to {100 * (share + half):.1f}",
    )


def null_study(kind: Inference, readers: int, cases: int, rng: np.random.Generator) -> MrmcData:
    """A study of two equal modalities, after the model of Roe & Metz (Acad Radiol 1997), AUC 0.855, half diseased.

    The decision variable of a case is the sum of independent normal effects: reader and modality x reader (one value
    for each of the two sides), case, modality x case, reader x case and error; those with cases have variances 0.3,
    0.3, 0.2 and 0.2 (high correlation of the data), the reader's 0.0055 each (low variance between readers).

    What is fixed must not differ between modalities: for fixed readers the modality x reader effect is 0, for fixed
    cases the modality x case effect.
    """
    truth = np.arange(cases) < cases // 2
    side = truth.astype(int)
    of_reader, of_case, of_modality_case, of_reader_case, of_error = 0.0055, 0.3, 0.3, 0.2, 0.2

    def normal(variance: float, *shape: int) -> np.ndarray:
        return rng.normal(scale=variance**0.5, size=shape)

    score = 1.5 * truth + normal(of_case, cases)
    score = score + normal(of_reader, readers, 1, 2)[:, :, side] + normal(of_reader_case, readers, 1, cases)
    score = score + normal(of_error, readers, 2, cases)
    if kind is not Inference.FRRC:
        score = score + normal(of_reader, readers, 2, 2)[:, :, side]
    if kind is not Inference.RRFC:
        score = score + normal(of_modality_case, 1, 2, cases)
    names = tuple(f"{j}" for j in range(readers))
    return MrmcData(score, truth, names, ("a", "b"), tuple(f"{k}" for k in range(cases)))


def _incomplete(rng: np.random.Generator) -> MrmcData:
    data = null_study(Inference.RRRC, 8, 100, rng)
    data.ratings[np.broadcast_to(rng.random((8, 1, 100)) > 0.6, data.ratings.shape)] = np.nan
    return data


def _nested(rng: np.random.Generator) -> MrmcData:
    data = null_study(Inference.RRRC, 10, 100, rng)
    data.ratings[:5, 1] = np.nan
    data.ratings[5:, 0] = np.nan
    return data


def _own_cases(rng: np.random.Generator) -> MrmcData:
    data = null_study(Inference.RRRC, 6, 240, rng)
    for j in range(6):
        data.ratings[j][:, np.arange(240) % 6 != j] = np.nan
    return data


def _own_cases_of_modality(rng: np.random.Generator) -> MrmcData:
    data = null_study(Inference.RRRC, 6, 160, rng)
    odd = np.arange(160) % 2 == 1
    data.ratings[:, 0, odd] = np.nan
    data.ratings[:, 1, ~odd] = np.nan
    return data


def _groups(rng: np.random.Generator) -> MrmcData:
    data = null_study(Inference.RRRC, 8, 120, rng)
    odd = np.arange(120) % 2 == 1
    data.ratings[:4][:, :, odd] = np.nan
    data.ratings[4:][:, :, ~odd] = np.nan
    return data


def _mixed(rng: np.random.Generator) -> MrmcData:
    data = null_study(Inference.RRRC, 8, 100, rng)
    data.ratings[:2, 1] = np.nan
    data.ratings[7, 0] = np.nan
    return data


def _model(rng: np.random.Generator) -> MrmcData:
    """A model that separates as well as the readers do: one score of each case, beside every reader."""
    data = null_study(Inference.RRRC, 8, 120, rng)
    data.ratings[:, 0] = 1.5 * data.truth + rng.normal(size=120)
    return data
