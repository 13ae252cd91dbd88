"""A model against the readers of a study, on the cases they read without assistance.

Readers give a diagnosis, not a probability: each is a point beside the model's ROC curve. Intervals of differences come
from a bootstrap that draws readers and patients (else lesions, else cases), so that they hold for other readers and
other patients of the same kind.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.as_json import to_json
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.drawn_intervals import too_few
from dermdash.analysis.draws import Drawn, times_drawn
from dermdash.analysis.one_vs_rest import roc_dict
from dermdash.analysis.reader_calls import (
    ReaderCalls,
    ReaderDifference,
    RocPoint,
    clean_difference,
    difference_of,
    mean_of,
    mean_of_readers,
    mean_share,
    point_of,
)
from dermdash.analysis.roc import RocCurve, missing_side, roc_curve
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.errors import InvalidInput, MissingColumns

COLUMNS = ("reader", "case", "dx")


@dataclass(frozen=True, slots=True)
class ReaderPoint:
    """One reader: their cases, their accuracy and the model's on the same cases, and their point for every class.

    ``points`` maps each class code, and ``malignancy``, to an `RocPoint`.
    """

    reader: str
    cases: int
    accuracy: float
    model_accuracy: float
    points: dict[str, RocPoint]


@dataclass(frozen=True, slots=True)
class ReaderComparison:
    """A model against readers on the same cases.

    ``mean_points`` averages the readers' points, ``curves`` is the model's ROC on these cases (by class code, and
    ``malignancy``; a class without a case is absent). ``differences``: accuracy (top-1 against the diagnosis),
    specificity for malignancy at the readers' mean sensitivity, sensitivity at their mean specificity; the model's
    rates weight the cases as the mean of the readers does. ``readers_below_curve`` is how many readers the model's
    malignancy ROC on the cases they read passes above (more sensitive at their specificity), of ``readers_placed``.
    """

    model: str
    readers: tuple[ReaderPoint, ...]
    images: int
    answers: int
    mean_points: dict[str, RocPoint]
    curves: dict[str, RocCurve]
    differences: tuple[ReaderDifference, ...]
    readers_below_curve: int
    readers_placed: int
    simulated: bool = False
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": "readers",
            "model": self.model,
            "images": self.images,
            "answers": self.answers,
            "simulated": self.simulated,
            "warnings": list(self.warnings),
            "readers": to_json(self.readers),
            "mean_points": to_json(self.mean_points),
            "curves": {code: roc_dict(curve) for code, curve in self.curves.items()},
            "differences": to_json(self.differences),
            "readers_below_curve": self.readers_below_curve,
            "readers_placed": self.readers_placed,
        }


def compare_with_readers(
    cases: ScoredCases,
    answers: pd.DataFrame,
    *,
    model: str,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 2020,
    simulated: bool = False,
) -> ReaderComparison:
    """Compare a model with readers.

    Parameters
    ----------
    cases
        The model's probabilities; cases nobody answered are left out.
    answers
        ``reader``, ``case`` (as in ``cases.case_ids``), ``dx`` (class code); one answer per reader and case. Answers to
        other cases are left out.

    Raises
    ------
    MissingColumns
        A column is absent.
    InvalidInput
        No answer to these cases, two by one reader to one case, or a diagnosis outside the taxonomy.
    """
    if missing := [name for name in COLUMNS if name not in answers.columns]:
        raise MissingColumns(f"the answers lack {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    known = answers[answers["case"].isin(set(cases.case_ids))]
    if known.empty:
        raise InvalidInput("no reader has answered, without assistance, a case that the model is evaluated on")
    if known.duplicated(["reader", "case"]).any():
        raise InvalidInput("a reader has two answers to one case: one was expected")
    codes = cases.taxonomy.codes
    if unknown := sorted(set(known["dx"]) - set(codes)):
        raise InvalidInput(f"readers answered {', '.join(unknown)}, which {cases.taxonomy.name} does not have")
    read = cases.subset(np.isin(cases.case_ids, known["case"].unique()))
    named = sorted(known["reader"].astype(str).unique())
    answer = _matrix(known.astype({"reader": str}), named, read, codes)
    points = tuple(_reader_point(named[i], answer[i], read) for i in range(len(named)))
    curves = {
        code: roc_curve(target, score)
        for code, target, score in (
            *((c, read.truth == i, read.probabilities[:, i]) for i, c in enumerate(codes)),
            (MALIGNANCY, read.sided.malignant, read.sided.malignancy),
        )
        if missing_side(target) is None
    }
    placed = [p.points[MALIGNANCY] for p in points]
    bootstrap = GroupedBootstrap(read.groups, replicates, seed, confidence)
    below = sum(_is_below(point, answer[i] >= 0, read) for i, point in enumerate(placed))
    return ReaderComparison(
        model=model,
        readers=points,
        images=len(read),
        answers=len(known),
        mean_points={code: mean_of([p.points[code] for p in points]) for code in (*codes, MALIGNANCY)},
        curves=curves,
        differences=_differences(read, answer, bootstrap, seed=seed),
        readers_below_curve=below,
        readers_placed=sum(p.sensitivity is not None and p.specificity is not None for p in placed),
        simulated=simulated,
    )


def _matrix(answers: pd.DataFrame, readers: list[str], cases: ScoredCases, codes: tuple[str, ...]) -> FloatArray:
    """Class index each reader gave each case, (readers, cases); -1 where they did not read it."""
    row = {name: i for i, name in enumerate(readers)}
    column = {name: i for i, name in enumerate(cases.case_ids)}
    place = {code: i for i, code in enumerate(codes)}
    matrix = np.full((len(readers), len(cases)), -1.0)
    matrix[answers["reader"].map(row), answers["case"].map(column)] = answers["dx"].map(place)
    return matrix


def _reader_point(name: str, answer: FloatArray, cases: ScoredCases) -> ReaderPoint:
    seen = answer >= 0
    given, truth = answer[seen].astype(int), cases.truth[seen]
    malignant, sided = cases.malignant_classes, cases.sided_classes[truth]
    points = {code: point_of(given == i, truth == i) for i, code in enumerate(cases.taxonomy.codes)}
    points[MALIGNANCY] = point_of(malignant[given][sided], malignant[truth][sided])
    return ReaderPoint(
        reader=name,
        cases=int(seen.sum()),
        accuracy=float((given == truth).mean()),
        model_accuracy=float((cases.predicted[seen] == truth).mean()),
        points=points,
    )


def _is_below(point: RocPoint, seen: BoolArray, cases: ScoredCases) -> bool:
    """Whether the model's curve on the cases this reader read is more sensitive at their specificity."""
    if point.sensitivity is None or point.specificity is None:
        return False
    of_reader = cases.subset(seen).sided
    curve = roc_curve(of_reader.malignant, of_reader.malignancy)
    return _sensitivity_at(curve, point.specificity) > point.sensitivity + 1e-12


def _sensitivity_at(curve: RocCurve, specificity: float) -> float:
    """Greatest sensitivity among the curve's points of at least that specificity."""
    return float(curve.sensitivity[curve.specificity >= specificity - 1e-12].max())


def _differences(
    cases: ScoredCases, answer: FloatArray, bootstrap: GroupedBootstrap, *, seed: int
) -> tuple[ReaderDifference, ...]:
    seen = answer >= 0
    given = np.where(seen, answer, 0).astype(int)
    calls = ReaderCalls(cases.malignant, cases.malignancy, cases.malignant_classes[given] & seen, seen)
    sided = cases.sided_classes[cases.truth]
    of_sided = bootstrap if sided.all() else replace(bootstrap, groups=cases.groups[sided])
    accuracy = _accuracy_difference(
        (cases.predicted == cases.truth) & seen, (given == cases.truth) & seen, seen, cases, bootstrap, seed=seed
    )
    return (accuracy, *mean_of_readers(calls.for_cases(sided), of_sided, cases.groups[sided], seed=seed).differences)


def _accuracy_difference(
    model_right: BoolArray,
    right: BoolArray,
    seen: BoolArray,
    cases: ScoredCases,
    bootstrap: GroupedBootstrap,
    *,
    seed: int,
) -> ReaderDifference:
    def shares(readers: Drawn, weight: Drawn) -> tuple[FloatArray, FloatArray]:
        # Whole numbers are exact in float32 up to 2^24.
        whole, of_model, of_readers = (
            (weight @ which.T.astype(np.float32)).astype(float) for which in (seen, model_right, right)
        )
        return mean_share(of_model, whole, readers), mean_share(of_readers, whole, readers)

    n = len(seen)
    model, mean = shares(np.ones((1, n), np.float32), np.ones((1, len(cases)), np.float32))
    enough = n >= 2 and len(np.unique(cases.groups)) >= 2
    drawn = []
    if enough:
        rng = np.random.default_rng([seed, 1])  # the readers drawn here are those of the other differences
        for weight in bootstrap.case_counts():
            drawn.append(clean_difference(*shares(times_drawn(n, len(weight), rng), weight)))
    groups = len(np.unique(cases.groups[seen.any(axis=0)]))
    return difference_of(
        "accuracy", float(model[0]), float(mean[0]), drawn, bootstrap, clusters=min(n, groups), enough=enough,
        few=too_few(groups, "case"),
    )  # fmt: skip
