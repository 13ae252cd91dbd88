"""What routes beside the pages answer to whose pages show every label, and how they refuse everybody else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dermdash.errors import DermdashError, FileMissing, OutOfReach
from dermdash.storage.workspace import Workspace
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.sign_in_route import SESSION_COOKIE
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import SEES_LABELS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

# Nothing of a patient stays on the disk of a browser's machine.
NO_STORE = {"Cache-Control": "no-store"}


def to_who_sees_labels(request: "Request", answer: Callable[[Workspace, Account], "Response"]) -> "Response":
    """What ``answer`` makes for the account that asks, while they see every label; else a refusal in few words."""
    from starlette.responses import PlainTextResponse

    def refused(words: str, status: int) -> "Response":
        return PlainTextResponse(words, status, headers=NO_STORE)

    try:
        workspace = current_workspace()
        account = access.account_of(workspace, request.cookies.get(SESSION_COOKIE))
        if account is None or not account.has(*SEES_LABELS):
            return refused("This is not for you.", 403)
        return answer(workspace, account)
    except FileMissing:
        return refused("Not found", 404)
    except OutOfReach as error:
        return refused(type(error).__name__, 503)
    except DermdashError:
        return refused("Something is wrong.", 500)
