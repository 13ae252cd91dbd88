"""A small filled workspace without a trained network: drawn images, invented predictions and features, a study."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Any
from uuid import uuid4

import numpy as np
from PIL import Image

from dermdash.classifier.checkpoints import lesion_digest
from dermdash.reader_study.outbox import ClientEvent, ReadingSubmission
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.modality import Phase
from dermdash.records.taxonomy import HAM7
from dermdash.storage import models, records
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.records import record_id
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import embeddings, model_registry
from dermdash.workflows.reader_study import create_study, invitations, join_study, reading_standing, run_reading
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt
from dermdash.workflows.reader_study.send_step import record_sending
from tests.factories import make_image, make_record

DATASET = "clinic"
MODEL = "m00000000001"
LESIONS_PER_CLASS = 5
PROFILE = ReaderProfile("dermatologist", 7, "35_44", "female", "AT")
COLORS = {
    "akiec": (200, 90, 90), "bcc": (230, 150, 150), "bkl": (230, 210, 60), "df": (150, 110, 90),
    "mel": (30, 20, 20), "nv": (110, 60, 30), "vasc": (190, 20, 60),
}  # fmt: skip


def draw_jpeg(code: str, seed: int, *, size: tuple[int, int] = (48, 36)) -> bytes:
    """A disc in the colour of its class; every seed is another file."""
    width, height = size
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    inside = np.hypot(rows - height / 2, columns - width / 2) < height * rng.uniform(0.25, 0.4)
    pixels = np.where(inside[..., None], COLORS[code], (225, 180, 160)) + rng.normal(0, 6, (height, width, 3))
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def fill_records(
    workspace: Workspace, *, dataset: str = DATASET, per_class: int = LESIONS_PER_CLASS, simulated: bool = False
) -> list[str]:
    """Store ``per_class`` lesions of each class, the first of a class with a second image; return the record ids.

    Lesions 0 and 1 of a class share a patient with those of the next class; no patient is known for the others.
    """
    records.save_dataset(
        workspace.engine,
        values={
            "id": dataset, "name": dataset.title(), "taxonomy": "ham7", "source": "drawn", "licence": "CC0",
            "simulated": simulated,
        },
    )  # fmt: skip
    images, rows = [], []
    for c, code in enumerate(HAM7.codes):
        for lesion, image in [(i, 0) for i in range(per_class)] + [(0, 1)]:
            name = f"{code.upper()}_{lesion}{'b' if image else ''}"
            # Of another data set it is another file.
            data = draw_jpeg(code, seed=1000 * c + 10 * lesion + image) + dataset.encode()
            sha256 = hashlib.sha256(data).hexdigest()
            workspace.files.put(ORIGINALS, sha256, data)
            workspace.files.put(THUMBNAILS, sha256, data)
            images.append(make_image(sha256, width=48, height=36, bytes=len(data)))
            rows.append(
                make_record(
                    name,
                    dataset,
                    lesion_id=f"L_{code}_{lesion}",
                    patient_id=f"P_{c // 2}_{lesion}" if lesion < 2 else None,
                    image_sha256=sha256,
                    dx=code,
                    source_label=code,
                    verification_stage=3 if code == "mel" else 2,
                    dx_type="histo" if code == "mel" else "consensus",
                )
            )
    records.save_batch(workspace.engine, images=images, records=rows)
    return [str(row["id"]) for row in rows]


def fill_model(
    workspace: Workspace,
    record_ids: list[str],
    *,
    trained_lesions: tuple[str, ...] = ("L_nv_4", "L_mel_4"),
    known: bool = True,
) -> None:
    """Register a model that gives 0.7 to the true class, with predictions and features of the records."""
    models.save_model(
        workspace.engine,
        values={
            "id": MODEL, "name": "Drawn model", "architecture": "resnet10", "taxonomy": "ham7", "input_size": 32,
            "checkpoint_sha256": "c" * 64, "dataset_id": DATASET, "training_lesions_known": known,
            "metrics": {"mean_recall": 0.813, "accuracy": 0.857, "held_out_images": 21, "grouped_by_patient": True},
        },
        training_lesion_digests=[lesion_digest(lesion) for lesion in trained_lesions],
    )  # fmt: skip
    frame = records.records_by_id(workspace.engine, record_ids).set_index("id").loc[record_ids]
    models.save_predictions(workspace.engine, [make_prediction(name, dx) for name, dx in frame["dx"].items()])
    features = np.random.default_rng(7).normal(size=(len(record_ids), 8)).astype(np.float32)
    embeddings.append_features(workspace, MODEL, record_ids, features)


def fill_judged(workspace: Workspace) -> list[str]:
    """Records and the model that judged them; return the record ids."""
    record_ids = fill_records(workspace)
    fill_model(workspace, record_ids)
    return record_ids


def fill_study(workspace: Workspace) -> str:
    """`fill_judged`, and the study of `make_protocol`, to which nobody has come; return its id."""
    fill_judged(workspace)
    return create_study.create_study(workspace, make_protocol())


def fill_study_without_practice(workspace: Workspace) -> str:
    """`fill_study`, whose study begins with its first case."""
    fill_judged(workspace)
    return create_study.create_study(workspace, make_protocol(practice_cases=0))


def own_models(workspace: Workspace) -> list[dict[str, Any]]:
    """The models added or trained here: all but the one that comes with dermdash."""
    reference = model_registry.reference_model_id()
    return [m for m in model_registry.list_models(workspace) if m["id"] != reference]


def make_prediction(name: Any, dx: str) -> dict[str, Any]:
    """A stored prediction of the drawn model that gives 0.7 to this class."""
    probabilities = {code: 0.7 if code == dx else 0.05 for code in HAM7.codes}
    return {
        "record_id": str(name),
        "model_id": MODEL,
        "probabilities": probabilities,
        "predicted_dx": dx,
        "malignancy_probability": HAM7.malignancy_probability(probabilities),
    }


def make_protocol(**changes: Any) -> Protocol:
    """The template at seven cases and two for practice."""
    choices: dict[str, Any] = {
        "taxonomy": HAM7.name,
        "name": "Seven cases",
        "dataset_id": DATASET,
        "model_id": MODEL,
        "seed": 3,
        "cases_per_round": 7,
        "practice_cases": 2,
        "cbir_k": 4,
        "minimum_crowd_readers": 2,
    }
    return template_nature_medicine_2020(**(choices | changes))


def invite(workspace: Workspace, study_id: str, *labels: str) -> list[str]:
    """Invitation tokens."""
    made = invitations.invite_readers(workspace, study_id, list(labels))
    return [invitation.link.split("invitation=")[1] for invitation in made]


def begin(workspace: Workspace, token: str, *, simulated: bool = False) -> tuple[str, str]:
    """Consent and profile; returns study and reader id."""
    invited = join_study.open_invitation(workspace, token)
    reader_id = join_study.start_reader(workspace, invited, simulated=simulated)
    join_study.save_profile(workspace, reader_id, PROFILE)
    return invited.study_id, reader_id


def make_answer(session: ReadingSession, dx: str = "nv", **changes: Any) -> ReadingSubmission:
    """An answer to the open step."""
    step = session.step
    assert step.assignment is not None
    assert step.phase is not None
    moment = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": uuid4(), "step_key": step.assignment.id, "phase": str(step.phase), "dx": dx, "confidence": 2,
        "client_ms": 900.0, "shown_at": moment, "submitted_at": moment,
    }  # fmt: skip
    return ReadingSubmission(**(values | changes))


def send(workspace: Workspace, session: ReadingSession, *phases: Phase) -> None:
    """Let the open step leave for the browser, in its phase or in these; its picture is not made."""
    step = session.step
    if step.assignment is not None and step.phase is not None:
        for phase in phases or (step.phase,):
            record_sending(workspace, session.reader_id, step.assignment.id, phase, {})


def make_event(kind: str, step_key: str = "") -> ClientEvent:
    """An event of the reader's browser."""
    return ClientEvent(uuid4(), kind, step_key, datetime(2026, 1, 5, 12, 0, tzinfo=UTC))


def answer_next(workspace: Workspace, session: ReadingSession, dx: str = "nv", **changes: Any) -> Receipt:
    """Send and answer the open step."""
    send(workspace, session)
    return run_reading.receive(workspace, session.study_id, session.reader_id, [make_answer(session, dx, **changes)])


def read_cases(
    workspace: Workspace,
    study_id: str,
    reader_id: str,
    *,
    answers: int | None = None,
    at_each_step: Callable[[ReadingSession], None] = lambda session: None,
) -> ReadingSession:
    """Let a reader answer ``answers`` steps (None: all), leaving the feedback of practice at once."""
    codes = cycle(HAM7.codes)
    given = 0
    while True:
        session = reading_standing.load_session(workspace, study_id, reader_id)
        at_each_step(session)
        if session.feedback_due is not None:
            run_reading.receive(workspace, study_id, reader_id, [make_event("continue", session.feedback_due.id)])
            continue
        if session.step.assignment is None or given == answers:
            return session
        receipt = answer_next(workspace, session, next(codes))
        assert not receipt.refused
        given += 1


@dataclass(frozen=True)
class Filled:
    """What a filled workspace holds, by name."""

    study_id: str
    tokens: tuple[str, str, str]
    finished_reader: str
    record: str = record_id(DATASET, "NV_0")


def fill_and_open(workspace: Workspace) -> Filled:
    """`fill_workspace`, and the reference model as the first page or command would add it."""
    made = fill_workspace(workspace)
    model_registry.add_reference_model(workspace)
    return made


def fill_workspace(workspace: Workspace) -> Filled:
    """Records, a model, and a study: one reader has finished, one stands at the third answer, one has not come."""
    study_id = fill_study(workspace)
    tokens = invite(workspace, study_id, "Ada", "Berta", "Clara")
    _, finished = begin(workspace, tokens[0])
    read_cases(workspace, study_id, finished)
    _, second = begin(workspace, tokens[1])
    read_cases(workspace, study_id, second, answers=3)
    return Filled(study_id, (tokens[0], tokens[1], tokens[2]), finished)
