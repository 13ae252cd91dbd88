"""What signs people in at a provider is loaded where one is configured, and nowhere else."""

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_SIGN_IN_PAGE = """
import importlib, json, pkgutil, sys
import dermdash.ui
for module in pkgutil.walk_packages(dermdash.ui.__path__, "dermdash.ui."):
    importlib.import_module(module.name)
from streamlit.testing.v1 import AppTest
from dermdash.ui import keys
app = AppTest.from_file("app.py", default_timeout=60)
app.session_state[keys.SESSION_TOKEN] = ""
app.run()
loaded = sorted({"argon2", "authlib", "cryptography", "httpx", "joserfc"} & set(sys.modules))
print(json.dumps({"shown": [h.value for h in app.header], "loaded": loaded}))
"""


def test_without_a_provider_no_package_that_talks_to_one_is_imported(tmp_path: Path) -> None:
    environment = os.environ | {"DERMDASH_HOME": str(tmp_path / "workspace"), "DERMDASH_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", _SIGN_IN_PAGE], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"shown": ["Sign in"], "loaded": []}
