"""The cases whose most probable class is wrong, the surest of them first: where a classifier misleads most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dermdash.analysis.scored_cases import ScoredCases

MOST = 24
"""More are a list of records, which belongs elsewhere."""


@dataclass(frozen=True, slots=True)
class MisreadCase:
    """A case with its true class and the one that was named; probabilities are those of each, 0..1."""

    case: str
    truth: str
    named: str
    probability: float
    probability_of_truth: float


def surest_misreads(cases: ScoredCases, most: int = MOST) -> tuple[MisreadCase, ...]:
    """Up to ``most`` cases whose most probable class is not the true one, by its probability; a tie by name."""
    codes, rows = cases.taxonomy.codes, np.arange(len(cases))
    named = cases.predicted
    sure, of_truth = cases.probabilities[rows, named], cases.probabilities[rows, cases.truth]
    wrong = sorted(np.flatnonzero(named != cases.truth), key=lambda i: (-sure[i], cases.case_ids[i]))
    return tuple(
        MisreadCase(cases.case_ids[i], codes[cases.truth[i]], codes[named[i]], float(sure[i]), float(of_truth[i]))
        for i in wrong[:most]
    )
