"""`dermdash predict` and `model`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, progress_bar, say
from dermdash.errors import InvalidInput
from dermdash.wording import counted, percent

model_app = typer.Typer(no_args_is_help=True, help="Classifiers of the workspace.")
_IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})

Model = Annotated[str | None, typer.Option("--model", help="Model id; the newest when not given.")]
Architecture = Annotated[
    str | None,
    typer.Option(help="For plain weights (.pt, .pth): the network, resnet34 for the study's published weights."),
]
Taxonomy = Annotated[str, typer.Option(help="For plain weights: the taxonomy whose class order they have.")]
InputSize = Annotated[int, typer.Option(min=32, max=1024, help="For plain weights: side of the input in pixels.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("predict")(predict)
    app.add_typer(model_app, name="model")


def predict(
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Model id. Not given: the newest; for --images, the model that comes with dermdash."
        ),
    ] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only these data sets (repeatable).")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder or file of images outside the workspace.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write for --images.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Checkpoint file to use with --images, without a workspace.")
    ] = None,
    architecture: Architecture = None,
    taxonomy: Taxonomy = "ham7",
    input_size: InputSize = 224,
    as_json: Json = False,
) -> None:
    """Predict every record of the workspace, or (--images DIR --out CSV) images outside it."""
    if images is None and (out is not None or checkpoint is not None):
        raise typer.BadParameter("--out and --checkpoint belong to --images DIR")
    if images is not None and out is None:
        raise typer.BadParameter("--images needs --out FILE.csv")
    if model is not None and checkpoint is not None:
        raise typer.BadParameter("give --model or --checkpoint, not both")
    if architecture is not None and checkpoint is None:
        raise typer.BadParameter("--architecture describes plain weights given by --checkpoint")
    if images is None or out is None:
        _predict_workspace(model, dataset, as_json)
        return
    if model is not None:
        with command_workspace() as workspace:
            from dermdash.storage import models
            from dermdash.workflows.classify import checkpoint_path

            models.get_model(workspace.engine, model)
            checkpoint = checkpoint_path(workspace, model)
    with errors_explained():
        if checkpoint is None:
            from dermdash.classifier.reference_model import LICENCE, reference_checkpoint

            checkpoint = reference_checkpoint()
            say(f"With the model that comes with dermdash ({LICENCE}); --model or --checkpoint names another.")
        weights = {"architecture": architecture, "taxonomy": taxonomy, "input_size": input_size}
        _predict_folder(images, out, checkpoint, weights, as_json)


def _predict_workspace(model: str | None, dataset: list[str] | None, as_json: bool) -> None:
    interrupted = "Interrupted. The predictions so far are kept; run the same command again to finish."
    with command_workspace(interrupted) as workspace:
        from dermdash.workflows.classify import model_names, newest_model_id, predict_records
        from dermdash.workflows.embeddings import coverage

        model_id = model or newest_model_id(workspace)
        with progress_bar("Predicting", unit="records") as advance:
            predicted = predict_records(
                workspace,
                model_id=model_id,
                dataset_ids=dataset,
                progress=lambda p: advance(p.done, p.total, ""),
            )
        left = coverage(workspace, model_id).missing
        name = model_names(workspace)[model_id]
    if as_json:
        print_json({"model": model_id, "predicted": predicted})
        return
    typer.echo(f"{counted(predicted, 'record')} predicted with {name} (model {model_id}).")
    if left:
        why = "of other data sets" if dataset else "whose images cannot be read"
        typer.echo(f"Without a prediction of it: {counted(left, 'record')}, {why}.")
    elif not predicted:
        typer.echo("Every record has a prediction of it already.")


def _predict_folder(images: Path, out: Path, checkpoint: Path, weights: dict[str, Any], as_json: bool) -> None:
    from dermdash.records.safe_csv import escape_cell
    from dermdash.workflows.classify import predict_images
    from dermdash.workflows.write_output import write_output

    files = _image_files(images)
    with progress_bar("Predicting", unit="images") as advance:
        frame, unreadable = predict_images(
            files, checkpoint=checkpoint, **weights, progress=lambda done: advance(done, len(files), "")
        )
    frame = frame.map(escape_cell)  # a file name may begin like a formula
    write_output(out, frame.to_csv(index=False, float_format="%.6f", lineterminator="\n").encode())
    for name, reason in unreadable.items():
        say(f"Left out: {name}: {reason}")
    if as_json:
        print_json({"images": len(files), "predicted": len(frame), "unreadable": unreadable, "out": str(out)})
    else:
        typer.echo(f"{len(frame):,} of {counted(len(files), 'image')} predicted: {out}")


def _image_files(images: Path) -> list[Path]:
    if images.is_file():
        return [images]
    if not images.is_dir():
        raise InvalidInput(f"there is no folder or image {images}")
    return sorted(p for p in images.rglob("*") if p.suffix.lower() in _IMAGE_SUFFIXES and p.is_file())


@model_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models, newest first."""
    with command_workspace() as workspace:
        from dermdash.workflows import classify

        known = classify.list_models(workspace)
    if as_json:
        print_json({"models": known})
        return
    if not known:
        say("There is no model yet. `dermdash train` makes one; `dermdash model add` takes a file.")
    for m in known:
        recall = m["metrics"].get("mean_recall")
        figure = "mean recall not measured" if recall is None else f"mean recall {percent(recall)}"
        typer.echo(
            f"{m['id']}  {m['architecture']} {m['input_size']} px  {figure}  "
            f"{counted(m['predictions'], 'prediction')}  {m['name']}"
        )


@model_app.command("add")
def add_model(
    file: Annotated[
        Path | None, typer.Argument(help="A dermdash checkpoint, or plain weights with --architecture.")
    ] = None,
    architecture: Architecture = None,
    taxonomy: Taxonomy = "ham7",
    input_size: InputSize = 224,
    reference: Annotated[bool, typer.Option("--reference", help="Add the model that comes with dermdash.")] = False,
    name: Annotated[str | None, typer.Option(help="Name of the model as shown.")] = None,
    as_json: Json = False,
) -> None:
    """Register a checkpoint made elsewhere. Nothing in the file is executed."""
    if (file is None) != reference:
        raise typer.BadParameter("give a FILE or --reference")
    with command_workspace() as workspace:
        from dermdash.workflows.classify import add_checkpoint, add_reference_model

        if file is None:
            model_id = add_reference_model(workspace)
        elif not file.is_file():
            raise InvalidInput(f"there is no file {file}")
        else:
            model_id = add_checkpoint(
                workspace, file, name=name, architecture=architecture, taxonomy=taxonomy, input_size=input_size
            )
    if as_json:
        print_json({"model": model_id})
    else:
        typer.echo(f"Model {model_id} added.")


@model_app.command("export")
def export(
    model: Annotated[str, typer.Argument(help="Model id.")],
    out: Annotated[Path, typer.Option(help="File to write, .safetensors.")],
    half_precision: Annotated[bool, typer.Option(help="Store 16-bit numbers: half the size.")] = False,
    temperature: Annotated[
        float, typer.Option(help="Divide the logits by it; `dermdash evaluate` estimates one.")
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Write a model to a file that other workspaces can add."""
    with command_workspace() as workspace:
        from dermdash.workflows.classify import export_model

        if not out.parent.is_dir():
            raise InvalidInput(f"there is no folder {out.parent}")
        sha256 = export_model(workspace, model, out, half_precision=half_precision, temperature=temperature)
    if as_json:
        print_json({"model": model, "out": str(out), "sha256": sha256})
    else:
        typer.echo(f"Model {model} written to {out} (sha256 {sha256}).")


@model_app.command("card")
def show_card() -> None:
    """Print the model card of the model that comes with dermdash: data, licence, recipe, figures, known failures."""
    with errors_explained():
        from dermdash.classifier.reference_model import model_card

        typer.echo(model_card())
