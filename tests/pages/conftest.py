"""Pages are run through app.py, so that navigation, access and session keys are the real ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, fill_and_open
from tests.made_once import MadeOnce, copied_databases  # noqa: F401  a fixture
from tests.quick_databases import let_go
from tests.quick_passwords import quick_passwords  # noqa: F401  a fixture
from tests.signed_in import admin_session
from tests.streamlit_apps import awaited_runs, compiled_pages, components_of_packages  # noqa: F401  fixtures

from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.open_workspace import current_workspace

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def app_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace that the app under test opens: the same object, since DuckDB has one owner per file."""
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    st.cache_resource.clear()
    st.cache_data.clear()
    workspace = current_workspace()
    yield workspace
    let_go(workspace)
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def visitor_app(app_workspace: Workspace) -> AppTest:
    """The app as somebody who is not signed in sees it; not run yet."""
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = ""  # AppTest has no cookies, only a mock of them
    return app


@pytest.fixture
def signed_in_app(app_workspace: Workspace) -> AppTest:
    """The app with the admin signed in; not run yet. Choose a page with ``to_page``."""
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = admin_session(app_workspace)
    return app


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Filled:
    """Put the filled workspace where the app will look for it; ask for it before the app."""
    return made_once.copy(fill_and_open, tmp_path / "workspace")


@pytest.fixture
def filled_app(filled: Filled, request: pytest.FixtureRequest) -> AppTest:
    """The app over a filled workspace with the admin signed in; not run yet."""
    app: AppTest = request.getfixturevalue("signed_in_app")
    return app
