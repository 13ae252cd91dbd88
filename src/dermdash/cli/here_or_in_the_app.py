"""Commands that work while the app runs: done here, or by the app where it has the workspace open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dermdash.cli.console import step_lines
from dermdash.errors import NotFound, WorkspaceLocked

if TYPE_CHECKING:
    from dermdash.workflows.workspace.app_requests import Verb


def here_or_in_the_app(verb: str, arguments: dict[str, Any], title: str, here: Verb) -> dict[str, Any]:
    """Do something with the workspace, in the app that has it open where there is one."""
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace
    from dermdash.workflows.workspace.app_requests import ask_the_app

    settings = Settings()
    if not settings.workspace_is_there:
        raise NotFound(f"There is no workspace {settings.home.absolute()}: DERMDASH_HOME names its folder.")
    with step_lines(title) as step:
        try:
            workspace = open_workspace(settings)
        except WorkspaceLocked:
            return ask_the_app(settings.home.resolve(), verb, arguments, progress=step)
        try:
            return here(workspace, arguments, step)
        finally:
            workspace.close()
