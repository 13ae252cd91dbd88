"""How often diagnoses are right, of a network and of readers alike: accuracy, recall by class, mean recall,
confusion.

- ``score_diagnoses(truth=, predicted=, codes=) -> ClassificationScores``
- ``most_probable(probabilities, codes) -> list of codes``
- ``wilson_interval(successes, total) -> (low, high)``
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class Proportion:
    """``successes`` of ``total`` with the bounds of its Wilson interval; NaN, 0 and 1 when nothing was
    counted.
    """

    successes: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """Observed proportion, 0..1."""
        return self.successes / self.total if self.total else math.nan


@dataclass(frozen=True, slots=True)
class ClassificationScores:
    """Scores of diagnoses against the truth.

    ``confusion``: int (classes, classes), rows are the truth, columns the diagnosis. ``recalls``: of each
    class code, its recall (sensitivity). ``mean_recall``: mean over the classes that occur in the truth, each
    counting the same (the measure of the ISIC 2018 challenge; also called balanced accuracy).
    """

    codes: tuple[str, ...]
    confusion: NDArray[np.int64]
    accuracy: Proportion
    recalls: dict[str, Proportion]
    mean_recall: float


def wilson_interval(successes: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson, JASA 1927); (0, 1) when ``total`` is 0.

    Unlike the normal approximation it stays within 0..1 and is usable at 0 %, at 100 % and for few cases.

    Raises
    ------
    InvalidInput
        On counts that are no proportion or a confidence outside 0..1.
    """
    if not 0 <= successes <= total or not 0 < confidence < 1:
        raise InvalidInput(f"no proportion: {successes} of {total} at confidence {confidence}")
    if total == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / total
    denominator = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / denominator
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / denominator
    # At 0 and at total the bounds are exactly 0 and 1; rounding would leave 1e-17 beside them.
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == total else centre + half)


def most_probable(probabilities: NDArray[np.floating], codes: Sequence[str]) -> list[str]:
    """Return the code of the most probable class of each row of (n, classes); ties go to the first class.

    Raises
    ------
    InvalidInput
        When the number of columns is not that of the codes, or a row holds NaN (an image without a
        prediction).
    """
    if probabilities.ndim != 2 or probabilities.shape[1] != len(codes):
        raise InvalidInput(
            f"probabilities of shape {probabilities.shape} for {counted(len(codes), 'class', 'classes')}"
        )
    if np.isnan(probabilities).any():
        raise InvalidInput("some images have no prediction; leave them out before scoring")
    return [codes[i] for i in probabilities.argmax(axis=1)]


def score_diagnoses(
    *, truth: Sequence[str], predicted: Sequence[str], codes: Sequence[str], confidence: float = 0.95
) -> ClassificationScores:
    """Score diagnoses against the truth.

    Parameters
    ----------
    truth, predicted
        Class codes, one per case, same length.
    codes
        All class codes in the order of the confusion matrix.
    confidence
        Of the Wilson intervals.

    Raises
    ------
    InvalidInput
        On lengths that differ, no case at all, or a code that is not among ``codes``.
    """
    if len(truth) != len(predicted) or not truth:
        raise InvalidInput(f"{len(truth)} true and {len(predicted)} given diagnoses: expected as many of both")
    position = {code: i for i, code in enumerate(codes)}
    unknown = sorted((set(truth) | set(predicted)) - set(codes))
    if unknown:
        raise InvalidInput(f"unknown diagnoses {', '.join(unknown)}: expected {', '.join(codes)}")
    confusion = np.zeros((len(codes), len(codes)), dtype=np.int64)
    np.add.at(confusion, ([position[c] for c in truth], [position[c] for c in predicted]), 1)
    right, total = confusion.diagonal(), confusion.sum(axis=1)
    recalls = {code: _proportion(int(right[i]), int(total[i]), confidence) for code, i in position.items()}
    return ClassificationScores(
        codes=tuple(codes),
        confusion=confusion,
        accuracy=_proportion(int(right.sum()), len(truth), confidence),
        recalls=recalls,
        mean_recall=float(np.mean(right[total > 0] / total[total > 0])),
    )


def _proportion(successes: int, total: int, confidence: float) -> Proportion:
    return Proportion(successes, total, *wilson_interval(successes, total, confidence=confidence))
