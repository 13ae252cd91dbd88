"""An evaluation as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.reader_comparison import ReaderComparison

if TYPE_CHECKING:
    from dermdash.analysis.estimates import Estimate
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
        f"Model {source['model']['id']} ({source['model']['name']})"
        if source.get("kind") == "model"
        else f"Predictions {source['predictions'][0]}"
    )
    against = source.get("truth") or ", ".join(source.get("datasets", []))
    if len(source.get("datasets", [])) > 1:
        against += " (pooled)"
    console.print(f"{what} on {against}", markup=False)
    kinds = {"patient": "patients", "lesion": "lesions", "image": "single images"}
    groups = ", ".join(f"{n:,} {kinds[kind]}" for kind, n in evaluation.grouping.items() if n)
    console.print(f"{evaluation.images:,} images, grouped as {groups}")
    left = ", ".join(f"{n:,} {reason.replace('_', ' ')}" for reason, n in evaluation.left_out.items() if n)
    if left:
        console.print(f"Left out: {left}")
    for warning in evaluation.warnings:
        console.print(f"Note: {warning}", markup=False)
    scores = evaluation.classification
    shown = [f"Top-1 accuracy {_share(scores.accuracy)}", f"mean recall {_share(scores.mean_recall)}"]
    shown += [f"top-{k} {_share(estimate)}" for k, estimate in scores.top_k.items() if k > 1]
    console.print("; ".join(shown))


def _tables(evaluation: Evaluation) -> list[Table]:
    table = Table(title=f"Each class against the rest ({100 * evaluation.options.confidence:g} % intervals)")
    table.add_column("Class")
    for name in ("n", "AUC", "Threshold", "Sensitivity", "Specificity", "Sp. malignant", "Sp. benign", "Recall"):
        table.add_column(name, justify="right")
    for found in (*evaluation.classes, *((evaluation.malignancy,) if evaluation.malignancy else ())):
        recall = evaluation.classification.recalls.get(found.code)
        table.add_row(*_class_cells(found), "" if recall is None else _share(recall))
    average = evaluation.average
    mean = [average["sensitivity"], average["specificity"], average["specificity_malignant"]]
    cells = ["" if v is None else f"{100 * v:.1f} %" for v in (*mean, average["specificity_benign"])]
    auc, threshold = average["auc"], average["threshold"]
    table.add_section()
    table.add_row(
        "Average", "", "" if auc is None else f"{auc:.3f}", "" if threshold is None else f"{threshold:.4f}", *cells, ""
    )
    tables = [table, *[_subgroups(t) for t in evaluation.subgroups]]
    return tables if evaluation.repeats is None else [*tables, _repeats(evaluation.repeats)]


def _class_cells(found: OneVsRest) -> list[str]:
    auc = found.auc.estimate
    area = f"({auc.reason})" if auc.value is None else _plain(auc)
    threshold = "-" if found.threshold is None else f"{found.threshold:.4f}"
    rates = (found.sensitivity, found.specificity, found.specificity_malignant, found.specificity_benign)
    return [found.name, f"{found.positives:,}", area, threshold, *[_share(rate) for rate in rates]]


def _subgroups(found: SubgroupTable) -> Table:
    table = Table(title=f"{found.title}: malignancy and diagnosis")
    table.add_column(found.title)
    for name in ("Images", "Malignant", "AUC", "Sensitivity", "Specificity", "Accuracy", "Mean recall"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in found.rows:
        auc = row.auc.estimate
        area = "-" if auc.value is None else f"{auc.value:.3f}" + _interval(row.auc.grouped, 1)
        rates = (row.sensitivity, row.specificity, row.accuracy, row.mean_recall)
        note = "few cases" if row.note else ""
        table.add_row(row.value, f"{row.images:,}", f"{row.malignant:,}", area, *[_share(r) for r in rates], note)
    return table


def _repeats(repeats: Repeats) -> Table:
    table = Table(title=f"Mean ± SD of {len(repeats.names)} repeats")
    table.add_column("Class")
    keys = ("auc", "sensitivity", "specificity", "threshold")
    for name in keys:
        table.add_column(name.upper() if name == "auc" else name.capitalize(), justify="right")
    for code, figures in repeats.classes.items():
        cells = []
        for key in keys:
            spread, scale = figures[key], 100 if key in ("sensitivity", "specificity") else 1
            digits = 1 if scale == 100 else 4
            cells.append(
                "-"
                if spread.mean is None
                else f"{scale * spread.mean:.{digits}f} ± {scale * (spread.sd or 0):.{digits}f}"
            )
        table.add_row(code, *cells)
    return table


def _calibration(console: Console, evaluation: Evaluation) -> None:
    before = evaluation.calibration
    console.print(
        f"Calibration: Brier {before.brier:.3f}, log loss {before.log_loss:.3f}, "
        f"ECE {before.top_class.expected_error:.3f} (top class)"
    )
    if (scaled := evaluation.calibration_scaled) is not None:
        after = scaled.measures
        how = "cross-fitted" if scaled.fitted_on == "cross_fitted" else f"fitted on {scaled.fitted_on}"
        console.print(
            f"  with temperature {scaled.temperature:.2f} ({how}): Brier {after.brier:.3f}, "
            f"log loss {after.log_loss:.3f}, ECE {after.top_class.expected_error:.3f}",
            markup=False,
        )


def _models(console: Console, found: ModelComparison) -> None:
    console.print(f"{found.first} minus {found.second}, {found.images:,} images", markup=False)
    for warning in found.warnings:
        console.print(f"Note: {warning}", markup=False)
    table = Table(title="Paired differences of AUC (Holm over the classes)")
    table.add_column("Class")
    for name in ("First", "Second", "Difference", "p", "p (Holm)"):
        table.add_column(name, justify="right")
    for row in (*found.classes, *((found.malignancy,) if found.malignancy else ())):
        d = row.grouped
        if d is None:
            table.add_row(row.code, "-", "-", f"({row.reason})", "", "")
            continue
        bounds = None if d.low is None or d.high is None else (d.low, d.high)
        table.add_row(
            row.code,
            f"{d.first:.3f}",
            f"{d.second:.3f}",
            f"{d.difference:+.3f}{_interval(bounds, 1, sign='+')}",
            "-" if d.p_value is None else f"{d.p_value:.4f}",
            "" if row.p_holm is None else f"{row.p_holm:.4f}",
        )
    console.print(table)
    for metric in found.metrics:
        if metric.difference is None or metric.first is None or metric.second is None:
            continue
        bounds = None if metric.low is None or metric.high is None else (metric.low, metric.high)
        console.print(
            f"  {metric.metric.replace('_', ' ')}: {metric.first:.3f} and {metric.second:.3f}, "
            f"{metric.difference:+.3f}{_interval(bounds, 1, sign='+')}"
        )
    test = found.mcnemar
    console.print(
        f"  right only in the first {test.only_first:,}, only in the second {test.only_second:,}: "
        f"McNemar exact p {test.p_value:.4f}"
    )


def _readers(console: Console, found: ReaderComparison) -> None:
    kind = ("simulated " if found.simulated else "") + ("reader" if len(found.readers) == 1 else "readers")
    console.print(
        f"Against {len(found.readers)} {kind}, {found.answers:,} unaided answers to {found.images:,} images; the "
        f"model's malignancy curve passes above {found.readers_below_curve} of {found.readers_placed} of them."
    )
    for warning in found.warnings:
        console.print(f"Note: {warning}", markup=False)
    for d in found.differences:
        name = d.metric.replace("_", " ")
        if d.difference is None or d.model is None or d.readers is None:
            console.print(f"  {name}: {d.reason}")
            continue
        bounds = None if d.low is None or d.high is None else (d.low, d.high)
        console.print(
            f"  {name}: model {100 * d.model:.1f} %, readers {100 * d.readers:.1f} %, "
            f"difference {100 * d.difference:+.1f}{_interval(bounds, 100, sign='+')}"
        )


def _share(estimate: Estimate) -> str:
    return "-" if estimate.value is None else f"{100 * estimate.value:.1f} %{_interval(estimate.interval, 100)}"


def _plain(estimate: Estimate) -> str:
    return f"{estimate.value:.3f}{_interval(estimate.interval, 1)}"


def _interval(bounds: tuple[float, float] | None, scale: int, *, sign: str = "") -> str:
    if bounds is None:
        return ""
    digits = 1 if scale == 100 else 3
    return f" ({scale * bounds[0]:{sign}.{digits}f}-{scale * bounds[1]:{sign}.{digits}f})"
