"""What an operator reads first: how every part is, which processes there are, what is under way, what is kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.claimed_work import ClaimedWork, ask_to_stop, work_under_way
from dermdash.workflows.workspace.app_processes import AppProcess, known_processes
from dermdash.workflows.workspace.health import Health, HealthWatch

_log = logging.getLogger(__name__)
WORK_TITLES = {
    "import": "Import of a data set",
    "export": "Export",
    "mails": "Mail to readers",
    "map": "Map of records",
    "checks": "Checks of images",
    "measuring": "Measuring image quality",
    "task": "Work of a page",
}


@dataclass(frozen=True, slots=True)
class Operations:
    """All of it at one moment; ``kept``: what is removed when, as pairs of a thing and words."""

    health: Health
    processes: tuple[AppProcess, ...]
    works: tuple[ClaimedWork, ...]
    kept: tuple[tuple[str, str], ...]


def operations(workspace: Workspace, actor: Account | None, watch: HealthWatch) -> Operations:
    """Look at everything. Raises AccessDenied."""
    require_right(actor, Right.SEE_OPERATIONS)
    return Operations(
        watch.look(),
        tuple(known_processes(workspace.home)),
        tuple(work_under_way(workspace.home)),
        kept_how_long(workspace.settings),
    )


def stop_work(workspace: Workspace, actor: Account | None, key: str, name: str) -> str:
    """Ask a work under way, in whichever process it runs, to end after what it is at; says what was asked.

    What it stored until then is kept, as where its own page stops it.

    Raises
    ------
    AccessDenied
        The person may not.
    NotFound
        It has ended meanwhile.
    """
    require_right(actor, Right.STOP_WORK)
    work = ask_to_stop(workspace.home, key, name)
    _log.warning("%s in process %d on %s was asked to stop", WORK_TITLES.get(work.kind, work.kind), work.pid, work.host)
    return WORK_TITLES.get(work.kind, work.kind)


def kept_how_long(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What the app removes by itself, and when."""
    exports = (
        f"{counted(settings.keep_exports_days, 'day')}, or until the account's next one (DERMDASH_KEEP_EXPORTS_DAYS)"
        if settings.keep_exports_days
        else "until the account's next one (DERMDASH_KEEP_EXPORTS_DAYS)"
    )
    return (
        ("Answers, labels, decisions, the change log", "for good: nothing of people's work is ever removed"),
        ("The last export of each account", exports),
        ("Uploaded files", "one day"),
        ("Signed-in browsers", f"{counted(settings.session_days, 'day')} (DERMDASH_SESSION_DAYS)"),
        ("Backups and logs", "as long as you keep them: they lie where you put them"),
    )
