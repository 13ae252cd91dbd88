"""Training jobs end to end: with the smallest network, a few drawn images, and a real kill of the process."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tests.factories import make_record
from tests.filled_workspace import DATASET, fill_records, own_models
from tests.quick_databases import let_go
from tests.training_workspace import damage, mark_killed, mark_running, tiny_job, tiny_settings, write_steps

from dermdash.classifier.checkpoints import (
    CheckpointMetadata,
    Classifier,
    lesion_digest,
    load_checkpoint,
    read_metadata,
    save_checkpoint,
)
from dermdash.dataset.predictions_csv import read_predictions
from dermdash.errors import InvalidCheckpoint, InvalidInput, NotFound
from dermdash.records.taxonomy import HAM7, get_taxonomy
from dermdash.settings import Settings
from dermdash.storage import findings, models, records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_headline import at_training, trained_only_on
from dermdash.workflows.classifier.train_classifier import train_classifier
from dermdash.workflows.classifier.training import processes
from dermdash.workflows.classifier.training.folds_export import folds_csv
from dermdash.workflows.classifier.training.job import (
    Job,
    JobState,
    delete_job,
    find_job,
    list_jobs,
    read_job,
    training_folder,
    write_status,
)
from dermdash.workflows.classifier.training.prepare import prepare_training
from dermdash.workflows.classifier.training.processes import ProcessMark
from dermdash.workflows.classifier.training.progress import JobProgress, read_progress
from dermdash.workflows.classifier.training.register import register_finished, register_job
from dermdash.workflows.classifier.training.run_job import run_job
from dermdash.workflows.classifier.training.settings import TrainingSettings
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.dataset.remembered_lesions import digest_here

pytestmark = pytest.mark.processes

PER_CLASS = 3


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("template") / "workspace"
    workspace = open_workspace(Settings(home=home))
    fill_records(workspace, per_class=PER_CLASS)
    workspace.close()
    return home


@pytest.fixture
def opened(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "workspace")
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    yield workspace
    let_go(workspace)


def columns_of(job: Job) -> pd.DataFrame:
    return pd.DataFrame(job.records())


def wait_until(job: Job, epoch: int) -> None:
    """Until a training beside us has finished that epoch."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if any(p.step is not None and p.step.epoch >= epoch for p in read_progress(job.folder)):
            return
        assert read_job(job.folder).state.active, (job.folder / "log.txt").read_text()
        time.sleep(0.02)
    pytest.fail("the training did not get that far")


def test_a_job_trains_without_the_database_and_is_registered_once(opened: Workspace) -> None:
    job = tiny_job(opened, name="Tiny")
    assert job.state is JobState.STOPPED
    opened.close()
    seen: list[JobProgress] = []
    done = run_job(job.folder, on_progress=seen.append)
    assert done.state is JobState.FINISHED
    assert {p.kind for p in seen} == {"decoding", "step"}
    assert not list(job.folder.rglob("state.pt*"))
    (model_id,) = register_job(opened, done)
    assert register_job(opened, done) == [model_id]
    (model,) = own_models(opened)
    assert (model["id"], model["name"], model["dataset_id"]) == (model_id, "Tiny", DATASET)
    assert model["metrics"]["mean_recall"] == done.result["parts"][0]["scores"]["mean_recall"]
    held_out = columns_of(job).query("fold > 0")
    assert model["metrics"]["held_out_images"] == len(held_out)
    trained = models.training_lesion_digests(opened.engine, model_id)
    assert {lesion_digest(lesion) for lesion in held_out["lesion_id"]}.isdisjoint(trained)


def test_a_finished_job_is_registered_by_whoever_has_the_database_next(opened: Workspace) -> None:
    job = run_job(tiny_job(opened).folder)
    assert register_finished(opened) == {}
    ids = [m["id"] for m in own_models(opened)]
    assert read_job(job.folder).model_ids == ids
    assert register_finished(opened) == {}
    assert [m["id"] for m in own_models(opened)] == ids


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX processes")
def test_a_killed_training_goes_on_to_the_same_weights(opened: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """kill -9 in the middle, then continued: the checkpoint is the same file as that of a run left in peace."""
    job = tiny_job(opened, epochs=5)
    twin = job.folder.with_name("20200101-000000-abcd")
    shutil.copytree(job.folder, twin)
    write_status(job.folder, JobState.STARTING)
    start = (
        "import sys; from pathlib import Path; "
        "from dermdash.workflows.classifier.training.processes import start_beside"
    )
    subprocess.run([sys.executable, "-c", f"{start}; start_beside(Path(sys.argv[1]))", job.folder], check=True)
    wait_until(job, 2)  # the process that started it has ended long ago, as an app that was stopped
    running = read_job(job.folder)
    mark = ProcessMark.from_json(running.status["process"])
    assert mark is not None
    assert mark.stoppable
    with pytest.raises(InvalidInput, match="running"):
        delete_job(running)
    with monkeypatch.context() as impatient:
        impatient.setattr("dermdash.workflows.classifier.training.run_job._LOCK_PATIENCE_S", 0.0)
        with pytest.raises(InvalidInput, match="One at a time"):
            run_job(twin)
    os.kill(mark.pid, signal.SIGKILL)
    end = time.monotonic() + 120
    while read_job(job.folder).state.active and time.monotonic() < end:
        time.sleep(0.02)
    killed = read_job(job.folder)
    assert killed.state is JobState.INTERRUPTED
    assert killed.parts_done == 0
    # The end of a line and of a state file that the power cut off.
    with (job.folder / "progress.jsonl").open("a") as file:
        file.write('{"part": 0, "kind": "st')
    (job.folder / "part-1" / "state.pt.part").write_bytes(b"half")
    reached = max(p.step.epoch for p in read_progress(job.folder) if p.step is not None)
    seen: list[JobProgress] = []
    assert run_job(job.folder, on_progress=seen.append).state is JobState.FINISHED
    first = next(p.step.epoch for p in seen if p.step is not None)
    assert first > 1
    assert first in (reached, reached + 1)
    run_job(twin)
    assert read_job(job.folder).result["parts"][0]["sha256"] == read_job(twin).result["parts"][0]["sha256"]
    epochs = [p.step.epoch for p in read_progress(job.folder) if p.step is not None and p.step.step == p.step.steps]
    assert epochs == [1, 2, 3, 4, 5]


def test_a_training_beside_the_app_is_stopped_and_keeps_its_state(opened: Workspace) -> None:
    job = tiny_job(opened, epochs=60)
    write_status(job.folder, JobState.STARTING)
    processes.start_beside(job.folder)
    wait_until(job, 2)  # then the state of the first is written
    mark = ProcessMark.from_json(read_job(job.folder).status["process"])
    assert mark is not None
    processes.stop(mark)
    stopped = read_job(job.folder)
    assert stopped.state is JobState.STOPPED
    assert "can be continued" in stopped.message
    assert (job.folder / "part-1" / "state.pt").is_file()
    processes.stop(mark)  # again does nothing
    delete_job(stopped)
    assert not job.folder.exists()


def test_a_process_is_only_stopped_when_it_is_ours() -> None:
    ours = ProcessMark.of_this_process(stoppable=True)
    assert processes.is_alive(ours)
    other_start = ProcessMark(ours.machine, ours.pid, "1", stoppable=True)
    assert not processes.is_alive(other_start)
    processes.stop(other_start)  # the number is ours, the start time is not: we live on
    with pytest.raises(InvalidInput, match="another machine"):
        processes.stop(ProcessMark("elsewhere/boot", ours.pid, ours.started, stoppable=True))
    with pytest.raises(InvalidInput, match="other work"):
        processes.stop(ProcessMark(ours.machine, ours.pid, ours.started, stoppable=False))


def test_repeats_share_the_split_and_are_summarised(opened: Workspace) -> None:
    job = run_job(tiny_job(opened, repeats=2, name="Twice").folder)
    ids = register_job(opened, job)
    assert len(set(ids)) == 2
    found = {m["id"]: m for m in own_models(opened)}
    assert [found[i]["name"] for i in ids] == ["Twice (seed 3)", "Twice (seed 4)"]
    assert models.training_lesion_digests(opened.engine, ids[0]) == models.training_lesion_digests(
        opened.engine, ids[1]
    )
    recalls = [found[i]["metrics"]["mean_recall"] for i in ids]
    assert job.result["repeats"]["mean_recall"]["mean"] == pytest.approx(np.mean(recalls))
    assert job.result["repeats"]["mean_recall"]["sd"] == pytest.approx(np.std(recalls, ddof=1))


def test_folds_predict_every_record_by_a_network_that_had_not_seen_its_group(opened: Workspace) -> None:
    job = run_job(tiny_job(opened, folds=3).folder)
    columns = columns_of(job)
    predicted = read_predictions(job.folder / "out-of-fold.csv", taxonomy=HAM7)
    assert sorted(predicted.image_ids) == sorted(columns["image_id"])
    for index, part in enumerate(job.parts):
        metadata = read_metadata(job.part_folder(index) / "model.safetensors")
        of_fold = columns[columns["fold"] == part.fold]
        assert not metadata.trained_on(of_fold["lesion_id"])
        own = read_predictions(job.part_folder(index) / "predictions.csv", taxonomy=HAM7)
        assert sorted(own.image_ids) == sorted(of_fold["image_id"])
        classifier = load_checkpoint(job.part_folder(index) / "model.safetensors")
        assert classifier.metadata.metrics["held_out_images"] == len(of_fold)
    truth = dict(zip(columns["image_id"], columns["dx"], strict=True))
    codes = [HAM7.codes[i] for i in predicted.probabilities.argmax(axis=1)]
    right = [truth[image] == code for image, code in zip(predicted.image_ids, codes, strict=True)]
    figures = job.result["out_of_fold"]
    assert figures["records"] == figures["of"] == len(columns)
    assert figures["scores"]["accuracy"] == pytest.approx(np.mean(right))
    listed = pd.read_csv(job.folder / "folds.csv")
    assert Counter(listed["fold"]) == Counter(columns["fold"])
    raw, private = (
        pd.read_csv(io.BytesIO(folds_csv(opened, job, privacy=Privacy(names=hide)))) for hide in (False, True)
    )
    assert raw.equals(listed)
    assert private.drop(columns="lesion_id").equals(listed.drop(columns="lesion_id"))
    assert private["lesion_id"].str.fullmatch("L-[a-z2-7]{16}").all()
    # Models of folds come into the registry only when asked for.
    assert register_finished(opened) == {}
    assert own_models(opened) == []
    assert len(register_job(opened, job)) == 3
    assert {m["name"] for m in own_models(opened)} == {f"resnet10 on {DATASET}, fold {i} of 3" for i in (1, 2, 3)}


def test_no_group_is_on_both_sides(opened: Workspace) -> None:
    rows = records.records_of_dataset(opened.engine, DATASET).set_index("id")
    for changes in ({"folds": 3}, {"held_out_fraction": 0.4}):
        columns = columns_of(tiny_job(opened, **changes)).set_index("id")
        joined = rows.join(columns["fold"])
        assert joined["fold"].notna().all()
        for key in ("lesion_id", "patient_id", "image_sha256"):
            known = joined[joined[key].notna()]
            assert set(known.groupby(key)["fold"].nunique()) == {1}


def test_a_confirmed_pair_stays_together_and_a_rejected_one_does_not_count(opened: Workspace) -> None:
    columns = columns_of(tiny_job(opened, folds=3))
    free = columns.drop_duplicates("fold")["id"].tolist()  # one record of each fold
    pairs = {"same_lesion": (free[0], free[1]), "different": (free[1], free[2])}
    rows = [
        {
            "records": list(pair), "score": 0.9, "threshold": 0.3, "verdict": "same_lesion", "details": {},
            "method_version": "1", "model_id": None,
        }
        for pair in pairs.values()
    ]  # fmt: skip
    findings.save_findings(opened.engine, "same_lesion", rows, searched={})
    for decision, pair in pairs.items():
        key = findings.finding_id("same_lesion", pair)
        findings.add_decision(opened.engine, finding_id=key, decision=decision, account_id="admin")
    job = tiny_job(opened, folds=3)
    fold = columns_of(job).set_index("id")["fold"]
    assert fold[free[0]] == fold[free[1]]
    assert job.request["counts"]["confirmed_pairs"] == 1


def test_records_that_another_data_set_links_stay_together(opened: Workspace) -> None:
    rows = records.records_of_dataset(opened.engine, DATASET)
    alone = rows[rows["patient_id"].isna()].drop_duplicates("lesion_id").drop_duplicates("image_sha256")
    first, second = alone["id"].iloc[0], alone["id"].iloc[-1]
    records.save_dataset(
        opened.engine,
        values={"id": "elsewhere", "name": "E", "taxonomy": "ham7", "source": "drawn", "licence": "CC0"},
    )
    hashes = records.image_hashes(opened.engine, [first, second])
    records.save_batch(
        opened.engine,
        images=[],
        records=[
            make_record(
                name, "elsewhere", lesion_id="one", image_sha256=hashes[twin], dx=None, source_label=None,
            )
            for name, twin in (("a", first), ("b", second))
        ],
    )  # fmt: skip
    fold = columns_of(tiny_job(opened, folds=3)).set_index("id")["fold"]
    assert fold[first] == fold[second]


def test_what_the_initial_model_has_seen_is_never_held_out(opened: Workspace) -> None:
    first = register_job(opened, run_job(tiny_job(opened).folder))[0]
    seen = models.training_lesion_digests(opened.engine, first)
    job = tiny_job(opened, initial=first, folds=2, epochs=1)
    columns = columns_of(job)
    known = np.array([digest_here(DATASET, lesion) in seen for lesion in columns["lesion_id"]])
    assert known.any()
    assert set(columns["fold"][known]) == {0}
    done = run_job(job.folder)
    assert done.result["out_of_fold"]["records"] == (columns["fold"] > 0).sum() < len(columns)
    assert not list(job.folder.glob("initial.*"))
    for index in range(2):
        metadata = read_metadata(done.part_folder(index) / "model.safetensors")
        # A file that leaves holds digests of lesion ids alone.
        ids = {lesion_digest(lesion) for lesion in columns["lesion_id"][known]}
        assert ids <= set(metadata.training_lesions)
        assert metadata.note == f"started from {first}"
    with pytest.raises(InvalidInput, match="is a resnet10"):
        tiny_job(opened, initial=first, architecture="resnet18")


def test_weights_that_have_seen_every_lesion_leave_nothing_to_measure_on(opened: Workspace) -> None:
    from dermdash.classifier.networks import build_network

    rows = records.records_of_dataset(opened.engine, DATASET)
    seen = tuple(sorted({lesion_digest(lesion) for lesion in rows["lesion_id"]}))
    metadata = CheckpointMetadata("resnet10", "ham7", HAM7.codes, 32, training_lesions=seen)
    sha256 = save_checkpoint(
        opened.checkpoint("knowsall"), Classifier(build_network("resnet10", class_count=7), metadata)
    )
    models.save_model(
        opened.engine,
        values={
            "id": "knowsall", "name": "All", "architecture": "resnet10", "taxonomy": "ham7", "input_size": 32,
            "checkpoint_sha256": sha256, "dataset_id": None, "training_lesions_known": True, "metrics": {},
        },
        training_lesion_digests=seen,
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="have seen every lesion"):
        tiny_job(opened, initial="knowsall")
    assert list_jobs(opened.home) == []


@pytest.mark.parametrize("unseen", [False, True])
def test_weights_from_elsewhere_count_as_unknown_unless_it_is_stated(
    opened: Workspace, tmp_path: Path, unseen: bool
) -> None:
    from dermdash.classifier.networks import build_network

    path = tmp_path / "imagenet.pth"
    torch.save(build_network("resnet10", class_count=1000).state_dict(), path)
    job = run_job(tiny_job(opened, initial=str(path), initial_unseen=unseen).folder)
    (model_id,) = register_job(opened, job)
    model = models.get_model(opened.engine, model_id)
    assert model["training_lesions_known"] == unseen
    assert ("mean_recall" in model["metrics"]) == unseen
    with pytest.raises(NotFound, match="neither a model nor a file"):
        tiny_job(opened, initial=str(tmp_path / "absent.pth"))


def test_weights_of_another_network_fail_in_words(opened: Workspace, tmp_path: Path) -> None:
    from dermdash.classifier.networks import build_network

    path = tmp_path / "other.pth"
    torch.save(build_network("resnet10", class_count=7).state_dict(), path)
    job = tiny_job(opened, initial=str(path), architecture="efficientnet_lite0")
    with pytest.raises(InvalidCheckpoint, match="does not fit"):
        run_job(job.folder)
    failed = read_job(job.folder)
    assert failed.state is JobState.FAILED
    assert "does not fit efficientnet_lite0" in failed.message
    assert failed.state.resumable


def test_the_taxonomy_is_that_of_the_data_set(opened: Workspace) -> None:
    taxonomy = get_taxonomy("clinical9")
    rows = records.records_of_dataset(opened.engine, DATASET).head(12)
    records.save_dataset(
        opened.engine,
        values={"id": "nine", "name": "Nine", "taxonomy": "clinical9", "source": "", "licence": "", "simulated": False},
    )
    changed = [
        dict(row) | {"id": f"nine:{i}", "dataset_id": "nine", "dx": taxonomy.codes[i % 2], "patient_id": None}
        for i, row in enumerate(rows.astype(object).where(rows.notna(), None).to_dict("records"))
    ]
    records.save_batch(opened.engine, images=[], records=changed)
    model_id = train_classifier(
        opened, dataset_id="nine", architecture="resnet10", input_size=32, epochs=1, batch_size=4, device="cpu"
    )
    assert models.get_model(opened.engine, model_id)["taxonomy"] == "clinical9"
    assert load_checkpoint(opened.checkpoint(model_id)).metadata.class_codes == taxonomy.codes


def test_an_image_that_cannot_be_read_is_left_out_and_named(opened: Workspace) -> None:
    rows = records.records_of_dataset(opened.engine, DATASET)
    opened.files.path(ORIGINALS, rows["image_sha256"].iloc[0]).write_bytes(b"no image")
    opened.files.path(ORIGINALS, rows["image_sha256"].iloc[5]).unlink()
    job = run_job(tiny_job(opened).folder)
    assert set(job.result["unreadable"]) == {rows["image_id"].iloc[0], rows["image_id"].iloc[5]}


def test_a_data_set_without_diagnoses_or_enough_lesions_is_refused(opened: Workspace) -> None:
    with pytest.raises(NotFound, match="no diagnosed records"):
        prepare_training(opened, TrainingSettings("nowhere"))
    with pytest.raises(InvalidInput, match="as many lesions"):
        tiny_job(opened, folds=20)
    assert list_jobs(opened.home) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"architecture": "resnet9000"}, "resnet9000"),
        ({"balance": "luck"}, "sampling, loss, none"),
        ({"device": "abacus"}, "abacus"),
        ({"folds": 1}, "2 to 20"),
        ({"folds": 3, "repeats": 2}, "not both"),
        ({"patience": 0}, "patience"),
        ({"held_out_fraction": 1.0}, "0.01 to 0.9"),
        ({"learning_rate": float("nan")}, "learning rate"),
    ],
)
def test_settings_outside_their_limits_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        tiny_settings(**changes)


def test_damaged_and_foreign_folders_are_shown_as_such_and_stop_nothing(opened: Workspace) -> None:
    good, cut, odd = (tiny_job(opened) for _ in range(3))
    damage(cut.folder / "request.json")
    (odd.folder / "request.json").write_text(json.dumps({"format": 1, "settings": 7, "parts": "x"}))
    (training_folder(opened.home) / "20200101-000000-ffff").mkdir()
    (training_folder(opened.home) / "holiday").mkdir()
    states = {job.id: job.state for job in list_jobs(opened.home)}
    assert states == {
        good.id: JobState.STOPPED,
        cut.id: JobState.DAMAGED,
        odd.id: JobState.DAMAGED,
        "20200101-000000-ffff": JobState.DAMAGED,
    }
    with pytest.raises(InvalidInput, match="damaged"):
        run_job(cut.folder)
    delete_job(find_job(opened.home, cut.id))
    assert register_finished(opened) == {}


@pytest.mark.parametrize("job_id", ["../outside", "20200101-000000-ffff", ""])
def test_an_unknown_job_is_refused_and_those_that_wait_are_named(opened: Workspace, job_id: str) -> None:
    waiting = tiny_job(opened)
    with pytest.raises(NotFound, match=waiting.id):
        find_job(opened.home, job_id)


def test_damage_of_a_job_is_said_in_words(opened: Workspace) -> None:
    job = tiny_job(opened)
    damage(job.folder / "records.json")
    with pytest.raises(InvalidInput, match=r"records\.json is damaged"):
        run_job(job.folder)
    assert read_job(job.folder).state is JobState.FAILED
    finished = run_job(tiny_job(opened).folder)
    damage(finished.part_folder(0) / "model.safetensors")
    problems = register_finished(opened)
    assert "missing or damaged" in problems[finished.id]
    assert own_models(opened) == []
    with pytest.raises(InvalidInput, match="nothing to continue"):
        run_job(finished.folder)


def test_the_state_of_a_job_follows_its_process(opened: Workspace) -> None:
    job = tiny_job(opened)
    assert mark_running(job).state is JobState.RUNNING
    assert mark_killed(job).state is JobState.INTERRUPTED
    write_status(job.folder, JobState.STARTING)
    assert read_job(job.folder).state is JobState.STARTING
    elsewhere = ProcessMark("elsewhere/boot", 1, "1", stoppable=True).as_json()
    write_status(job.folder, JobState.RUNNING, process=elsewhere)
    assert read_job(job.folder).state is JobState.INTERRUPTED
    (job.folder / "heartbeat").touch()
    assert read_job(job.folder).state is JobState.RUNNING
    os.utime(job.folder / "heartbeat", (0, 0))
    assert read_job(job.folder).state is JobState.INTERRUPTED


def test_hostile_lines_of_progress_are_passed_over(opened: Workspace) -> None:
    job = tiny_job(opened)
    write_steps(job.folder, epochs=4, until=2)
    with (job.folder / "progress.jsonl").open("a") as file:
        file.write('nonsense\n[]\n{"part": 0, "kind": "step", "epoch": "x"}\n{"part": 0, "kind": "decoding"}\n')
    assert len(read_progress(job.folder)) == 3


def test_an_interrupted_training_in_this_process_leaves_nothing(opened: Workspace) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_classifier(
            opened, dataset_id=DATASET, architecture="resnet10", input_size=32, epochs=1, device="cpu",
            progress=interrupt,
        )  # fmt: skip
    assert list_jobs(opened.home) == []


def test_a_training_uses_the_records_of_its_filter_and_its_model_says_so(opened: Workspace) -> None:
    kept = {"dx": ["mel", "nv"], "verification_stage": ["2", "3"]}
    job = tiny_job(opened, record_filter=kept, held_out_fraction=0.5)
    columns = job.records()
    assert set(columns["dx"]) == {"mel", "nv"}
    counts = job.request["counts"]
    assert (counts["records"], counts["left_out_by_filter"]) == (len(columns["id"]), 5 * (PER_CLASS + 1))
    # What is trained on is in the folder: a job that goes on uses the same records, whatever became of their stages.
    assert read_job(job.folder).settings.record_filter == kept
    run_job(job.folder)
    (model_id,) = register_job(opened, read_job(job.folder))
    assert read_metadata(opened.checkpoint(model_id)).record_filter == kept
    model = model_registry.get_model(opened, model_id)
    assert model["metrics"]["record_filter"] == kept
    assert "Verification stage: 2" in at_training(opened, model)


def test_a_model_of_every_record_is_the_file_it_was_before_there_were_filters(opened: Workspace) -> None:
    job = run_job(tiny_job(opened).folder)
    assert b"record_filter" not in (job.part_folder(0) / "model.safetensors").read_bytes()
    (model_id,) = register_job(opened, job)
    model = model_registry.get_model(opened, model_id)
    assert "record_filter" not in model["metrics"]
    assert trained_only_on(model) == ""


def test_records_that_belong_together_through_one_that_is_left_out_stay_together(opened: Workspace) -> None:
    rows = records.records_of_dataset(opened.engine, DATASET)
    a, b, c = (str(i) for i in rows[rows["dx"] == "nv"].sort_values("image_id")["id"][-3:])
    with opened.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE record SET patient_id = 'P1', image_quality_score = 1 WHERE id = '{b}'")
        connection.exec_driver_sql(f"UPDATE record SET patient_id = 'P1' WHERE id = '{a}'")
        connection.exec_driver_sql(
            f"UPDATE record SET image_sha256 = (SELECT image_sha256 FROM record r WHERE r.id = '{b}') WHERE id = '{c}'"
        )
    for seed in range(6):
        columns = tiny_job(
            opened, record_filter={"quality": ["2", "3", "4", "5", "unknown"]}, held_out_fraction=0.4, seed=seed
        ).records()
        fold = dict(zip(columns["id"], columns["fold"], strict=True))
        assert b not in fold
        assert fold[a] == fold[c]


def test_a_filter_that_lets_nothing_through_or_is_none_trains_nothing(opened: Workspace) -> None:
    with pytest.raises(NotFound, match=r"lets none of .* diagnosed records"):
        tiny_job(opened, record_filter={"verification_stage": ["1"]})
    with pytest.raises(InvalidInput, match="'hue=red' is no filter"):
        tiny_job(opened, record_filter={"hue": ["red"]})
    assert list_jobs(opened.home) == []
