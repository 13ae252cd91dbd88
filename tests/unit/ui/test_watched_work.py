"""Who watches a work to its end is told what came of it: a page at a browser, no run that a closed tab left behind."""

from types import SimpleNamespace

import pytest
import streamlit as st

from dermdash.ui import work_beside
from dermdash.workflows.beside_pages import BesidePages


class _Ended(BesidePages):
    def wait(self, seconds: float) -> bool:
        return True


class _Stopped(Exception):
    pass


def stop() -> None:
    raise _Stopped


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Sessions at whose end somebody is; this run is of the session ``here``."""
    sessions: set[str] = set()
    server = SimpleNamespace(is_active_session=sessions.__contains__)
    monkeypatch.setattr(work_beside, "get_script_run_ctx", lambda: SimpleNamespace(session_id="here"))
    monkeypatch.setattr(work_beside.runtime, "exists", lambda: True)
    monkeypatch.setattr(work_beside.runtime, "get_instance", lambda: server)
    monkeypatch.setattr(st, "stop", stop)
    return sessions


def test_a_page_at_a_browser_sees_the_end(connected: set[str]) -> None:
    connected.add("here")
    assert work_beside.ends_within(_Ended(), 1.0)


def test_a_run_that_a_closed_tab_left_behind_ends_before_it_takes_the_outcome(connected: set[str]) -> None:
    connected.add("another tab")
    with pytest.raises(_Stopped):
        work_beside.ends_within(_Ended(), 1.0)
