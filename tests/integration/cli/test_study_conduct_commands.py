"""`dermdash study ...` of a running study: every command once, and the keys that docs/json.md lists."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import begin, fill_judged, make_protocol, read_cases
from tests.json_keys_page import RUNNING_STUDY
from tests.made_once import MadeOnce
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.reader_study.protocol_parts import Conduct
from dermdash.workflows.reader_study import create_study, invitations

runner = CliRunner()
_FREE = {"detail", "came", "finished"}
"""Their keys are data: days, and what an act says."""


@pytest.fixture
def study(made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    workspace, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    conduct = Conduct(open_recruitment=True, blinded=True)
    study_id = create_study.create_study(workspace, make_protocol(conduct=conduct, cases_per_round=14))
    (first,) = invitations.invite_readers(workspace, study_id, ["A"])
    _, reader = begin(workspace, first.token)
    read_cases(workspace, study_id, reader)
    workspace.close()
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    return study_id


def keys_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(keys_in(part) for name, part in value.items() if name not in _FREE))
    return set().union(*map(keys_in, value)) if isinstance(value, list) else set()


def said(*arguments: str, status: int = 0) -> dict[str, Any]:
    made = runner.invoke(app, ["study", *arguments, "--json"])
    assert made.exit_code == status, made.output
    found: dict[str, Any] = json.loads(made.stdout)
    command = f"study {arguments[0]}"
    listed = set(RUNNING_STUDY[command])
    assert keys_in(found) <= listed, keys_in(found) - listed
    _SEEN.setdefault(command, set()).update(keys_in(found))
    return found


_SEEN: dict[str, set[str]] = {}


def test_every_command_does_what_its_page_does_and_prints_what_is_listed(study: str, tmp_path: Path) -> None:
    _SEEN.clear()
    links = said("invite", study, "B", "Cy <cy@example.org>", "--until", "2099-12-31", "--out", str(tmp_path / "l.csv"))
    assert [each["label"] for each in links["invitations"]] == ["B", "Cy"]
    assert (tmp_path / "l.csv").read_text("utf-8").count("invitation=") == 2
    assert said("invite", study, "--group", "Ward", "--places", "3")["group"] is True
    listed = said("invitations", study)["invitations"]
    assert [each["can_be_mailed"] for each in listed if each["label"] == "Cy"] == [True]
    b = next(each["id"] for each in listed if each["label"] == "B")
    assert said("renew", b)["link"] != links["invitations"][0]["link"]
    said("withdraw", b)
    assert "?join=" in said("recruit", study, "--places", "5")["address"]
    assert said("recruit", study, "--close")["open"] is False
    assert said("places", study, "profession=nurse:2", "years_experience=0-2:9")["quotas"][0] == "profession=nurse:2"
    assert [each["label"] for each in said("reminders", study, "--days", "0")["waiting"]] == ["Cy"]
    assert said("mail", study, "--dry-run")["due"] == ["Cy"]
    (reader,) = said("monitor", study)["readers"]
    said("mark", study, reader["reader"], "--reason", "too fast")
    said("message", study, "Thank you all")
    said("let-on", study, reader["reader"], "--reason", "was ill")
    assert said("pause", study, "--reason", "a fault")["standing"] == "paused"
    assert said("resume", study)["standing"] == "running"
    assert said("extend", study, "--until", "2099-12-31")["until"].startswith("2099-12-31T23:59:59")
    watched = said("monitor", study)
    assert watched["blinded"] is True
    assert watched["readers"][0]["mark"]["detail"] == {"mark": "suspicious"}
    assert [each["kind"] for each in said("acts", study)["acts"]].count("mark") == 1
    assert said("unblind", study, "--reason", "asked by the board")["blinded"] is False
    assert said("close", study, "--reason", "enough")["standing"] == "closed"
    assert said("reopen", study, "--reason", "too early")["standing"] == "running"
    missing = {command: set(keys) - _SEEN[command] for command, keys in RUNNING_STUDY.items()}
    # What only a mail server, or a mail that went wrong, brings.
    assert missing.pop("study mail") <= {"label", "why"}
    assert {command: keys for command, keys in missing.items() if keys} == {}


def test_results_of_a_blinded_study_are_refused_and_those_without_marked_readers_are_said(
    study: str, tmp_path: Path
) -> None:
    out = tmp_path / "readings.csv"
    for command in (
        ["study", "export", study, "--out", str(out)],
        ["study", "export", study, "--out", str(out), "--format", "nature-medicine"],
        ["analyse", "benefit", study], ["analyse", "agreement", study], ["analyse", "time", study],
        ["analyse", "report", study, "--out", str(out)],
        ["analyse", "sample-size", "--difference", "0.1", "--from", study],
        ["evaluate", "--readers", study],
        ["study", "archive", study, "--out", str(tmp_path / "a.zip")],
    ):  # fmt: skip
        refused = runner.invoke(app, command)
        assert refused.exit_code == 1, (command, refused.output)
        assert "keeps its results from everybody" in " ".join(refused.output.split()), (command, refused.output)
    assert not out.exists()
    (reader,) = said("monitor", study)["readers"]
    said("mark", study, reader["reader"], "--reason", "too fast")
    said("close", study, "--reason", "enough")
    told = runner.invoke(app, ["analyse", "time", study, "--json"])
    assert reader["reader"] in json.loads(told.stdout)["source_warnings"][-1]
    nobody = runner.invoke(app, ["analyse", "time", study, "--without-marked"])
    assert "nobody is left to analyse" in " ".join(nobody.output.split())


def test_what_makes_no_sense_is_refused_with_the_way_out(study: str) -> None:
    for arguments, why in (
        (["invite", study], "name people to invite, or a group"),
        (["invite", study, "A", "--group", "B"], "name people to invite, or a group"),
        (["invite", study, "A", "--until", "tomorrow"], "is no day"),
        (["places", study, "nurse"], "expected for example"),
        (["resume", study], "cannot be done now"),
        (["mark", study, "nobody", "--reason", "x"], "There is no reader"),
    ):
        refused = runner.invoke(app, ["study", *arguments])
        assert refused.exit_code == 1, (arguments, refused.output)
        assert why in " ".join(refused.output.split()), (arguments, refused.output)
