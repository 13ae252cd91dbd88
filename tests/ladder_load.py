"""Many reviewers at once over many records, and what must hold afterwards: nothing lost, nothing done twice."""

import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.settings import Settings
from dermdash.storage import annotation_rows, decisions, tasks
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import Account, Expertise, Role
from dermdash.workflows.verification.annotate import open_task, receive
from dermdash.workflows.verification.change_log import verify_log
from tests.ladder_workspace import submission

CLASSES = ("nv", "mel", "bcc")
_PATIENCE_S = 2.0
"""So long a reviewer who has nothing to do looks whether others leave something."""


@dataclass
class ReviewerRun:
    """What one reviewer did: tasks answered by id, seconds to the next record, seconds of a submission, refusals."""

    answered: list[str]
    to_next: list[float]
    to_submit: list[float]
    refused: list[str]


def review_until_done(workspace: Workspace, account: Account, *, seed: int, think_s: float = 0.0) -> ReviewerRun:
    """Answer whatever there is; nine of ten answers are the same class for everybody."""
    rng = random.Random(seed)
    run = ReviewerRun([], [], [], [])
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < _PATIENCE_S:
        started = time.perf_counter()
        task = open_task(workspace, account)
        if task is None:
            time.sleep(0.25)
            continue
        run.to_next.append(time.perf_counter() - started)
        if think_s:
            time.sleep(rng.uniform(0.5, 1.5) * think_s)
        dx = CLASSES[int(task.image_sha256, 16) % 3] if rng.random() < 0.9 else rng.choice(CLASSES)
        item = submission(task.id, dx)
        started = time.perf_counter()
        receipt = receive(workspace, account, [item])
        run.to_submit.append(time.perf_counter() - started)
        if str(item.id) in receipt.acknowledged:
            run.answered.append(task.id)
        run.refused += receipt.refused.values()
        idle_since = time.monotonic()
    return run


def reviewers(count: int) -> list[Account]:
    """Accounts of that many reviewers, a third of them experts; to be stored."""
    return [
        Account(
            f"rev{i}", f"Rev {i}", frozenset([Role.REVIEWER]), Expertise.EXPERT if i % 3 == 0 else Expertise.RESIDENT
        )
        for i in range(count)
    ]


def run_threads(workspace: Workspace, accounts: Sequence[Account], *, think_s: float = 0.0) -> list[ReviewerRun]:
    """Let everybody work in a thread of their own until nothing is left."""
    runs: dict[str, ReviewerRun] = {}
    failed: list[BaseException] = []

    def work(number: int, account: Account) -> None:
        try:
            runs[account.id] = review_until_done(workspace, account, seed=number, think_s=think_s)
        except BaseException as error:  # noqa: BLE001  told to whoever waits
            failed.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(accounts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return list(runs.values())


def _process(home: Path, url: str, accounts: Sequence[Account], think_s: float, results: Any) -> None:
    workspace = open_workspace(Settings(home=home, database_url=url, database_connections=8))
    results.put(run_threads(workspace, accounts, think_s=think_s))
    workspace.close()


def run_processes(
    home: Path, url: str, parts: Sequence[Sequence[Account]], *, think_s: float = 0.0
) -> list[ReviewerRun]:
    """The same in several processes that share a PostgreSQL database."""
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    processes = [spawn.Process(target=_process, args=(home, url, part, think_s, results)) for part in parts]
    for process in processes:
        process.start()
    runs = [run for _ in processes for run in results.get(timeout=1800)]
    for process in processes:
        process.join(60)
    return runs


@dataclass(frozen=True)
class Checked:
    """What must all be zero, and what came out."""

    lost: int
    doubled: int
    not_distinct: int
    records_without_outcome: int
    log_problems: tuple[str, ...]
    annotations: int
    consensus: int
    board: int
    entries: int


def check(
    workspace: Workspace, runs: Sequence[ReviewerRun], record_ids: Sequence[str], *, per_record: int = 3
) -> Checked:
    """Compare what reviewers were told with what is stored."""
    stored = annotation_rows.list_annotations(workspace.engine)
    told = Counter(task for run in runs for task in run.answered)
    by_task = {row["task_id"] for row in stored}
    every = tasks.tasks_of_records(workspace.engine, record_ids)
    wrong, without = 0, 0
    answers: dict[str, list[str]] = {record_id: [] for record_id in record_ids}
    initial: Counter[str] = Counter()
    for row in stored:
        if row["purpose"] == tasks.REVIEW:
            answers[row["record_id"]].append(row["account_id"])
        elif row["purpose"] == tasks.INITIAL:
            initial[row["record_id"]] += 1
    authors = {row["record_id"]: row["account_id"] for row in stored if row["purpose"] == tasks.INITIAL}
    for record_id, people in answers.items():
        wrong += len(people) != per_record or len(set(people)) != per_record or authors.get(record_id) in people
        outcome = decisions.latest_outcome(workspace.engine, record_id, 1)
        without += outcome is None or outcome["kind"] not in ("agreed", "board")
    held = Counter((t["record_id"], t["purpose"], t["place"]) for t in every)
    doubled = (
        sum(n - 1 for n in told.values()) + sum(n - 1 for n in held.values()) + sum(n - 1 for n in initial.values())
    )
    verdict = verify_log(workspace)
    return Checked(
        len(told.keys() - by_task), doubled, wrong, without, verdict.problems, len(stored),
        len(decisions.all_consensus(workspace.engine)), len(decisions.open_cases(workspace.engine)),
        verdict.head.entries,
    )  # fmt: skip
