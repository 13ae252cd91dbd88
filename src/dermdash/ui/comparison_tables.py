"""The tables of a comparison, in words for the page and in numbers for download."""

from __future__ import annotations

import pandas as pd

from dermdash.analysis.model_comparison import ClassDifference, MetricDifference, ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import CI, bounds, difference, number, p_value, percent, points

METRICS = {
    "accuracy": "Top-1 accuracy",
    "mean_recall": "Mean recall",
    "mean_auc": "Mean AUC over classes",
    "malignancy_auc": "AUC for malignancy",
    "brier": "Brier score (lower is better)",
}
READER_METRICS = {
    "accuracy": "Accuracy of the diagnosis",
    "specificity_at_readers_sensitivity": "Specificity at the readers' sensitivity",
    "sensitivity_at_readers_specificity": "Sensitivity at the readers' specificity",
}
_SHARES = ("accuracy", "mean_recall")


def metric_table(comparison: ModelComparison) -> pd.DataFrame:
    """Figures of both models with the paired difference and its interval."""
    return pd.DataFrame([_metric_row(m, comparison) for m in comparison.metrics])


def _metric_row(found: MetricDifference, comparison: ModelComparison) -> dict[str, str]:
    share = found.metric in _SHARES
    value, change, scale, decimals = (percent, points, 100, 1) if share else (number, difference, 1, 3)
    return {
        "Figure": METRICS.get(found.metric, found.metric.replace("_", " ").capitalize()),
        comparison.first: value(found.first),
        comparison.second: value(found.second),
        "Difference": change(found.difference),
        CI: bounds(found.low, found.high, decimals, scale=scale),
    }


def class_difference_table(comparison: ModelComparison, taxonomy: Taxonomy) -> pd.DataFrame:
    """Areas of both models by class with DeLong's paired test on patients, and Holm's correction over classes."""
    rows = [_class_row(c, taxonomy[c.code].name, comparison) for c in comparison.classes]
    if comparison.malignancy is not None:
        rows.append(_class_row(comparison.malignancy, "Malignant (sum of its classes)", comparison))
    return pd.DataFrame(rows)


def _class_row(found: ClassDifference, name: str, comparison: ModelComparison) -> dict[str, object]:
    test = found.grouped
    beside = "" if found.code != MALIGNANCY else "\N{EN DASH}"
    return {
        "AUC of": name,
        "Cases": found.positives,
        comparison.first: number(None if test is None else test.first),
        comparison.second: number(None if test is None else test.second),
        "Difference": difference(None if test is None else test.difference),
        CI: found.reason if test is None else bounds(test.low, test.high, 3),
        "p": p_value(None if test is None else test.p_value),
        "p (Holm)": beside or p_value(found.p_holm),
    }


def mcnemar_table(comparison: ModelComparison) -> pd.DataFrame:
    """How many cases each had right: rows the first model, columns the second."""
    found = comparison.mcnemar
    return pd.DataFrame(
        {
            "Cases": ["First right", "First wrong"],
            "Second right": [found.both_right, found.only_second],
            "Second wrong": [found.only_first, found.both_wrong],
        }
    )


def comparison_frame(comparison: ModelComparison) -> pd.DataFrame:
    """Every difference of two models, for download; shares 0..1."""
    rows: list[dict[str, object]] = [
        {
            "figure": m.metric, "class": "", "first": m.first, "second": m.second, "difference": m.difference,
            "low": m.low, "high": m.high, "p": None, "p_holm": None,
        }
        for m in comparison.metrics
    ]  # fmt: skip
    for c in (*comparison.classes, *((comparison.malignancy,) if comparison.malignancy else ())):
        test = c.grouped
        rows.append(
            {
                "figure": "auc", "class": c.code, "first": test and test.first, "second": test and test.second,
                "difference": test and test.difference, "low": test and test.low, "high": test and test.high,
                "p": test and test.p_value, "p_holm": c.p_holm,
            }
        )  # fmt: skip
    found = comparison.mcnemar
    rows.append(
        {
            "figure": "mcnemar_only_one_right", "class": "", "first": found.only_first, "second": found.only_second,
            "difference": found.only_first - found.only_second, "p": found.p_value,
        }
    )  # fmt: skip
    return pd.DataFrame(rows).assign(first_model=comparison.first, second_model=comparison.second)


def reader_metric_table(comparison: ReaderComparison) -> pd.DataFrame:
    """Model and mean of readers with the difference and its interval."""
    return pd.DataFrame(
        [
            {
                "Figure": READER_METRICS.get(d.metric, d.metric.replace("_", " ").capitalize()),
                "Model": percent(d.model),
                "Readers, mean": percent(d.readers),
                "Difference": points(d.difference),
                CI: bounds(d.low, d.high, scale=100),
            }
            for d in comparison.differences
        ]
    )


def reader_table(comparison: ReaderComparison) -> pd.DataFrame:
    """Each reader and the model on the cases that this reader read."""
    rows = []
    for reader in comparison.readers:
        point = reader.points[MALIGNANCY]
        rows.append(
            {
                "Reader": reader.reader,
                "Cases": reader.cases,
                "Accuracy": percent(reader.accuracy),
                "Model on these cases": percent(reader.model_accuracy),
                "Sensitivity, malignant": percent(point.sensitivity),
                "Specificity, malignant": percent(point.specificity),
                "Id": reader.reader,
            }
        )
    return pd.DataFrame(rows)


def reader_frame(comparison: ReaderComparison) -> pd.DataFrame:
    """Every reader's point for every class, the mean point, and the differences, for download; shares 0..1."""
    rows: list[dict[str, object]] = []
    points = [(r.reader, r.points) for r in comparison.readers]
    for reader, by_class in [*points, ("mean of readers", comparison.mean_points)]:
        rows += [
            {
                "what": "point",
                "reader": reader,
                "class": code,
                "sensitivity": p.sensitivity,
                "specificity": p.specificity,
            }
            for code, p in by_class.items()
        ]
    rows += [
        {
            "what": d.metric, "model_value": d.model, "readers_mean": d.readers, "difference": d.difference,
            "low": d.low, "high": d.high,
        }
        for d in comparison.differences
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(model=comparison.model)
