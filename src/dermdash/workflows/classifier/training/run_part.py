"""One training of a job: from the files of the workspace to checkpoint, predictions and figures in its folder."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.analysis.classification import ClassificationScores, Proportion, most_probable, score_diagnoses
from dermdash.classifier import checkpoints
from dermdash.classifier.training import train
from dermdash.errors import InvalidInput
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import get_taxonomy
from dermdash.settings import Settings
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.place_of_objects import open_objects
from dermdash.workflows.classifier.training.job import Job, read_json, write_durably, write_json
from dermdash.workflows.classifier.training.progress import DECODING, STEP, JobProgress
from dermdash.workflows.classifier.training.settings import IMAGENET

OUT_OF_FOLD = "out-of-fold.csv"
FOLDS = "folds.csv"
PREDICTIONS = "predictions.csv"


def read_initial(job: Job, downloading: Callable[[int, int], None]) -> dict[str, Any]:
    """The tensors to start from; empty when the training starts from scratch."""
    from dermdash.classifier.initial_weights import read_initial_weights
    from dermdash.classifier.published_weights import fetch_weights

    initial = job.request["initial"]
    architecture = job.settings.architecture
    if initial["source"] == IMAGENET:
        path = fetch_weights(
            architecture,
            folder=job.folder.parents[1] / "weights",
            progress=lambda done, total: downloading(done, total or 0),
        )
    elif initial["file"]:
        path = job.folder / str(initial["file"])
    else:
        return {}
    codes = get_taxonomy(job.request["taxonomy"]).codes
    return read_initial_weights(path, architecture=architecture, class_count=len(codes))


def run_part(
    job: Job,
    index: int,
    *,
    device: str,
    initial: dict[str, Any],
    report: Callable[[JobProgress], None],
    keep_state: bool = True,
) -> None:
    """Train one part, from its state where there is one, and write what came of it; ``done.json`` last.

    Without ``keep_state`` an interruption loses the part, and no time is spent on writing states.
    """
    part, settings, request = job.parts[index], job.settings, job.request
    folder = job.part_folder(index)
    folder.mkdir(exist_ok=True)
    columns = job.records()
    stored = open_objects(Settings(), job.folder.parents[1])
    state_file = folder / "state.pt"
    knowledge = request["initial"]
    trained = train(
        images=[stored.image(ORIGINALS, sha256) for sha256 in columns["sha256"]],
        labels=columns["dx"],
        lesion_ids=columns["lesion_id"],
        taxonomy=request["taxonomy"],
        held_out_lesions={
            lesion for lesion, fold in zip(columns["lesion_id"], columns["fold"], strict=True) if fold == part.fold
        },
        architecture=settings.architecture,
        input_size=settings.input_size,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        seed=part.seed,
        device=device,
        workers=Settings().workers or None,
        balance=settings.balance,
        initial_state=initial or None,
        initial_training_lesions=knowledge["training_lesions"],
        measure_every=settings.measure_every,
        patience=settings.patience,
        state_file=state_file if keep_state else None,
        note=_note(settings.initial),
        progress=lambda step: report(JobProgress(index, STEP, step)),
        decoding=lambda done, total: report(JobProgress(index, DECODING, None, done, total)),
    )
    codes = get_taxonomy(request["taxonomy"]).codes
    at = trained.held_out_indices.tolist()
    probabilities = trained.held_out_predictions.probabilities
    scores = _scores([columns["dx"][i] for i in at], probabilities, codes)
    metadata = replace(
        trained.classifier.metadata,
        metrics=_metrics(job, scores, images=len(at), lesions=len({columns["lesion_id"][i] for i in at})),
        training_known=bool(knowledge["training_known"]),
        # A job prepared by an older version does not say; registering it looks at its data set.
        simulated=bool(request.get("simulated", False)),
        dataset=str(request.get("dataset_name", settings.dataset_id)),
        record_filter=request.get("records_used", settings.record_filter),
    )
    checkpoint = folder / "model.safetensors"
    sha256 = checkpoints.save_checkpoint(checkpoint, replace(trained.classifier, metadata=metadata))
    with checkpoint.open("rb") as file:
        os.fsync(file.fileno())
    images = [columns["image_id"][i] for i in at]
    write_durably(folder / PREDICTIONS, predictions_csv(images, probabilities, request["taxonomy"]))
    write_json(
        folder / "done.json",
        {
            "title": part.title,
            "sha256": sha256,
            "scores": scores,
            "held_out_lesions": metadata.metrics["held_out_lesions"],
            "epochs": metadata.epochs,
            "seconds": trained.history[-1].seconds,
            "held_out": [columns["id"][i] for i in at],
            "unreadable": {columns["image_id"][i]: reason for i, reason in sorted(trained.unreadable.items())},
        },
    )
    state_file.unlink(missing_ok=True)


def predictions_csv(image_ids: Sequence[str], probabilities: NDArray[np.float32], taxonomy: str) -> bytes:
    """Class probabilities as the evaluation reads them: image, one column per class, and what follows from them."""
    of = get_taxonomy(taxonomy)
    frame = pd.DataFrame(np.round(probabilities.astype(np.float64), 6), columns=list(of.codes))
    frame.insert(0, "image", list(image_ids))
    frame["predicted_dx"] = most_probable(probabilities, of.codes) if len(image_ids) else []
    frame["malignancy_probability"] = frame[list(of.malignant_codes)].sum(axis=1).clip(upper=1).round(6)
    frame["borderline"] = of.borderline.value
    return to_safe_csv(frame)


def summarise_parts(job: Job) -> None:
    """Write the figures of the whole job, and for folds the out-of-fold predictions of every record."""
    done = [read_json(job.part_folder(i) / "done.json", default=None) for i in range(len(job.parts))]
    if not all(isinstance(part, dict) for part in done):
        raise InvalidInput(f"A training of the job {job.id} has lost its figures (done.json): continue the job.")
    unreadable: dict[str, str] = {}
    for part in done:
        unreadable |= part["unreadable"]
    result: dict[str, Any] = {
        "parts": [
            {k: part[k] for k in ("title", "sha256", "scores", "epochs", "seconds", "held_out_lesions") if k in part}
            for part in done
        ],
        "unreadable": unreadable,
        "repeats": {
            key: spread([part["scores"][key] for part in done if part["scores"]]) for key in ("mean_recall", "accuracy")
        },
    }
    if job.settings.folds:
        result["out_of_fold"] = _out_of_fold(job)
    write_json(job.folder / "result.json", result)


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """Mean and standard deviation (n - 1) over trainings; no deviation of fewer than two."""
    return {
        "mean": statistics.fmean(values) if values else None,
        "sd": statistics.stdev(values) if len(values) > 1 else None,
    }


def _out_of_fold(job: Job) -> dict[str, Any]:
    """Write the predictions that every record got from the network that had not seen it; return their figures."""
    columns = job.records()
    truth_of = dict(zip(columns["image_id"], columns["dx"], strict=True))
    codes = get_taxonomy(job.request["taxonomy"]).codes
    frames = [
        pd.read_csv(job.part_folder(i) / PREDICTIONS, dtype={"image": str}, keep_default_na=False)
        for i in range(len(job.parts))
    ]
    every = pd.concat(frames, ignore_index=True).sort_values("image", kind="stable")
    # The cells are escaped already: what a spreadsheet would execute must not be escaped twice.
    write_durably(job.folder / OUT_OF_FOLD, every.to_csv(index=False, lineterminator="\n").encode())
    folds = pd.DataFrame({name: columns[name] for name in ("image_id", "lesion_id", "dx", "fold")})
    write_durably(job.folder / FOLDS, to_safe_csv(folds))
    images = [i for part in range(len(job.parts)) for i in _held_out_images(job, part)]
    probabilities = pd.concat(frames, ignore_index=True)[list(codes)].to_numpy()
    scores = _scores([truth_of[image] for image in images], probabilities, codes)
    return {"records": len(every), "of": len(columns["id"]), "scores": scores}


def _held_out_images(job: Job, part: int) -> list[str]:
    columns = job.records()
    image_of = dict(zip(columns["id"], columns["image_id"], strict=True))
    return [image_of[record] for record in read_json(job.part_folder(part) / "done.json", default={})["held_out"]]


def _metrics(job: Job, scores: Mapping[str, Any] | None, *, images: int, lesions: int) -> dict[str, Any]:
    """What the registry shows. Figures that may be of lesions the initial weights have seen are left out."""
    settings = job.settings
    metrics: dict[str, Any] = {
        "held_out_images": images,
        "held_out_lesions": lesions,
        "held_out_fraction": 1 / settings.folds if settings.folds else settings.held_out_fraction,
        "grouped_by_patient": bool(job.request["grouped_by_patient"]),
    }
    if scores is not None and job.request["initial"]["training_known"]:
        metrics |= {"mean_recall": scores["mean_recall"], "accuracy": scores["accuracy"]}
    if settings.patience is not None:
        metrics["chosen_on_held_out"] = True
    return metrics


def _scores(truth: list[str], probabilities: NDArray[Any], codes: tuple[str, ...]) -> dict[str, Any] | None:
    if not truth:
        return None
    scores = score_diagnoses(truth=truth, predicted=most_probable(probabilities, codes), codes=codes)
    return _as_json(scores)


def _as_json(scores: ClassificationScores) -> dict[str, Any]:
    def proportion(value: Proportion) -> dict[str, Any]:
        return {"successes": value.successes, "total": value.total, "low": value.low, "high": value.high}

    return {
        "mean_recall": scores.mean_recall,
        "accuracy": scores.accuracy.value,
        "accuracy_of": proportion(scores.accuracy),
        "recalls": {code: proportion(value) for code, value in scores.recalls.items() if value.total},
    }


def _note(initial: str) -> str:
    return f"started from {Path(initial).name}" if initial else ""
