"""A workspace with a study, made once per run of the benchmarks, and a real server on it."""

import atexit
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from dermdash.dataset.synthetic.demo_taxonomy import DEMO_TAXONOMY
from dermdash.reader_study.beside_case import CLINICAL_TYPES
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol_parts import SHOWN_FIELDS, Asked, CaseView, Checks, PlantedAdvice
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.modality import Modality
from dermdash.settings import Settings
from dermdash.storage import records
from dermdash.storage.tables_of_records import record
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier.model_registry import list_models
from dermdash.workflows.demo_workspace import DEMO_DATASET, DemoSize, create_demo_workspace
from dermdash.workflows.reader_study.create_study import create_study
from dermdash.workflows.reader_study.invitations import invite_readers
from dermdash.workflows.reader_study.join_study import open_invitation, save_profile, start_reader
from tests.benchmarks.samples import REPOSITORY
from tests.browser.ports import free_port
from tests.browser.streamlit_server import STREAMLIT, start_streamlit, stop_process, wait_until_healthy

# Nothing is read off the model's answers here, so it is not trained to the end.
_SIZE = DemoSize(epochs=1, cases=14, readers=2)
_PROFILE = ReaderProfile("dermatologist", 8, "35_44", "female", "AT")
CASES = 42


@dataclass(frozen=True, slots=True)
class StudyWorkspace:
    """A filled workspace, closed: its folder, the study to read, and its database ("": DuckDB in the folder)."""

    home: Path
    study_id: str
    database_url: str = ""

    @property
    def settings(self) -> Settings:
        """Of a process that opens it."""
        return Settings(home=self.home, database_url=self.database_url)


@lru_cache(maxsize=1)
def study_workspace() -> StudyWorkspace:
    """Synthetic images of 600 x 450, predictions, similar images and a study of 42 cases, every modality in it."""
    folder = tempfile.TemporaryDirectory(prefix="dermdash-bench-study-")
    atexit.register(folder.cleanup)
    return fill(Path(folder.name))


@lru_cache(maxsize=1)
def heaviest_workspace() -> StudyWorkspace:
    """The same with the study that sends most at every step (`HEAVIEST`)."""
    folder = tempfile.TemporaryDirectory(prefix="dermdash-bench-heaviest-")
    atexit.register(folder.cleanup)
    return fill(Path(folder.name), **HEAVIEST)


HEAVIEST: dict[str, Any] = {
    "modalities": tuple(m for m in Modality if m is not Modality.NONE),
    "asked": Asked(malignancy_rating=True, management=True),
    "view": CaseView(fields=tuple(SHOWN_FIELDS), clinical_image=True, whole_patient=True),
    "checks": Checks(attention_checks=2, hidden_repeats=3, unaided_only=2),
    "wrong_advice": PlantedAdvice(share_percent=25),
}
"""Nature Medicine 2020 with every form of assistance and every combination of forms, the clinical image and all lesions
of the patient beside each case, every question, checks and wrong advice."""


def fill(home: Path, *, database_url: str = "", cases: int = CASES, **choices: Any) -> StudyWorkspace:
    """Fill an empty folder and database with such a study; ``choices`` are attributes of its protocol."""
    workspace = open_workspace(Settings(home=home, database_url=database_url))
    create_demo_workspace(workspace, size=_SIZE)
    _make_clinical(workspace)
    protocol = template_nature_medicine_2020(
        name="Benchmark",
        taxonomy=DEMO_TAXONOMY.name,
        dataset_id=DEMO_DATASET,
        model_id=list_models(workspace)[0]["id"],
        seed=1,
        cases_per_round=cases,
        practice_cases=0,
        **choices,
    )
    study_id = create_study(workspace, protocol)
    workspace.close()
    return StudyWorkspace(home, study_id, database_url)


def _make_clinical(workspace: Workspace) -> None:
    """Of every lesion with several images, call the last one its clinical image: the painter has none."""
    rows = records.records_of_dataset(workspace.engine, DEMO_DATASET).sort_values("image_id")
    further = rows[rows.duplicated("lesion_id")].drop_duplicates("lesion_id", keep="last")
    with workspace.engine.begin() as connection:
        connection.execute(
            sa.update(record).where(record.c.id.in_(further["id"].tolist())).values(image_type=CLINICAL_TYPES[0])
        )


@contextmanager
def opened(study: StudyWorkspace) -> Iterator[Workspace]:
    """The workspace, open in this process: only while no server runs on it."""
    workspace = open_workspace(study.settings)
    yield workspace
    workspace.close()


def ready_readers(study: StudyWorkspace, count: int) -> dict[str, str]:
    """Make readers who have consented and described themselves; returns invitation token to reader id."""
    readers = {}
    with opened(study) as workspace:
        for invitation in invite_readers(workspace, study.study_id, [f"reader {i}" for i in range(count)]):
            token = parse_qs(urlsplit(invitation.link).query)["invitation"][0]
            reader_id = start_reader(workspace, open_invitation(workspace, token))
            save_profile(workspace, reader_id, _PROFILE)
            readers[token] = reader_id
    return readers


def start(
    study: StudyWorkspace, port: int, *, launcher: Sequence[str] = STREAMLIT, **env: str
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start the real app on a port of this machine, its variables ``env`` beside the usual: process and log."""
    log = study.home / f"server-{port}.log"
    env |= {"DERMDASH_HOME": str(study.home), "DERMDASH_DATABASE_URL": study.database_url}
    return start_streamlit(REPOSITORY / "app.py", port=port, env=env, log=log, launcher=launcher), log


@contextmanager
def served(
    study: StudyWorkspace, *, launcher: Sequence[str] = STREAMLIT
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The real app on a free port of this machine: its address and its process."""
    port = free_port()
    process, log = start(study, port, launcher=launcher)
    try:
        wait_until_healthy(process, port, log)
        yield f"http://127.0.0.1:{port}", process
    finally:
        stop_process(process)


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Processor time of a process so far (Linux; 0 elsewhere)."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def warmed_up(process: subprocess.Popen[bytes], *, patience_s: float = 60.0) -> None:
    """Return when the server has loaded what it loads after its start, and does nothing any more."""
    end = time.monotonic() + patience_s
    before = cpu_seconds(process)
    while time.monotonic() < end:
        time.sleep(2)
        now = cpu_seconds(process)
        if now - before < _AT_REST_S:
            return
        before = now
    raise TimeoutError("the server did not come to rest after its start")


_AT_REST_S = 0.1
"""Processor time in two seconds in which the server only waits."""
