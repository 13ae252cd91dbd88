"""`dermdash export` and `dermdash document`: what they write, say and refuse."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from tests.exported_workspace import CLINIC, fill_clinic
from tests.made_once import MadeOnce
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.cli.export_commands import INTERRUPTED
from dermdash.workflows.exports import export_under_way as module


@pytest.fixture
def home(made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made_once.copy(fill_clinic, tmp_path / "workspace")
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return tmp_path


def said(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_an_export_says_what_it_did_and_others_may_read_it(home: Path) -> None:
    out = home / "out"
    report = said("export", "folder", "--dataset", CLINIC, "--out", str(out), "--stage", "3", "--pseudonyms")
    assert (report["format"], report["records"], report["of"], report["left_out"]) == ("folder", 2, 2, {})
    assert report["files"] == sum(path.is_file() for path in out.rglob("*"))
    assert report["hidden"] == {"pseudonyms": True, "age_bins": None}
    assert stat.S_IMODE((out / "metadata.csv").stat().st_mode) & 0o400
    assert stat.S_IMODE(out.stat().st_mode) & 0o700 == 0o700
    assert "dermdash import auto out --dataset clinic" in (out / "README.txt").read_text()


def test_a_folder_per_class_is_an_option_of_folder_alone(home: Path) -> None:
    assert said("export", "folder", "--per-class", "--dataset", CLINIC, "--out", str(home / "o"))["records"] == 5
    done = CliRunner().invoke(app, ["export", "coco", "--per-class", "--dataset", CLINIC, "--out", str(home / "c")])
    assert done.exit_code == 2


def test_an_interrupted_export_says_that_nothing_was_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "read_me", interrupt)
    done = CliRunner().invoke(app, ["export", "folder", "--dataset", CLINIC, "--out", str(home / "out")])
    assert done.exit_code == 130
    assert INTERRUPTED in done.output
    assert not list(home.glob("*out*"))


def test_questions_are_answered_and_documents_written(home: Path) -> None:
    assert said("document", "answer", "purpose", "To test.", "--dataset", CLINIC)["changed"]
    shown = said("document", "show", "--dataset", CLINIC)
    assert next(one for one in shown["answers"] if one["key"] == "purpose")["text"] == "To test."
    for kind in ("datasheet", "healthsheet", "standing-together", "nutrition-label", "facts"):
        out = home / f"{kind}.md"
        report = said("export", "datasheet", "--dataset", CLINIC, "--document", kind, "--out", str(out))
        assert report["answered"] + report["not_known"] + report["open"] == report["items"]
        assert out.read_text().startswith("# Clinic, 2021: ")
    done = CliRunner().invoke(app, ["export", "datasheet", "--dataset", CLINIC, "--out", str(home / "x.docx")])
    assert "a document is written as .md, .html, .pdf, not as .docx" in done.output
