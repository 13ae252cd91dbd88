"""What is known about the faithfulness of a model's saliency maps: figures by part, curves, a row per record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.analysis.estimates import Estimate
from dermdash.analysis.faithfulness_summary import (
    CurveSummary,
    FaithfulnessRow,
    correct_minus_wrong,
    summarise,
    summarise_curves,
)
from dermdash.classifier.saliency_map import METHOD, PREDICTED
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import models, records
from dermdash.storage import saliency as store
from dermdash.storage.workspace import Workspace
from dermdash.wording import percent, percent_interval
from dermdash.workflows.classifier.explain_predictions import rows_of
from dermdash.workflows.classifier.saliency_regions import LESION, region_words, regions_of
from dermdash.workflows.dataset.identity_groups import group_keys_of

FIGURE_TITLES = {
    "share": "Share of the evidence inside",
    "pointing": "Pointing game: peak inside",
    "iou_same_area": "Overlap (IoU) at equal area",
    "iou_fixed": "Overlap (IoU) at half of the peak",
}


@dataclass(frozen=True, slots=True)
class FaithfulnessReport:
    """Faithfulness of one model's maps of one target against one region.

    ``table`` has a row per measured record; ``left_out`` counts by reason what could not be measured; ``regions`` are
    the names there are. ``simulated``: the records are drawn images, else photographs; never both.
    """

    model_id: str
    target: str
    region: str
    regions: tuple[str, ...]
    explained: int
    table: pd.DataFrame
    left_out: dict[str, int]
    rows: list[FaithfulnessRow]
    correct_minus_wrong: dict[str, Estimate]
    curves: list[CurveSummary]
    curve_records: int
    simulated: bool = False


def faithfulness_report(
    workspace: Workspace,
    *,
    model_id: str,
    target: str = PREDICTED,
    region: str = LESION,
    simulated: bool | None = None,
    seed: int = 0,
) -> FaithfulnessReport:
    """Return the report; without masks its table is empty, and the curves need none.

    Over photographs (``simulated`` False) or drawn images (True); None: over what the model was trained on.

    Raises
    ------
    NotFound
        There is no such model.
    """
    model = models.get_model(workspace.engine, model_id)
    kind = bool(model["simulated"]) if simulated is None else simulated
    key = {"model_id": model_id, "target": target, "method": METHOD}
    explained = explained_records(workspace, model_id=model_id, target=target, simulated=kind)
    # A mask that was replaced since has figures of its own; those of the old one are history.
    there = regions_of(workspace, rows_of(explained))
    current = {(record_id, r.name, r.sha256) for record_id, regions in there.items() for r in regions}
    every = store.faithfulness_of_model(workspace.engine, **key)
    measured = [r for r in every if (r["record_id"], r["region"], r["region_sha256"]) in current]
    rows = [r for r in measured if r["region"] == region]
    left_out: dict[str, int] = {}
    for row in rows:
        if (reason := row["figures"].get("reason")) is not None:
            left_out[reason] = left_out.get(reason, 0) + 1
    figures = pd.DataFrame(
        [{"record_id": r["record_id"], **r["figures"]} for r in rows if "reason" not in r["figures"]]
    )
    table = explained.merge(figures, on="record_id") if len(figures) else explained.iloc[:0]
    curves = store.curves_of_model(workspace.engine, **key)
    groups = dict(zip(explained["record_id"], explained["group"], strict=True))
    curves = [c for c in curves if c["record_id"] in groups]
    return FaithfulnessReport(
        model_id=model_id,
        target=target,
        region=region,
        regions=tuple(sorted({r["region"] for r in measured})),
        explained=len(explained),
        table=table.drop(columns="mask_sha256").reset_index(drop=True),
        left_out=left_out,
        rows=summarise(table, codes=get_taxonomy(model["taxonomy"]).codes, seed=seed) if len(figures) else [],
        correct_minus_wrong=correct_minus_wrong(table, seed=seed) if len(figures) else {},
        curves=summarise_curves([c["curves"] for c in curves], [groups[c["record_id"]] for c in curves], seed=seed),
        curve_records=len(curves),
        simulated=kind,
    )


def report_version(workspace: Workspace, model_id: str) -> str:
    """Return a value that changes whenever the report may; caches are keyed on it."""
    return f"{records.data_version(workspace.engine)}:{store.version(workspace.engine, model_id=model_id)}"


def explained_records(workspace: Workspace, *, model_id: str, target: str = PREDICTED, simulated: bool) -> pd.DataFrame:
    """Explained records of a kind with ``correct`` (None without a diagnosis) and ``group`` (`group_keys_of`)."""
    frame = store.explained_records(
        workspace.engine, model_id=model_id, target=target, method=METHOD, simulated=simulated
    )
    # A map of the predicted class names it; for other targets the prediction says whether it was right.
    said = frame["explained"] if target == PREDICTED else frame["predicted_dx"]
    correct = [None if dx is None or s is None else bool(dx == s) for dx, s in zip(frame["dx"], said, strict=True)]
    groups = list(group_keys_of(workspace, list(frame["record_id"])))
    return frame.assign(correct=pd.Series(correct, dtype=object), group=groups, predicted=said)


def answer_words(report: FaithfulnessReport) -> str:
    """Say how much of the evidence lies on the region, beside chance and a map that knows only the middle.

    Empty where nothing could be compared.
    """
    share = next((row for row in report.rows if (row.figure, row.part) == ("share", "all")), None)
    if share is None or share.estimate.value is None:
        return ""
    drawn = "Of images drawn by a program, " if report.simulated else ""
    low, high = share.estimate.interval or (None, None)
    found = percent_interval(share.estimate.value, low, high, 0)
    where = "lesion" if report.region == LESION else region_words(report.region).lower()
    return (
        f"{drawn}{found} of the evidence lies on the {where}: chance alone would give {percent(share.chance, 0)}, a "
        f"map that knows nothing but the middle of the image {percent(share.centre, 0)}."
    )


def figures_csv(report: FaithfulnessReport) -> bytes:
    """The figures of every record as CSV (UTF-8): what is explained, truth, and each figure with its baselines."""
    table = report.table.drop(columns=["group", "image_sha256", "predicted_dx"], errors="ignore")
    return to_safe_csv(
        table.assign(region=report.region, model_id=report.model_id, target=report.target, method=METHOD)
    )


def summary_csv(report: FaithfulnessReport) -> bytes:
    """The summary as CSV (UTF-8): a row per figure and part, 0..1."""
    return to_safe_csv(pd.DataFrame(summary_dicts(report)))


def summary_dicts(report: FaithfulnessReport) -> list[dict[str, Any]]:
    """The summary as plain rows, for JSON and CSV."""
    if not report.rows:
        return []
    return [
        {
            "region": report.region,
            "figure": row.figure,
            "part": row.part,
            "records": row.records,
            "mean": row.estimate.value,
            "low": row.estimate.bootstrap_low,
            "high": row.estimate.bootstrap_high,
            "chance": row.chance,
            "centre": row.centre,
            "above_chance": row.above_chance.value,
            "above_chance_low": row.above_chance.bootstrap_low,
            "above_chance_high": row.above_chance.bootstrap_high,
        }
        for row in report.rows
    ]
