"""The demo workspace: synthetic images, a small model trained on them, a finished study with simulated readers, and
labels on their way up the ladder.

Everything in it goes through the same workflows as real work does, and everything says that it is not real: the data
set is marked as simulated and named so, the study and each of its readers too.

The folder ``demo-painting`` in the workspace holds the painted files until all is done. As long as it is there, the
demo is unfinished, and the next call goes on where the last one was interrupted.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dermdash.analysis.operating_point import Rule
from dermdash.classifier.threads import limited_threads
from dermdash.dataset.synthetic import write_demo_dataset
from dermdash.dataset.synthetic.demo_dataset import METADATA_FILE
from dermdash.dataset.synthetic.demo_taxonomy import DEMO_TAXONOMY
from dermdash.errors import WorkspaceFull
from dermdash.progress import StageProgress
from dermdash.reader_study.protocol_parts import PlantedAdvice
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.storage import import_runs, records, studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.whole_files import disk_is_full
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.accounts.people import list_people
from dermdash.workflows.classifier import classify, explain_predictions, model_registry, operating_points
from dermdash.workflows.classifier.train_classifier import train_classifier
from dermdash.workflows.dataset.demo_curation import prepare_demo_dataset, score_demo_images
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.findings.demo_findings import fill_demo_findings
from dermdash.workflows.reader_study.create_study import create_study
from dermdash.workflows.reader_study.simulate_readers import simulate_readers
from dermdash.workflows.verification.demo_ladder import CURATOR, fill_demo_ladder
from dermdash.workflows.worker_pool import worker_pool

DEMO_DATASET = "demo"
DEMO_DATASET_NAME = "Demo (synthetic images)"
DEMO_MODEL_NAME = "Demo model (synthetic images)"
DEMO_SECOND_NAME = "Smaller demo model (synthetic images)"
DEMO_POINT_NAME = "Demo: nine of ten malignant lesions"
DEMO_STUDY_NAME = "Demo study (simulated readers)"
_PAINTING = "demo-painting"


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How much of everything; the defaults are what a first look at the product needs.

    ``scale`` multiplies the numbers of patients (180), lesions (300) and images (420); ``height`` is that of the
    images in pixels (4:3).
    """

    scale: float = 1.0
    height: int = 450
    input_size: int = 64
    epochs: int = 10
    cases: int = 28
    practice_cases: int = 3
    readers: int = 14
    verified: int = 20
    explained: int = 48


_DEFAULT_SIZE = DemoSize()
_LEARNING_RATE = 6e-3
"""Three times the usual: few epochs, few images, a small network."""
_SECOND_SIZE, _SECOND_EPOCHS = 32, 4
"""Of the second model, which a comparison needs: it is to be worse, and made in no time."""
_SENSITIVITY = 0.9
_WRONG_ADVICE = 20
"""Percent of the cases whose assistance is wrong on purpose: a demo that shows only help would not show harm."""
# Shares of the waiting time, as measured: painting, import, training and prediction, study.
_PARTS = {
    "paint": (0.0, 0.44),
    "import": (0.44, 0.58),
    "train": (0.58, 0.88),
    "predict": (0.88, 0.91),
    "models": (0.91, 0.94),
    "study": (0.94, 0.95),
    "ladder": (0.95, 0.97),
    "findings": (0.97, 0.98),
    "score": (0.98, 1.0),
}


def is_empty(workspace: Workspace) -> bool:
    """Whether the workspace has no data set at all."""
    return not records.list_datasets(workspace.engine)


def is_unfinished(workspace: Workspace) -> bool:
    """Whether making the demo was interrupted: `create_demo_workspace` completes it."""
    return (workspace.home / _PAINTING).exists()


def create_demo_workspace(
    workspace: Workspace,
    *,
    progress: StageProgress | None = None,
    seed: int = 2020,
    size: DemoSize = _DEFAULT_SIZE,
    processes: bool = True,
) -> None:
    """Fill a workspace with the demo; what an interrupted call made is kept and completed.

    Parameters
    ----------
    progress
        Called with a message for people and the share done (0..1).
    processes
        Paint and import in worker processes, or in threads (False).

    Raises
    ------
    WorkspaceFull
        The disk is full; calling again goes on from there.
    """
    report = progress or (lambda message, share: None)
    report("Painting synthetic lesions", 0.0)
    folder = workspace.home / _PAINTING
    folder.mkdir(parents=True, exist_ok=True)
    _paint_and_import(workspace, folder, report, seed=seed, size=size, processes=processes)
    # A small network on small batches is as fast on one core, and leaves the other one to the app, or to measuring.
    with ThreadPoolExecutor(1) as beside, limited_threads(1):
        prepared = beside.submit(prepare_demo_dataset, workspace, DEMO_DATASET, seed=seed, processes=processes)
        model_id = _model(workspace, report, seed=seed, size=size)
        study_id = _study(workspace, model_id, report, seed=seed, size=size)
        _models_at_work(workspace, model_id, report, seed=seed, size=size)
        report("Measuring the images", _PARTS["study"][0])
        prepared.result()
    simulate_readers(workspace, study_id, count=size.readers, seed=seed, progress=_part(report, "study"))
    cases = studies.cases_of_study(workspace.engine, study_id)["record_id"].tolist()
    fill_demo_ladder(
        workspace, DEMO_DATASET, records=size.verified, seed=seed, keep_out=cases, progress=_part(report, "ladder")
    )
    curator = next(p.account for p in list_people(workspace, OPERATOR) if p.account.name == CURATOR)
    # Before the gate: what it rejects no check looks for any more.
    fill_demo_findings(workspace, DEMO_DATASET, processes=processes, progress=_part(report, "findings"))
    score_demo_images(workspace, DEMO_DATASET, curator, seed=seed, keep_out=cases, told=_part(report, "score"))
    shutil.rmtree(folder, ignore_errors=True)
    report("The demo is ready", 1.0)


def _part(report: StageProgress, name: str) -> StageProgress:
    low, high = _PARTS[name]
    return lambda message, share: report(message, low + (high - low) * share)


def _paint_and_import(
    workspace: Workspace, folder: Path, report: StageProgress, *, seed: int, size: DemoSize, processes: bool
) -> None:
    runs = import_runs.list_import_runs(workspace.engine)
    if any(run["dataset_id"] == DEMO_DATASET for run in runs):  # logged when an import has come to its end
        return
    painting, importing = _part(report, "paint"), _part(report, "import")
    metadata = folder / METADATA_FILE
    if not metadata.exists():
        try:
            with ExitStack() as held:
                workers = workspace.settings.workers or os.cpu_count() or 1
                pool = held.enter_context(worker_pool(workers, processes=True)) if processes and workers > 1 else None
                write_demo_dataset(
                    folder,
                    seed=seed,
                    scale=size.scale,
                    size=(size.height, size.height * 4 // 3),
                    executor=pool,
                    progress=lambda done, total: painting("Painting synthetic lesions", done / total),
                )
        except OSError as error:
            if not disk_is_full(error):
                raise
            message = f"The disk holding {workspace.home} is full. Free some 200 MB and start again."
            raise WorkspaceFull(message) from error
    import_dataset(
        workspace,
        adapter="csv",
        taxonomy=DEMO_TAXONOMY.name,
        metadata=metadata,
        images=[folder / "images"],
        masks=[folder / "masks"],
        dataset_id=DEMO_DATASET,
        name=DEMO_DATASET_NAME,
        simulated=True,
        processes=processes,
        progress=lambda p: importing("Importing the images", p.done / max(1, p.total)),
    )


def _model(workspace: Workspace, report: StageProgress, *, seed: int, size: DemoSize) -> str:
    training = _part(report, "train")
    training("Training a small model", 0.0)
    return _trained(workspace, DEMO_MODEL_NAME, training, seed=seed, input_size=size.input_size, epochs=size.epochs)


def _trained(workspace: Workspace, name: str, told: StageProgress, *, seed: int, input_size: int, epochs: int) -> str:
    """The model of this name; trained with the lesions held out that every other one of the demo holds out."""
    known = [m["id"] for m in model_registry.list_models(workspace) if m["name"] == name]
    if known:
        return str(known[0])
    return train_classifier(
        workspace,
        dataset_id=DEMO_DATASET,
        name=name,
        architecture="resnet10_fine",
        input_size=input_size,
        epochs=epochs,
        batch_size=32,
        learning_rate=_LEARNING_RATE,
        held_out_fraction=0.25,
        seed=seed,
        device="cpu",
        progress=lambda p: told("Training a small model", (p.epoch - 1 + p.step / p.steps) / p.epochs),
    )


def _models_at_work(workspace: Workspace, model_id: str, report: StageProgress, *, seed: int, size: DemoSize) -> None:
    """What the pages of models show: thresholds, where the model looked, and a second model to compare it with."""
    told = _part(report, "models")
    told("Choosing thresholds", 0.0)
    if not operating_points.list_operating_points(workspace, model_id=model_id):
        operating_points.choose_operating_point(
            workspace, name=DEMO_POINT_NAME, model_id=model_id, dataset_id=DEMO_DATASET, rule=Rule.SENSITIVITY,
            target=_SENSITIVITY,
        )  # fmt: skip
    second = _trained(
        workspace, DEMO_SECOND_NAME, lambda _, share: told("Training another model", 0.1 + 0.4 * share), seed=seed,
        input_size=_SECOND_SIZE, epochs=_SECOND_EPOCHS,
    )  # fmt: skip
    classify.predict_records(workspace, model_id=second, dataset_ids=[DEMO_DATASET])
    told("Explaining what the model says", 0.6)
    if explain_predictions.coverage(workspace, model_id=model_id)[0] == 0:
        explain_predictions.explain_records(workspace, model_id=model_id, most=size.explained)


def _study(workspace: Workspace, model_id: str, report: StageProgress, *, seed: int, size: DemoSize) -> str:
    known = [s["id"] for s in studies.list_studies(workspace.engine) if s["simulated"] and s["name"] == DEMO_STUDY_NAME]
    if known:
        return str(known[0])
    predicting = _part(report, "predict")
    classify.predict_records(
        workspace,
        model_id=model_id,
        dataset_ids=[DEMO_DATASET],
        progress=lambda p: predicting("Looking for similar images", p.done / max(1, p.total)),
    )
    protocol = template_nature_medicine_2020(
        taxonomy=DEMO_TAXONOMY.name,
        name=DEMO_STUDY_NAME,
        dataset_id=DEMO_DATASET,
        model_id=model_id,
        seed=seed,
        cases_per_round=size.cases,
        practice_cases=size.practice_cases,
        prespecified_analyses=("benefit",),
        wrong_advice=PlantedAdvice(share_percent=_WRONG_ADVICE),
    )
    # Frozen before the first simulated reader reads, as every study is.
    frozen_at = now() - timedelta(days=size.readers + 2)
    return create_study(workspace, protocol, simulated=True, frozen_at=frozen_at)
