"""Amend the protocol of a study: numbered, with a reason, shown wherever the study is."""

from typing import Any

from dermdash.reader_study.amendment import Amendment, ProtocolChange, changes, check_amendment
from dermdash.reader_study.protocol import Protocol
from dermdash.storage import amendments
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.reader_study import protocol_of_study
from dermdash.workflows.reader_study.conduct import check_can_be_read_on


def amend_study(
    workspace: Workspace, study_id: str, after: Protocol, *, reason: str, actor: Account | None
) -> Amendment:
    """Let a study follow another protocol from now on.

    Raises
    ------
    AccessDenied
        The account may not run studies.
    NotFound
        There is no such study.
    InvalidInput
        It changes nothing, has no reason, or changes what cases, assignments or answers follow from; or the study is
        over and cannot be read on.
    """
    account = require_right(actor, Right.RUN_STUDIES)
    check_can_be_read_on(workspace, study_id)
    before = protocol_of_study.protocol_now(workspace, study_id)
    check_amendment(before, after, reason=reason)
    row = amendments.save_amendment(
        workspace.engine,
        study_id=study_id,
        reason=reason.strip(),
        protocol=after.to_json(),
        protocol_sha256=after.sha256,
        account_id=account.id,
        follows=before.sha256,
    )
    protocol_of_study.forget_what_was_read()
    return _amendment(row)


def amendments_of(workspace: Workspace, study_id: str) -> tuple[Amendment, ...]:
    """The amendments of a study in their order."""
    return tuple(_amendment(row) for row in amendments.amendments_of_study(workspace.engine, study_id))


def amendment_changes(workspace: Workspace, study_id: str) -> list[tuple[Amendment, tuple[ProtocolChange, ...]]]:
    """Each amendment with what it changed against the protocol before it."""
    before = protocol_of_study.frozen_protocol(workspace, study_id)
    found = []
    for amendment in amendments_of(workspace, study_id):
        found.append((amendment, tuple(changes(before, amendment.protocol))))
        before = amendment.protocol
    return found


def _amendment(row: dict[str, Any]) -> Amendment:
    return Amendment(
        row["number"],
        row["reason"],
        protocol_of_study.stored_protocol(row, row["study_id"]),
        row["account_id"],
        row["amended_at"],
    )
