"""`dermdash model` and the commands that need no model named, where there are photographs and drawings."""

from pathlib import Path
from typing import Any

import pytest
from tests.made_once import MadeOnce
from tests.training_workspace import as_json
from tests.two_kinds import DRAWN, OF_DRAWINGS, OF_PHOTOGRAPHS, fill_two_kinds
from typer.testing import CliRunner, Result

from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.classifier import model_registry


@pytest.fixture
def run(made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    made_once.copy(fill_two_kinds, tmp_path / "workspace")
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def ok(result: Result) -> Result:
    assert result.exit_code == 0, result.output
    return result


def test_the_models_are_listed_with_the_one_in_use_for_each_kind(run: Any) -> None:
    listed = {m["id"]: m for m in as_json(ok(run("model", "list", "--json")).stdout)["models"]}
    reference = model_registry.reference_model_id()
    assert {i for i, m in listed.items() if m["in_use"]} == {reference, OF_DRAWINGS}
    assert {i for i, m in listed.items() if m["simulated"]} == {OF_DRAWINGS}
    assert listed[OF_PHOTOGRAPHS]["measured_on"] == "clinic"
    lines = ok(run("model", "list")).stdout.splitlines()
    assert next(line for line in lines if line.startswith(OF_DRAWINGS)).endswith("trained on drawings  (in use)")


def test_a_model_is_put_to_use_and_it_is_said_which_it_replaces(run: Any) -> None:
    done = ok(run("model", "use", OF_PHOTOGRAPHS))
    assert "now answers for photographs where no model is named, instead of dermdash reference" in done.stdout
    again = run("model", "use", OF_PHOTOGRAPHS)
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    back = as_json(ok(run("model", "use", model_registry.reference_model_id(), "--json")).stdout)
    assert (back["replaced"], back["simulated"], back["chosen_by"]) == (OF_PHOTOGRAPHS, False, "admin")
    assert run("model", "use", "m404").exit_code == 1


def test_commands_mean_photographs_and_say_what_they_leave_out(run: Any) -> None:
    ok(run("model", "use", OF_PHOTOGRAPHS))
    found = ok(run("predict", "--json"))
    said = as_json(found.stdout)
    assert (said["model"], said["simulated"], said["predicted"]) == (OF_PHOTOGRAPHS, False, 0)
    assert "56 drawn images (Drawn)" in found.stderr
    drawn = ok(run("predict", "--simulated", "--json"))
    assert as_json(drawn.stdout) | {"model_name": ""} == {
        "model": OF_DRAWINGS, "model_name": "", "simulated": True, "predicted": 0,
    }  # fmt: skip
    assert "drawn by a program" in drawn.stderr
    named = as_json(ok(run("predict", "--dataset", DRAWN, "--json")).stdout)
    assert (named["model"], named["simulated"]) == (OF_DRAWINGS, True)
    similar = as_json(ok(run("similar", f"{DRAWN}:NV_0", "--json")).stdout)
    assert (similar["model"], similar["simulated"]) == (OF_DRAWINGS, True)
    assert all(n["record"].startswith(DRAWN) for n in similar["similar"])
    point = as_json(ok(run("operating-point", "choose", "Drawn", "--dataset", DRAWN, "--json")).stdout)
    assert point["model"] == OF_DRAWINGS
    metrics = as_json(ok(run("similar", "--metrics", "--json")).stdout)
    assert (metrics["model"], metrics["queries"], metrics["simulated"]) == (OF_PHOTOGRAPHS, 42, False)


def test_data_sets_of_both_kinds_need_a_model_that_is_named(run: Any) -> None:
    refused = run("predict", "--dataset", DRAWN, "--dataset", "clinic")
    assert (refused.exit_code, "would be mixed" in refused.stderr) == (1, True)


def test_training_takes_the_only_data_set_of_photographs(run: Any) -> None:
    from dermdash.cli.training_commands import _only_dataset

    workspace = open_workspace(Settings())
    assert _only_dataset(workspace) == "clinic"
    workspace.close()
