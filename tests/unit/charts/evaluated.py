"""An evaluation of invented probabilities, for charts to draw."""

import numpy as np
import pandas as pd

from dermdash.analysis.evaluation import Evaluation, EvaluationOptions, dataset_curves, evaluate
from dermdash.analysis.scaled_calibration import scale_calibration
from dermdash.analysis.scored_cases import ScoredCases, make_cases
from dermdash.records.taxonomy import HAM7


def make_scored(n: int = 210, *, favour: float = 2.0, seed: int = 1) -> ScoredCases:
    """Cases of all seven classes in turn; from two data sets, three in four of women, every tenth of skin type I."""
    rng = np.random.default_rng(seed)
    truth = [HAM7.codes[i % 7] for i in range(n)]
    logits = rng.normal(size=(n, 7))
    logits[np.arange(n), [i % 7 for i in range(n)]] += favour
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    attributes = pd.DataFrame(
        {
            "dataset_id": ["home" if i % 3 else "away" for i in range(n)],
            "sex": ["female" if i % 4 else "male" for i in range(n)],
            "fitzpatrick_type": ["I" if i % 10 == 0 else "II" for i in range(n)],
        }
    )
    return make_cases(
        taxonomy=HAM7,
        case_ids=[f"c{i}" for i in range(n)],
        truth=truth,
        probabilities=shares,
        patient_ids=[f"p{i // 2}" for i in range(n)],
        attributes=attributes,
    )


def make_evaluation(n: int = 210) -> Evaluation:
    """A whole evaluation with 50 draws, scaled calibration and two data sets."""
    from dataclasses import replace

    cases, options = make_scored(n), EvaluationOptions(bootstrap=50)
    found = evaluate(cases, options, scaled=scale_calibration(cases))
    return replace(found, datasets=dataset_curves(cases, options))
