"""The study as one file: what goes into it, how far it is, and the file."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from dermdash.errors import DermdashError, InvalidInput
from dermdash.report.study_archive import archive_study
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import switch
from dermdash.ui.messages import as_code, as_text, error_words, leave_outcome, show_outcome
from dermdash.ui.private_download import choose_privacy
from dermdash.wording import counted, file_size, moment
from dermdash.workflows.accounts.rights import Right, may
from dermdash.workflows.exports.running_export import (
    KeptExport,
    RunningExport,
    begin_export,
    export_of,
    forget_export,
    last_export,
    of_studies,
)
from dermdash.workflows.reader_study.archive.collect import StudyPrivacy

_PLACE = "results.archive"
_EVERY_S = 0.3
_PARTS = 1000
"""Of the whole, as progress is counted."""
_LARGEST_DOWNLOAD = 500_000_000


def show_archive(workspace: Workspace, study: dict[str, Any]) -> None:
    """Offer to build the archive, watch it, and offer the file; for whoever may run studies."""
    account = access.current_account()
    if account is None or not may(account, Right.RUN_STUDIES):
        return
    st.subheader("Archive", anchor=False)
    st.write(
        "Everything of the study in one ZIP file with a manifest and hashes: protocol, consent, readings in every "
        "format, events, and the report with its numbers. `dermdash study import` brings it into another workspace, "
        "`dermdash reproduce` computes the numbers anew."
    )
    with st.container(horizontal=True, gap="medium"):
        images = switch(
            "With images", key="results.archive.images", name="archive_images", default=True,
            help="Of the cases and of the similar images that were shown. An import elsewhere needs them.",
        )  # fmt: skip
        model = switch(
            "With the model", key="results.archive.model", name="archive_model", default=True,
            disabled=study["model_id"] is None, help="Its checkpoint. An import elsewhere needs it.",
        )  # fmt: skip
        whole = switch(
            "Whole profiles", key="results.archive.whole", name="archive_profiles",
            help="What readers said of themselves as they said it. Else values that few share are merged or left "
            "empty, as in every export.",
        )  # fmt: skip
    if whole:
        st.warning(
            "Single readers can be told from whole profiles: keep the file as the workspace is kept.",
            icon=":material/warning:",
        )
    privacy = StudyPrivacy(whole, choose_privacy("results.archive.names"))
    owner = of_studies(account.id)
    running = export_of(workspace.home, owner)
    if st.button(
        "Build the archive", key="results.archive.build", icon=":material/folder_zip:",
        disabled=running is not None and not running.ended,
    ):  # fmt: skip
        _begin(workspace, study, privacy, images=images, model=model)
    _watch(workspace, owner)


def _begin(workspace: Workspace, study: dict[str, Any], privacy: StudyPrivacy, *, images: bool, model: bool) -> None:
    account = access.act(Right.RUN_STUDIES)
    try:
        begin_export(
            workspace.home, of_studies(account.id), f"Archive of {study['name']}",
            f"{re.sub(r'[^A-Za-z0-9_-]', '-', study['id'])}.zip",
            lambda out, progress: archive_study(
                workspace, account, study["id"], out, privacy=privacy, images=images, model=model,
                progress=lambda words, share: progress(int(share * _PARTS), _PARTS, words),
            ),
        )  # fmt: skip
    except InvalidInput as error:
        leave_outcome(_PLACE, error_words(error), well=False)
    st.rerun()


def _watch(workspace: Workspace, owner: str) -> None:
    show_outcome(_PLACE)
    job = export_of(workspace.home, owner)
    if job is not None and not job.told:
        if not job.ended:
            _follow(job)
        job.told = True  # also to another tab, or after a reload
        if job.error is not None:
            if not isinstance(job.error, DermdashError):
                raise job.error
            leave_outcome(_PLACE, error_words(job.error), well=False)
        st.rerun()
    if (kept := last_export(workspace.home, owner)) is not None:
        _show_kept(workspace, kept)


def _follow(job: RunningExport) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, f"{job.title}: starting")
        if st.button(
            "Stopping ..." if job.stopping else "Stop", key="results.archive.stop", icon=":material/stop_circle:",
            disabled=job.stopping, help="Nothing of it is left then.",
        ):  # fmt: skip
            job.stop()
    st.caption("This goes on when the page is left or loaded anew.")
    while not job.wait(_EVERY_S):
        bar.progress(job.done / max(1, job.total), f"{job.title}: {job.stage}")


def _show_kept(workspace: Workspace, kept: KeptExport) -> None:
    with st.container(border=True):
        if kept.broken_off:
            st.warning(
                f"{as_text(kept.title)}, begun {moment(kept.begun_at)}, was broken off as the app was stopped. Nothing "
                "was written: build it again.",
                icon=":material/report:",
            )
        elif kept.report is not None and kept.file is not None:
            report, size = kept.report, kept.file.stat().st_size
            st.markdown(
                f"**{as_text(kept.title)}**, {moment(kept.begun_at)}: "
                f"{counted(report['counts']['readings'], 'reading')} of "
                f"{counted(report['counts']['readers'], 'reader')}, {counted(report['numbers'], 'number')} of the "
                f"report, {counted(report['files'], 'file')}, {file_size(size)}."
            )
            for words in report["left_out"]:
                st.caption(f"Not in it: {as_text(words)}")
            if size > _LARGEST_DOWNLOAD:
                st.caption(
                    "Too large to go through a browser: it lies on the machine of the app as "
                    f"{as_code(str(kept.file))}. `dermdash study archive` writes it wherever you want."
                )
            else:
                # The file is read when somebody wants it, not at every run of the page.
                st.download_button(
                    "Download", kept.file.read_bytes, file_name=kept.file.name, mime="application/zip",
                    key="results.archive.download", type="primary", icon=":material/download:", on_click="ignore",
                )  # fmt: skip
        st.button("Remove it", key="results.archive.remove", type="tertiary", on_click=_remove, args=(workspace,))


def _remove(workspace: Workspace) -> None:
    account = access.act(Right.RUN_STUDIES)
    forget_export(workspace.home, of_studies(account.id))
