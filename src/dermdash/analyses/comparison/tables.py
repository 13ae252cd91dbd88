"""The tables of a comparison: of two models, or of a model with readers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dermdash.analyses.columns import Column, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analysis.model_comparison import ClassDifference, MetricDifference, ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison, ReaderDifference, ReaderPoint
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


def metric_table(comparison: ModelComparison) -> ResultTable:
    """Figures of both models with the paired difference and its interval."""
    columns: list[Column[MetricDifference]] = [
        Column("Figure", "", lambda m: METRICS.get(m.metric, m.metric.replace("_", " ").capitalize())),
        Column("", "figure", lambda m: m.metric),
        Column("", "first", lambda m: m.first),
        Column("", "second", lambda m: m.second),
        Column("", "difference", lambda m: m.difference),
        Column("", "low", lambda m: m.low),
        Column("", "high", lambda m: m.high),
        Column(comparison.first, "", lambda m: metric_text(m, m.first)),
        Column(comparison.second, "", lambda m: metric_text(m, m.second)),
        Column("Difference", "", lambda m: _change(m)(m.difference)),
        Column(CI, "", lambda m: _interval(m.metric, m.low, m.high)),
    ]
    return table_of("comparison-figures", "Figures of both", columns, comparison.metrics)


def metric_text(found: MetricDifference, value: float | None) -> str:
    """The figure of one model as people read it."""
    return (percent if found.metric in _SHARES else number)(value)


def difference_text(found: MetricDifference) -> str:
    """The difference with its interval."""
    return _change(found)(found.difference, found.low, found.high)


def _change(found: MetricDifference) -> Callable[..., str]:
    return points if found.metric in _SHARES else difference


def _interval(metric: str, low: float | None, high: float | None) -> str:
    decimals, scale = (1, 100) if metric in _SHARES else (3, 1)
    return bounds(low, high, decimals, scale=scale)


def class_difference_table(comparison: ModelComparison, taxonomy: Taxonomy) -> ResultTable:
    """Areas of both models by class with DeLong's paired test on patients, and Holm's correction over classes."""

    def name(found: ClassDifference) -> str:
        return "Malignant (sum of its classes)" if found.code == MALIGNANCY else taxonomy[found.code].name

    def of(field: str) -> Callable[[ClassDifference], float | None]:
        return lambda found: None if found.grouped is None else getattr(found.grouped, field)

    def interval(found: ClassDifference) -> str:
        test = found.grouped
        return found.reason or "" if test is None else bounds(test.low, test.high, 3)

    rows = [*comparison.classes, *((comparison.malignancy,) if comparison.malignancy else ())]
    columns: list[Column[ClassDifference]] = [
        Column("AUC of", "", name),
        Column("", "class", lambda c: c.code),
        Column("Cases", "positives", lambda c: c.positives),
        Column(comparison.first, "first", of("first"), number),
        Column(comparison.second, "second", of("second"), number),
        Column("Difference", "difference", of("difference"), difference),
        Column("", "low", of("low")),
        Column("", "high", of("high")),
        Column(CI, "", interval),
        Column("p", "p", of("p_value"), p_value),
        Column("", "p_holm", lambda c: c.p_holm),
        Column("p (Holm)", "", lambda c: "\N{EN DASH}" if c.code == MALIGNANCY else p_value(c.p_holm)),
        Column("", "reason", lambda c: c.reason),
    ]
    return table_of("comparison-areas", "Areas under the ROC curves (paired; Holm over the classes)", columns, rows)


def mcnemar_table(comparison: ModelComparison) -> ResultTable:
    """How many cases each had right: rows the first model, columns the second."""
    found = comparison.mcnemar
    rows = [
        ("First right", "first_right", found.both_right, found.only_first),
        ("First wrong", "first_wrong", found.only_second, found.both_wrong),
    ]
    columns: list[Column[tuple[str, str, int, int]]] = [
        Column("Cases", "", lambda row: row[0]),
        Column("", "cases", lambda row: row[1]),
        Column("Second right", "second_right", lambda row: row[2]),
        Column("Second wrong", "second_wrong", lambda row: row[3]),
    ]
    return table_of("comparison-mcnemar", "Who had the diagnosis right", columns, rows)


def comparison_frame(comparison: ModelComparison, taxonomy: Taxonomy) -> pd.DataFrame:
    """Every difference of two models, for download; shares 0..1."""
    areas = class_difference_table(comparison, taxonomy).numbers.assign(figure="auc")
    found = comparison.mcnemar
    either = pd.DataFrame(
        [
            {
                "figure": "mcnemar_only_one_right", "first": found.only_first, "second": found.only_second,
                "difference": found.only_first - found.only_second, "p": found.p_value,
            }
        ]
    )  # fmt: skip
    parts = [metric_table(comparison).numbers, areas, either]
    head = ["figure", "class", "first", "second", "difference", "low", "high", "p", "p_holm"]
    joined = pd.DataFrame([row for part in parts for row in part.to_dict("records")], columns=head)
    joined["class"] = joined["class"].fillna("")
    return joined.assign(first_model=comparison.first, second_model=comparison.second)


def reader_metric_table(comparison: ReaderComparison) -> ResultTable:
    """Model and mean of readers with the difference and its interval."""
    columns: list[Column[ReaderDifference]] = [
        Column("Figure", "", lambda d: READER_METRICS.get(d.metric, d.metric.replace("_", " ").capitalize())),
        Column("", "figure", lambda d: d.metric),
        Column("Model", "model", lambda d: d.model, percent),
        Column("Readers, mean", "readers_mean", lambda d: d.readers, percent),
        Column("Difference", "difference", lambda d: d.difference, points),
        Column("", "low", lambda d: d.low),
        Column("", "high", lambda d: d.high),
        Column(CI, "", lambda d: bounds(d.low, d.high, scale=100)),
        Column("", "reason", lambda d: d.reason),
    ]
    return table_of("comparison-with-readers", "Model and readers", columns, comparison.differences)


def reader_table(comparison: ReaderComparison) -> ResultTable:
    """Each reader and the model on the cases that this reader read."""
    columns: list[Column[ReaderPoint]] = [
        Column("Reader", "reader", lambda r: r.reader),
        Column("Cases", "cases", lambda r: r.cases),
        Column("Accuracy", "accuracy", lambda r: r.accuracy, percent),
        Column("Model on these cases", "model_accuracy", lambda r: r.model_accuracy, percent),
        Column("Sensitivity, malignant", "sensitivity", lambda r: r.points[MALIGNANCY].sensitivity, percent),
        Column("Specificity, malignant", "specificity", lambda r: r.points[MALIGNANCY].specificity, percent),
        Column("Id", "", lambda r: r.reader),
    ]
    return table_of("comparison-readers", "Each reader and the model", columns, comparison.readers)


def reader_frame(comparison: ReaderComparison) -> pd.DataFrame:
    """Every reader's point for every class, the mean point, and the differences, for download; shares 0..1."""
    rows: list[dict[str, object]] = []
    points_of = [(r.reader, r.points) for r in comparison.readers]
    for reader, by_class in [*points_of, ("mean of readers", comparison.mean_points)]:
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
