"""What a model says of the cases that readers read: as scores in one order, and case by case."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.scored_cases import number_groups


@dataclass(frozen=True, slots=True)
class ModelScores:
    """What a model says of n cases.

    Attributes
    ----------
    malignancy
        float (n,), 0..1.
    probabilities
        float (n, classes) in the order of the taxonomy; None where only malignancy is known.
    group_keys
        What belongs together ("patient P1"); None: every case is taken as independent.
    """

    name: str
    cases: tuple[str, ...]
    malignancy: FloatArray
    probabilities: FloatArray | None = None
    group_keys: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def groups(self) -> IntArray:
        """int (n,), equal for cases that are not independent."""
        return np.arange(len(self.cases)) if self.group_keys is None else number_groups(self.group_keys)


@dataclass(frozen=True, slots=True)
class ModelOpinions:
    """What the model says of each case.

    ``diagnosis``: its most probable class. ``probabilities``: of every class, where they are known. ``malignancy``: its
    malignancy probability (0..1), where known. ``origin``: where this comes from, in words. ``missing``: what could not
    be had and how to get it; empty when nothing is missing.
    """

    name: str
    diagnosis: Mapping[str, str]
    probabilities: Mapping[str, Mapping[str, float]]
    malignancy: Mapping[str, float]
    origin: str
    missing: str = ""
    warnings: tuple[str, ...] = ()
