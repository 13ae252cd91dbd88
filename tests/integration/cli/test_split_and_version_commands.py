"""`dermdash split` and `dermdash version`, as scripts use them: exit status, JSON, and the keys that the docs list."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.command_line import CommandLine
from tests.filled_workspace import DATASET, fill_records

from dermdash.settings import Settings
from dermdash.storage import tables as t
from dermdash.storage.object_store import MANIFESTS
from dermdash.storage.workspace import open_workspace

DOCS = Path(__file__).parents[3] / "docs" / "splits-and-versions.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    fill_records(workspace, per_class=4)
    workspace.close()
    return tmp_path / "workspace"


def change(home: Path, image_id: str, **values: Any) -> None:
    workspace = open_workspace(Settings(home=home))
    with workspace.engine.begin() as connection:
        connection.execute(sa.update(t.record).where(t.record.c.image_id == image_id).values(**values))
    workspace.close()


def documented() -> set[str]:
    """Every name that the table of JSON keys has."""
    return set(re.findall(r"`([a-z0-9_]+)`", DOCS.read_text("utf-8").split("## JSON")[1]))


def test_splits_from_making_to_a_proof_that_turns_red(commands: CommandLine, home: Path, tmp_path: Path) -> None:
    def run(*arguments: object, status: int = 0) -> Any:
        done = commands.run(home, "split", *arguments, "--json")
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr

    made = run("make", "--name", "main", "--dataset", DATASET, "--seed", 3)
    assert made["made"]
    assert not run("make", "--name", "main", "--dataset", DATASET, "--seed", 3)["made"]
    shown = run("show", "main")
    assert (shown["state"], shown["records"]) == ("open", made["records"])
    assert [split["name"] for split in run("list")["splits"]] == ["main"]
    checked = run("check", "main")
    assert checked["leaks_nothing"]
    lock = run("lock", "main", "--yes")
    assert lock["locked_now"]
    out = tmp_path / "parts.csv"
    assert run("export", "main", "--out", out)["records"] == made["records"]
    parts = dict(line.split(",")[1:3] for line in out.read_text("utf-8-sig").splitlines()[1:])
    train, test = (next(i for i, part in parts.items() if part == wanted) for wanted in ("train", "test"))
    change(home, train, patient_id="one")
    change(home, test, patient_id="one")
    red = run("check", "main", status=1)
    assert not red["leaks_nothing"]
    patients = next(leak for leak in red["leakage"] if leak["tie"] == "patient")
    assert f"{DATASET}:{train}" in patients["records"][0]
    assert set(made) | set(shown) | set(checked) | set(lock) <= documented()
    for wrong, words in (
        (("make", "--name", "main", "--seed", 4), "a name means one split for good"),
        (("make", "--name", "x", "--parts", "70/20/20"), "must sum to 100"),
        (("make", "--name", "x", "--parts", "70/30", "--folds", 5), "not both"),
        (("make", "--name", "x", "--where", "dx=nothing"), "lets none of"),
        (("withdraw", "main", "--reason", "r"), "locked"),
        (("check", "y"), "no split 'y'; there are: main"),
    ):
        assert words in run(*wrong, status=1)


def test_versions_from_a_tag_to_a_missing_manifest_and_back(commands: CommandLine, home: Path, tmp_path: Path) -> None:
    def run(*arguments: object, status: int = 0) -> Any:
        done = commands.run(home, "version", *arguments, "--json")
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr

    tagged = run("tag", "--dataset", DATASET, "--name", "1.0", "--note", "first")
    assert tagged["made"]
    change(home, "NV_0", dx="mel")
    state = run("show", "--dataset", DATASET)
    assert (state["version"], state["since"], state["changed_records"]) == (None, "1.0", 1)
    changes = run("compare", "--dataset", DATASET, "1.0")
    assert changes["diagnoses_changed"] == [{"old": "nv", "new": "mel", "records": 1}]
    verified = run("verify", "--dataset", DATASET, "1.0")
    assert verified["whole"]
    assert set(tagged) | set(state) | set(changes) - {"old", "new"} | set(verified) <= documented()
    (manifest,) = (home / MANIFESTS).rglob("*/*")
    manifest.unlink()
    assert "is missing" in run("verify", "--dataset", DATASET, "1.0", status=1)
    assert "is missing" in run("compare", "--dataset", DATASET, "1.0", status=1)
    assert "cannot be read" in run("show", "--dataset", DATASET)["words"]
    change(home, "NV_0", dx="nv")
    state = run("show", "--dataset", DATASET)
    assert (state["version"], state["manifest_lost"]) == ("1.0", True)
    export = ("export", "folder", "--dataset", DATASET, "--version", "1.0", "--out", tmp_path / "out")
    refused = commands.run(home, *export)
    assert refused.returncode == 1
    assert "is missing" in refused.stderr
    assert not (tmp_path / "out").exists()
    assert run("tag", "--dataset", DATASET, "--name", "1.0", "--note", "first")["written_again"]
    assert commands.run(home, *export).returncode == 0
