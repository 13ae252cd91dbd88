"""Who may see the figures of a process, and what health says over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from dermdash.storage.workspace import Workspace
from dermdash.ui import metrics, operator_routes
from dermdash.ui.operator_routes import may_see_metrics
from dermdash.workflows.workspace.health import HealthWatch


def request(client: str, host: str, **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": host, **headers}.items()]
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": "/metrics", "scheme": "http", "headers": named, "query_string": b"",
        "client": (client, 5000), "server": ("127.0.0.1", 8501),
    }  # fmt: skip
    return Request(scope)


def test_a_program_on_this_machine_may_and_nobody_through_a_proxy() -> None:
    assert may_see_metrics(request("127.0.0.1", "localhost:8501"))
    assert may_see_metrics(request("::1", "[::1]:8501"))
    assert not may_see_metrics(request("203.0.113.9", "localhost:8501"))
    assert not may_see_metrics(request("127.0.0.1", "study.example.org"))
    assert not may_see_metrics(request("127.0.0.1", "localhost", x_forwarded_for="127.0.0.1"))
    assert not may_see_metrics(request("testclient", "localhost"))


def test_the_token_opens_them_to_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "token"
    monkeypatch.setenv("DERMDASH_METRICS_TOKEN_FILE", str(place))
    asked = request("203.0.113.9", "study.example.org", authorization="Bearer right")
    assert not may_see_metrics(asked), "a file that is not there opens nothing"
    place.write_text("\n")
    assert not may_see_metrics(request("203.0.113.9", "x", authorization="Bearer ")), "nor does an empty one"
    place.write_text("right\n")
    assert may_see_metrics(asked)
    assert not may_see_metrics(request("203.0.113.9", "x", authorization="Bearer wrong"))


def test_health_is_told_to_anybody_with_the_status_that_balancers_read(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = TestClient(Starlette(routes=list(operator_routes.operator_routes())), base_url="http://study.example.org")
    monkeypatch.setattr(operator_routes, "HEALTH", HealthWatch(lambda: duckdb_workspace))
    good = browser.get("/healthz")
    assert (good.status_code, good.json()["status"]) == (200, "good")
    duckdb_workspace.engine.dispose()
    monkeypatch.setattr("dermdash.workflows.workspace.health.current_revision", lambda _: None)
    monkeypatch.setattr(operator_routes, "HEALTH", HealthWatch(lambda: duckdb_workspace))
    bad = browser.get("/healthz")
    assert (bad.status_code, bad.json()["schema"]) == (503, "bad")
    assert str(duckdb_workspace.home) not in bad.text
    assert browser.get("/metrics").status_code == 404


def test_the_figures_are_in_the_format_of_prometheus() -> None:
    metrics.READER_PAGES.observe(0.03)
    text = metrics.as_text().decode()
    assert '\ndermdash_reader_page_seconds_bucket{le="0.05"}' in text
    assert "# HELP dermdash_connections" in text


def test_the_last_minute_says_how_quick_pages_were_lately() -> None:
    moment = [0.0]
    lately = metrics.LastMinute(clock=lambda: moment[0])
    assert lately.look() == (0, None)
    for _ in range(19):
        metrics.READER_PAGES.observe(0.015)
    metrics.READER_PAGES.observe(0.9)
    moment[0] = 10
    assert lately.look() == (20, 20.0)
    for _ in range(10):
        moment[0] += 10
        seen = lately.look()
    assert seen == (0, None), "more than a minute ago"
    metrics.READER_PAGES.observe(30.0)
    moment[0] += 10
    assert lately.look() == (1, None), "longer than any bound"
