"""Several reviewers at once, and a server that is killed while they work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.ladder_load import check, reviewers, run_threads
from tests.ladder_workspace import add_account, add_curator, fill_unannotated

from dermdash.settings import Settings
from dermdash.storage import annotation_rows
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.change_log import verify_log

pytestmark = pytest.mark.processes


@pytest.mark.slow
def test_four_reviewers_at_once_lose_nothing_and_nobody_gets_the_task_of_another(workspace: Workspace) -> None:
    record_ids = fill_unannotated(workspace, 20)
    people = [add_account(workspace, account) for account in reviewers(4)]
    assign_work(workspace, add_curator(workspace))
    runs = run_threads(workspace, people)
    found = check(workspace, runs, record_ids)
    assert (found.lost, found.doubled, found.not_distinct, found.records_without_outcome) == (0, 0, 0, 0)
    assert found.log_problems == ()
    assert found.annotations == 20 * 4
    assert found.consensus + found.board == 20
    assert [reason for run in runs for reason in run.refused] == []


_WRITER = """
import sys
from pathlib import Path
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.verification.annotate import open_task, receive
from dermdash.workflows.verification.people import active_accounts
from tests.ladder_workspace import submission

workspace = open_workspace(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2]))
people = [p for p in active_accounts(workspace).values() if p.id.startswith("rev")]
print("ready", flush=True)
while True:
    for person in people:
        task = open_task(workspace, person)
        if task is not None:
            item = submission(task.id, "mel")
            for key in receive(workspace, person, [item]).acknowledged:
                print(key, flush=True)
"""


@pytest.mark.slow
def test_after_a_kill_in_the_middle_the_log_is_whole_and_what_was_acknowledged_is_there(
    workspace: Workspace, tmp_path: Path
) -> None:
    fill_unannotated(workspace, 60)
    for account in reviewers(4):
        add_account(workspace, account)
    assign_work(workspace, add_curator(workspace))
    home, url = workspace.home, workspace.settings.database_url
    workspace.close()
    out = tmp_path / "out"
    with out.open("wb") as file:
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(home), url],
            stdout=file,
            cwd=Path(__file__).parents[4],
        )
        until = time.monotonic() + 60
        while out.read_bytes().count(b"\n") < 15 and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    acknowledged = set(out.read_text().split("\n")[:-1]) - {"ready"}
    assert len(acknowledged) >= 14
    again = open_workspace(Settings(home=home, database_url=url))
    stored = {row["id"] for row in annotation_rows.every_annotation(again.engine)}
    assert acknowledged <= stored
    assert len(stored - acknowledged) <= 1  # one may have been on its way
    assert verify_log(again).problems == ()
    again.close()
