"""What a comparison of a model with readers is made of: scores, truth and answers to the same cases in one order."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.analyses.human_machine.reader_answers import ReaderAnswers
from dermdash.analyses.model_predictions import ModelScores
from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.reader_calls import ReaderCalls
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ReadCases:
    """Everything a comparison is made of; cases in one order throughout.

    Attributes
    ----------
    model
        Its cases are those of the matrices.
    truth_malignant, truth_class
        bool (cases,), and int (cases,): index of the true class, None where classes are not known.
    unaided
        First answers without assistance.
    before, after
        Answers to the cases a reader read without and with assistance; None where there are none.
    modality
        object (readers, cases): what was shown in between; None where there is no ``after``.
    profiles
        One row per reader in the order of the matrices: the columns to group by.
    """

    model: ModelScores
    truth_malignant: BoolArray
    truth_class: IntArray | None
    taxonomy: Taxonomy | None
    unaided: ReaderAnswers
    before: ReaderAnswers | None
    after: ReaderAnswers | None
    modality: NDArray[np.object_] | None
    modalities: tuple[str, ...]
    profiles: pd.DataFrame
    group_names: dict[str, tuple[str, ...]]

    def target(self, code: str) -> tuple[BoolArray, FloatArray, str]:
        """Whether each case has the condition, the model's score for it, and its name."""
        if code == MALIGNANCY:
            return self.truth_malignant, self.model.malignancy, "Malignant"
        assert self.taxonomy is not None
        assert self.truth_class is not None
        assert self.model.probabilities is not None
        index = self.taxonomy.codes.index(code)
        return self.truth_class == index, self.model.probabilities[:, index], self.taxonomy[code].name

    def calls(self, answers: ReaderAnswers, code: str) -> ReaderCalls:
        """Calls of that condition beside the model's score."""
        target, score, _ = self.target(code)
        return ReaderCalls(target, score, *answers.calls(code, self.taxonomy))

    def shown(self, modality: str) -> BoolArray:
        """bool (readers, cases): where this modality was shown."""
        if self.modality is None:
            return np.zeros(self.unaided.seen.shape, bool)
        return np.array(self.modality == modality, dtype=bool)

    @property
    def codes(self) -> tuple[str, ...]:
        """Malignancy, and the classes where model, readers and truth name them."""
        if self.taxonomy is None or self.model.probabilities is None or self.truth_class is None:
            return (MALIGNANCY,)
        return (MALIGNANCY, *(self.taxonomy.codes if self.unaided.has_diagnoses else ()))
