"""Answers that somebody is writing: kept on the server, so that a reload or a lost connection takes nothing away.

A draft is nobody's answer until it is saved by an act; it is of one account, for one question of one data set.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from dermdash.storage.private_files import keep_files_private
from dermdash.whole_files import whole_file
from dermdash.workflows.dataset.dataset_answers import LONGEST_ANSWER

FOLDER = "answer-drafts"


def draft_of(home: Path, account: str, dataset_id: str, key: str) -> str | None:
    """What was written last; None where there is no draft."""
    try:
        return _path(home, account, dataset_id, key).read_text("utf-8")
    except OSError:
        return None


def keep_answer_draft(home: Path, account: str, dataset_id: str, key: str, text: str) -> None:
    """Keep what is being written.

    Raises
    ------
    WorkspaceFull, WorkspaceReadOnly
        It cannot be written.
    """
    keep_files_private()
    with whole_file(_path(home, account, dataset_id, key)) as passing:
        passing.write_text(text[:LONGEST_ANSWER], "utf-8")


def drop_answer_draft(home: Path, account: str, dataset_id: str, key: str) -> None:
    """Forget it, as when it was saved."""
    _path(home, account, dataset_id, key).unlink(missing_ok=True)


def _path(home: Path, account: str, dataset_id: str, key: str) -> Path:
    names = (sha256(part.encode()).hexdigest()[:16] for part in (account, dataset_id, key))
    return home / FOLDER / f"{'.'.join(names)}.txt"
