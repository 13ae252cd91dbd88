"""The admins' page of operations: all is well, something is not, and who may see it."""

from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.test_pages import show, text_of

from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import operator_routes
from dermdash.wording import file_size
from dermdash.workflows.claimed_work import Claim, work_under_way
from dermdash.workflows.workspace import app_processes
from dermdash.workflows.workspace.app_processes import note_process
from dermdash.workflows.workspace.health import Health, HealthLevel, HealthPart, HealthWatch

PAGE = "pages/admin/operations.py"
SAID: dict[str, Any] = {"pages": 12, "waiting": 9, "steps": 40, "slow_ms": 50.0, "problems": 2, "memory": 400_000_000}


@pytest.fixture(autouse=True)
def looked_at(app_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_routes, "HEALTH", HealthWatch(lambda: app_workspace))


def table(app: AppTest, column: str) -> list[dict[str, Any]]:
    found = next(frame for frame in app.dataframe if column in frame.value)
    rows: list[dict[str, Any]] = found.value.to_dict("records")
    return rows


def test_a_workspace_in_order_says_so_and_what_is_kept(signed_in_app: AppTest) -> None:
    said = text_of(show(signed_in_app, PAGE))
    assert "0 processes; all is well" in said
    assert "a restart breaks nothing off" in said
    assert "nothing of people's work is ever removed" in said


def test_processes_and_work_under_way_are_listed(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    note_process(app_workspace.home, 8501, SAID)
    claim = Claim(app_workspace.home, "import", "ada", title="An import")
    try:
        said = text_of(show(signed_in_app, PAGE), "warning")
    finally:
        claim.release()
    row = table(signed_in_app, "Process")[0]
    assert row["Process"].endswith("port 8501")
    assert (row["All but one in twenty within"], row["Readers' pages a minute"], row["Memory"]) == (
        "50 ms",
        40,
        file_size(400_000_000),
    )
    assert "Many readers wait" in said
    assert [work["Work"] for work in table(signed_in_app, "Work")] == ["Import of a data set"]


def test_work_of_any_process_is_asked_to_stop_and_says_so(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    claims = [Claim(app_workspace.home, "import", who, title="") for who in ("ada", "grace")]
    try:
        app = show(signed_in_app, PAGE)
        work = work_under_way(app_workspace.home)[1]
        app.selectbox(key="operations.work").select(f"{work.key} {work.id}")
        app.button(key="operations.stop").click().run()
        assert [row["State"] for row in table(app, "Work")] == ["under way", "stopping"]
        assert sorted(claim.asked_to_stop for claim in claims) == [False, True]
        assert len(app.selectbox(key="operations.work").options) == 1
    finally:
        for claim in claims:
            claim.release()


def test_a_process_that_says_nothing_any_more_is_named_with_what_to_do(
    signed_in_app: AppTest, app_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_process(app_workspace.home, 8502, SAID)
    later = now() + timedelta(minutes=2)
    monkeypatch.setattr(app_processes, "now", lambda: later)
    assert "The process on port 8502" in text_of(show(signed_in_app, PAGE), "warning")


def test_what_does_not_work_stands_there_with_what_to_do(
    signed_in_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = HealthPart("disk", "Disk", HealthLevel.BAD, "1 MB of 1 TB free on the disk of /srv/a_b", "Free some space.")
    monkeypatch.setattr(HealthWatch, "look", lambda _: Health((part,)))
    shown = show(signed_in_app, PAGE)
    assert "disk: does not work" in text_of(shown)
    assert "Free some space." in shown.error[0].value
