"""What the server does at its start."""

import gc
import os
import subprocess
import sys
import threading
import weakref
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from dermdash.errors import NotFound
from dermdash.ui import server_start
from dermdash.ui.warm_up import begin_once


class _Silent(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"server.address": "127.0.0.1"}, "http://127.0.0.1:8501/_stcore/health"),
        ({"server.address": "0.0.0.0", "server.port": 80}, "http://127.0.0.1:80/_stcore/health"),
        ({"server.address": "::1"}, "http://[::1]:8501/_stcore/health"),
        ({"server.address": "::"}, "http://[::1]:8501/_stcore/health"),
        ({"server.address": "ward.example"}, "http://ward.example:8501/_stcore/health"),
        ({"server.address": None, "server.baseUrlPath": "/study/"}, "http://127.0.0.1:8501/study/_stcore/health"),
        ({"server.sslCertFile": "cert.pem"}, "https://127.0.0.1:8501/_stcore/health"),
    ],
)
def test_the_server_is_asked_where_it_listens(
    options: dict[str, object], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {"server.address": "127.0.0.1", "server.port": 8501, "server.baseUrlPath": "", "server.sslCertFile": None}
    monkeypatch.setattr(st, "get_option", (usual | options).__getitem__)
    assert server_start.health_address() == expected


def test_it_waits_until_somebody_answers_whatever_the_answer() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Silent)
    address = f"http://127.0.0.1:{server.server_port}/"
    threading.Timer(0.3, lambda: threading.Thread(target=server.handle_request).start()).start()
    assert server_start.answers(address, within_s=10)
    server.server_close()
    assert not server_start.answers(address, within_s=0.2)


def test_the_first_address_after_a_start_is_looked_for_in_the_menu_and_not_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)  # as in a process that has served nobody yet
    PagesManager(str(tmp_path / "app.py"))
    assert PagesManager.uses_pages_directory
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    server_start.never_take_pages_from_the_folder()
    PagesManager(str(tmp_path / "app.py"))
    assert not PagesManager.uses_pages_directory


@pytest.mark.slow
def test_warming_up_imports_every_page_but_no_network(tmp_path: Path) -> None:
    code = (
        "import sys; from dermdash.ui.warm_up import warm_up; warm_up();"
        "wanted = {'dermdash.analyses.benefit.section', 'dermdash.ui.diagnose_view', 'scipy.optimize', 'plotly'};"
        "assert wanted <= sys.modules.keys(), wanted - sys.modules.keys();"
        "assert not {'torch', 'statsmodels', 'scipy.stats', 'sklearn'} & sys.modules.keys()"
    )
    environment = os.environ | {"DERMDASH_HOME": str(tmp_path / "workspace"), "DERMDASH_DATABASE_URL": ""}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    assert (tmp_path / "workspace" / "dermdash.duckdb").is_file()


def test_what_is_begun_once_is_done_once_and_its_failure_is_nobodys() -> None:
    done: list[str] = []
    ended = threading.Event()

    def work() -> None:
        done.append("work")
        ended.set()
        raise NotFound("gone meanwhile")

    for _ in range(3):
        begin_once("a test", work)
    assert ended.wait(60)
    assert done == ["work"]


def test_what_was_loaded_at_the_start_is_not_looked_at_again_and_what_comes_later_is_still_collected() -> None:
    class Link:
        other: "Link"

    threshold = gc.get_threshold()
    try:
        server_start.leave_out_what_stays()
        assert gc.get_freeze_count() > 10_000
        one, other = Link(), Link()
        one.other, other.other = other, one
        left = weakref.ref(one)
        del one, other
        gc.collect()
        assert left() is None
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
