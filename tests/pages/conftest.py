"""Pages are run through app.py, so that navigation, access and session keys are the real ones."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, fill_and_open
from tests.made_once import MadeOnce

from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.access import issue_admin_link, sign_in

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def components_of_packages() -> Iterator[None]:
    """Streamlit looks through all installed packages for components of theirs when an app starts.

    A server does so once. Here every test is an app, and what is installed stays the same.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


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
    workspace.close()
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
    """The app with the admin signed in; not run yet. Choose a page with ``switch_page`` after ``run``."""
    token = re.split("[/=]", issue_admin_link(app_workspace))[-1]
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = sign_in(app_workspace, token)
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
