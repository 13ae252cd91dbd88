"""Twelve reviewers at once over 500 records, through the workflows: DuckDB with threads, PostgreSQL with two processes.

Each opens the next record, thinks, and submits, until the queue, all reviews and the hidden repeats are done. What must
hold is counted: answers that were acknowledged and are not stored, tasks that two people got or that were made twice,
records that have not three distinct reviewers or no outcome, and whether the change log is whole.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.verification.assign_reviews import assign_work
from tests.benchmarks.figures import Figure, percentiles
from tests.ladder_load import ReviewerRun, check, reviewers, run_processes, run_threads
from tests.ladder_workspace import NO_REPEATS, add_account, add_curator, fill_unannotated, set_rule
from tests.postgresql_server import create_database, running_postgresql

NAME = "ladder"
THINK_S = 1.0


def measure(*, quick: bool) -> list[Figure]:
    """Both engines, one after the other."""
    people, records = (4, 20) if quick else (12, 500)
    think = 0.1 if quick else THINK_S
    figures = _on_duckdb(people, records, think)
    with running_postgresql() as server:
        if server is not None:
            figures += _on_postgresql(server.url, people, records, think)
    return figures


def _prepare(workspace: Workspace, people: int, records: int) -> list[str]:
    record_ids = fill_unannotated(workspace, records)
    set_rule(workspace, replace(NO_REPEATS, repeat_share=0.05))
    for account in reviewers(people):
        add_account(workspace, account)
    assign_work(workspace, add_curator(workspace))
    return record_ids


def _on_duckdb(people: int, records: int, think: float) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-ladder-") as folder:
        workspace = open_workspace(Settings(home=Path(folder), database_url=""))
        record_ids = _prepare(workspace, people, records)
        started, cpu = time.perf_counter(), time.process_time()
        runs = run_threads(workspace, reviewers(people), think_s=think)
        figures = _figures("DuckDB, threads", workspace, runs, record_ids, time.perf_counter() - started)
        each = 1000 * (time.process_time() - cpu) / sum(len(run.answered) for run in runs)
        figures.append(Figure(NAME, "DuckDB, threads: CPU of a record opened and submitted", each, "ms"))
        workspace.close()
    return figures


def _on_postgresql(server: str, people: int, records: int, think: float) -> list[Figure]:
    url = create_database(server)
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-ladder-") as folder:
        workspace = open_workspace(Settings(home=Path(folder), database_url=url))
        record_ids = _prepare(workspace, people, records)
        everybody = reviewers(people)
        started = time.perf_counter()
        runs = run_processes(Path(folder), url, [everybody[::2], everybody[1::2]], think_s=think)
        figures = _figures("PostgreSQL, two processes", workspace, runs, record_ids, time.perf_counter() - started)
        workspace.close()
    return figures


def _figures(
    where: str, workspace: Workspace, runs: Sequence[ReviewerRun], record_ids: Sequence[str], seconds: float
) -> list[Figure]:
    found = check(workspace, runs, record_ids)
    note = f"{len(runs)} reviewers, {len(record_ids)} records, {found.annotations} annotations"
    to_next = [1000 * s for run in runs for s in run.to_next]
    to_submit = [1000 * s for run in runs for s in run.to_submit]
    refused = sum(len(run.refused) for run in runs)
    return [
        Figure(NAME, f"{where}: acknowledged and lost", found.lost, "answers", note),
        Figure(NAME, f"{where}: assigned or answered twice", found.doubled, "tasks"),
        Figure(NAME, f"{where}: without three distinct reviewers", found.not_distinct, "records"),
        Figure(NAME, f"{where}: without an outcome", found.records_without_outcome, "records"),
        Figure(NAME, f"{where}: refused answers", refused, "answers"),
        Figure(
            NAME, f"{where}: faults of the change log", len(found.log_problems), "faults", f"{found.entries} entries"
        ),
        Figure(NAME, f"{where}: consensus at once", found.consensus, "records", f"{found.board} before the board"),
        *percentiles(NAME, f"{where}: to the next record", to_next),
        *percentiles(NAME, f"{where}: to submit", to_submit),
        Figure(NAME, f"{where}: all of it", seconds, "s"),
    ]
