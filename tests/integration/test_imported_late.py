"""What only some need is not imported for all: torch (1.5 s and 200 MB), and what talks to a provider of identities.

A new interpreter takes seconds to import the app: one looks at all modules, and one at all commands.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import MODEL, fill_model, fill_records

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.classifier.model_in_use import choose_model

REPOSITORY = Path(__file__).parents[2]
_MODULES = """
import importlib, json, pkgutil, sys
import dermdash.ui

def import_all(names):
    guilty = ""
    for name in names:
        importlib.import_module(name)
        if "torch" in sys.modules and not guilty:
            guilty = name
    return {"modules": len(names), "guilty": guilty}

def modules_of(package):
    return [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]

found = {"ui": import_all(modules_of(dermdash.ui))}
from streamlit.testing.v1 import AppTest
from dermdash.ui import keys
app = AppTest.from_file("app.py", default_timeout=60)
app.session_state[keys.SESSION_TOKEN] = ""
app.run()
provider = sorted({"argon2", "authlib", "cryptography", "httpx", "joserfc"} & set(sys.modules))
found["sign in"] = {"shown": [h.value for h in app.header], "loaded": provider}
import dermdash.cli
workflows = ["classifier.classify", "reader_study.create_study", "demo_workspace"]
found["cli"] = import_all([*modules_of(dermdash.cli), *("dermdash.workflows." + name for name in workflows)])
print(json.dumps(found))
"""
_COMMANDS = """
import json, sys
from dermdash.cli import main
found = []
for arguments in {commands!r}:
    sys.argv = ["dermdash", *arguments]
    try:
        main()
    except SystemExit as end:
        found.append({{"code": end.code, "torch": "torch" in sys.modules}})
print()
print(json.dumps(found))
"""
COMMANDS = (
    ["--help"],
    ["similar", "NV_0"],
    ["similar", "--metrics", "--json"],
    ["model", "list"],
    ["findings", "--list"],
)


def last_line(script: str, home: Path) -> Any:
    environment = os.environ | {"DERMDASH_HOME": str(home), "DERMDASH_DATABASE_URL": ""}
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=200,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return last_line(_MODULES, tmp_path_factory.mktemp("modules") / "workspace")


@pytest.mark.parametrize(("part", "least"), [("ui", 20), ("cli", 20)])
def test_importing_the_app_does_not_import_torch(modules: Any, part: str, least: int) -> None:
    assert modules[part]["guilty"] == ""
    assert modules[part]["modules"] > least


def test_without_a_provider_no_package_that_talks_to_one_is_imported(modules: Any) -> None:
    assert modules["sign in"] == {"shown": ["Sign in"], "loaded": []}


def test_commands_that_need_no_network_do_not_import_torch(tmp_path: Path) -> None:
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    fill_model(workspace, fill_records(workspace, per_class=2))
    choose_model(workspace, MODEL)
    workspace.close()
    found = last_line(_COMMANDS.format(commands=COMMANDS), tmp_path / "workspace")
    assert dict(zip(map(" ".join, COMMANDS), found, strict=True)) == {
        " ".join(arguments): {"code": 0, "torch": False} for arguments in COMMANDS
    }
