"""A filled workspace for commands: made once for the tests of a file."""

from pathlib import Path

import pytest
from tests.filled_workspace import fill_workspace

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows import model_registry


@pytest.fixture(scope="module")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder of the workspace, and the id of its study."""
    home = tmp_path_factory.mktemp("filled") / "workspace"
    workspace = open_workspace(Settings(home=home))
    made = fill_workspace(workspace)
    model_registry.add_reference_model(workspace)  # as the first command would, once for all tests
    workspace.close()
    return home, made.study_id


@pytest.fixture
def study(filled_home: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The study's id, with the commands pointed at its workspace."""
    monkeypatch.setenv("DERMDASH_HOME", str(filled_home[0]))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return filled_home[1]
