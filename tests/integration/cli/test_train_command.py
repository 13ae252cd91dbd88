"""`dermdash train` in a process of its own: results, Ctrl-C and going on, and the app having the workspace open."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.command_line import CommandLine
from tests.filled_workspace import fill_records, own_models
from tests.training_workspace import tiny_job

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier.training.job import JobState, list_jobs
from dermdash.workflows.classifier.training.progress import read_progress
from dermdash.workflows.classifier.training.register import register_finished

pytestmark = pytest.mark.processes

TINY = ("--architecture", "resnet10", "--input-size", "32", "--batch-size", "8", "--device", "cpu", "--threads", "1")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "workspace"
    workspace = open_workspace(Settings(home=folder))
    fill_records(workspace, per_class=2)
    workspace.close()
    return folder


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "workspace"))


def command(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DERMDASH_")}
    return subprocess.Popen(
        [sys.executable, "-m", "dermdash.cli", "train", *arguments],
        env=kept | {"DERMDASH_HOME": str(home), "COLUMNS": "200", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


Train = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(commands: CommandLine) -> Train:
    """Train to the end; returns status, output and messages."""

    def train(home: Path, *arguments: str) -> tuple[int, str, str]:
        done = commands.run(home, "train", *arguments, OMP_NUM_THREADS="1")
        return done.returncode, done.stdout, done.stderr

    return train


def reopen(home: Path) -> Workspace:
    return open_workspace(Settings(home=home))


def test_folds_are_predicted_and_reported_as_json(home: Path, run: Train) -> None:
    code, out, err = run(home, *TINY, "--epochs", "1", "--folds", "2", "--register-folds", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["out_of_fold"]["records"] == report["out_of_fold"]["of"] == 21
    assert Path(report["files"]["out-of-fold"]).is_file()
    workspace = reopen(home)
    known = {m["id"]: m["name"] for m in own_models(workspace)}
    workspace.close()
    assert [known[i] for i in report["models"]] == [
        "resnet10 on clinic, fold 1 of 2",
        "resnet10 on clinic, fold 2 of 2",
    ]


def test_ctrl_c_keeps_the_state_and_says_how_to_go_on(home: Path, run: Train) -> None:
    with command(
        home, *TINY, "--epochs", "40", "--measure-every", "1", "--patience", "1", "--name", "Early"
    ) as process:
        end = time.monotonic() + 120
        while time.monotonic() < end and process.poll() is None:
            if any(p.step and p.step.epoch >= 2 for job in list_jobs(home) for p in read_progress(job.folder)):
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    (job,) = list_jobs(home)
    assert process.returncode == 130
    assert job.state is JobState.STOPPED
    resume = re.search(r"dermdash train (--resume \S+)", err)
    assert resume is not None
    assert "Traceback" not in err
    code, out, err = run(home, *resume[1].split())
    assert code == 0, err
    assert "(Early, seed 2020)" in out
    workspace = reopen(home)
    (model,) = own_models(workspace)
    workspace.close()
    assert model["metrics"]["chosen_on_held_out"]
    # Once more is no error: it only reports and registers again.
    assert run(home, *resume[1].split())[0] == 0


_HOLD = """
import sys, threading
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.workspace.app_requests import answer_requests
from dermdash.workflows.workspace.app_verbs import VERBS
workspace, ended = open_workspace(Settings()), threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
print("open", flush=True)
while not ended.wait(0.2):
    answer_requests(workspace, VERBS)
"""


@contextmanager
def held_open(home: Path) -> Iterator[None]:
    """The workspace open in another process that answers commands, as the app has it and does."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD],
        env=os.environ | {"DERMDASH_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "open\n"
        yield
        holder.stdin.close()


def test_while_the_app_has_the_workspace_the_page_registers_the_model(home: Path, run: Train) -> None:
    workspace = reopen(home)
    job = tiny_job(workspace)
    workspace.close()
    with held_open(home):
        code, _, err = run(home, *TINY, "--epochs", "1")
        assert code == 1
        assert "Training page" in err
        code, out, err = run(home, "--resume", job.id, "--json")
    assert code == 0, err
    assert json.loads(out)["models"] == []
    assert "app's Training page" in err
    workspace = reopen(home)
    assert register_finished(workspace) == {}
    assert len(own_models(workspace)) == 1
    workspace.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume", "nothing"], "no training 'nothing'"),
        (["--folds", "2", "--repeats", "2"], "not both"),
        (["--architecture", "resnet9000"], "resnet9000"),
        (["--initial", "absent.pth"], "neither a model nor a file"),
        (["--dataset", "nowhere"], "no diagnosed records"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(home: Path, run: Train, arguments: list[str], words: str) -> None:
    code, out, err = run(home, *arguments)
    assert (code, out) == (1, "")
    assert words in err
    assert "Traceback" not in err
    assert list_jobs(home) == []


def test_only_the_records_that_are_asked_for_are_trained_on(home: Path, run: Train) -> None:
    chosen = ("--where", "verification_stage=2", "--where", "dx=nv", "--where", "dx=bkl")
    code, out, err = run(home, *TINY, "--epochs", "1", "--held-out", "0.5", *chosen, "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["record_filter"] == {"dx": ["bkl", "nv"], "verification_stage": ["2"]}
    assert report["left_out_by_filter"] == 15
    assert "6 records, 15 left out" in err
    workspace = reopen(home)
    (model,) = own_models(workspace)
    workspace.close()
    assert model["metrics"]["record_filter"] == report["record_filter"]


def test_a_filter_of_a_training_that_is_none_is_named(home: Path, run: Train) -> None:
    for word, said in (("hue=red", "is no filter"), ("dataset_id=clinic", "leave dataset_id out of the filter")):
        code, _, err = run(home, *TINY, "--where", word)
        assert code == 1
        assert said in err
