"""Power formulas against simulated studies: not how fast, but how right."""

import math

import numpy as np
from scipy import stats

from dermdash.analyses.sample_size.arms_design import ArmsDesign
from dermdash.analyses.sample_size.mrmc_design import MrmcDesign
from dermdash.analyses.sample_size.paired_design import PairedDesign, components_of_changes
from tests.benchmarks.figures import Figure
from tests.simulated_mrmc import components_of_arms, rejections, rejections_of_arms, simulated_components

STUDIES = (
    ("no effect", {"c": 0.3, "tc": 0.2, "rc": 0.3, "e": 1.0, "tr": 0.01}, 0.0, 6, 60),
    ("6 readers", {"c": 0.3, "tc": 0.2, "rc": 0.3, "e": 1.0, "tr": 0.01}, 0.25, 6, 60),
    ("10 readers who differ", {"c": 0.3, "tc": 0.02, "rc": 0.1, "e": 0.5, "tr": 0.05}, 0.25, 10, 100),
    ("4 readers", {"c": 0.3, "tc": 0.0, "rc": 0.1, "e": 0.5, "tr": 0.05}, 0.3, 4, 200),
)
PAIRED = (("no effect", 0.0, 0.05, 12, 20), ("12 readers", 0.08, 0.05, 12, 20), ("30 readers", 0.05, 0.08, 30, 30))

ARMS = (
    ("no effect, 6 and 6 readers", {"r": 0.02, "c": 0.3, "tc": 0.2, "e": 0.5}, 0.0, (6, 6), 60),
    ("5 and 5 readers, 20 cases", {"r": 0.02, "c": 0.3, "tc": 0.2, "e": 0.5}, 0.5, (5, 5), 20),
    ("10 and 10 readers who differ", {"r": 0.05, "c": 0.3, "tc": 0.0, "e": 0.5}, 0.3, (10, 10), 100),
    ("5 and 6 readers, 30 cases", {"r": 0.05, "c": 0.3, "tc": 0.1, "e": 0.5}, 0.4, (5, 6), 30),
    ("20 and 20 readers, 60 cases", {"r": 0.02, "c": 0.3, "tc": 0.2, "e": 0.5}, 0.25, (20, 20), 60),
)


def measure(*, quick: bool) -> list[Figure]:
    """Rejections of simulated studies beside the power that the formula gives, in percent."""
    found = []
    runs = 500 if quick else 10_000
    for name, parts, difference, readers, cases in STUDIES:
        simulated = rejections(parts, difference=difference, readers=readers, cases=cases, studies=runs, seed=1)
        formula = MrmcDesign(simulated_components(parts, cases=cases), difference).power(readers, cases)
        found += _beside("Obuchowski-Rockette, " + name, simulated, formula or 0.0, runs)
    for name, difference, spread, readers, cases in PAIRED:
        components = components_of_changes(
            changed=0.3, difference=difference, between_readers_sd=spread, origin="simulation"
        )
        formula = PairedDesign(components, difference).power(readers, cases)
        simulated = _paired_rejections(difference, spread, readers, cases, runs)
        found += _beside("paired t, " + name, simulated, formula or 0.0, runs)
    for name, parts, difference, sizes, cases in ARMS:
        simulated = rejections_of_arms(parts, difference=difference, sizes=sizes, cases=cases, studies=runs, seed=1)
        formula = ArmsDesign(components_of_arms(parts, cases=cases), difference).power(sum(sizes), cases)
        found += _beside("arms, " + name, simulated, formula or 0.0, runs)
    return found


def _paired_rejections(difference: float, spread: float, readers: int, cases: int, runs: int) -> float:
    rng = np.random.default_rng(1)
    true = difference + spread * rng.standard_normal((runs, readers, 1))
    draw = rng.random((runs, readers, cases))
    gained, spoiled = (0.3 + true) / 2, (0.3 - true) / 2
    change = np.where(draw < gained, 1, np.where(draw < gained + spoiled, -1, 0)).mean(axis=2)
    return float((stats.ttest_1samp(change, 0, axis=1).pvalue < 0.05).mean())


def _beside(name: str, simulated: float, formula: float, runs: int) -> list[Figure]:
    error = 100 * math.sqrt(formula * (1 - formula) / runs)
    note = f"{runs:,} simulated studies, Monte Carlo standard error {error:.2f} %"
    return [
        Figure("sample_size", f"{name}: simulated", 100 * simulated, "%", note),
        Figure("sample_size", f"{name}: formula", 100 * formula, "%"),
    ]
