"""`dermdash similar`: one record's neighbours, and the quality of retrieval."""

import json
from pathlib import Path

import pytest
from tests.filled_workspace import DATASET, MODEL, fill_judged
from tests.made_once import MadeOnce
from typer.testing import CliRunner, Result

from dermdash.cli import app

runner = CliRunner()


@pytest.fixture
def run(made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    made_once.copy(fill_judged, tmp_path / "workspace")
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)

    def call(*arguments: str) -> Result:
        return runner.invoke(app, ["similar", *arguments])

    return call


def test_neighbours_of_a_record_as_json_and_as_a_table(run) -> None:  # type: ignore[no-untyped-def]
    found = json.loads(run("NV_0", "--model", MODEL, "--k", "3", "--json").stdout)
    assert (found["record"], found["model"], len(found["similar"])) == (f"{DATASET}:NV_0", MODEL, 3)
    assert set(found["similar"][0]) == {"record", "image_id", "dx", "similarity", "simulated"}
    assert run("NV_0", "--model", MODEL).stdout.splitlines()[0].split() == ["image_id", "dx", "similarity"]
    only = json.loads(
        run("NV_0", "--model", MODEL, "--class", "mel", "--dataset", DATASET, "--k", "50", "--json").stdout
    )
    assert {n["dx"] for n in only["similar"]} == {"mel"}


def test_metrics_as_json_and_as_a_table(run) -> None:  # type: ignore[no-untyped-def]
    found = json.loads(run("--metrics", "--model", MODEL, "--k", "4", "--json").stdout)
    assert (found["queries"], found["records"], found["records_without_features"]) == (42, 42, 0)
    assert set(found["overall"]) == {*(f"precision_at_{i}" for i in range(1, 5)), "average_precision", "majority_vote"}
    assert set(found["by_class"]) == {"akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"}
    few = found["macro"]["average_precision"]  # six lesions of a class, of the seven that an interval needs
    assert (few["low"], few["high"]) == (None, None)
    figure = found["overall"]["average_precision"]
    assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
    assert "mean over classes" in run("--metrics", "--model", MODEL).stdout


@pytest.mark.parametrize(
    "arguments", [(), ("NV_0", "--metrics"), ("--metrics", "--class", "mel"), ("NV_0", "--k", "0")]
)
def test_calls_that_say_too_little_or_too_much_are_refused(run, arguments: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert run(*arguments).exit_code == 2


def test_an_unknown_record_is_named(run) -> None:  # type: ignore[no-untyped-def]
    result = run("NV_404")
    assert result.exit_code == 1
    assert "NV_404" in result.stderr
