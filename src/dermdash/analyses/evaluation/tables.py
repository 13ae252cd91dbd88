"""The tables of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.columns import DASH, Column, number_column, share_column, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analysis.auc_intervals import RULE as AREA_RULE
from dermdash.analysis.calibration import CalibrationMeasures, ReliabilityCurve
from dermdash.analysis.decision_curve import DecisionCurve
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.evaluation import Evaluation, Repeats
from dermdash.analysis.one_vs_rest import OneVsRest
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.analysis.subgroups import Subgroup, SubgroupTable
from dermdash.analysis.threshold_rates import rates_at
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import (
    CI,
    counted,
    estimated_percent,
    number,
    percent,
    percent_spread,
    spread,
    threshold,
)


def every_score(evaluation: Evaluation) -> list[OneVsRest]:
    """Malignancy where there is one, then each class in the order of the taxonomy."""
    return [*((evaluation.malignancy,) if evaluation.malignancy else ()), *evaluation.classes]


def class_table(evaluation: Evaluation) -> ResultTable:
    """One row per class, then malignancy, as Han et al. 2018, Table 1; people see the average over classes between."""
    scores = [*evaluation.classes, *((evaluation.malignancy,) if evaluation.malignancy else ())]
    columns: list[Column[OneVsRest]] = [
        Column("Class", "", lambda c: _class_words(c, evaluation.malignant_codes)),
        Column("", "code", lambda c: c.code),
        Column("", "name", lambda c: c.name),
        Column("", "status", lambda c: c.status),
        Column("Cases", "positives", lambda c: c.positives),
        Column("", "negatives", lambda c: c.negatives),
        Column("", "threshold", lambda c: c.threshold),
        Column("", "threshold_rule", lambda c: c.threshold_rule),
        number_column("AUC", "auc", lambda c: c.auc.estimate),
        share_column("", "average_precision", lambda c: c.average_precision),
        share_column("Sensitivity", "sensitivity", lambda c: c.sensitivity),
        share_column("Specificity", "specificity", lambda c: c.specificity),
        Column("Threshold", "", lambda c: c.threshold, threshold),
        share_column("", "specificity_malignant", lambda c: c.specificity_malignant),
        Column(
            "Specificity (malignant)",
            "",
            lambda c: DASH if c.code == MALIGNANCY else estimated_percent(c.specificity_malignant),
        ),
        share_column("Specificity (benign)", "specificity_benign", lambda c: c.specificity_benign),
    ]
    made = table_of("evaluation-classes", "Each class against the rest", columns, scores, AREA_RULE)
    average = pd.DataFrame([_average(evaluation)])
    n = len(evaluation.classes)
    shown = pd.concat([made.shown.iloc[:n], average, made.shown.iloc[n:]], ignore_index=True)
    return replace(made, shown=shown)


def _class_words(found: OneVsRest, malignant: Collection[str]) -> str:
    if found.code == MALIGNANCY:
        return "Malignant (sum of its classes)"
    return f"{found.name} \N{MIDDLE DOT} malignant" if found.code in malignant else found.name


def _average(evaluation: Evaluation) -> dict[str, object]:
    average = evaluation.average
    return {
        "Class": f"Average of {counted(int(average['classes'] or 0), 'class', 'classes')}",
        "Cases": evaluation.images,
        "AUC": number(average["auc"]),
        "Sensitivity": percent(average["sensitivity"]),
        "Specificity": percent(average["specificity"]),
        "Threshold": threshold(average["threshold"]),
        "Specificity (malignant)": percent(average["specificity_malignant"]),
        "Specificity (benign)": percent(average["specificity_benign"]),
    }


def curve_points(evaluation: Evaluation) -> pd.DataFrame:
    """Every point of every ROC and precision-recall curve; shares 0..1, the first threshold is infinity."""
    parts = []
    for found in every_score(evaluation):
        if found.roc is not None:
            parts.append(
                pd.DataFrame(
                    {
                        "class": found.code,
                        "curve": "roc",
                        "threshold": found.roc.thresholds,
                        "sensitivity": found.roc.sensitivity,
                        "specificity": found.roc.specificity,
                    }
                )
            )
        if found.precision_recall is not None:
            parts.append(
                pd.DataFrame(
                    {
                        "class": found.code,
                        "curve": "precision_recall",
                        "threshold": found.precision_recall.thresholds,
                        "sensitivity": found.precision_recall.recall,
                        "precision": found.precision_recall.precision,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def scores_of_datasets(evaluation: Evaluation, code: str) -> dict[str, OneVsRest]:
    """One class (or malignancy) in each data set; of a single data set, what was evaluated as a whole."""
    source = evaluation.source
    names = dict(zip(source["datasets"], source["dataset_names"], strict=True))
    if evaluation.datasets:
        return {
            names[part.dataset]: found
            for part in evaluation.datasets
            for found in (*part.classes, *((part.malignancy,) if part.malignancy else ()))
            if found.code == code
        }
    name = ", ".join(names.values()) or source.get("truth") or "these cases"
    return {str(name): next(found for found in every_score(evaluation) if found.code == code)}


@dataclass(frozen=True, slots=True)
class _AtThreshold:
    """One class in one data set, at a threshold chosen elsewhere and at its own."""

    dataset: str
    found: OneVsRest
    chosen: float | None

    def rate(self, side: str, *, own: bool) -> float | None:
        at = self.found.youden_threshold if own else self.chosen
        if self.found.roc is None or at is None:
            return None
        return float(getattr(rates_at(self.found.roc, np.array([at])), side)[0])


def _rate(head: str, key: str, side: str, *, own: bool) -> Column[_AtThreshold]:
    return Column(head, key, lambda row: row.rate(side, own=own), percent)


_AT_THRESHOLD: tuple[Column[_AtThreshold], ...] = (
    Column("Data set", "dataset", lambda row: row.dataset),
    Column("", "class", lambda row: row.found.code),
    Column("Positive", "positives", lambda row: row.found.positives),
    Column("Other", "negatives", lambda row: row.found.negatives),
    Column("", "chosen_threshold", lambda row: row.chosen),
    _rate("Sensitivity, chosen threshold", "sensitivity_chosen", "sensitivity", own=False),
    _rate("Specificity, chosen threshold", "specificity_chosen", "specificity", own=False),
    Column("Own Youden threshold", "own_threshold", lambda row: row.found.youden_threshold, threshold),
    _rate("Sensitivity, own", "sensitivity_own", "sensitivity", own=True),
    _rate("Specificity, own", "specificity_own", "specificity", own=True),
)


def threshold_table(evaluation: Evaluation, *codes: str) -> ResultTable:
    """What the chosen threshold of a class reaches in each data set, beside the one each would choose for itself."""
    chosen = {found.code: found.threshold for found in every_score(evaluation)}
    rows = [
        _AtThreshold(dataset, found, chosen[code])
        for code in codes or chosen
        for dataset, found in scores_of_datasets(evaluation, code).items()
    ]
    return table_of("evaluation-thresholds", "Thresholds by data set", _AT_THRESHOLD, rows)


def top_table(evaluation: Evaluation) -> ResultTable:
    """Top-1, top-k, mean recall and mean F1 with intervals."""
    scores = evaluation.classification
    found: list[tuple[str, str, Estimate]] = [("Top-1 accuracy", "accuracy", scores.accuracy)]
    found += [(f"Top-{k} accuracy", f"top_{k}", estimate) for k, estimate in scores.top_k.items() if k > 1]
    found += [("Mean recall", "mean_recall", scores.mean_recall), ("Mean F1", "macro_f1", scores.macro_f1)]
    columns: list[Column[tuple[str, str, Estimate]]] = [
        Column("Figure", "", lambda row: row[0]),
        Column("", "figure", lambda row: row[1]),
        share_column(f"Value ({CI})", "value", lambda row: row[2]),
    ]
    return table_of(
        "evaluation-accuracy",
        "Diagnosis by the most probable class",
        columns,
        found,
        "Each image is called by its most probable class. Top-k: the true class is among the k most probable. "
        "Means are over classes, each weighing the same.",
    )


def recall_table(evaluation: Evaluation, taxonomy: Taxonomy) -> ResultTable:
    """Recall, precision and F1 by class when each image is called by its most probable class."""
    scores = evaluation.classification
    columns: list[Column[str]] = [
        Column("Class", "", lambda code: taxonomy[code].name),
        Column("", "class", lambda code: code),
        share_column("Recall", "recall", lambda code: scores.recalls[code]),
        share_column("Precision", "precision", lambda code: scores.precisions[code]),
        share_column("F1", "f1", lambda code: scores.f1[code]),
    ]
    return table_of("evaluation-recall", "Recall, precision and F1 by class", columns, scores.codes)


def confusion_frame(evaluation: Evaluation) -> pd.DataFrame:
    """Counts, rows the truth, for download."""
    codes = list(evaluation.classification.codes)
    frame = pd.DataFrame(evaluation.classification.confusion, columns=codes)
    frame.insert(0, "truth", codes)
    return frame


def _error(curve: ReliabilityCurve | None) -> float | None:
    return None if curve is None else curve.expected_error


_MEASURES: tuple[tuple[str, str, Callable[[CalibrationMeasures], float | None], Callable[[float | None], str]], ...] = (
    ("Calibration error, most probable class (10 bins of equal width)", "error_top_class",
     lambda m: _error(m.top_class), percent),
    ("Calibration error, most probable class (bins of equal size)", "error_top_class_mass",
     lambda m: _error(m.top_class_mass), percent),
    ("Calibration error, malignancy (bins of equal width)", "error_malignancy",
     lambda m: _error(m.malignancy), percent),
    ("Brier score, all classes (0 to 2)", "brier", lambda m: m.brier, number),
    ("Brier score, malignancy (0 to 1)", "malignancy_brier", lambda m: m.malignancy_brier, number),
    ("Log loss (nats)", "log_loss", lambda m: m.log_loss, number),
)  # fmt: skip


def calibration_table(evaluation: Evaluation) -> ResultTable:
    """Calibration figures before and after temperature scaling."""
    columns: list[Column[Any]] = [
        Column("Figure (lower is better)", "", lambda row: row[0]),
        Column("", "figure", lambda row: row[1]),
        Column("As stated", "stated", lambda row: row[2](evaluation.calibration), None),
    ]
    scaled = scaled_measures(evaluation)
    if scaled is not None:
        columns.append(Column("After temperature scaling", "temperature_scaled", lambda row: row[2](scaled), None))
    made = table_of("evaluation-calibration-measures", "Calibration", columns, _MEASURES)
    # Each row has a unit of its own, so that words are by row here.
    shown = made.shown.copy().astype(object)
    for i, (_, _, _, written) in enumerate(_MEASURES):
        shown.iloc[i, 1:] = [written(None if pd.isna(value) else value) for value in made.shown.iloc[i, 1:]]
    return replace(made, shown=shown)


def scaled_measures(evaluation: Evaluation) -> CalibrationMeasures | None:
    """Calibration after temperature scaling; None where no temperature could be fitted."""
    return None if evaluation.calibration_scaled is None else evaluation.calibration_scaled.measures


def calibration_frame(evaluation: Evaluation) -> pd.DataFrame:
    """The bins of every reliability curve, for download; probabilities 0..1."""
    curves: list[tuple[str, str, ReliabilityCurve | None]] = []
    for kind, measures in (
        ("stated", evaluation.calibration),
        ("temperature_scaled", scaled_measures(evaluation)),
    ):
        if measures is not None:
            curves += [(kind, "top_class", measures.top_class), (kind, "malignancy", measures.malignancy)]
    rows = [
        {
            "probabilities": kind, "of": what, "lower": b.lower, "upper": b.upper, "count": b.count, "stated": b.stated,
            "observed": b.observed, "observed_low": b.low, "observed_high": b.high,
        }
        for kind, what, curve in curves
        if curve is not None
        for b in curve.bins
    ]  # fmt: skip
    return pd.DataFrame(rows)


def subgroup_table(table: SubgroupTable) -> ResultTable:
    """One attribute's parts with their figures."""
    columns: list[Column[Subgroup]] = [
        Column(table.title, table.column, lambda part: part.value, lambda value: value.replace("_", " ")),
        Column("Images", "images", lambda part: part.images),
        Column("Malignant", "malignant", lambda part: part.malignant),
        Column("", "benign", lambda part: part.benign),
        number_column("AUC", "auc", lambda part: part.auc.estimate),
        share_column("Sensitivity", "sensitivity", lambda part: part.sensitivity),
        share_column("Specificity", "specificity", lambda part: part.specificity),
        share_column("Top-1 accuracy", "accuracy", lambda part: part.accuracy),
        share_column("Mean recall", "mean_recall", lambda part: part.mean_recall),
        Column("Note", "note", lambda part: part.note, lambda note: note or ""),
    ]
    return table_of(f"evaluation-by-{table.column}", f"{table.title}: malignancy and diagnosis", columns, table.rows)


def decision_frame(curve: DecisionCurve) -> pd.DataFrame:
    """The decision curve for download; net benefit in true positives per case."""
    return pd.DataFrame(
        {
            "threshold": curve.thresholds,
            "model": curve.model,
            "model_low": curve.low,
            "model_high": curve.high,
            "treat_all": curve.treat_all,
            "treat_none": 0.0,
            "advantage": curve.advantage,
            "advantage_low": curve.advantage_low,
            "advantage_high": curve.advantage_high,
        }
    )


def repeats_table(repeats: Repeats, taxonomy: Taxonomy) -> ResultTable:
    """Mean and SD over the repeats: people see each class with its figures, the CSV one figure in a row."""
    shown = []
    for code, figures in repeats.classes.items():
        row = {"Class": "Malignant" if code == MALIGNANCY else taxonomy[code].name}
        for key, found in figures.items():
            written = spread if key == "auc" else percent_spread
            row["AUC" if key == "auc" else key.capitalize()] = written(found.mean, found.sd)
        shown.append(row)
    every = repeats.classes | {"overall": repeats.overall}
    numbers = [
        {"class": code, "figure": key, "mean": found.mean, "sd": found.sd}
        for code, figures in every.items()
        for key, found in figures.items()
    ]
    title = f"Mean \N{PLUS-MINUS SIGN} standard deviation of {counted(len(repeats.names), 'repeat')}"
    return ResultTable("evaluation-repeats", title, pd.DataFrame(numbers), pd.DataFrame(shown))
