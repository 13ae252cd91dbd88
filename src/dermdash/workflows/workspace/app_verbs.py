"""What commands may ask of the running app, by name: `app_requests` carries it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.progress import StageProgress
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.account_verbs import ACCOUNT_VERBS
from dermdash.workflows.classifier.training.job import find_job
from dermdash.workflows.classifier.training.usable_records import check_locks
from dermdash.workflows.reader_study.study_verbs import STUDY_VERBS
from dermdash.workflows.verification.change_log import verify_log
from dermdash.workflows.workspace.app_requests import Verb
from dermdash.workflows.workspace.back_up import back_up
from dermdash.workflows.workspace.check_workspace import check_workspace

CHECK_TRAINING = "check_training"


def _backup(workspace: Workspace, arguments: Mapping[str, Any], say: StageProgress) -> dict[str, Any]:
    folder = arguments.get("folder")
    if not isinstance(folder, str) or "\x00" in folder or not Path(folder).is_absolute():
        raise InvalidInput("The folder of a backup has to be named from the root of the file system.")
    return back_up(workspace, Path(folder), progress=say).as_dict()


def _check(workspace: Workspace, arguments: Mapping[str, Any], say: StageProgress) -> dict[str, Any]:
    return check_workspace(workspace, progress=say).as_dict()


def _verify_log(workspace: Workspace, arguments: Mapping[str, Any], say: StageProgress) -> dict[str, Any]:
    head = arguments.get("head")
    if head is not None and not isinstance(head, dict):
        raise InvalidInput("This is no head of a change log.")
    return verify_log(workspace, head).as_dict()


def _check_training(workspace: Workspace, arguments: Mapping[str, Any], say: StageProgress) -> dict[str, Any]:
    check_locks(workspace, find_job(workspace.home, str(arguments.get("job", ""))))
    return {}


VERBS: dict[str, Verb] = {
    "backup": _backup,
    "check": _check,
    "verify_log": _verify_log,
    CHECK_TRAINING: _check_training,
    **ACCOUNT_VERBS,
    **STUDY_VERBS,
}
"""Nothing here changes the workspace but its accounts, what is decided of running studies, and the key that signs the
log, which its first head makes: whoever may write requests owns the database as well."""
