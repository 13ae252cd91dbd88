"""`dermdash predict` and `model`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dermdash.cli.console import (
    Cluster,
    Json,
    Simulated,
    command_workspace,
    errors_explained,
    print_json,
    progress_bar,
    say,
    say_which,
    tell,
)
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import DEFAULT_TAXONOMY
from dermdash.wording import counted, percent

model_app = typer.Typer(no_args_is_help=True, help="Classifiers of the workspace.")

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
            "--model", help="Model id. Not given: the one in use; for --images, the model that comes with dermdash."
        ),
    ] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only these data sets (repeatable).")] = None,
    simulated: Simulated = False,
    images: Annotated[Path | None, typer.Option(help="Folder or file of images outside the workspace.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write for --images.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Checkpoint file to use with --images, without a workspace.")
    ] = None,
    architecture: Architecture = None,
    taxonomy: Taxonomy = DEFAULT_TAXONOMY,
    input_size: InputSize = 224,
    cluster: Cluster = None,
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
        _predict_workspace(model, dataset, simulated, cluster, as_json)
        return
    if cluster is not None:
        raise typer.BadParameter("--cluster predicts records of the workspace, not --images")
    if simulated or dataset:
        raise typer.BadParameter("--simulated and --dataset choose records of the workspace, not --images")
    if model is not None:
        with command_workspace() as workspace:
            from dermdash.workflows.classifier.model_registry import whole_checkpoint

            checkpoint = whole_checkpoint(workspace, model)
    with errors_explained():
        if checkpoint is None:
            from dermdash.classifier.reference_model import LICENCE, reference_checkpoint

            checkpoint = reference_checkpoint()
            say(f"With the model that comes with dermdash ({LICENCE}); --model or --checkpoint names another.")
        weights = {"architecture": architecture, "taxonomy": taxonomy, "input_size": input_size}
        _predict_folder(images, out, checkpoint, weights, as_json)


def _predict_workspace(
    model: str | None, dataset: list[str] | None, simulated: bool, cluster: str | None, as_json: bool
) -> None:
    interrupted = "Interrupted. The predictions so far are kept; run the same command again to finish."
    with command_workspace(interrupted, cluster=cluster) as workspace:
        from dermdash.workflows.classifier.classify import predict_records, records_to_predict
        from dermdash.workflows.classifier.evaluation_datasets import named_datasets
        from dermdash.workflows.classifier.model_in_use import answering_model
        from dermdash.workflows.classifier.model_registry import model_label

        chosen = answering_model(workspace, model, dataset_ids=dataset, simulated=simulated or None)
        drawn = simulated or bool(chosen["simulated"])
        if dataset:
            named = named_datasets(workspace, dataset, taxonomy=chosen["taxonomy"])
            drawn = any(d["simulated"] for d in named)
        say_which(workspace, chosen, simulated=drawn, asked=simulated or bool(dataset))
        with progress_bar("Predicting", unit="records") as advance:
            predicted = predict_records(
                workspace,
                model_id=chosen["id"],
                dataset_ids=dataset,
                simulated=drawn,
                progress=lambda p: advance(p.done, p.total, ""),
            )
        left = len(records_to_predict(workspace, chosen, dataset_ids=dataset, simulated=drawn))
    if as_json:
        print_json({"model": chosen["id"], "model_name": chosen["name"], "simulated": drawn, "predicted": predicted})
        return
    tell(f"{counted(predicted, 'drawn record' if drawn else 'record')} predicted with {model_label(chosen)}.")
    if left:
        tell(f"Without a prediction of it: {counted(left, 'record')}, whose images cannot be read.")
    elif not predicted:
        tell("Every record that was meant has a prediction of it already.")


def _predict_folder(images: Path, out: Path, checkpoint: Path, weights: dict[str, Any], as_json: bool) -> None:
    from dermdash.classifier.checkpoints import checkpoint_sha256, read_metadata
    from dermdash.records.safe_csv import escape_cell
    from dermdash.workflows.classifier.classify import predict_images
    from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL
    from dermdash.workflows.write_output import write_output

    files = _image_files(images)
    metadata = None if weights.get("architecture") else read_metadata(checkpoint)
    drawn = metadata is not None and metadata.simulated
    if drawn:
        say(f"Note: {DRAWN_MODEL}")
    with progress_bar("Predicting", unit="images") as advance:
        frame, unreadable = predict_images(
            files, checkpoint=checkpoint, **weights, progress=lambda done: advance(done, len(files), "")
        )
    frame = frame.map(escape_cell)  # a file name may begin like a formula
    write_output(out, frame.to_csv(index=False, float_format="%.6f", lineterminator="\n").encode())
    for name, reason in unreadable.items():
        say(f"Left out: {name}: {reason}")
    if as_json:
        print_json(
            {
                "images": len(files), "predicted": len(frame), "unreadable": unreadable, "out": str(out),
                "checkpoint_sha256": checkpoint_sha256(checkpoint), "simulated": drawn,
            }
        )  # fmt: skip
    else:
        tell(f"{len(frame):,} of {counted(len(files), 'image')} predicted: {out}")


def _image_files(images: Path) -> list[Path]:
    if images.is_file():
        return [images]
    if not images.is_dir():
        raise InvalidInput(f"there is no folder or image {images}")
    from dermdash.records.csv_table import IMAGE_SUFFIXES
    from dermdash.records.folder_links import leads_out
    from dermdash.records.folder_links import words as link_words

    inside = []
    for path in sorted(p for p in images.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES):
        if leads_out(path, images):
            say(f"Left out: {link_words(path)}")
        elif path.is_file():
            inside.append(path)
    return inside


@model_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models, newest first, with how good each is on records of this workspace it never trained on."""
    with command_workspace() as workspace:
        from dermdash.workflows.classifier import model_registry
        from dermdash.workflows.classifier.held_out import locked_records_known_to, locked_test_words
        from dermdash.workflows.classifier.model_headline import model_headline
        from dermdash.workflows.classifier.model_in_use import models_in_use

        known = model_registry.list_models(workspace)
        headlines = {m["id"]: model_headline(workspace, m["id"]) for m in known}
        in_use = {used.id for used in models_in_use(workspace)}
        locked = {m["id"]: locked_records_known_to(workspace, m["id"]) for m in known}
    if as_json:
        print_json(
            {
                "models": [
                    m | {"in_use": m["id"] in in_use, "mean_recall": headlines[m["id"]].mean_recall,
                         "measured_on": headlines[m["id"]].dataset_id, "held_out_images": headlines[m["id"]].images,
                         "knows_locked_test_records": locked[m["id"]]}
                    for m in known
                ]
            }
        )  # fmt: skip
        return
    for m in known:
        found = headlines[m["id"]]
        figure = (
            "mean recall not measured here"
            if found.mean_recall is None
            else f"mean recall {percent(found.mean_recall)} on {found.where}"
        )
        tell(
            f"{m['id']}  {m['architecture']} {m['input_size']} px  {figure}  "
            f"{counted(m['predictions'], 'prediction')}  "
            f"{m['name']}{', trained on drawings' if m['simulated'] else ''}{'  (in use)' if m['id'] in in_use else ''}"
        )
        if locked[m["id"]]:
            tell(f"  {locked_test_words(locked[m['id']])}")


@model_app.command("use")
def use_model(
    model: Annotated[str, typer.Argument(help="Model id, as `dermdash model list` shows it.")], as_json: Json = False
) -> None:
    """Let a model answer where none is named, for images of its kind: photographs, or drawn images."""
    with command_workspace() as workspace:
        from dermdash.workflows.classifier.model_in_use import choose_model, list_choices
        from dermdash.workflows.classifier.model_registry import get_model, model_label
        from dermdash.workflows.dataset.image_kinds import kind_words

        used = choose_model(workspace, model)
        replaced = list_choices(workspace)[0]["replaced_model_id"]
        before = None if replaced is None else get_model(workspace, replaced)
    if as_json:
        print_json(
            {
                "model": used.id, "model_name": used.model["name"], "simulated": bool(used.model["simulated"]),
                "taxonomy": used.model["taxonomy"], "replaced": replaced, "chosen_by": used.chosen_by,
                "chosen_at": used.chosen_at,
            }
        )  # fmt: skip
        return
    instead = "" if before is None else f", instead of {model_label(before)}"
    what = kind_words(bool(used.model["simulated"]))
    tell(f"Model {model_label(used.model)} now answers for {what} where no model is named{instead}.")


@model_app.command("add")
def add_model(
    file: Annotated[
        Path | None, typer.Argument(help="A dermdash checkpoint, or plain weights with --architecture.")
    ] = None,
    architecture: Architecture = None,
    taxonomy: Taxonomy = DEFAULT_TAXONOMY,
    input_size: InputSize = 224,
    reference: Annotated[bool, typer.Option("--reference", help="Add the model that comes with dermdash.")] = False,
    name: Annotated[str | None, typer.Option(help="Name of the model as shown.")] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="It was trained on drawn lesions; a dermdash checkpoint says so itself.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Register a checkpoint made elsewhere. Nothing in the file is executed, and it answers only where it is named."""
    if (file is None) != reference:
        raise typer.BadParameter("give a FILE or --reference")
    with command_workspace() as workspace:
        from dermdash.workflows.classifier.model_registry import add_checkpoint, add_reference_model, get_model

        if file is None:
            model_id = add_reference_model(workspace)
        elif not file.is_file():
            raise InvalidInput(f"there is no file {file}")
        else:
            model_id = add_checkpoint(
                workspace, file, name=name, architecture=architecture, taxonomy=taxonomy, input_size=input_size,
                simulated=simulated,
            )  # fmt: skip
        drawn = bool(get_model(workspace, model_id)["simulated"])
    if as_json:
        print_json({"model": model_id, "simulated": drawn})
    else:
        tell(f"Model {model_id} added{', trained on drawings' if drawn else ''}.")
        say(f"It answers where it is named; `dermdash model use {model_id}` lets it answer where none is.")


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
        from dermdash.workflows.classifier.model_registry import export_model

        if not out.parent.is_dir():
            raise InvalidInput(f"there is no folder {out.parent}")
        sha256 = export_model(workspace, model, out, half_precision=half_precision, temperature=temperature)
    if as_json:
        print_json({"model": model, "out": str(out), "sha256": sha256})
    else:
        tell(f"Model {model} written to {out} (sha256 {sha256}).")


@model_app.command("card")
def show_card() -> None:
    """Print the model card of the model that comes with dermdash: data, licence, recipe, figures, known failures."""
    with errors_explained():
        from dermdash.classifier.reference_model import model_card

        tell(model_card())
