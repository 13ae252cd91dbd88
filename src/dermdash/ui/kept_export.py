"""A file that is built beside the page: how far it is, what came of it, and the file itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_code, as_text, error_words, leave_outcome, show_outcome
from dermdash.ui.work_beside import ends_within, stop_button
from dermdash.wording import file_size, moment
from dermdash.workflows.exports.running_export import KeptExport, RunningExport, export_of, last_export

_EVERY_S = 0.3
_LARGEST_DOWNLOAD = 500_000_000
"""Bytes of a file that a browser is given: the app holds all of it in memory meanwhile."""


@dataclass(frozen=True, slots=True)
class ExportWords:
    """What a page says of its exports.

    Attributes
    ----------
    key
        Before the keys of the buttons; ``place`` of the outcome that `leave_outcome` keeps.
    start, stop
        Of the bar before anything is done, and of the button.
    progress
        How far it is in words, after the title; None: as at the start.
    report
        What was written, after title and date and before the size, and what stands below it line by line.
    command
        That writes a file which is too large for a browser.
    """

    key: str
    place: str
    start: str
    stop: str
    progress: Callable[[RunningExport], str | None]
    report: Callable[[dict[str, Any]], tuple[str, Sequence[str]]]
    command: str


def watch_kept_export(
    workspace: Workspace, owner: str | None, words: ExportWords, *, on_remove: Callable[[Workspace], None]
) -> None:
    """Follow the export of an owner until it ends, then show its result. To be called when all else is drawn.

    ``on_remove`` asks for the right to remove the file, and removes it.
    """
    show_outcome(words.place)
    if owner is None:
        return
    job = export_of(workspace.home, owner)
    if job is not None and not job.told:
        if not job.ended:
            _follow(job, words)
        job.told = True  # also to another tab, or after a reload
        if job.error is not None:
            if not isinstance(job.error, DermdashError):
                raise job.error
            leave_outcome(words.place, error_words(job.error), well=False)
        st.rerun()
    if (kept := last_export(workspace.home, owner)) is not None:
        _show(workspace, kept, words, on_remove)


def _follow(job: RunningExport, words: ExportWords) -> None:
    start = f"{job.title}: {words.start}"
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, start)
        stop_button(job, words.stop, key=f"{words.key}.stop", hint="Nothing of it is left then.")
    st.caption("This goes on when the page is left or loaded anew.")
    while not ends_within(job, _EVERY_S):
        said = words.progress(job)
        bar.progress(job.done / max(1, job.total), start if said is None else f"{job.title}: {said}")


def _show(workspace: Workspace, kept: KeptExport, words: ExportWords, on_remove: Callable[[Workspace], None]) -> None:
    with st.container(border=True):
        if kept.broken_off:
            st.warning(
                f"{as_text(kept.title)}, begun {moment(kept.begun_at)}, was broken off as the app was stopped. Nothing "
                "was written: build it again.",
                icon=":material/report:",
            )
        elif kept.report is not None and kept.file is not None:
            said, below = words.report(kept.report)
            size = kept.file.stat().st_size
            st.markdown(f"**{as_text(kept.title)}**, {moment(kept.begun_at)}: {said}, {file_size(size)}.")
            for line in below:
                st.caption(as_text(line))
            if size > _LARGEST_DOWNLOAD:
                st.caption(
                    "Too large to go through a browser: it lies on the machine of the app as "
                    f"{as_code(str(kept.file))}. `{words.command}` writes it wherever you want."
                )
            else:
                # The file is read when somebody wants it, not at every run of the page.
                st.download_button(
                    "Download", kept.file.read_bytes, file_name=kept.file.name, mime="application/zip",
                    key=f"{words.key}.download", type="primary", icon=":material/download:", on_click="ignore",
                )  # fmt: skip
        st.button("Remove it", key=f"{words.key}.remove", type="tertiary", on_click=on_remove, args=(workspace,))
