"""`dermdash explain`: saliency maps of the records that lack one, and how faithful they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import (
    Cluster,
    Json,
    Simulated,
    command_workspace,
    print_json,
    progress_bar,
    say,
    say_which,
    tell,
)
from dermdash.wording import counted, level, number, percent, percent_range

if TYPE_CHECKING:
    from dermdash.workflows.classifier.faithfulness_report import FaithfulnessReport


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("explain")(explain)


def explain(
    model: Annotated[str | None, typer.Option("--model", help="Model id; the one in use when not given.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only these data sets (repeatable).")] = None,
    simulated: Simulated = False,
    target: Annotated[
        str, typer.Option(help="predicted (the most probable class), malignant, or a class code.")
    ] = "predicted",
    region: Annotated[
        str,
        typer.Option(help="What the maps are held against: lesion, or a structure that people marked (globules, ...)."),
    ] = "lesion",
    curves: Annotated[int, typer.Option(min=0, help="Make insertion and deletion curves for this many records.")] = 0,
    out: Annotated[Path | None, typer.Option(help="CSV to write with the figures of every record.")] = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Compute the saliency maps that are missing and say how faithful they are to the marked lesions."""
    interrupted = "Interrupted. The maps so far are kept; run the same command again to finish."
    with command_workspace(interrupted, cluster=cluster) as workspace:
        from dermdash.workflows.classifier.evaluation_datasets import named_datasets
        from dermdash.workflows.classifier.explain_predictions import coverage, explain_records, measure_curves
        from dermdash.workflows.classifier.faithfulness_report import faithfulness_report, figures_csv, summary_dicts
        from dermdash.workflows.classifier.model_in_use import answering_model
        from dermdash.workflows.dataset.image_kinds import kind_of_datasets
        from dermdash.workflows.write_output import write_output

        chosen = answering_model(workspace, model, dataset_ids=dataset, simulated=simulated or None)
        model_id = chosen["id"]
        drawn = simulated or bool(chosen["simulated"])
        if dataset:
            named_datasets(workspace, dataset, taxonomy=chosen["taxonomy"])
            drawn = kind_of_datasets(workspace, dataset)
        say_which(workspace, chosen, simulated=drawn, asked=simulated or bool(dataset))
        with progress_bar("Explaining", unit="records") as advance:
            made = explain_records(
                workspace,
                model_id=model_id,
                target=target,
                dataset_ids=dataset,
                simulated=drawn,
                progress=lambda p: advance(p.done, p.total, "compared with masks" if p.measuring else ""),
            )
        if curves:
            with progress_bar("Insertion and deletion", unit="records") as advance:
                measure_curves(
                    workspace,
                    model_id=model_id,
                    target=target,
                    count=curves,
                    simulated=drawn,
                    progress=lambda p: advance(p.done, p.total, ""),
                )
        explained, total = coverage(workspace, model_id=model_id, target=target, simulated=drawn)
        report = faithfulness_report(workspace, model_id=model_id, target=target, region=region, simulated=drawn)
        if out is not None:
            write_output(out, figures_csv(report))
    if as_json:
        areas = [{"map": c.order, "direction": c.direction, "area": c.area.as_dict()} for c in report.curves]
        print_json(
            {
                "model": model_id, "model_name": chosen["name"], "simulated": drawn, "target": target,
                "newly_explained": made, "explained": explained, "records": total,
                "region": region, "compared": len(report.table), "left_out": report.left_out,
                "faithfulness": summary_dicts(report), "curve_records": report.curve_records, "curves": areas,
            }
        )  # fmt: skip
        return
    tell(f"{counted(made, 'record')} explained with model {model_id}; {explained:,} of {total:,} now have a map.")
    _print_faithfulness(report)


def _print_faithfulness(report: FaithfulnessReport) -> None:
    from dermdash.workflows.classifier.faithfulness_report import FIGURE_TITLES

    if report.table.empty:
        say(f"No explained record has a {report.region} mask, so faithfulness cannot be measured.")
        if others := [name for name in report.regions if name != report.region]:
            say(f"Marked are {', '.join(others)}: --region names what the maps are held against.")
    else:
        tell(
            f"\nAgainst the {report.region} masks of {counted(len(report.table), 'record')} ({level(0.95)} intervals):"
        )
        tell(f"  {'':<34} {'records':>7}  {'mean':>7}  {'interval':<16} {'chance':>7}  {'centre':>7}")
        for row in report.rows:
            if row.part not in ("all", "correct", "wrong") or row.estimate.value is None:
                continue
            low, high = row.estimate.interval or (None, None)
            interval = "" if low is None else percent_range(low, high)
            tell(
                f"  {FIGURE_TITLES[row.figure] if row.part == 'all' else '    ' + row.part:<34} {row.records:>7,}  "
                f"{percent(row.estimate.value):>7}  {interval:<16} {percent(row.chance):>7}  {percent(row.centre):>7}"
            )
    for reason, count in report.left_out.items():
        say(f"Not compared: {count:,} ({reason})")
    for c in report.curves:
        better = "low is better" if c.direction == "deletion" else "high is better"
        tell(
            f"  {c.direction} area, {c.order}: {number(c.area.value)} ({better}, "
            f"{counted(report.curve_records, 'record')})"
        )
