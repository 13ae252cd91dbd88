"""Batches on a Dask cluster of four worker processes: the results of one machine, whoever dies on the way."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from distributed import LocalCluster
from tests.filled_workspace import DATASET
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.saliency_workspace import fill_with_masks
from typer.testing import CliRunner

from dermdash.classifier.saliency_map import METHOD, PREDICTED
from dermdash.cli import app
from dermdash.errors import ClusterAway, InvalidInput
from dermdash.settings import Settings
from dermdash.storage import models, records, saliency, tables
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows import cluster as cluster_module
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.classifier import classify, embeddings, explain_predictions
from dermdash.workflows.classifier.classify import predict_records
from dermdash.workflows.classifier.explain_predictions import explain_records
from dermdash.workflows.cluster import open_cluster, take_part, versions_here
from dermdash.workflows.dataset import measure_acquisition
from dermdash.workflows.dataset.acquisition_state import measurements_table
from dermdash.workflows.dataset.measure_acquisition import measure
from dermdash.workflows.dataset.search_for_text import screen
from dermdash.workflows.findings.run_checks import run_checks

pytestmark = [pytest.mark.slow, pytest.mark.processes]
RECORDS = 42
BATCH = 32


def fill(workspace: Workspace) -> str:
    """42 records, one of whose images cannot be read, and a tiny network; returns the id of the model."""
    record_ids, model_id = fill_with_masks(workspace, per_class=5)
    sha256 = records.image_hashes(workspace.engine, [record_ids[3]])[record_ids[3]]
    workspace.files.path(ORIGINALS, sha256).write_bytes(b"no image")
    return model_id


@pytest.fixture(scope="module")
def dask() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=4, threads_per_worker=1, dashboard_address=":0", worker_dashboard_address=None) as made:
        yield made


OpenOn = Callable[[str], tuple[Workspace, str]]


@pytest.fixture
def open_on(made_once: MadeOnce, tmp_path: Path) -> Iterator[OpenOn]:
    """Opens a copy of the filled workspace whose batches run at an address; "": here."""
    opened: list[Workspace] = []

    def open_copy(address: str) -> tuple[Workspace, str]:
        home = tmp_path / f"workspace-{len(opened)}"
        model_id = made_once.copy(fill, home)
        opened.append(open_workspace(Settings(home=home, database_url="", cluster=address, workers=1)))
        return opened[-1], model_id

    yield open_copy
    for workspace in opened:
        let_go(workspace)


def predicted(workspace: Workspace, model_id: str) -> tuple[pd.DataFrame, list[str], np.ndarray]:
    ids = records.records_of_dataset(workspace.engine, DATASET)["id"]
    found = models.predictions_of_model(workspace.engine, model_id, ids).sort_values("record_id", ignore_index=True)
    named, features = embeddings.stored_features(workspace, model_id)
    return found[["record_id", "probabilities", "predicted_dx"]], named, features


def rows(workspace: Workspace, table: sa.Table, *left_out: str) -> list[tuple[Any, ...]]:
    """Every row of a table but for what differs from run to run."""
    columns = [column for column in table.c if column.name not in left_out]
    with workspace.engine.connect() as connection:
        return sorted((tuple(map(str, row)) for row in connection.execute(sa.select(*columns))), key=str)


def test_predictions_features_and_maps_are_those_of_one_machine(
    dask: LocalCluster, open_on: OpenOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classify, "IMAGES_IN_CHUNK", BATCH)
    monkeypatch.setattr(explain_predictions, "IMAGES_IN_CHUNK", BATCH)
    (here, model_id), (there, _) = open_on(""), open_on(dask.scheduler_address)
    said: list[int] = []
    assert predict_records(here, model_id=model_id) == RECORDS - 1
    assert predict_records(there, model_id=model_id, progress=lambda p: said.append(p.done)) == RECORDS - 1
    assert said == [0, BATCH, RECORDS]
    one, other = predicted(here, model_id), predicted(there, model_id)
    pd.testing.assert_frame_equal(one[0], other[0], check_exact=True)
    assert one[1] == other[1]
    assert one[2].tobytes() == other[2].tobytes()
    for workspace in (here, there):
        assert explain_records(workspace, model_id=model_id) == RECORDS - 1
    key = {"model_id": model_id, "target": PREDICTED, "method": METHOD}
    maps = [
        {m["record_id"]: (m["heat"], m["probability"]) for m in saliency.maps_of_records(w.engine, one[1], **key)}
        for w in (here, there)
    ]
    assert maps[0] == maps[1]
    # What is done is not done again, and only the unreadable one is asked for.
    assert predict_records(there, model_id=model_id) == 0
    assert not list((there.home / "running").glob("cluster-*"))


def test_measurements_findings_and_writing_are_those_of_one_machine(dask: LocalCluster, open_on: OpenOn) -> None:
    (here, _), (there, _) = open_on(""), open_on(dask.scheduler_address)
    checks = ("near_duplicates", "off_topic", "same_lesion")
    reports = []
    for workspace in (here, there):
        measured = measure(workspace, OPERATOR, processes=False)
        searched = screen(workspace, processes=False)
        run = run_checks(workspace, OPERATOR, checks=checks, processes=False)
        said = repr((measured, searched, [(c.found, c.notes) for c in run.checks]))
        reports.append(said.replace(str(workspace.home), "HOME"))
        assert (measured.measured, len(measured.unreadable)) == (RECORDS - 1, 1)
    assert reports[0] == reports[1]
    pd.testing.assert_frame_equal(measurements_table(here), measurements_table(there), check_exact=True)
    for table in (tables.finding, tables.finding_record, tables.text_screening):
        found = rows(there, table, "created_at", "screened_at")
        assert found
        assert found == rows(here, table, "created_at", "screened_at")


def dies_once(numbers: Sequence[int], *, deadly: int, died: Path) -> list[int]:
    """Kills the worker that is first to come to a number."""
    if deadly in numbers and not died.exists():
        died.write_bytes(b"")
        os.kill(os.getpid(), signal.SIGKILL)
    return [2 * number for number in numbers]


def test_what_a_killed_worker_was_at_is_done_by_another(dask: LocalCluster, open_on: OpenOn, tmp_path: Path) -> None:
    workspace, _ = open_on(dask.scheduler_address)
    numbers = list(range(40))
    work = partial(dies_once, deadly=17, died=tmp_path / "died")
    with chunk_workers(workspace, processes=False) as workers:
        done = [outcome for _, outcome in workers.in_order(work, chunks_of(numbers, 3))]
    assert (tmp_path / "died").exists()
    assert [value for chunk in done for value in chunk] == [2 * number for number in numbers]


def test_an_error_of_the_work_is_raised_here_as_it_was_there(dask: LocalCluster, open_on: OpenOn) -> None:
    workspace, model_id = open_on(dask.scheduler_address)
    with pytest.raises(InvalidInput, match="cannot explain 'wart'"):
        explain_records(workspace, model_id=model_id, target="wart")


def test_a_worker_of_another_version_or_without_the_workspace_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_SHARED_FOLDER_S", 0.0)
    with pytest.raises(InvalidInput, match=r"does not see the workspace"):
        take_part(tmp_path, "cluster-none", versions_here())
    others = tuple((name, "0.1" if name == "numpy" else version) for name, version in versions_here())
    with pytest.raises(InvalidInput, match=r"has numpy \S+ instead of 0\.1, and would give other results"):
        take_part(tmp_path, "cluster-none", others)


def test_where_there_is_no_cluster_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PATIENCE_S", 0.3)
    with pytest.raises(InvalidInput, match="is no address of a cluster"), open_cluster("10.0.0.5", tmp_path):
        pass
    with pytest.raises(ClusterAway, match="No Dask scheduler answers"), open_cluster("tcp://127.0.0.1:9", tmp_path):
        pass
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "distributed", None)
        with pytest.raises(InvalidInput, match="its extra `cluster`"), open_cluster("tcp://127.0.0.1:9", tmp_path):
            pass


def test_a_command_takes_the_address_and_says_why_it_cannot(
    made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_once.copy(fill, tmp_path / "home")
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "home"))
    ended = CliRunner().invoke(app, ["acquisition", "measure", "--cluster", "nowhere"])
    assert ended.exit_code == 1
    assert ended.stderr.startswith("Error: 'nowhere' is no address of a cluster")


def take_leave(dask: LocalCluster) -> None:
    """Have the scheduler say farewell to its clients, after which they do not look for it any more."""

    async def say() -> None:
        for client in dask.scheduler.client_comms.values():
            client.send({"op": "stream-closed"})

    dask.sync(say)
    time.sleep(0.1)


@pytest.mark.parametrize(("farewell", "followed"), [(False, False), (True, False), (True, True)])
def test_a_lost_scheduler_ends_it_and_what_was_stored_is_gone_on_from(
    open_on: OpenOn, monkeypatch: pytest.MonkeyPatch, farewell: bool, followed: bool
) -> None:
    clusters = ExitStack()
    start = partial(LocalCluster, n_workers=1, threads_per_worker=1, worker_dashboard_address=None)
    dask = clusters.enter_context(start(dashboard_address=":0"))
    monkeypatch.setattr(measure_acquisition, "_CHUNK", 2)
    (here, _), (there, _) = open_on(""), open_on(dask.scheduler_address)
    lost: list[int] = []

    def end(done: int, _total: int) -> None:
        if not done or lost:
            return
        lost.append(done)
        if farewell:
            take_leave(dask)
        dask.close()
        if followed:  # by another at the same address, which knows nothing of what the first was given
            port = urlsplit(there.settings.cluster).port
            clusters.enter_context(start(scheduler_port=port, dashboard_address=":0"))

    monkeypatch.setattr(cluster_module, "PATIENCE_S", 1.0)
    with clusters, pytest.raises(ClusterAway, match="was lost"):
        measure(there, OPERATOR, progress=end)
    stored = int(measurements_table(there)["proposed_score"].notna().sum())
    assert 0 < stored < RECORDS - 1
    alone = Workspace(there.home, there.engine, there.files, here.settings)
    assert measure(alone, OPERATOR, processes=False).measured == RECORDS - 1 - stored
    measure(here, OPERATOR, processes=False)
    pd.testing.assert_frame_equal(measurements_table(here), measurements_table(there), check_exact=True)
