"""A workspace with a study, made once per run of the benchmarks, and a real server on it."""

import atexit
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol import template_nature_medicine_2020
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.create_study import create_study, invite_readers
from dermdash.workflows.demo_workspace import DEMO_DATASET, DemoSize, create_demo_workspace
from dermdash.workflows.join_study import open_invitation, save_profile, start_reader
from dermdash.workflows.model_registry import list_models
from tests.benchmarks.samples import REPOSITORY
from tests.browser.streamlit_server import free_port, start_streamlit, stop_process, wait_until_healthy

# Nothing is read off the model's answers here, so it is not trained to the end.
_SIZE = DemoSize(epochs=1, cases=14, readers=2)
_PROFILE = ReaderProfile("dermatologist", 8, "35_44", "female", "AT")
CASES = 42


@dataclass(frozen=True, slots=True)
class StudyWorkspace:
    """A filled workspace, closed: its folder and the study to read."""

    home: Path
    study_id: str


@lru_cache(maxsize=1)
def study_workspace() -> StudyWorkspace:
    """Synthetic images of 600 x 450, predictions, similar images and a study of 42 cases, every modality in it."""
    folder = tempfile.TemporaryDirectory(prefix="dermdash-bench-study-")
    atexit.register(folder.cleanup)
    home = Path(folder.name)
    workspace = open_workspace(Settings(home=home, database_url=""))
    create_demo_workspace(workspace, size=_SIZE)
    protocol = template_nature_medicine_2020(
        name="Benchmark",
        dataset_id=DEMO_DATASET,
        model_id=list_models(workspace)[0]["id"],
        seed=1,
        cases_per_round=CASES,
        practice_cases=0,
    )
    study_id = create_study(workspace, protocol)
    workspace.close()
    return StudyWorkspace(home, study_id)


@contextmanager
def opened(study: StudyWorkspace) -> Iterator[Workspace]:
    """The workspace, open in this process: only while no server runs on it."""
    workspace = open_workspace(Settings(home=study.home, database_url=""))
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


@contextmanager
def served(study: StudyWorkspace) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The real app on a free port of this machine: its address and its process."""
    port = free_port()
    log = study.home / "server.log"
    env = {"DERMDASH_HOME": str(study.home), "DERMDASH_DATABASE_URL": ""}
    process = start_streamlit(REPOSITORY / "app.py", port=port, env=env, log=log)
    try:
        wait_until_healthy(process, port, log)
        yield f"http://127.0.0.1:{port}", process
    finally:
        stop_process(process)
