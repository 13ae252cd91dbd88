"""`dermdash operating-point choose | apply | triage | list | withdraw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.borderline_option import Borderline
from dermdash.cli.console import Json, command_workspace, print_json, say, tell
from dermdash.cli.private_options import HideNames, KeyId, names_words
from dermdash.records.taxonomy import BorderlinePolicy
from dermdash.wording import counted, counted_reasons, estimated_percent, not_computed, points, threshold

if TYPE_CHECKING:
    from dermdash.analysis.estimates import Estimate
    from dermdash.workflows.classifier.operating_points import OperatingPoint

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
    borderline: Borderline = BorderlinePolicy.BENIGN,
    as_json: Json = False,
) -> None:
    """Choose a threshold per class and for malignancy on one data set, and save them."""
    with command_workspace() as workspace:
        from dermdash.workflows.classifier.model_in_use import answering_model
        from dermdash.workflows.classifier.operating_points import choose_operating_point
        from dermdash.workflows.dataset.browse_records import dataset_name

        point = choose_operating_point(
            workspace,
            name=name,
            model_id=answering_model(workspace, model, dataset_ids=[dataset])["id"],
            dataset_id=dataset,
            rule=rule,
            target=target,
            include_trained=include_trained,
            borderline=borderline,
        )
        named = dataset_name(workspace, point.dataset_id)
    if as_json:
        print_json(point.as_dict())
        return
    tell(f"Operating point {point.id} ({point.name}), {point.rule_words}")
    _show_figures(point, named)


def _show_figures(point: OperatingPoint, dataset: str) -> None:
    left = counted_reasons(point.left_out)
    tell(f"  on {counted(point.cases, 'record')} of {dataset}" + (f" (left out: {left})" if left else ""))
    _say_policy(point, point.left_out_of_malignancy)
    if not point.held_out:
        say("These include records the model trained on, or may have: the figures flatter it.")
    tell(f"  {'':<12} {'threshold':>9}  {'sensitivity':<24} specificity")
    for key, figure in point.figures.items():
        tell(
            f"  {key:<12} {threshold(figure.threshold):>9}  {_share(figure.sensitivity):<24} "
            f"{_share(figure.specificity)}"
        )
    from dermdash.analysis.operating_point import Rule
    from dermdash.analysis.threshold_rates import chosen_here

    if point.rule is not Rule.VALUE:
        say(chosen_here("These thresholds"))


def _say_policy(point: OperatingPoint, left_out: dict[str, int]) -> None:
    """What borderline diagnoses count as, where a class is borderline, and who has no side."""
    from dermdash.analysis.borderline_cases import left_out_words

    if point.taxonomy.has_borderline:
        say(f"{point.borderline.in_words}.")
    if words := left_out_words(point.taxonomy, left_out):
        say(words)


def _share(estimate: Estimate) -> str:
    return estimated_percent(estimate, why=True)


def _change(estimate: Estimate) -> str:
    low, high = estimate.interval or (None, None)
    return not_computed(estimate.reason) if estimate.value is None else points(estimate.value, low, high)


@app.command("apply")
def apply(point: Point, dataset: Dataset, include_trained: AnyRecord = False, as_json: Json = False) -> None:
    """Measure an operating point on another data set: thresholds do not travel by themselves."""
    with command_workspace() as workspace:
        from dermdash.workflows.classifier.operating_points import apply_operating_point
        from dermdash.workflows.dataset.browse_records import dataset_name

        applied = apply_operating_point(workspace, point, dataset_id=dataset, include_trained=include_trained)
        chosen_on, here = (dataset_name(workspace, d) for d in (applied.point.dataset_id, dataset))
    if as_json:
        print_json(applied.as_dict())
        return
    tell(f"{applied.point.name}, chosen on {chosen_on}, on {counted(applied.cases, 'record')} of {here}")
    tell(f"  {'':<12} {'threshold':>9}  {'sensitivity here':<24} {'change':<32} {'specificity here':<24} change")
    for key, t in applied.by_name.items():
        tell(
            f"  {key:<12} {threshold(t.here.threshold):>9}  {_share(t.here.sensitivity):<24} "
            f"{_change(t.sensitivity_change):<32} {_share(t.here.specificity):<24} "
            f"{_change(t.specificity_change)}"
        )
    _say_policy(applied.point, applied.left_out_of_malignancy)


@app.command("triage")
def triage(
    point: Point,
    dataset: Dataset,
    out: Annotated[Path | None, typer.Option(help="CSV to write the work list to.")] = None,
    hide_names: HideNames = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """List the records whose malignancy probability reaches the threshold, most probable first."""
    with command_workspace() as workspace:
        from dermdash.workflows.classifier.work_list import triage as triage_dataset
        from dermdash.workflows.classifier.work_list import work_list_csv
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.write_output import write_output

        privacy = Privacy(hide_names, key_id=key)
        found = triage_dataset(workspace, point, dataset_id=dataset)
        if out is not None:
            write_output(out, work_list_csv(workspace, found, privacy=privacy))
    if as_json:
        print_json(
            {
                "operating_point": found.point.id, "dataset": dataset, "threshold": found.threshold,
                "borderline": found.point.borderline.value, "left_out_of_malignancy": found.left_out_of_malignancy,
                "records": found.records, "unpredicted": found.unpredicted, "rejected": found.rejected,
                "listed": len(found.work_list),
                "judged": found.judged, "seen": found.seen.as_dict(), "kept_off": found.kept_off.as_dict(),
                "image_ids": found.work_list["image_id"].tolist(), "out": None if out is None else str(out),
                "hidden": {"pseudonyms": hide_names},
            }
        )  # fmt: skip
        return
    tell(f"{len(found.work_list):,} of {counted(found.records, 'record')} reach {threshold(found.threshold)}")
    tell(f"  malignant ones among them: {_share(found.seen)}; benign ones spared: {_share(found.kept_off)}")
    _say_policy(found.point, found.left_out_of_malignancy)
    if found.rejected:
        say(f"Left out, rejected for image quality: {counted(found.rejected, 'record')}.")
    if found.unpredicted:
        say(f"Not in the list, without a prediction of this model: {counted(found.unpredicted, 'record')}.")
    if out is not None:
        say(f"Work list: {out}. {names_words(privacy.words, hidden=hide_names)}")


@app.command("list")
def list_points(
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Also those withdrawn.")] = False,
    as_json: Json = False,
) -> None:
    """List the operating points, newest first."""
    with command_workspace() as workspace:
        from dermdash.workflows.classifier.model_registry import list_models, model_label
        from dermdash.workflows.classifier.operating_points import list_operating_points
        from dermdash.workflows.dataset.browse_records import dataset_names

        points = list_operating_points(workspace, withdrawn=withdrawn)
        datasets, models = dataset_names(workspace), {m["id"]: model_label(m) for m in list_models(workspace)}
    if as_json:
        print_json({"operating_points": [point.as_dict() for point in points]})
        return
    if not points:
        say("There is no operating point yet: `dermdash operating-point choose NAME --dataset ID` makes one.")
    for point in points:
        gone = "  withdrawn" if point.withdrawn_at else ""
        model = models.get(point.model_id, point.model_id)
        where = datasets.get(point.dataset_id, point.dataset_id)
        policy = f"  {point.borderline.counted}" if point.taxonomy.has_borderline else ""
        tell(f"{point.id}  {point.name}  model {model}  on {where}  {point.rule_words}{policy}{gone}")


@app.command("withdraw")
def withdraw(point: Point, as_json: Json = False) -> None:
    """Take an operating point out of use; it stays readable by its id."""
    with command_workspace() as workspace:
        from dermdash.workflows.classifier.operating_points import withdraw_operating_point

        gone = withdraw_operating_point(workspace, point)
    if as_json:
        print_json(gone.as_dict())
    else:
        tell(f"Operating point {gone.id} ({gone.name}) is withdrawn.")
