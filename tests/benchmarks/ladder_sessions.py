"""Twelve reviewers in sessions of their own, through the real app: one process on DuckDB, two on PostgreSQL.

As `ladder` does through the workflows: afterwards nothing that was acknowledged may be missing, and nothing done twice.
"""

import asyncio
import io
import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image

from dermdash.settings import Settings
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.verification.assign_reviews import assign_work
from tests.benchmarks.annotator_client import AnnotatorClient
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.samples import REPOSITORY
from tests.browser.ports import free_port
from tests.browser.streamlit_server import start_streamlit, stop_process, wait_until_healthy
from tests.ladder_load import CLASSES, ReviewerRun, check
from tests.ladder_workspace import NO_REPEATS, add_curator, fill_unannotated, set_rule
from tests.postgresql_server import create_database, running_postgresql
from tests.signed_in import session_with

NAME = "ladder_sessions"
THINK_S = 2.0
_IDLE_S = 30.0
"""So long, and longer where people think longer, whoever has nothing to do looks whether others leave something."""


@dataclass
class _Seen:
    """What one client saw."""

    run: ReviewerRun
    durations_ms: list[float] = field(default_factory=list)
    acknowledged: int = 0
    failure: str = ""


def measure(*, quick: bool) -> list[Figure]:
    """Both engines, one after the other."""
    people, records, think = (4, 12, 0.3) if quick else (12, 500, THINK_S)
    figures = _on(people, records, think, "DuckDB, one process", "", 1)
    with running_postgresql() as server:
        if server is not None:
            url = create_database(server.url)
            figures += _on(people, records, think, "PostgreSQL, two processes", url, 2)
    return figures


def _on(people: int, records: int, think: float, where: str, url: str, processes: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-sessions-") as folder:
        home = Path(folder)
        workspace = open_workspace(Settings(home=home, database_url=url))
        record_ids, cookies = _prepare(workspace, people, records)
        workspace.close()
        with _served(home, url, processes) as addresses:
            started = time.perf_counter()
            seen = _run_clients([(addresses[i % processes], c) for i, c in enumerate(cookies)], think)
            seconds = time.perf_counter() - started
        workspace = open_workspace(Settings(home=home, database_url=url))
        found = check(workspace, [one.run for one in seen], record_ids)
        workspace.close()
    for one in seen:
        if one.failure:
            print("  reviewer failed:", one.failure)
    note = f"{people} reviewers, {records} records, {found.annotations} annotations in {seconds:.0f} s"
    durations = [ms for one in seen for ms in one.durations_ms]
    figures = [*percentiles(NAME, f"{where}: submit to next record", durations)]
    counts = {
        "acknowledged and lost": found.lost,
        "assigned or answered twice": found.doubled,
        "records without three distinct reviewers": found.not_distinct,
        "records without an outcome": found.records_without_outcome,
        "refused": sum(len(one.run.refused) for one in seen),
        "reviewers failed": sum(bool(one.failure) for one in seen),
        "faults of the change log": len(found.log_problems),
    }
    return figures + [Figure(NAME, f"{where}: {name}", float(n), "", note) for name, n in counts.items()]


def _prepare(workspace: Workspace, people: int, records: int) -> tuple[list[str], list[str]]:
    record_ids = fill_unannotated(workspace, records)
    picture = _picture()
    for number in range(records):
        for kind in (ORIGINALS, THUMBNAILS):
            workspace.files.put(kind, f"{number:064x}", picture)
    set_rule(workspace, replace(NO_REPEATS, repeat_share=0.05))
    cookies = [session_with(workspace, Role.REVIEWER, name=f"Reviewer {i}") for i in range(people)]
    assign_work(workspace, add_curator(workspace))
    return record_ids, cookies


def _picture() -> bytes:
    """A photograph of 600 x 450: soft colours, as a lesion has."""
    rng = np.random.default_rng(1)
    soft = Image.fromarray(rng.integers(90, 220, (12, 16, 3), dtype=np.uint8)).resize(
        (600, 450), Image.Resampling.BICUBIC
    )
    buffer = io.BytesIO()
    soft.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@contextmanager
def _served(home: Path, url: str, processes: int) -> Iterator[list[str]]:
    """That many apps on one workspace; their addresses."""
    env = {"DERMDASH_HOME": str(home), "DERMDASH_DATABASE_URL": url}
    with ExitStack() as stack:
        addresses = []
        for _ in range(processes):
            port = free_port()
            log = home / f"server-{port}.log"
            process = start_streamlit(REPOSITORY / "app.py", port=port, env=env, log=log)
            stack.callback(stop_process, process)
            wait_until_healthy(process, port, log)
            addresses.append(f"http://127.0.0.1:{port}")
        yield addresses


def _run_clients(people: Sequence[tuple[str, str]], think: float) -> list[_Seen]:
    # A process of their own: the reviewers' work must not wait for this process, nor the other way round.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_clients, (people, think))


def _clients(people: Sequence[tuple[str, str]], think: float) -> list[_Seen]:
    async def everybody() -> list[_Seen]:
        return await asyncio.gather(*(_reviewer(i, url, cookie, think) for i, (url, cookie) in enumerate(people)))

    return asyncio.run(everybody())


async def _reviewer(number: int, url: str, cookie: str, think: float) -> _Seen:
    rng = random.Random(number)
    seen = _Seen(ReviewerRun([], [], [], []))
    await asyncio.sleep(rng.uniform(0, think))
    client = AnnotatorClient(url, cookie=cookie)
    try:
        async with client:
            idle_since = time.monotonic()
            while time.monotonic() - idle_since < _IDLE_S + 2 * think:
                if client.task is None:
                    await asyncio.sleep(1)
                    await client.look_again()
                    continue
                await asyncio.sleep(rng.uniform(0.5, 1.5) * think)
                key = client.task["key"]
                dx = CLASSES[0] if rng.random() < 0.9 else rng.choice(CLASSES)
                said = {"dx": dx, "values": {}, "marks": [], "unsure": False, "comment": "", "quality": 4}
                ms = await client.annotate(said, client_ms=think * 1000)
                seen.durations_ms.append(ms)
                seen.run.answered.append(key)
                idle_since = time.monotonic()
    except Exception as error:  # noqa: BLE001  a reviewer that fails is a result, whatever made it fail
        seen.failure = f"{type(error).__name__}: {error}"
    return seen
