"""`dermdash findings` in a process of its own."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.command_line import CommandLine
from tests.integration.workflows.lesion_identity.test_find_same_lesions import store
from tests.unit.dataset.lesion_pairs import paint, photograph_again

from dermdash.settings import Settings
from dermdash.storage import tables
from dermdash.storage.workspace import open_workspace

Findings = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def dermdash(commands: CommandLine) -> Findings:
    def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return commands.run(home, "findings", *arguments, DERMDASH_WORKERS="1")

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace with two lesions, one of them twice."""
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    store(workspace, "one", paint(0))
    store(workspace, "two", paint(1))
    store(workspace, "again", photograph_again(paint(0)))
    workspace.close()
    return tmp_path / "workspace"


def test_json_on_stdout_is_a_list_best_first_and_nothing_else(home: Path, dermdash: Findings) -> None:
    done = dermdash(home, "--kind", "same_lesion", "--json")
    assert done.returncode == 0, done.stderr
    (pair,) = json.loads(done.stdout)
    assert list(pair) == ["kind", "records", "score", "verdict", "decision"]
    assert (pair["kind"], set(pair["records"]), pair["verdict"]) == ("same_lesion", {"one", "again"}, "same_lesion")
    assert 0.9 < pair["score"] <= 1
    assert "3 of 3 images new" in done.stderr
    listed = dermdash(home, "--list", "--dataset", "ds")
    assert listed.stdout.splitlines()[1].split()[1:3] == ["same_lesion", "open"]
    assert "pairs compared" not in listed.stderr


def test_the_search_for_pairs_says_that_there_are_contradictions(home: Path, dermdash: Findings) -> None:
    workspace = open_workspace(Settings(home=home))
    with workspace.engine.begin() as connection:
        connection.execute(sa.update(tables.record).values(dx="nv", verification_stage=3, histopathology_result="mel"))
    workspace.close()
    assert "contradiction" not in dermdash(home, "--list").stderr
    assert len(json.loads(dermdash(home, "--kind", "contradictions", "--json").stdout)) >= 3
    assert "--kind contradictions lists them" in dermdash(home, "--list").stderr


def test_what_is_not_there_is_named(home: Path, tmp_path: Path, dermdash: Findings) -> None:
    unknown = dermdash(home, "--dataset", "other", "--json")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "no data set 'other'; there are: ds" in unknown.stderr
    empty = dermdash(tmp_path / "empty", "--json")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "dermdash import" in empty.stderr


def test_a_list_of_duplicates_is_imported_as_evidence(home: Path, tmp_path: Path, commands: CommandLine) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("image_id_1,image_id_2\none.jpg,two\none,again\none,gone\n")
    arguments = ("import", "duplicates", "--list", path, "--dataset", "ds", "--source", "A paper")
    done = commands.run(home, *arguments)
    assert done.returncode == 0, done.stderr
    assert "A paper: 3 pairs listed, about data set ds" in done.stdout
    assert "not in the data set: gone" in done.stdout
    assert "A list is evidence" in done.stderr
    report = json.loads(commands.run(home, *arguments, "--json").stdout)
    assert (report["pairs"], report["new"], report["joined"], report["unknown"]) == (3, 0, 0, ["gone"])
    found = json.loads(commands.run(home, "findings", "--list", "--json").stdout)
    assert [(pair["verdict"], pair["listed"]) for pair in found] == [("listed", ["A paper"])] * 2
    assert "[listed in A paper]" in commands.run(home, "findings", "--list").stdout


def test_what_is_no_list_and_a_list_of_other_images_are_errors(
    home: Path, tmp_path: Path, commands: CommandLine
) -> None:
    for text, message in (("a,b\n1,2\n", "is no list of duplicates"), ("X.jpg\nY.jpg\n", "names none of the images")):
        (tmp_path / "list.csv").write_text(text)
        done = commands.run(home, "import", "duplicates", "--list", tmp_path / "list.csv", "--dataset", "ds", "--json")
        assert (done.returncode, done.stdout) == (1, "")
        assert message in done.stderr
