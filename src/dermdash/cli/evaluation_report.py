"""An evaluation as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from dermdash.analysis.auc_intervals import RULE as AREA_RULE
from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.wording import (
    counted,
    difference,
    estimated_number,
    estimated_percent,
    level,
    not_computed,
    number,
    p_value,
    p_words,
    percent,
    percent_spread,
    points,
    spread,
    threshold,
)

if TYPE_CHECKING:
    from dermdash.analysis.evaluation import Evaluation, Repeats
    from dermdash.analysis.one_vs_rest import OneVsRest
    from dermdash.analysis.subgroups import SubgroupTable

_PIPE_WIDTH = 170


def show_evaluation(evaluation: Evaluation) -> None:
    """Print the figures a person looks for first; the JSON has all of them."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, _PIPE_WIDTH))
    _head(console, evaluation)
    for table in _tables(evaluation):
        console.print(table)
    _calibration(console, evaluation)
    if isinstance(evaluation.comparison, ModelComparison):
        _models(console, evaluation.comparison)
    elif isinstance(evaluation.comparison, ReaderComparison):
        _readers(console, evaluation.comparison)


def _head(console: Console, evaluation: Evaluation) -> None:
    source = evaluation.source
    what = (
        f"Model {source['model']['name']} ({source['model']['id']})"
        if source.get("kind") == "model"
        else f"Predictions {source['predictions'][0]}"
    )
    against = source.get("truth") or ", ".join(source.get("dataset_names", []))
    if len(source.get("datasets", [])) > 1:
        against += " (pooled)"
    console.print(f"{what} on {against}", markup=False)
    kinds = {"patient": "patient", "lesion": "lesion", "image": "single image"}
    groups = ", ".join(counted(n, kinds[kind]) for kind, n in evaluation.grouping.items() if n)
    console.print(f"{counted(evaluation.images, 'image')}, grouped as {groups}")
    left = ", ".join(f"{n:,} {reason.replace('_', ' ')}" for reason, n in evaluation.left_out.items() if n)
    if left:
        console.print(f"Left out: {left}")
    for warning in evaluation.warnings:
        console.print(f"Note: {warning}", markup=False)
    scores = evaluation.classification
    shown = [
        f"Top-1 accuracy {estimated_percent(scores.accuracy)}",
        f"mean recall {estimated_percent(scores.mean_recall)}",
    ]
    shown += [f"top-{k} {estimated_percent(estimate)}" for k, estimate in scores.top_k.items() if k > 1]
    console.print("; ".join(shown))


def _tables(evaluation: Evaluation) -> list[Table]:
    table = Table(
        title=f"Each class against the rest ({level(evaluation.options.confidence)} intervals)", caption=AREA_RULE
    )
    table.add_column("Class")
    for name in ("n", "AUC", "Threshold", "Sensitivity", "Specificity", "Sp. malignant", "Sp. benign", "Recall"):
        table.add_column(name, justify="right")
    for found in (*evaluation.classes, *((evaluation.malignancy,) if evaluation.malignancy else ())):
        recall = evaluation.classification.recalls.get(found.code)
        table.add_row(*_class_cells(found), "" if recall is None else estimated_percent(recall))
    average = evaluation.average
    mean = [average["sensitivity"], average["specificity"], average["specificity_malignant"]]
    cells = [percent(v) for v in (*mean, average["specificity_benign"])]
    table.add_section()
    table.add_row("Average", "", number(average["auc"]), threshold(average["threshold"]), *cells, "")
    tables = [table, *[_subgroups(t) for t in evaluation.subgroups]]
    return tables if evaluation.repeats is None else [*tables, _repeats(evaluation.repeats)]


def _class_cells(found: OneVsRest) -> list[str]:
    auc = found.auc.estimate
    area = not_computed(auc.reason) if auc.value is None else estimated_number(auc)
    rates = (found.sensitivity, found.specificity, found.specificity_malignant, found.specificity_benign)
    return [
        found.name,
        f"{found.positives:,}",
        area,
        threshold(found.threshold),
        *[estimated_percent(rate) for rate in rates],
    ]


def _subgroups(found: SubgroupTable) -> Table:
    table = Table(title=f"{found.title}: malignancy and diagnosis")
    table.add_column(found.title)
    for name in ("Images", "Malignant", "AUC", "Sensitivity", "Specificity", "Accuracy", "Mean recall"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in found.rows:
        area = estimated_number(row.auc.estimate)
        rates = (row.sensitivity, row.specificity, row.accuracy, row.mean_recall)
        note = "few cases" if row.note else ""
        table.add_row(
            row.value, f"{row.images:,}", f"{row.malignant:,}", area, *[estimated_percent(r) for r in rates], note
        )
    return table


def _repeats(repeats: Repeats) -> Table:
    table = Table(title=f"Mean ± SD of {counted(len(repeats.names), 'repeat')}")
    table.add_column("Class")
    keys = ("auc", "sensitivity", "specificity", "threshold")
    for name in keys:
        table.add_column(name.upper() if name == "auc" else name.capitalize(), justify="right")
    for code, figures in repeats.classes.items():
        cells = []
        for key in keys:
            written = spread if key == "auc" else percent_spread
            cells.append(written(figures[key].mean, figures[key].sd))
        table.add_row(code, *cells)
    return table


def _calibration(console: Console, evaluation: Evaluation) -> None:
    before = evaluation.calibration
    console.print(
        f"Calibration: Brier {number(before.brier)}, log loss {number(before.log_loss)}, "
        f"ECE {percent(before.top_class.expected_error)} (top class)"
    )
    if (scaled := evaluation.calibration_scaled) is not None:
        after = scaled.measures
        how = "cross-fitted" if scaled.fitted_on == "cross_fitted" else f"fitted on {scaled.fitted_on}"
        console.print(
            f"  with temperature {number(scaled.temperature, 2)} ({how}): Brier {number(after.brier)}, "
            f"log loss {number(after.log_loss)}, ECE {percent(after.top_class.expected_error)}",
            markup=False,
        )


def _models(console: Console, found: ModelComparison) -> None:
    console.print(f"{found.first} minus {found.second}, {counted(found.images, 'image')}", markup=False)
    for warning in found.warnings:
        console.print(f"Note: {warning}", markup=False)
    table = Table(title="Paired differences of AUC (Holm over the classes)")
    table.add_column("Class")
    for name in ("First", "Second", "Difference", "p", "p (Holm)"):
        table.add_column(name, justify="right")
    for row in (*found.classes, *((found.malignancy,) if found.malignancy else ())):
        d = row.grouped
        if d is None:
            table.add_row(row.code, "", "", not_computed(row.reason), "", "")
            continue
        table.add_row(
            row.code,
            number(d.first),
            number(d.second),
            difference(d.difference, d.low, d.high),
            p_value(d.p_value),
            "" if row.p_holm is None else p_value(row.p_holm),
        )
    console.print(table)
    for metric in found.metrics:
        if metric.difference is None or metric.first is None or metric.second is None:
            continue
        console.print(
            f"  {metric.metric.replace('_', ' ')}: {number(metric.first)} and {number(metric.second)}, "
            f"{difference(metric.difference, metric.low, metric.high)}"
        )
    test = found.mcnemar
    console.print(
        f"  right only in the first {test.only_first:,}, only in the second {test.only_second:,}: "
        f"McNemar {'between lesions or patients' if test.clustered else 'exact'} {p_words(test.p_value)}"
    )


def _readers(console: Console, found: ReaderComparison) -> None:
    kind = "simulated reader" if found.simulated else "reader"
    console.print(
        f"Against {counted(len(found.readers), kind)}, {counted(found.answers, 'unaided answer')} to "
        f"{counted(found.images, 'image')}; the "
        f"model's malignancy curve passes above {found.readers_below_curve} of {found.readers_placed} of them."
    )
    for warning in found.warnings:
        console.print(f"Note: {warning}", markup=False)
    for d in found.differences:
        name = d.metric.replace("_", " ")
        if d.difference is None or d.model is None or d.readers is None:
            console.print(f"  {name}: {d.reason}")
            continue
        console.print(
            f"  {name}: model {percent(d.model)}, readers {percent(d.readers)}, "
            f"difference {points(d.difference, d.low, d.high)}"
        )
