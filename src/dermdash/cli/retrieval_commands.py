"""`dermdash similar`: similar records of one, and how good a model's retrieval is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, Simulated, command_workspace, print_json, progress_bar, say_which, tell
from dermdash.wording import counted, number, percent_interval

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace

_FIGURES = {"precision_at_1": "precision@1", "average_precision": "mAP", "majority_vote": "majority vote"}


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("similar")(similar)


def similar(
    image_id: Annotated[
        str | None, typer.Argument(help="Image id, or DATASET:IMAGE where several data sets have it.")
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, help="How many.")] = 8,
    model: Annotated[str | None, typer.Option("--model", help="Model id; the one in use when not given.")] = None,
    dx: Annotated[list[str] | None, typer.Option("--class", help="Only this diagnosis (repeatable).")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only this data set (repeatable).")] = None,
    simulated: Simulated = False,
    metrics: Annotated[
        bool, typer.Option("--metrics", help="Instead of one record, ask every record and score what comes back.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the most similar records, never of the same lesion or patient; or measure how good that is (--metrics)."""
    if (image_id is None) != metrics:
        raise typer.BadParameter("give an IMAGE_ID or --metrics")
    if metrics and (dx or dataset):
        raise typer.BadParameter("--class and --dataset belong to one IMAGE_ID, not to --metrics")
    with command_workspace() as workspace:
        if image_id is None:
            _metrics(workspace, model, k, simulated, as_json)
        else:
            _similar(workspace, image_id, model, k, dx or [], dataset or [], simulated, as_json)


def _similar(
    workspace: Workspace,
    image_id: str,
    model: str | None,
    k: int,
    dx: list[str],
    datasets: list[str],
    simulated: bool,
    as_json: bool,
) -> None:
    from dermdash.workflows.classifier.find_similar import similar_records
    from dermdash.workflows.classifier.model_in_use import answering_model
    from dermdash.workflows.dataset.browse_records import record_detail, resolve_record_id
    from dermdash.workflows.dataset.image_kinds import kind_of_datasets

    record_id = resolve_record_id(workspace, image_id)
    home = str(record_detail(workspace, record_id).record["dataset_id"])
    chosen = answering_model(workspace, model, dataset_ids=[home])
    model_id = chosen["id"]
    drawn = kind_of_datasets(workspace, datasets) if datasets else simulated or kind_of_datasets(workspace, [home])
    found = similar_records(
        workspace, record_id, model_id=model_id, k=k, classes=dx, dataset_ids=datasets, simulated=drawn
    )
    say_which(workspace, chosen, simulated=drawn, asked=True)
    if as_json:
        neighbours = [
            {
                "record": n.record_id, "image_id": n.image_id, "dx": n.dx, "similarity": round(n.similarity, 6),
                "simulated": n.simulated,
            }
            for n in found
        ]  # fmt: skip
        print_json(
            {
                "record": record_id, "model": model_id, "model_name": chosen["name"], "simulated": drawn,
                "similar": neighbours,
            }
        )  # fmt: skip
        return
    tell(f"{'image_id':<24} {'dx':<6} similarity")
    for n in found:
        tell(f"{n.image_id:<24} {n.dx:<6} {number(n.similarity, 4):>10}")


def _metrics(workspace: Workspace, model: str | None, k: int, simulated: bool, as_json: bool) -> None:
    from dermdash.workflows.classifier.measure_retrieval import measure_retrieval
    from dermdash.workflows.classifier.model_in_use import answering_model

    chosen = answering_model(workspace, model, simulated=simulated or None)
    model_id, drawn = chosen["id"], simulated or bool(chosen["simulated"])
    say_which(workspace, chosen, simulated=drawn, asked=simulated)
    with progress_bar("Measuring", unit="queries") as advance:
        quality = measure_retrieval(
            workspace, model_id, k=k, simulated=drawn, progress=lambda done, total: advance(done, total, "")
        )
    if as_json:
        print_json(quality.to_json())
        return
    scores = quality.scores
    tell(
        f"Model {model_id}: {counted(scores.queries, 'query', 'queries')} against "
        f"{counted(scores.candidates, 'record')}; none of the same lesion, patient or file. Without features: "
        f"{counted(quality.coverage.missing, 'record')}."
    )
    figures = {**_FIGURES, f"precision_at_{k}": f"precision@{k}"}
    tell(f"{'':<18}" + "".join(f"{title:>24}" for title in figures.values()))
    for part, found in [("all images", scores.overall), ("mean over classes", scores.macro), *scores.by_class.items()]:
        cells = [found[name] for name in figures]
        written = [percent_interval(e.value, e.low, e.high) for e in cells]
        tell(f"{part:<18}" + "".join(f"{text:>24}" for text in written))
