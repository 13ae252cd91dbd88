"""Mail to readers beside the pages: a click, a reload or a lost connection does not break it off.

One at a time for each study. What was begun and sent is on disk, so that the next one goes on with the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.claimed_work import Claim
from dermdash.workflows.reader_study.mail_readers import MailReport, Texts, ToMail, send_mails

_RUNNING: dict[tuple[Path, str], RunningMails] = {}
_LOCK = threading.Lock()


class RunningMails(BesidePages):
    """Mails on their way, or what became of them."""

    def __init__(
        self, workspace: Workspace, study_id: str, due: Sequence[ToMail], actor: Account, texts: Texts
    ) -> None:
        super().__init__(Claim(workspace.home, "mails", study_id, title="Mail of this study"))
        self.done, self.total = 0, len(due)
        self.report: MailReport | None = None
        self._start("mails", self._send, workspace, study_id, due, actor, texts)

    def _send(self, workspace: Workspace, study_id: str, due: Sequence[ToMail], actor: Account, texts: Texts) -> None:
        self.report = send_mails(
            workspace, study_id, due, by=actor.id, texts=texts, progress=self._note, stopped=lambda: self.stopping,
            wait=self._wait,
        )  # fmt: skip

    def _note(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def _wait(self, seconds: float) -> None:
        self._asked_to_stop.wait(seconds)


def begin_mails(
    workspace: Workspace, study_id: str, due: Sequence[ToMail], actor: Account, texts: Texts
) -> RunningMails:
    """Begin to send; where mail of the study is on its way already, that is returned. Raises AccessDenied."""
    require_right(actor, Right.RUN_STUDIES)
    with _LOCK:
        running = _RUNNING.get((workspace.home, study_id))
        if running is None or running.ended:
            running = RunningMails(workspace, study_id, due, actor, texts)
            _RUNNING[workspace.home, study_id] = running
        return running


def mails_on_their_way(workspace: Workspace, study_id: str) -> RunningMails | None:
    """The mails that this app began last for a study, on their way or ended."""
    return _RUNNING.get((workspace.home, study_id))


def forget_mails(workspace: Workspace, study_id: str) -> None:
    """Take note of what became of them."""
    with _LOCK:
        running = _RUNNING.get((workspace.home, study_id))
        if running is not None and running.ended:
            del _RUNNING[workspace.home, study_id]
