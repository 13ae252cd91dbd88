"""What tests of Streamlit apps share; imported by their conftest."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner

_PATIENCE_S = 120.0


@pytest.fixture(scope="session", autouse=True)
def components_of_packages() -> Iterator[None]:
    """Streamlit looks through all installed packages for components of theirs when an app starts.

    A server does so once. Here every test is an app, and what is installed stays the same.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session", autouse=True)
def awaited_runs() -> Iterator[None]:
    """An app under test looks a thousand times a second whether its script has ended: here its thread is waited for.

    And for two minutes at least, as a busy machine is no fault of a page.
    """
    usual = local_script_runner.require_widgets_deltas

    def wait(runner: local_script_runner.LocalScriptRunner, timeout: float = 3) -> None:
        if runner._script_thread is not None:
            runner._script_thread.join(max(timeout, _PATIENCE_S))
        usual(runner, timeout=0.1)  # it has ended by now, or is ended and said to take too long

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_pages() -> Iterator[None]:
    """A server compiles each script once; an app under test would at every run, which is a twentieth of its time."""
    compiled = ScriptCache()
    with pytest.MonkeyPatch.context() as patched:
        for module in (app_test, local_script_runner):
            patched.setattr(module, "ScriptCache", lambda: compiled)
        yield
