"""What needs no network does not pay for importing torch (1.5 s and 200 MB)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.filled_workspace import MODEL, fill_model, fill_records

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.classifier.model_in_use import choose_model

REPOSITORY = Path(__file__).parents[2]
_EVERY_UI_MODULE = """
import importlib, json, pkgutil, sys
import dermdash.ui
names = [m.name for m in pkgutil.walk_packages(dermdash.ui.__path__, "dermdash.ui.")]
guilty = []
for name in names:
    importlib.import_module(name)
    if "torch" in sys.modules:
        guilty.append(name)
        break
print(json.dumps({"modules": len(names), "guilty": guilty}))
"""
_COMMAND = """
import json, sys
from dermdash.cli import main
sys.argv = ["dermdash", *{arguments!r}]
try:
    main()
except SystemExit as end:
    print(json.dumps({{"code": end.code, "torch": "torch" in sys.modules}}))
"""


def last_line(script: str, home: Path) -> dict[str, object]:
    environment = os.environ | {"DERMDASH_HOME": str(home), "DERMDASH_DATABASE_URL": ""}
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=200,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, object] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_no_page_imports_torch(tmp_path: Path) -> None:
    found = last_line(_EVERY_UI_MODULE, tmp_path)
    assert found["guilty"] == []
    assert int(str(found["modules"])) > 20


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("lazy") / "workspace"
    workspace = open_workspace(Settings(home=home))
    fill_model(workspace, fill_records(workspace, per_class=2))
    choose_model(workspace, MODEL)
    workspace.close()
    return home


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["similar", "NV_0"], ["similar", "--metrics", "--json"], ["model", "list"], ["findings", "--list"]],
)
def test_commands_that_need_no_network_do_not_import_torch(home: Path, arguments: list[str]) -> None:
    found = last_line(_COMMAND.format(arguments=arguments), home)
    assert found == {"code": 0, "torch": False}
