"""`dermdash taxonomy`: lists, maps, reads words, checks and adds; without opening the database."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dermdash.cli import app

CLINIC = """
name: clinic2
title: Clinic, two classes
classes:
- {code: mole, name: Mole, origin: melanocytic, status: benign, covers: [nevus]}
- {code: mel, name: Melanoma, origin: melanocytic, status: malignant}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    return tmp_path / "workspace"


def cli(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["taxonomy", *arguments], env={"COLUMNS": "200"})


def test_what_is_added_is_listed_and_words_mean_its_classes(tmp_path: Path) -> None:
    file = tmp_path / "clinic.yaml"
    file.write_text(CLINIC, "utf-8")
    assert cli("check", str(file)).exit_code == 0
    listed = json.loads(cli("list", "--json").stdout)
    assert "clinic2" not in {t["name"] for t in listed["taxonomies"]}
    assert "added, 2 classes" in cli("add", str(file)).stdout
    listed = json.loads(cli("list", "--json").stdout)
    assert listed["taxonomies"][-1] == {
        "name": "clinic2", "title": "Clinic, two classes", "classes": ["mole", "mel"], "of_the_workspace": True,
    }  # fmt: skip
    read = json.loads(cli("read", "Pigmentnävus", "Melanoma?", "--taxonomy", "clinic2", "--json").stdout)
    assert [(r["code"], r["decision"]) for r in read["readings"]] == [("mole", "words"), (None, "uncertain")]
    mapped = json.loads(cli("map", "clinic2", "ham7", "--json").stdout)
    assert {c["code"]: c["to"] for c in mapped["classes"]} == {"mole": "nv", "mel": "mel"}


def test_a_file_with_a_fault_is_refused_with_its_place_and_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "clinic.yaml"
    file.write_text(CLINIC.replace("status: malignant", "status: bad"), "utf-8")
    for verb in ("check", "add"):
        ran = cli(verb, str(file))
        assert ran.exit_code == 1
        assert "clinic.yaml, class 2 (mel), status 'bad'" in ran.stderr
    assert json.loads(cli("list", "--json").stdout)["problems"] == {}


def test_reading_needs_no_workspace_and_makes_none(home: Path) -> None:
    assert cli("read", "nevus").stdout == "nevus: nv (ham7 spells Melanocytic nevus so)\n"
    assert not home.exists()


def test_the_file_that_is_printed_can_be_added_under_another_name(tmp_path: Path) -> None:
    text = cli("show", "ham7", "--yaml").stdout
    file = tmp_path / "own.yaml"
    file.write_text(text.replace("name: ham7", "name: own7", 1), "utf-8")
    assert cli("add", str(file)).exit_code == 0
    assert json.loads(cli("show", "own7", "--json").stdout)["classes"][4]["code"] == "mel"
