"""Every command of a data set, on data sets that nobody plans for: an answer or a reason, and nothing half-written."""

from pathlib import Path

import pytest
from tests.odd_data_sets import ODD, ODD_DATA_SETS
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.dataset.exports.registry import EXPORTS
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace

_OF = ("--dataset", ODD)
_ANSWERED = (
    ("findings", *_OF),
    ("dataset", "statistics", *_OF),
    ("acquisition", "measure", *_OF),
    ("acquisition", "list", *_OF),
    ("acquisition", "agreement", *_OF),
    ("lesions", "lists"),
    ("lesions", "ledger", "groups"),
    ("version", "show", *_OF),
    ("split", "list"),
)
_EITHER = (
    ("version", "tag", *_OF, "--name", "1.0", "--note", "as it is"),
    ("split", "make", "--name", "parts", *_OF),
    ("split", "make", "--name", "folds", "--folds", "5", *_OF),
    ("dataset", "map", *_OF),
)


@pytest.fixture(scope="module", params=ODD_DATA_SETS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def home(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    workspace = open_workspace(Settings(home=folder / "workspace", database_url=""))
    ODD_DATA_SETS[kind](workspace)
    workspace.close()
    return folder


@pytest.fixture(autouse=True)
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERMDASH_HOME", str(home / "workspace"))
    monkeypatch.setenv("DERMDASH_WORKERS", "1")
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)


def said(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done.exit_code, done.output


@pytest.mark.parametrize("arguments", _ANSWERED, ids=" ".join)
def test_a_command_answers(arguments: tuple[str, ...]) -> None:
    status, output = said(*arguments)
    assert status == 0, output


@pytest.mark.parametrize("arguments", _EITHER, ids=" ".join)
def test_a_command_answers_or_says_why_not(arguments: tuple[str, ...]) -> None:
    status, output = said(*arguments)
    assert status in (0, 1)
    assert output.strip()


@pytest.mark.parametrize("key", [key for key in EXPORTS if key != "folder-per-class"])
def test_an_export_is_whole_or_not_there(key: str, home: Path) -> None:
    out = home / f"{key}.out"
    status, output = said("export", key, *_OF, "--out", str(out))
    assert status in (0, 1), output
    assert out.exists() == (status == 0), output
    nothing = home / f"{key}.none"
    status, output = said("export", key, *_OF, "--out", str(nothing), "--stage", "3")
    assert nothing.exists() == (status == 0), output


def test_a_ledger_that_names_unknown_images_lists_them_and_changes_nothing(home: Path) -> None:
    ledger = home / "ledger.csv"
    ledger.write_text("image_id_1,image_id_2,decision\nNOBODY_1,NOBODY_2,same_lesion\n")
    status, output = said("lesions", "ledger", "import", str(ledger))
    assert status in (0, 1)
    assert "NOBODY_1" in output
    status, output = said("lesions", "ledger", "groups", "--json")
    assert status == 0
    assert "NOBODY" not in output
