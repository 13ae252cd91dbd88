"""A filled workspace for commands: one for the tests of a file."""

from pathlib import Path

import pytest
from tests.filled_workspace import fill_and_open
from tests.made_once import MadeOnce


@pytest.fixture(scope="module")
def filled_home(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder of the workspace, and the id of its study."""
    home = tmp_path_factory.mktemp("filled") / "workspace"
    return home, made_once.copy(fill_and_open, home).study_id


@pytest.fixture
def study(filled_home: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The study's id, with the commands pointed at its workspace."""
    monkeypatch.setenv("DERMDASH_HOME", str(filled_home[0]))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return filled_home[1]
