"""`dermdash dataset`: what the page says, as JSON and as files; bad input is refused by name."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import DATASET, fill_records
from tests.made_once import MadeOnce
from tests.two_kinds import DRAWN, OF_PHOTOGRAPHS, fill_two_kinds, predict
from typer.testing import CliRunner, Result

from dermdash.cli import app
from dermdash.storage.workspace import Workspace


def fill(workspace: Workspace) -> None:
    """Two data sets of photographs, one of drawn images, and a model that has predicted all photographs."""
    fill_two_kinds(workspace)
    fill_records(workspace, dataset="more")
    predict(workspace, OF_PHOTOGRAPHS, "more")


@pytest.fixture
def home(tmp_path: Path, made_once: MadeOnce, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    made_once.copy(fill, tmp_path / "workspace")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["dataset", *arguments])


def said(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_statistics_are_of_one_kind_and_written_as_every_file(home: Path) -> None:
    out = home / "paper"
    found = said("statistics", "--dataset", DATASET, "--out", str(out))
    assert not found["simulated"]
    assert sum(c["n"] for c in found["categories"]) + found["undiagnosed"] == found["records"]
    written = sorted(path.name for path in out.iterdir())
    assert sorted(found["files"]) == written
    assert {Path(name).suffix for name in written} == {".csv", ".tex", ".svg", ".png"}
    assert said("statistics", "--dataset", DRAWN)["simulated"]
    assert "drawn images" in run("statistics").stderr
    assert "Nosological categories" in run("statistics", "--where", "dx=mel").stdout
    nothing = said("statistics", "--where", "text=no such id")
    assert (nothing["records"], nothing["initial_records"], nothing["age"]["median"]) == (0, None, None)


def test_a_comparison_says_what_is_shared_and_how_far_apart(home: Path) -> None:
    found = said("compare", DATASET, "more", "--model", OF_PHOTOGRAPHS)
    assert [d["dataset"] for d in found["datasets"]] == [DATASET, "more"]
    assert found["distance"]["overall"]["auc"] is not None
    unmeasured = said("compare", "more", DATASET)  # the model in use has predicted nothing
    assert unmeasured["distance"]["overall"]["reason"]
    assert [d["dataset"] for d in unmeasured["datasets"]] == ["more", DATASET]
    assert "Data sets compared" in run("compare", DATASET, "more").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compare", DATASET, DATASET), "name two to compare"),
        (("compare", DATASET, "nowhere"), "There is no data set nowhere"),
        (("compare", DATASET, DRAWN), "would be mixed"),
        (("statistics", "--dataset", "nowhere"), "There is no data set nowhere"),
        (("statistics", "--where", "colour=red"), "is no filter"),
        (("map",), "run `dermdash predict"),
        (("map", "--model", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_done_ends_with_the_reason(home: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    assert words in done.stderr


def test_a_map_is_written_with_the_most_unlike_first_in_the_list(home: Path) -> None:
    out = home / "map.csv"
    found = said("map", "--model", OF_PHOTOGRAPHS, "--dataset", DATASET, "--out", str(out))
    assert found["records"] > found["shown"] == len(out.read_text().splitlines()) - 1
    distances = [row["uniqueness"] for row in found["least_like_others"]]
    assert distances == sorted(distances, reverse=True)
    first = zlib.crc32(out.read_bytes())
    said("map", "--model", OF_PHOTOGRAPHS, "--dataset", DATASET, "--out", str(out))
    assert zlib.crc32(out.read_bytes()) == first
