"""The demo workspace: synthetic images, a small model trained on them, and a finished study with simulated readers.

Everything in it goes through the same workflows as real work does, and everything says that it is not real: the data
set is marked as simulated and named so, the study and each of its readers too.

The folder ``demo-painting`` in the workspace holds the painted files until all is done. As long as it is there, the
demo is unfinished, and the next call goes on where the last one was interrupted.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from dermdash.classifier.threads import limited_threads
from dermdash.dataset.synthetic import write_demo_dataset
from dermdash.dataset.synthetic.demo_dataset import METADATA_FILE
from dermdash.reader_study.protocol import Protocol, template_nature_medicine_2020
from dermdash.reader_study.reading_session import Assignment
from dermdash.reader_study.simulation import (
    SimulatedCase,
    SimulatedReader,
    draw_case,
    draw_readers,
    simulate_session,
)
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import readings, records, studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows import classify, run_reading
from dermdash.workflows.create_study import create_study, invite_readers
from dermdash.workflows.import_dataset import import_dataset

DEMO_DATASET = "demo"
DEMO_DATASET_NAME = "Demo (synthetic images)"
DEMO_MODEL_NAME = "Demo model (synthetic images)"
DEMO_STUDY_NAME = "Demo study (simulated readers)"
_READER_LABEL = "Simulated reader"
_PAINTING = "demo-painting"

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the whole that is done (0..1)."""


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How much of everything; the defaults are what a first look at the product needs.

    ``scale`` multiplies the numbers of patients (180), lesions (300) and images (420); ``height`` is that of the
    images in pixels (4:3).
    """

    scale: float = 1.0
    height: int = 450
    input_size: int = 64
    epochs: int = 28
    cases: int = 28
    practice_cases: int = 3
    readers: int = 14


_DEFAULT_SIZE = DemoSize()
# Shares of the waiting time, as measured: painting, import, training and prediction, study.
_PARTS = {"paint": (0.0, 0.3), "import": (0.3, 0.4), "train": (0.4, 0.85), "predict": (0.85, 0.92), "study": (0.92, 1)}


def is_empty(workspace: Workspace) -> bool:
    """Whether the workspace has no data set at all."""
    return not records.list_datasets(workspace.engine)


def is_unfinished(workspace: Workspace) -> bool:
    """Whether making the demo was interrupted: `create_demo_workspace` completes it."""
    return (workspace.home / _PAINTING).exists()


def create_demo_workspace(
    workspace: Workspace,
    *,
    progress: Progress | None = None,
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
        Paint and import in worker processes. False inside the app, whose main module a worker must not run again.

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
    # A small network on small batches is as fast on one core, and leaves the other one to the app.
    with limited_threads(1):
        model_id = _model(workspace, report, seed=seed, size=size)
        study_id = _study(workspace, model_id, report, seed=seed, size=size)
    _let_readers_answer(workspace, study_id, report, seed=seed, count=size.readers)
    shutil.rmtree(folder, ignore_errors=True)
    report("The demo is ready", 1.0)


def _part(report: Progress, name: str) -> Progress:
    low, high = _PARTS[name]
    return lambda message, share: report(message, low + (high - low) * share)


def _paint_and_import(
    workspace: Workspace, folder: Path, report: Progress, *, seed: int, size: DemoSize, processes: bool
) -> None:
    runs = records.list_import_runs(workspace.engine)
    if any(run["dataset_id"] == DEMO_DATASET for run in runs):  # logged when an import has come to its end
        return
    painting, importing = _part(report, "paint"), _part(report, "import")
    metadata = folder / METADATA_FILE
    if not metadata.exists():
        write_demo_dataset(
            folder,
            seed=seed,
            scale=size.scale,
            size=(size.height, size.height * 4 // 3),
            workers=(workspace.settings.workers or None) if processes else 1,
            progress=lambda done, total: painting("Painting synthetic lesions", done / total),
        )
    import_dataset(
        workspace,
        adapter="csv",
        metadata=metadata,
        images=[folder / "images"],
        masks=[folder / "masks"],
        dataset_id=DEMO_DATASET,
        name=DEMO_DATASET_NAME,
        simulated=True,
        processes=processes,
        progress=lambda p: importing("Importing the images", p.done / max(1, p.total)),
    )


def _model(workspace: Workspace, report: Progress, *, seed: int, size: DemoSize) -> str:
    known = [m["id"] for m in classify.list_models(workspace) if m["name"] == DEMO_MODEL_NAME]
    if known:
        return str(known[0])
    training = _part(report, "train")
    training("Training a small model", 0.0)
    return classify.train_classifier(
        workspace,
        dataset_id=DEMO_DATASET,
        name=DEMO_MODEL_NAME,
        architecture="resnet10",
        input_size=size.input_size,
        epochs=size.epochs,
        batch_size=32,
        held_out_fraction=0.25,
        seed=seed,
        device="cpu",
        progress=lambda p: training("Training a small model", (p.epoch - 1 + p.step / p.steps) / p.epochs),
    )


def _study(workspace: Workspace, model_id: str, report: Progress, *, seed: int, size: DemoSize) -> str:
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
        name=DEMO_STUDY_NAME,
        dataset_id=DEMO_DATASET,
        model_id=model_id,
        seed=seed,
        cases_per_round=size.cases,
        practice_cases=size.practice_cases,
    )
    return create_study(workspace, protocol, simulated=True)


def _let_readers_answer(workspace: Workspace, study_id: str, report: Progress, *, seed: int, count: int) -> None:
    """Readers come one after the other, so that later ones find a crowd, by the same rule as real ones."""
    studying = _part(report, "study")
    protocol = run_reading.protocol_of(workspace, study_id)
    people = draw_readers(count, rng=np.random.default_rng([seed, 10]))
    labels = [f"{_READER_LABEL} {number:02d}" for number in range(1, count + 1)]
    invited = studies.list_invitations(workspace.engine, study_id)
    if missing := [label for label in labels if label not in set(invited["label"])]:
        invite_readers(workspace, study_id, missing)
        invited = studies.list_invitations(workspace.engine, study_id)
    rows = {row["label"]: row for row in invited.to_dict("records")}
    cases = _cases(workspace, study_id, protocol, seed)
    # One reader per afternoon, the last one yesterday.
    today = now().replace(hour=14, minute=0, second=0, microsecond=0)
    for number, (label, reader) in enumerate(zip(labels, people, strict=True)):
        studying("Simulating readers", number / count)
        reader_id = rows[label]["reader_id"]
        invitation = run_reading.Invited(
            rows[label]["id"], study_id, label, reader_id if isinstance(reader_id, str) else None
        )
        rng = np.random.default_rng([seed, 11, number])
        starts_at = today - timedelta(days=count - number) + timedelta(minutes=float(rng.uniform(0, 240)))
        _let_reader_answer(workspace, invitation, reader, protocol, cases, starts_at, rng)


def _cases(workspace: Workspace, study_id: str, protocol: Protocol, seed: int) -> dict[str, SimulatedCase]:
    taxonomy = get_taxonomy(protocol.taxonomy)
    found = {}
    for position, row in enumerate(studies.cases_of_study(workspace.engine, study_id).to_dict("records")):
        probabilities = row["assistance"].get("multiclass_probability", {}).get("probabilities", {})
        found[str(row["id"])] = draw_case(
            row["truth_dx"],
            taxonomy=taxonomy,
            rng=np.random.default_rng([seed, 12, position]),
            model_share=probabilities.get(row["truth_dx"]),
        )
    return found


def _let_reader_answer(
    workspace: Workspace,
    invitation: run_reading.Invited,
    reader: SimulatedReader,
    protocol: Protocol,
    cases: dict[str, SimulatedCase],
    starts_at: datetime,
    rng: np.random.Generator,
) -> None:
    reader_id = run_reading.start_reader(workspace, invitation, simulated=True)
    run_reading.save_profile(workspace, reader_id, reader.profile)
    session = run_reading.load_session(workspace, invitation.study_id, reader_id)
    if session.answered:  # all of a reader's answers are stored at once
        return
    answers = simulate_session(
        reader,
        assignments=session.assignments,
        cases=cases,
        assistance={key: row["assistance"] for key, row in session.rows.items()},
        taxonomy=get_taxonomy(protocol.taxonomy),
        confidence_levels=len(protocol.confidence_levels),
        starts_at=starts_at,
        rng=rng,
    )
    by_id = {assignment.id: assignment for assignment in session.assignments}
    rows = [
        {
            "id": str(uuid4()),
            "study_id": invitation.study_id,
            "reader_id": reader_id,
            "assignment_id": answer.assignment_id,
            **_case_columns(by_id[answer.assignment_id]),
            "phase": str(answer.phase),
            "dx": answer.dx,
            "confidence": answer.confidence,
            "assistance": session.rows[answer.assignment_id]["assistance"] if answer.phase == "aided" else None,
            "client_ms": answer.client_ms,
            "shown_at": answer.shown_at,
            "submitted_at": answer.submitted_at,
            "recorded_at": answer.submitted_at + timedelta(milliseconds=40),
        }
        for answer in answers
    ]
    readings.save_simulated_readings(workspace.engine, rows)


def _case_columns(assignment: Assignment) -> dict[str, Any]:
    return {
        "case_id": assignment.case_id,
        "practice": assignment.practice,
        "modality": str(assignment.modality),
    }
