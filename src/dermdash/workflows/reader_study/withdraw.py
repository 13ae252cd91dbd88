"""A reader leaves a study for good."""

from typing import Any

from dermdash.reader_study.reader_options import reader_options
from dermdash.storage import withdrawals
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import join_study
from dermdash.workflows.reader_study.delivery_queue import queue_of
from dermdash.workflows.reader_study.protocol_of_study import protocol_of


def withdraw(workspace: Workspace, token: str) -> dict[str, Any]:
    """Withdraw the reader of an invitation as the protocol says; return the row with the receipt.

    A second time returns the first withdrawal.

    Raises
    ------
    AccessDenied
        The link admits nobody, or nobody took part under it.
    OutOfReach
        Nothing can be stored now; the reader still takes part.
    """
    invited = join_study.open_invitation(workspace, token)
    reader_id = join_study.reader_of(invited)
    protocol = protocol_of(workspace, invited.study_id)
    # What is being delivered at this moment is stored before, or refused after.
    with queue_of(workspace).turn(reader_id):
        return withdrawals.withdraw_reader(
            workspace.engine,
            reader_id,
            policy=str(protocol.conduct.withdrawal),
            deletes=reader_options(protocol).deletes,
        )


def withdrawal_of(workspace: Workspace, reader_id: str) -> dict[str, Any] | None:
    """The withdrawal of a reader, None of who takes part."""
    return withdrawals.withdrawal_of_reader(workspace.engine, reader_id)
