"""`dermdash operating-point choose | apply | triage | list | withdraw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, print_json, say

if TYPE_CHECKING:
    from dermdash.analysis.estimates import Estimate
    from dermdash.workflows.operating_points import OperatingPoint

app = typer.Typer(no_args_is_help=True, help="Thresholds chosen on one data set and used on others.")

Point = Annotated[str, typer.Argument(help="Name or id of the operating point.")]
Dataset = Annotated[str, typer.Option(help="Data set id.")]
AnyRecord = Annotated[
    bool,
    typer.Option("--include-trained", help="Also records the model trained on, or may have; the figures flatter it."),
]


@app.command("choose")
def choose(
    name: Annotated[str, typer.Argument(help="What to call it; no other in use may have the name.")],
    dataset: Dataset,
    model: Annotated[
        str | None, typer.Option("--model", help="Model id; the one in use for that data set when not given.")
    ] = None,
    rule: Annotated[
        str, typer.Option(help="youden, sensitivity (at least --target), specificity (at least --target), or value.")
    ] = "youden",
    target: Annotated[float | None, typer.Option(help="Above 0 to 1: what the rule aims at.")] = None,
    include_trained: AnyRecord = False,
    as_json: Json = False,
) -> None:
    """Choose a threshold per class and for malignancy on one data set, and save them."""
    with command_workspace() as workspace:
        from dermdash.workflows.model_in_use import answering_model
        from dermdash.workflows.operating_points import choose_operating_point

        point = choose_operating_point(
            workspace,
            name=name,
            model_id=answering_model(workspace, model, dataset_ids=[dataset])["id"],
            dataset_id=dataset,
            rule=rule,
            target=target,
            include_trained=include_trained,
        )
    if as_json:
        print_json(point.as_dict())
        return
    typer.echo(f"Operating point {point.id} ({point.name}), {point.rule_words}")
    _show_figures(point)


def _show_figures(point: OperatingPoint) -> None:
    left = ", ".join(f"{n:,} {reason.replace('_', ' ')}" for reason, n in point.left_out.items() if n)
    typer.echo(f"  on {point.cases:,} records of {point.dataset_id}" + (f" (left out: {left})" if left else ""))
    if not point.held_out:
        say("These include records the model trained on, or may have: the figures flatter it.")
    typer.echo(f"  {'':<12} {'threshold':>9}  {'sensitivity':<24} specificity")
    for key, figure in point.figures.items():
        threshold = "-" if figure.threshold is None else f"{figure.threshold:.4f}"
        typer.echo(f"  {key:<12} {threshold:>9}  {_share(figure.sensitivity):<24} {_share(figure.specificity)}")


def _share(estimate: Estimate, *, signed: bool = False) -> str:
    if estimate.value is None:
        return f"({estimate.reason})"
    sign = "+" if signed else ""
    interval = estimate.interval
    around = "" if interval is None else f" ({100 * interval[0]:{sign}.1f} to {100 * interval[1]:{sign}.1f})"
    return f"{100 * estimate.value:{sign}.1f} %{around}"


@app.command("apply")
def apply(point: Point, dataset: Dataset, include_trained: AnyRecord = False, as_json: Json = False) -> None:
    """Measure an operating point on another data set: thresholds do not travel by themselves."""
    with command_workspace() as workspace:
        from dermdash.workflows.operating_points import apply_operating_point

        applied = apply_operating_point(workspace, point, dataset_id=dataset, include_trained=include_trained)
    if as_json:
        print_json(applied.as_dict())
        return
    typer.echo(f"{applied.point.name}, chosen on {applied.point.dataset_id}, on {applied.cases:,} of {dataset}")
    typer.echo(f"  {'':<12} {'threshold':>9}  {'sensitivity here':<24} {'change':<26} {'specificity here':<24} change")
    for key, t in applied.by_name.items():
        threshold = "-" if t.here.threshold is None else f"{t.here.threshold:.4f}"
        typer.echo(
            f"  {key:<12} {threshold:>9}  {_share(t.here.sensitivity):<24} "
            f"{_share(t.sensitivity_change, signed=True):<26} {_share(t.here.specificity):<24} "
            f"{_share(t.specificity_change, signed=True)}"
        )


@app.command("triage")
def triage(
    point: Point,
    dataset: Dataset,
    out: Annotated[Path | None, typer.Option(help="CSV to write the work list to.")] = None,
    as_json: Json = False,
) -> None:
    """List the records whose malignancy probability reaches the threshold, most probable first."""
    with command_workspace() as workspace:
        from dermdash.workflows.triage import triage as triage_dataset
        from dermdash.workflows.triage import work_list_csv
        from dermdash.workflows.write_output import write_output

        found = triage_dataset(workspace, point, dataset_id=dataset)
        if out is not None:
            write_output(out, work_list_csv(found))
    if as_json:
        print_json(
            {
                "operating_point": found.point.id, "dataset": dataset, "threshold": found.threshold,
                "records": found.records, "unpredicted": found.unpredicted, "listed": len(found.work_list),
                "judged": found.judged, "seen": found.seen.as_dict(), "kept_off": found.kept_off.as_dict(),
                "image_ids": found.work_list["image_id"].tolist(), "out": None if out is None else str(out),
            }
        )  # fmt: skip
        return
    typer.echo(f"{len(found.work_list):,} of {found.records:,} records reach {found.threshold:.4f}")
    typer.echo(f"  malignant ones among them: {_share(found.seen)}; benign ones spared: {_share(found.kept_off)}")
    if found.unpredicted:
        say(f"{found.unpredicted:,} records have no prediction of this model and are not in the list.")
    if out is not None:
        say(f"Work list: {out}")


@app.command("list")
def list_points(
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Also those withdrawn.")] = False,
    as_json: Json = False,
) -> None:
    """List the operating points, newest first."""
    with command_workspace() as workspace:
        from dermdash.workflows.operating_points import list_operating_points

        points = list_operating_points(workspace, withdrawn=withdrawn)
    if as_json:
        print_json({"operating_points": [point.as_dict() for point in points]})
        return
    if not points:
        say("There is no operating point yet: `dermdash operating-point choose NAME --dataset ID` makes one.")
    for point in points:
        gone = "  withdrawn" if point.withdrawn_at else ""
        typer.echo(f"{point.id}  {point.name}  model {point.model_id}  on {point.dataset_id}  {point.rule_words}{gone}")


@app.command("withdraw")
def withdraw(point: Point, as_json: Json = False) -> None:
    """Take an operating point out of use; it stays readable by its id."""
    with command_workspace() as workspace:
        from dermdash.workflows.operating_points import withdraw_operating_point

        gone = withdraw_operating_point(workspace, point)
    if as_json:
        print_json(gone.as_dict())
    else:
        typer.echo(f"Operating point {gone.id} ({gone.name}) is withdrawn.")
