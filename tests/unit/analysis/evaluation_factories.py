"""Cases with invented probabilities for the tests of evaluations."""

from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.scored_cases import ScoredCases, make_cases
from dermdash.records.taxonomy import HAM7, Taxonomy

SHARES = (0.1, 0.12, 0.14, 0.06, 0.15, 0.37, 0.06)


def make_probabilities(truth: np.ndarray, classes: int, *, seed: int, skill: float = 2.0) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(size=(len(truth), classes)) + skill * np.eye(classes)[truth]
    raised = np.exp(logits)
    return raised / raised.sum(axis=1, keepdims=True)


def make_scored(
    n: int = 300, *, seed: int = 0, skill: float = 2.0, taxonomy: Taxonomy = HAM7, **changes: Any
) -> ScoredCases:
    """n cases of all classes; two images per lesion unless told otherwise."""
    k = len(taxonomy.codes)
    shares = SHARES if taxonomy is HAM7 else np.full(k, 1 / k)
    truth = np.random.default_rng([seed, 1]).choice(k, n, p=shares)
    values: dict[str, Any] = {
        "taxonomy": taxonomy,
        "case_ids": [f"i{i}" for i in range(n)],
        "truth": [taxonomy.codes[i] for i in truth],
        "probabilities": make_probabilities(truth, k, seed=seed, skill=skill),
        "lesion_ids": [f"L{i // 2}" for i in range(n)],
        "attributes": pd.DataFrame({"sex": ["female", "male"] * (n // 2) + ["female"] * (n % 2)}),
    }
    return make_cases(**(values | changes))
