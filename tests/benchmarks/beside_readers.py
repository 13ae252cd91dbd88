"""What 30 readers and a page wait for while the app imports, searches for same lesions, or trains a model beside them.

The work is begun in the app as its pages begin it. What was asked for while it ran is told apart from what came before
it, of the same readers on the same server.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.demo_workspace import DEMO_DATASET
from dermdash.workflows.workspace.app_requests import AppDoesNotAnswer, ask_the_app
from tests.benchmarks import app_at_work, load, samples
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.study_server import (
    StudyWorkspace,
    cpu_seconds,
    heaviest_workspace,
    opened,
    ready_readers,
    served,
    warmed_up,
)
from tests.signed_in import admin_session

NAME = "beside_readers"
PAGE = "records"
"""Of what there is the page that asks the database for most."""
IMPORTED, SEARCHED = "imported", "searched"


@dataclass(slots=True)
class Work:
    """What is done beside the readers; when it was begun and when it ended, by the monotonic clock."""

    title: str
    do: Callable[[StudyWorkspace], str]
    began: float = 0.0
    ended: float = 0.0
    said: list[str] = field(default_factory=list)

    def run(self, study: StudyWorkspace, after_s: float) -> None:
        """Do it after a while and say what came of it."""
        time.sleep(after_s)
        self.began = time.monotonic()
        try:
            self.said.append(self.do(study))
        except AppDoesNotAnswer:
            self.said.append("not over when the readers left")
        except Exception as error:  # noqa: BLE001  that it failed is a result
            self.said.append(f"failed: {error}")
        self.ended = time.monotonic()


def measure(*, quick: bool) -> list[Figure]:
    """Each work for up to three quarters of a minute (quick: 5 readers, some seconds of each)."""
    readers, alone, beside, images = (5, 4.0, 6.0, 200) if quick else (30, 20.0, 45.0, 2400)
    study = heaviest_workspace()
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-source-") as folder:
        source = samples.write_ham_dataset(Path(folder) / "source", count=images)
        prepare_search(study, images // 2)
        works = [import_beside(*source), search_beside(), training_beside(beside)]
        return [one for work in works for one in measure_beside(study, work, readers, alone_s=alone, beside_s=beside)]


def import_beside(metadata: Path, images: Path) -> Work:
    """An import of this data set."""
    asked = {"metadata": str(metadata), "images": str(images), "dataset_id": IMPORTED}
    return Work("import", partial(_asked, app_at_work.IMPORT, asked))


def prepare_search(study: StudyWorkspace, images: int) -> None:
    """Have a data set that can be searched: HAM10000, or drawn images where it is not here."""
    ham = samples.SHARED_DATA / "ham10000"
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-source-") as folder, opened(study) as workspace:
        metadata, pictures = ham / "HAM10000_metadata.csv", ham / "images"
        if not ham.is_dir():
            metadata, pictures = samples.write_ham_dataset(Path(folder) / "source", count=images)
        import_dataset(
            workspace, adapter="ham10000", metadata=metadata, images=[pictures], dataset_id=SEARCHED,
        )  # fmt: skip


def search_beside() -> Work:
    """The search for same lesions in the data set of `prepare_search`."""
    return Work("search for same lesions", partial(_asked, app_at_work.SEARCH, {"dataset_id": SEARCHED}))


def training_beside(seconds: float) -> Work:
    """A training as the page begins it, stopped after so long."""
    return Work("training", partial(_trained, seconds))


def _asked(verb: str, arguments: dict[str, Any], study: StudyWorkspace) -> str:
    result = ask_the_app(study.home, verb, arguments)
    return f"{result['done']} {result['of']}"


def _trained(seconds: float, study: StudyWorkspace) -> str:
    job = ask_the_app(study.home, app_at_work.TRAIN, {"dataset_id": DEMO_DATASET})["job"]
    time.sleep(seconds)
    return f"stopped at {ask_the_app(study.home, app_at_work.STOP_TRAINING, {'job': job})['state']}"


def measure_beside(study: StudyWorkspace, work: Work, readers: int, *, alone_s: float, beside_s: float) -> list[Figure]:
    """Figures of so many readers before a work and beside it."""
    tokens = ready_readers(study, readers)
    with opened(study) as workspace:
        coordinator = (admin_session(workspace), study.study_id)
    with served(study, launcher=app_at_work.LAUNCHER) as (url, server):
        warmed_up(server)
        thread = threading.Thread(target=work.run, args=(study, alone_s), daemon=True)
        thread.start()
        seconds, cpu = alone_s + beside_s, cpu_seconds(server)
        seen = load.run_clients(url, list(tokens), seconds, load.THINK_S, coordinator, opens=PAGE)
        cpu = cpu_seconds(server) - cpu
    thread.join(timeout=60)
    print(f"  {work.title}: {'; '.join(work.said)}, after {work.ended - work.began:.0f} s")
    all_in = max((at + ms / 1000 for at, ms in seen.opened), default=0.0)
    figures: list[Figure] = []
    for when, start, end in (("before", all_in, work.began), ("beside", work.began, work.ended)):
        for name, asked in (
            ("submit to next step", seen.steps), (f"page {PAGE} opened", seen.pages), ("monitoring", seen.drawings),
        ):  # fmt: skip
            taken = [ms for at, ms in asked if start <= at < end]
            figures += percentiles(NAME, f"{readers} readers, {when} {work.title}: {name}", taken)
    return [
        *figures,
        Figure(NAME, f"{work.title}: processor time of the app", cpu / seconds, "cores", "; ".join(work.said)),
        *load.kept(NAME, work.title, seen, load.stored_readings(study, tokens.values())),
    ]
