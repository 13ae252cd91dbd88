"""A model against the readers of a study, on the cases they read without assistance.

Readers give a diagnosis, not a probability: each is a point beside the model's ROC curve. Intervals of differences come
from a bootstrap that draws readers and patients (else lesions, else cases), so that they hold for other readers and
other patients of the same kind.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.estimates import BoolArray, FloatArray, json_number
from dermdash.analysis.one_vs_rest import roc_dict
from dermdash.analysis.roc import RocCurve, missing_side, roc_curve
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.errors import InvalidInput, MissingColumns

COLUMNS = ("reader", "case", "dx")


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Sensitivity and specificity of answers (0..1); None where no such case was read."""

    sensitivity: float | None
    specificity: float | None

    def as_dict(self) -> dict[str, float | None]:
        """For JSON."""
        return {"sensitivity": json_number(self.sensitivity), "specificity": json_number(self.specificity)}


@dataclass(frozen=True, slots=True)
class ReaderPoint:
    """One reader: his cases, his accuracy and the model's on the same cases, and his point for every class.

    ``points`` maps each class code, and ``malignancy``, to an `OperatingPoint`.
    """

    reader: str
    cases: int
    accuracy: float
    model_accuracy: float
    points: dict[str, OperatingPoint]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reader": self.reader,
            "cases": self.cases,
            "accuracy": self.accuracy,
            "model_accuracy": self.model_accuracy,
            "points": {code: point.as_dict() for code, point in self.points.items()},
        }


@dataclass(frozen=True, slots=True)
class ReaderDifference:
    """Model minus mean of readers, with the interval of the two-way bootstrap (None where it cannot be had)."""

    metric: str
    model: float | None
    readers: float | None
    difference: float | None
    low: float | None
    high: float | None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "metric": self.metric,
            "model": json_number(self.model),
            "readers": json_number(self.readers),
            "difference": json_number(self.difference),
            "low": json_number(self.low),
            "high": json_number(self.high),
            "reason": self.reason,
        }


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
    mean_points: dict[str, OperatingPoint]
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
            "readers": [r.as_dict() for r in self.readers],
            "mean_points": {code: point.as_dict() for code, point in self.mean_points.items()},
            "curves": {code: roc_dict(curve) for code, curve in self.curves.items()},
            "differences": [d.as_dict() for d in self.differences],
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
            (MALIGNANCY, read.malignant, read.malignancy),
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
        mean_points={code: _mean_point([p.points[code] for p in points]) for code in (*codes, MALIGNANCY)},
        curves=curves,
        differences=_differences(read, answer, bootstrap, seed=seed),
        readers_below_curve=below,
        readers_placed=sum(p.sensitivity is not None and p.specificity is not None for p in placed),
        simulated=simulated,
    )


def _matrix(answers: pd.DataFrame, readers: list[str], cases: ScoredCases, codes: tuple[str, ...]) -> FloatArray:
    """Class index each reader gave each case, (readers, cases); -1 where he did not read it."""
    row = {name: i for i, name in enumerate(readers)}
    column = {name: i for i, name in enumerate(cases.case_ids)}
    place = {code: i for i, code in enumerate(codes)}
    matrix = np.full((len(readers), len(cases)), -1.0)
    matrix[answers["reader"].map(row), answers["case"].map(column)] = answers["dx"].map(place)
    return matrix


def _reader_point(name: str, answer: FloatArray, cases: ScoredCases) -> ReaderPoint:
    seen = answer >= 0
    given, truth = answer[seen].astype(int), cases.truth[seen]
    malignant = cases.malignant_classes
    points = {code: _point(given == i, truth == i) for i, code in enumerate(cases.taxonomy.codes)}
    points[MALIGNANCY] = _point(malignant[given], malignant[truth])
    return ReaderPoint(
        reader=name,
        cases=int(seen.sum()),
        accuracy=float((given == truth).mean()),
        model_accuracy=float((cases.predicted[seen] == truth).mean()),
        points=points,
    )


def _point(called: BoolArray, target: BoolArray) -> OperatingPoint:
    return OperatingPoint(
        float(called[target].mean()) if target.any() else None,
        float((~called[~target]).mean()) if (~target).any() else None,
    )


def _mean_point(points: list[OperatingPoint]) -> OperatingPoint:
    def mean(values: list[float | None]) -> float | None:
        known = [v for v in values if v is not None]
        return float(np.mean(known)) if known else None

    return OperatingPoint(mean([p.sensitivity for p in points]), mean([p.specificity for p in points]))


def _is_below(point: OperatingPoint, seen: BoolArray, cases: ScoredCases) -> bool:
    """Whether the model's curve on the cases this reader read is more sensitive at his specificity."""
    if point.sensitivity is None or point.specificity is None:
        return False
    curve = roc_curve(cases.malignant[seen], cases.malignancy[seen])
    return _sensitivity_at(curve, point.specificity) > point.sensitivity + 1e-12


def _sensitivity_at(curve: RocCurve, specificity: float) -> float:
    """Greatest sensitivity among the curve's points of at least that specificity."""
    return float(curve.sensitivity[curve.specificity >= specificity - 1e-12].max())


def _differences(
    cases: ScoredCases, answer: FloatArray, bootstrap: GroupedBootstrap, *, seed: int
) -> tuple[ReaderDifference, ...]:
    seen = answer >= 0
    given = np.where(seen, answer, 0).astype(int)
    truth_right = (given == cases.truth) & seen
    model_right = (cases.predicted == cases.truth) & seen
    malignant_answer = cases.malignant_classes[given]
    ill = cases.malignant
    parts = {
        "right": truth_right, "model_right": model_right, "seen": seen,
        "hit": malignant_answer & seen & ill, "ill": seen & ill,
        "clear": ~malignant_answer & seen & ~ill, "well": seen & ~ill,
    }  # fmt: skip
    tables = {name: part.astype(float) for name, part in parts.items()}
    everyone, every_case = np.ones((1, len(answer))), np.ones((1, len(cases)))
    observed = _figures(tables, cases, everyone, every_case)
    drawn: dict[str, list[FloatArray]] = {name: [] for name in observed}
    rng = np.random.default_rng([seed, 1])
    enough = len(answer) >= 2 and len(np.unique(cases.groups)) >= 2
    if enough:
        for weight in bootstrap.case_counts():
            readers = rng.multinomial(len(answer), np.full(len(answer), 1 / len(answer)), size=len(weight))
            for name, (model, mean) in _figures(tables, cases, readers.astype(float), weight.astype(float)).items():
                drawn[name].append(_less(model, mean))
    reason = None if enough else "an interval needs at least two readers and two groups of cases"
    results = []
    for name, (model, mean) in observed.items():
        a, b, difference = float(model[0]), float(mean[0]), float(_less(model, mean)[0])
        if not (np.isfinite(a) and np.isfinite(b)):
            results.append(
                ReaderDifference(name, None, None, None, None, None, "the cases lack malignant or benign ones")
            )
            continue
        values = np.concatenate(drawn[name]) if drawn[name] else np.empty(0)
        low, high = bootstrap.interval(values) or (None, None)
        why = reason if reason or low is not None else "no interval: every draw of readers and cases gives the same"
        results.append(ReaderDifference(name, a, b, difference, low, high, why))
    return tuple(results)


def _less(first: FloatArray, second: FloatArray) -> FloatArray:
    """Difference of shares; what is left of equal ones by rounding is 0."""
    difference: FloatArray = first - second
    return np.where(np.abs(difference) < 1e-12, 0.0, difference)


def _figures(
    tables: dict[str, FloatArray], cases: ScoredCases, readers: FloatArray, weight: FloatArray
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """(model, mean of readers) of each figure for each row of reader and case weights."""
    totals = {name: weight @ table.T for name, table in tables.items()}

    def mean(part: str, whole: str) -> FloatArray:
        used = readers * (totals[whole] > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(totals[whole] > 0, totals[part] / totals[whole], 0.0)
            averaged: FloatArray = (used * share).sum(axis=1) / used.sum(axis=1)
        return averaged

    def weight_of_cases(side: str) -> FloatArray:
        """What each case counts in the mean over readers: every reader as much as any other, however many he read."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(totals[side] > 0, readers / totals[side], 0.0)
        counted: FloatArray = weight * (share @ tables[side])
        return counted

    sensitivity, specificity = mean("hit", "ill"), mean("clear", "well")
    model_specificity, model_sensitivity = _matched(
        cases, weight_of_cases("ill"), weight_of_cases("well"), sensitivity, specificity
    )
    return {
        "accuracy": (mean("model_right", "seen"), mean("right", "seen")),
        "specificity_at_readers_sensitivity": (model_specificity, specificity),
        "sensitivity_at_readers_specificity": (model_sensitivity, sensitivity),
    }


def _matched(
    cases: ScoredCases,
    ill_weight: FloatArray,
    well_weight: FloatArray,
    sensitivity: FloatArray,
    specificity: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """The model's specificity at the wanted sensitivity and the reverse, each the best point that reaches it.

    ``ill_weight``, ``well_weight`` (rows, cases): weights of the malignant and of the benign cases, 0 elsewhere.
    """
    order = np.argsort(-cases.malignancy, kind="stable")
    score = cases.malignancy[order]
    ends = np.flatnonzero(np.append(np.diff(score) != 0, True))
    zero = np.zeros((len(ill_weight), 1))
    hits = np.hstack([zero, np.cumsum(ill_weight[:, order], axis=1)[:, ends]])
    alarms = np.hstack([zero, np.cumsum(well_weight[:, order], axis=1)[:, ends]])
    with np.errstate(invalid="ignore", divide="ignore"):
        reached, kept = hits / hits[:, -1:], 1 - alarms / alarms[:, -1:]
        at_sensitivity = np.where(reached >= sensitivity[:, None] - 1e-12, kept, -1).max(axis=1)
        at_specificity = np.where(kept >= specificity[:, None] - 1e-12, reached, -1).max(axis=1)
    known = (hits[:, -1] > 0) & (alarms[:, -1] > 0)
    return np.where(known, at_sensitivity, np.nan), np.where(known, at_specificity, np.nan)
