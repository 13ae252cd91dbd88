"""Saliency maps of the records of a workspace: computed where they lack, measured against regions, stored small."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pandas as pd

from dermdash.analysis.faithfulness import SIDE, measure
from dermdash.analysis.perturbation import control_maps, perturbation_curves
from dermdash.classifier import checkpoints
from dermdash.classifier.chunks import IMAGES_IN_CHUNK, explain_chunk
from dermdash.classifier.preprocessing import ReadableImage
from dermdash.classifier.saliency_map import METHOD, PREDICTED, SaliencyMap, values_from_bytes
from dermdash.errors import FileMissing, InvalidInput, NotFound, UnreadableImage, UnsafeUpload
from dermdash.readings.assistance.assistance_form import SaliencyInput
from dermdash.storage import records
from dermdash.storage import saliency as store
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.classifier.evaluation_datasets import named_datasets
from dermdash.workflows.classifier.model_registry import get_model, load_model, whole_checkpoint
from dermdash.workflows.classifier.saliency_regions import Region, region_on_crop, regions_of
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, kind_words

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier

CURVE_RECORDS = 24
"""How many records curves are made of by default: a record takes about 90 looks of the network."""

OWN_MAP = "gradcam"
_ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class ExplainProgress:
    """How many of the records are done, of being explained or (``measuring``) compared with their regions."""

    done: int
    total: int
    measuring: bool = False


Progress = Callable[[ExplainProgress], None]


def coverage(
    workspace: Workspace, *, model_id: str, target: str = PREDICTED, simulated: bool | None = None
) -> tuple[int, int]:
    """Return how many records have a map of this model and target, and how many the model can explain.

    Photographs (``simulated`` False) or drawn images (True); None: of what the model was trained on.
    """
    model = get_model(workspace, model_id)
    return store.count_explained(
        workspace.engine, model_id=model_id, target=target, method=METHOD, taxonomy=model["taxonomy"],
        simulated=bool(model["simulated"]) if simulated is None else simulated,
    )  # fmt: skip


def explain_records(
    workspace: Workspace,
    *,
    model_id: str,
    target: str = PREDICTED,
    dataset_ids: Collection[str] | None = None,
    simulated: bool | None = None,
    most: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Store a map of every record that lacks one, measure maps where there are masks; return how many were explained.

    Can be interrupted: what is stored is skipped by the next call. Images that cannot be read are left out.

    Parameters
    ----------
    dataset_ids
        Only these data sets; None: every one of the model's classes and of one kind.
    simulated
        That kind: drawn images (True) or photographs (False); None: what the model was trained on.
    most
        Only so many of them, drawn by the hash of their id as for curves; None: all.

    Raises
    ------
    NotFound
        The model, its checkpoint or any record is missing.
    InvalidInput
        The model does not know the target.
    """
    model = get_model(workspace, model_id)
    kind = bool(model["simulated"]) if simulated is None else simulated
    if dataset_ids is None:
        wanted = [d["id"] for d in datasets_of_kind(workspace, simulated=kind, taxonomy=model["taxonomy"])]
    else:
        wanted = [d["id"] for d in named_datasets(workspace, dataset_ids, taxonomy=model["taxonomy"])]
    if not wanted:
        raise NotFound(f"There are no {kind_words(kind)} to explain: import a data set first.")
    explained = store.explained_record_ids(workspace.engine, model_id, target, METHOD)
    missing = [
        (str(row.id), str(row.image_sha256))
        for dataset_id in wanted
        for row in records.records_of_dataset(workspace.engine, dataset_id).itertuples()
        if row.id not in explained
    ]
    if most is not None:
        missing = sorted(missing, key=lambda one: _digest(one[0]))[:most]
    done = _explain(workspace, model_id, target, missing, progress or (lambda _: None)) if missing else 0
    measure_regions(workspace, model_id=model_id, target=target, progress=progress)
    return done


def explain_record(workspace: Workspace, record_id: str, *, model_id: str, target: str = PREDICTED) -> SaliencyMap:
    """Return the map of one record, computed and stored when there is none yet.

    Raises NotFound, InvalidInput and UnreadableImage as ``explain_records`` and ``explain_image`` do.
    """
    from dermdash.classifier.saliency import explain_image

    known = saliency_of_records(workspace, [record_id], model_id=model_id, target=target)
    if record_id in known:
        return known[record_id]
    record = records.get_record(workspace.engine, record_id)
    found = explain_image(_classifier(workspace, model_id), _original(workspace, record["image_sha256"]), target)
    store.save_maps(workspace.engine, [_map_row(record_id, model_id, found)])
    return found


def saliency_of_records(
    workspace: Workspace, record_ids: Collection[str], *, model_id: str, target: str = PREDICTED
) -> dict[str, SaliencyMap]:
    """Return the stored maps of those records that have one, by record id."""
    rows = store.maps_of_records(workspace.engine, record_ids, model_id=model_id, target=target, method=METHOD)
    return {str(row["record_id"]): _map_of(row) for row in rows}


def maps_to_show(workspace: Workspace, record_ids: Collection[str], *, model_id: str) -> dict[str, SaliencyInput]:
    """Maps of the most probable class of these records for assistance, made where there are none yet.

    A record whose image cannot be read is absent.
    """
    known = store.explained_record_ids(workspace.engine, model_id, PREDICTED, METHOD)
    rows = records.records_by_id(workspace.engine, list(record_ids))
    images = dict(zip(rows["id"].astype(str), rows["image_sha256"].astype(str), strict=True))
    if missing := [(record_id, sha256) for record_id, sha256 in images.items() if record_id not in known]:
        _explain(workspace, model_id, PREDICTED, missing, lambda _: None)
    found = saliency_of_records(workspace, list(images), model_id=model_id)
    return {
        record_id: SaliencyInput(one.to_bytes(), one.input_size, *upright_size(workspace, images[record_id]))
        for record_id, one in found.items()
    }


def map_to_look_at(workspace: Workspace, record_id: str, *, model_id: str) -> SaliencyInput:
    """The map of the most probable class of one record for assistance, stored or made now; nothing is stored.

    Raises
    ------
    NotFound
        The record, the model or its checkpoint is not in the workspace.
    UnreadableImage, UnsafeUpload
        The image cannot be read.
    """
    from dermdash.classifier.saliency import explain_image

    image = str(records.get_record(workspace.engine, record_id)["image_sha256"])
    found = saliency_of_records(workspace, [record_id], model_id=model_id).get(record_id)
    if found is None:
        found = explain_image(_classifier(workspace, model_id), _original(workspace, image), PREDICTED)
    return SaliencyInput(found.to_bytes(), found.input_size, *upright_size(workspace, image))


def measure_regions(
    workspace: Workspace, *, model_id: str, target: str = PREDICTED, progress: Progress | None = None
) -> int:
    """Compare every stored map with the regions it was not compared with yet; return how many comparisons were made.

    Needs no network. A comparison without figures stores the reason instead, so that it can be counted.
    """
    key = {"model_id": model_id, "target": target, "method": METHOD}
    due = _regions_to_measure(workspace, key)
    for start in range(0, len(due), _ROWS_AT_ONCE):
        part = due[start : start + _ROWS_AT_ONCE]
        maps = saliency_of_records(workspace, {row["record_id"] for row, _ in part}, model_id=model_id, target=target)
        measured = [
            {
                "record_id": row["record_id"],
                **key,
                "region": region.name,
                "region_sha256": region.sha256,
                "figures": _figures(workspace, row, region, maps[row["record_id"]]),
            }
            for row, region in part
        ]
        store.save_faithfulness(workspace.engine, measured)
        if progress is not None:
            progress(ExplainProgress(start + len(part), len(due), measuring=True))
    return len(due)


def count_unmeasured(workspace: Workspace, *, model_id: str, target: str = PREDICTED) -> int:
    """How many regions, of masks or of structures that people marked, no stored map was compared with yet."""
    return len(_regions_to_measure(workspace, {"model_id": model_id, "target": target, "method": METHOD}))


def _regions_to_measure(workspace: Workspace, key: dict[str, str]) -> list[tuple[dict[str, Any], Region]]:
    known = store.measured_regions(workspace.engine, **key)
    rows = rows_of(
        store.explained_records(workspace.engine, model_id=key["model_id"], target=key["target"], method=key["method"])
    )
    regions = regions_of(workspace, rows)
    return [
        (row, region)
        for row in rows
        for region in regions[row["record_id"]]
        if (row["record_id"], region.name, region.sha256) not in known
    ]


def measure_curves(
    workspace: Workspace,
    *,
    model_id: str,
    target: str = PREDICTED,
    count: int = CURVE_RECORDS,
    simulated: bool | None = None,
    progress: Progress | None = None,
) -> int:
    """Make insertion and deletion curves until ``count`` records have them; return how many were made.

    Of photographs (``simulated`` False) or drawn images (True); None: of what the model was trained on. The records are
    drawn by the hash of their id, so that a larger sample contains a smaller one. Can be interrupted.
    """
    from dermdash.classifier.preprocessing import centre_crop, load_square, resized_side
    from dermdash.classifier.saliency import upright_probabilities

    key = {"model_id": model_id, "target": target, "method": METHOD}
    kind = bool(get_model(workspace, model_id)["simulated"]) if simulated is None else simulated
    rows = rows_of(
        store.explained_records(workspace.engine, model_id=model_id, target=target, method=METHOD, simulated=kind)
    )
    sample = sorted(rows, key=lambda row: _digest(row["record_id"]))[:count]
    known = {row["record_id"] for row in store.curves_of_model(workspace.engine, **key)}
    due = [row for row in sample if row["record_id"] not in known]
    if not due:
        return 0
    report = progress or (lambda _: None)
    report(ExplainProgress(0, len(due)))
    classifier = _classifier(workspace, model_id)
    size = classifier.metadata.input_size
    made = 0
    maps = saliency_of_records(workspace, [row["record_id"] for row in due], model_id=model_id, target=target)
    for i, row in enumerate(due):
        saliency_map = maps[row["record_id"]]
        try:
            square = load_square(_original(workspace, row["image_sha256"]), side=resized_side(size))
        except (UnreadableImage, UnsafeUpload):
            continue
        explained = saliency_map.explained
        seed = int(_digest(row["record_id"])[:8], 16)
        curves = perturbation_curves(
            centre_crop(square, size),
            {OWN_MAP: saliency_map.on_crop(size), **control_maps(size, size, seed=seed)},
            lambda images, explained=explained: upright_probabilities(classifier, images, explained),  # type: ignore[misc]
        )
        store.save_curves(
            workspace.engine,
            [{"record_id": row["record_id"], **key, "curves": {name: c.as_dict() for name, c in curves.items()}}],
        )
        made += 1
        report(ExplainProgress(i + 1, len(due)))
    return made


def upright_size(workspace: Workspace, image_sha256: str) -> tuple[int, int]:
    """Return width and height of an image's upright thumbnail, whose proportions are those of the image."""
    from PIL import Image

    try:
        with Image.open(BytesIO(workspace.files.get(THUMBNAILS, image_sha256))) as thumbnail:
            return thumbnail.size
    except (FileMissing, OSError) as error:
        raise NotFound(f"The thumbnail {image_sha256[:12]}… is missing: import the data set again.") from error


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as rows by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _explain(workspace: Workspace, model_id: str, target: str, missing: list[tuple[str, str]], report: Progress) -> int:
    report(ExplainProgress(0, len(missing)))
    images = [_original(workspace, sha256) for _, sha256 in missing]
    done = explained = 0
    for batch in _explained(workspace, model_id, target, images):
        ids = [record_id for record_id, _ in missing[done : done + len(batch)]]
        rows = [_map_row(i, model_id, found) for i, found in zip(ids, batch, strict=True) if found is not None]
        store.save_maps(workspace.engine, rows)
        done += len(batch)
        explained += len(rows)
        report(ExplainProgress(done, len(missing)))
    return explained


def _explained(
    workspace: Workspace, model_id: str, target: str, images: Sequence[ReadableImage]
) -> Iterator[list[SaliencyMap | None]]:
    """Maps of the images in order, some at a time; None where one cannot be read."""
    if workspace.settings.cluster:
        checkpoint = whole_checkpoint(workspace, model_id)
        checkpoints.read_metadata(checkpoint)
        sha256 = get_model(workspace, model_id)["checkpoint_sha256"]
        work = partial(explain_chunk, checkpoint=checkpoint, sha256=sha256, target=target)
        with chunk_workers(workspace, processes=False) as workers:
            for _, maps in workers.in_order(work, chunks_of(images, IMAGES_IN_CHUNK)):
                yield maps
        return
    from dermdash.classifier.saliency import explain_batches

    yield from explain_batches(
        _classifier(workspace, model_id), images, target=target, unreadable=lambda _at, _error: None
    )


def _figures(workspace: Workspace, row: dict[str, Any], region: Region, saliency_map: SaliencyMap) -> dict[str, Any]:
    if saliency_map.is_empty:
        return {"reason": "the map is empty"}
    try:
        pixels = region_on_crop(workspace, region, image_sha256=row["image_sha256"], input_size=saliency_map.input_size)
    except (NotFound, InvalidInput) as error:
        return {"reason": str(error)}
    fit = measure(saliency_map.on_crop(SIDE), pixels)
    return {"reason": "the region lies outside what the network saw"} if fit is None else fit.as_dict()


def _classifier(workspace: Workspace, model_id: str) -> Classifier:
    from dermdash.classifier.saliency import best_device

    return load_model(workspace, model_id, device=best_device())


def _original(workspace: Workspace, image_sha256: str) -> ReadableImage:
    return workspace.files.image(ORIGINALS, image_sha256)


def _map_row(record_id: str, model_id: str, found: SaliencyMap) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "model_id": model_id,
        "target": found.target,
        "method": METHOD,
        "explained": found.explained,
        "probability": round(found.probability, 6),
        "heat": found.to_bytes(),
    }


def _map_of(row: dict[str, Any]) -> SaliencyMap:
    return SaliencyMap(
        values_from_bytes(row["heat"]), row["target"], row["explained"], row["probability"], row["input_size"]
    )


def _digest(record_id: str) -> str:
    return hashlib.sha256(record_id.encode()).hexdigest()
