"""Work beside a page as the page sees it: what takes over a second shows how far it is and can be stopped.

A page asks for the result; until it is there the page says how far the work is. A click, a reload or another tab finds
the same work again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dermdash.errors import DermdashError
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.messages import error_words, errors_shown, leave_outcome
from dermdash.wording import number
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.beside_pages import BesidePages
from dermdash.workflows.page_tasks import (
    Key,
    PageTask,
    Report,
    TaskProgress,
    TaskStopped,
    ask_for,
    forget_task,
    task_of,
)

T = TypeVar("T")
_AT_ONCE_S = 0.6
"""What is over by then shows no progress: it would only flicker."""
_EVERY_S = 0.3


def result_beside(workspace: Workspace, key: Key, title: str, work: Callable[[Report], T]) -> T | None:
    """The result of a work that reads; None: somebody stopped it, and the page offers to begin anew.

    Parameters
    ----------
    key
        Names the work with all that its result depends on; its first entry is the place on the page.
    work
        Is given the function to report to.

    Raises
    ------
    DermdashError
        As the work raises it; it is tried again at the next visit.
    """
    task = ask_for(workspace.home, key, title, work, stopped_words="It changes nothing, and can be begun anew.")
    follow(task, place=str(key[0]))
    if task.error is None:
        result: T = task.result
        return result
    if isinstance(task.error, TaskStopped):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(f"{title}: {error_words(task.error)}", icon=":material/stop_circle:")
            st.button(
                "Begin anew", key=f"work.again.{key[0]}", icon=":material/refresh:", on_click=forget_task,
                args=(workspace.home, key),
            )  # fmt: skip
        return None
    forget_task(workspace.home, key)
    raise task.error


def begin_act(
    workspace: Workspace,
    key: Key,
    title: str,
    work: Callable[[Report], Any],
    *,
    stopped_words: str = "Nothing was stored.",
) -> None:
    """Begin an act beside the page; `finish_act` watches it and says what came of it.

    ``key``: the place on the page and the account, so that one person has one such act under way.
    """
    forget_task(workspace.home, key)
    ask_for(workspace.home, key, title, work, stopped_words=stopped_words, is_act=True)


def finish_act(workspace: Workspace, key: Key, *, outcome: str, said: Callable[[Any], str]) -> Any | None:
    """Watch an act that was begun, from whatever tab; its result once it is over, None where there is none.

    What was done (``said`` of the result), or why it was not, is left at the ``outcome``'s place; each is told once. To
    be called before anything is read that the act may change.
    """
    task = task_of(workspace.home, key)
    if task is None:
        return None
    follow(task, place=str(key[0]))
    forget_task(workspace.home, key)
    if task.error is None:
        leave_outcome(outcome, said(task.result))
        return task.result
    if not isinstance(task.error, DermdashError):
        raise task.error
    leave_outcome(outcome, error_words(task.error), well=False)
    return None


def follow(task: PageTask, *, place: str) -> None:
    """Show how far it is until it ends, with the means to stop it; nothing where it ends at once."""
    if ends_within(task, _AT_ONCE_S):
        return
    shown = st.empty()
    with shown.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, task.title)
        stop_button(task, key=f"work.stop.{place}", hint="This goes on when the page is left or loaded anew.")
    while not ends_within(task, _EVERY_S):
        bar.progress(task.progress.share, _words(task.title, task.progress))
    shown.empty()


def ends_within(work: BesidePages, seconds: float) -> bool:
    """Wait for its end, so long at most; whether it is over. Where nobody watches any more, the run of the page ends.

    A tab that was closed, left or loaded anew leaves its run behind, which would go on drawing for nobody, and take the
    outcome that is told once.
    """
    over = work.wait(seconds)
    context = get_script_run_ctx()
    if context is not None and runtime.exists() and not runtime.get_instance().is_active_session(context.session_id):
        st.stop()
    return over


def stop_button(
    work: BesidePages, label: str = "Stop", *, key: str, hint: str | None = None, right: Right | None = None
) -> None:
    """The means to stop a work, which says at once that it was heard: the work ends after what is under way.

    ``right``: what who stops it must have; without it the button is there and does nothing.
    """
    st.button(
        "Stopping ..." if work.stopping else label, key=key, icon=":material/stop_circle:", help=hint,
        disabled=work.stopping or not (right is None or access.may(right)), on_click=_stop, args=(work, right),
    )  # fmt: skip


def _stop(work: BesidePages, right: Right | None) -> None:
    with errors_shown():
        if right is not None:
            access.act(right)
        work.stop()


def _words(title: str, progress: TaskProgress) -> str:
    said = f"{title}: {progress.stage}"
    return said if progress.total <= 1 else f"{said}, {number(progress.done, 0)} of {number(progress.total, 0)}"
