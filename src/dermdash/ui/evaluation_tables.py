"""The tables of an evaluation, in words for the page and in numbers for download."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dermdash.analysis.calibration import CalibrationMeasures, ReliabilityCurve
from dermdash.analysis.decision_curve import DecisionCurve
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.evaluation import Evaluation, Repeats
from dermdash.analysis.one_vs_rest import OneVsRest
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.analysis.subgroups import SubgroupTable
from dermdash.analysis.threshold_rates import rates_at
from dermdash.charts.subgroup_forest import subgroup_estimate
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import (
    CI,
    NOT_COMPUTED,
    counted,
    estimated_number,
    estimated_percent,
    number,
    percent,
    percent_spread,
    spread,
    threshold,
)

_TOP = {"accuracy": "Top-1 accuracy", "mean_recall": "Mean recall", "macro_f1": "Mean F1"}


def every_score(evaluation: Evaluation) -> list[OneVsRest]:
    """Malignancy where there is one, then each class in the order of the taxonomy."""
    return [*((evaluation.malignancy,) if evaluation.malignancy else ()), *evaluation.classes]


def class_table_in_words(evaluation: Evaluation) -> pd.DataFrame:
    """S3's Table 1: one row per class, then the average over classes, then malignancy."""
    rows = [_class_row(found) for found in evaluation.classes]
    average = evaluation.average

    def mean(key: str) -> str:
        return percent(average[key])

    rows.append(
        {
            "Class": f"Average of {counted(int(average['classes'] or 0), 'class', 'classes')}",
            "Cases": evaluation.images,
            "AUC": number(average["auc"]),
            "Sensitivity": mean("sensitivity"),
            "Specificity": mean("specificity"),
            "Threshold": threshold(average["threshold"]),
            "Specificity (malignant)": mean("specificity_malignant"),
            "Specificity (benign)": mean("specificity_benign"),
        }
    )
    if evaluation.malignancy is not None:
        rows.append(_class_row(evaluation.malignancy) | {"Class": "Malignant (sum of its classes)"})
    return pd.DataFrame(rows)


def _class_row(found: OneVsRest) -> dict[str, object]:
    return {
        "Class": f"{found.name} \N{MIDDLE DOT} malignant" if found.status == "malignant" else found.name,
        "Cases": found.positives,
        "AUC": estimated_number(found.auc.estimate),
        "Sensitivity": estimated_percent(found.sensitivity),
        "Specificity": estimated_percent(found.specificity),
        "Threshold": threshold(found.threshold),
        "Specificity (malignant)": "\N{EN DASH}"
        if found.code == MALIGNANCY
        else estimated_percent(found.specificity_malignant),
        "Specificity (benign)": estimated_percent(found.specificity_benign),
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


def threshold_table(by_dataset: dict[str, OneVsRest], chosen: float | None) -> pd.DataFrame:
    """What the chosen threshold reaches in each data set, beside the threshold that each would choose for itself."""
    rows = []
    for name, found in by_dataset.items():
        own, at_chosen = _rates(found, found.youden_threshold), _rates(found, chosen)
        rows.append(
            {
                "Data set": name,
                "Positive": found.positives,
                "Other": found.negatives,
                "Sensitivity, chosen threshold": at_chosen[0],
                "Specificity, chosen threshold": at_chosen[1],
                "Own Youden threshold": threshold(found.youden_threshold),
                "Sensitivity, own": own[0],
                "Specificity, own": own[1],
            }
        )
    return pd.DataFrame(rows)


def _rates(found: OneVsRest, at: float | None) -> tuple[str, str]:
    if found.roc is None or at is None:
        return NOT_COMPUTED, NOT_COMPUTED
    rates = rates_at(found.roc, np.array([at]))
    return percent(float(rates.sensitivity[0])), percent(float(rates.specificity[0]))


def top_table(evaluation: Evaluation) -> pd.DataFrame:
    """Top-1, top-k, mean recall and mean F1 with intervals."""
    scores = evaluation.classification
    found: list[tuple[str, Estimate]] = [(_TOP["accuracy"], scores.accuracy)]
    found += [(f"Top-{k} accuracy", estimate) for k, estimate in scores.top_k.items() if k > 1]
    found += [(_TOP["mean_recall"], scores.mean_recall), (_TOP["macro_f1"], scores.macro_f1)]
    return pd.DataFrame([{"Figure": name, f"Value ({CI})": estimated_percent(estimate)} for name, estimate in found])


def recall_table(evaluation: Evaluation, taxonomy: Taxonomy) -> pd.DataFrame:
    """Recall, precision and F1 by class when each image is called by its most probable class."""
    scores = evaluation.classification
    return pd.DataFrame(
        [
            {
                "Class": taxonomy[code].name,
                "Recall": estimated_percent(scores.recalls[code]),
                "Precision": estimated_percent(scores.precisions[code]),
                "F1": estimated_percent(scores.f1[code]),
            }
            for code in scores.codes
        ]
    )


def confusion_frame(evaluation: Evaluation) -> pd.DataFrame:
    """Counts, rows the truth, for download."""
    codes = list(evaluation.classification.codes)
    frame = pd.DataFrame(evaluation.classification.confusion, columns=codes)
    frame.insert(0, "truth", codes)
    return frame


def calibration_table(evaluation: Evaluation) -> pd.DataFrame:
    """Calibration figures before and after temperature scaling."""
    measures = [evaluation.calibration]
    heads = ["As stated"]
    if evaluation.calibration_scaled is not None:
        measures.append(evaluation.calibration_scaled.measures)
        heads.append("After temperature scaling")
    rows = [_calibration_column(m) for m in measures]
    table = pd.DataFrame({"Figure (lower is better)": list(rows[0])})
    for head, row in zip(heads, rows, strict=True):
        table[head] = list(row.values())
    return table


def _calibration_column(measures: CalibrationMeasures) -> dict[str, str]:
    def error(curve: ReliabilityCurve | None) -> str:
        return percent(None if curve is None else curve.expected_error)

    return {
        "Calibration error, most probable class (10 bins of equal width)": error(measures.top_class),
        "Calibration error, most probable class (bins of equal size)": error(measures.top_class_mass),
        "Calibration error, malignancy (bins of equal width)": error(measures.malignancy),
        "Brier score, all classes (0 to 2)": number(measures.brier),
        "Brier score, malignancy (0 to 1)": number(measures.malignancy_brier),
        "Log loss (nats)": number(measures.log_loss),
    }


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


def subgroup_table_in_words(table: SubgroupTable) -> pd.DataFrame:
    """One attribute's parts with their figures."""
    return pd.DataFrame(
        [
            {
                table.title: part.value.replace("_", " "),
                "Images": part.images,
                "Malignant": part.malignant,
                "AUC": estimated_number(subgroup_estimate(part, "auc")),
                "Sensitivity": estimated_percent(part.sensitivity),
                "Specificity": estimated_percent(part.specificity),
                "Top-1 accuracy": estimated_percent(part.accuracy),
                "Mean recall": estimated_percent(part.mean_recall),
                "Note": part.note or "",
            }
            for part in table.rows
        ]
    )


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


def repeats_table(repeats: Repeats, taxonomy: Taxonomy) -> pd.DataFrame:
    """Mean and SD over the repeats, class by class, as S3 prints them."""
    rows = []
    for code, figures in repeats.classes.items():
        row = {"Class": "Malignant" if code == MALIGNANCY else taxonomy[code].name}
        for key, found in figures.items():
            written = spread if key == "auc" else percent_spread
            row["AUC" if key == "auc" else key.capitalize()] = written(found.mean, found.sd)
        rows.append(row)
    return pd.DataFrame(rows)
