"""Answers of readers as matrices over readers and cases: what each called, and how suspicious they were."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ReaderAnswers:
    """One answer per reader and case at most.

    Attributes
    ----------
    seen
        bool (readers, cases): a call of malignancy is known.
    malignant
        bool (readers, cases): called malignant; False where unseen.
    dx
        int (readers, cases): index of the diagnosis in the taxonomy, -1 where there is none.
    rating, confidence
        float (readers, cases): suspicion of malignancy, and certainty; NaN where not given.
    """

    readers: tuple[str, ...]
    seen: BoolArray
    malignant: BoolArray
    dx: IntArray
    rating: FloatArray
    confidence: FloatArray

    @property
    def has_diagnoses(self) -> bool:
        """Whether any reader named a class."""
        return bool((self.dx >= 0).any())

    def calls(self, code: str, taxonomy: Taxonomy | None) -> tuple[BoolArray, BoolArray]:
        """(called, seen) for a class of the taxonomy or for malignancy."""
        if code == MALIGNANCY or taxonomy is None:
            return self.malignant, self.seen
        return self.dx == taxonomy.codes.index(code), self.dx >= 0

    def ratings(self, code: str, taxonomy: Taxonomy | None) -> FloatArray | None:
        """Suspicion of a class or of malignancy, (readers, cases); None where nobody gave any.

        For a class it is the confidence in the diagnosis, positive where that is the class and negative where it is
        another one.
        """
        if code == MALIGNANCY or taxonomy is None:
            return self.rating if np.isfinite(self.rating).any() else None
        called, _ = self.calls(code, taxonomy)
        return np.where(called, 1.0, -1.0) * self.confidence if np.isfinite(self.confidence).any() else None


def answer_matrices(
    answers: pd.DataFrame, *, readers: Sequence[str], cases: Sequence[str], taxonomy: Taxonomy | None
) -> ReaderAnswers:
    """Lay answers out over readers and cases.

    Parameters
    ----------
    answers
        ``reader``, ``case``, ``malignant_answer``, ``dx``, ``malignancy_rating``, ``confidence``; at most one row per
        reader and case, every one of them known.
    """
    row = {name: i for i, name in enumerate(readers)}
    column = {name: i for i, name in enumerate(cases)}
    shape = (len(readers), len(cases))
    at = answers["reader"].map(row).to_numpy(int), answers["case"].map(column).to_numpy(int)
    malignant = answers["malignant_answer"]
    seen, called = np.zeros(shape, bool), np.zeros(shape, bool)
    seen[at] = malignant.notna().to_numpy(bool)
    called[at] = malignant.fillna(False).to_numpy(bool)
    dx = np.full(shape, -1)
    if taxonomy is not None:
        place = {code: i for i, code in enumerate(taxonomy.codes)}
        dx[at] = answers["dx"].map(place).fillna(-1).to_numpy(int)
    numbers = {}
    for name in ("malignancy_rating", "confidence"):
        numbers[name] = np.full(shape, np.nan)
        numbers[name][at] = answers[name].astype("Float64").to_numpy(float, na_value=np.nan)
    return ReaderAnswers(tuple(readers), seen, called, dx, numbers["malignancy_rating"], numbers["confidence"])
