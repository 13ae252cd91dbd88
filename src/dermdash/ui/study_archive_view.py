"""The study as one file: what goes into it, how far it is, and the file."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.report.study_archive import archive_study
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import switch
from dermdash.ui.kept_export import ExportWords, watch_kept_export
from dermdash.ui.messages import error_words, leave_outcome
from dermdash.ui.private_download import choose_privacy
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right, may
from dermdash.workflows.exports.running_export import begin_export, export_of, forget_export, of_studies
from dermdash.workflows.reader_study.archive.collect import StudyPrivacy

_PLACE = "results.archive"
_PARTS = 1000
"""Of the whole, as progress is counted."""


def show_archive(workspace: Workspace, study: dict[str, Any]) -> None:
    """Offer to build the archive, watch it, and offer the file; for whoever may run studies."""
    account = access.current_account()
    if account is None or not may(account, Right.RUN_STUDIES):
        return
    st.header("Archive", anchor=False)
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
    watch_kept_export(workspace, owner, _WORDS, on_remove=_remove)


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


def _report(report: dict[str, Any]) -> tuple[str, list[str]]:
    counts = report["counts"]
    written = (
        f"{counted(counts['readings'], 'reading')} of {counted(counts['readers'], 'reader')}, "
        f"{counted(report['numbers'], 'number')} of the report, {counted(report['files'], 'file')}"
    )
    return written, [f"Not in it: {words}" for words in report["left_out"]]


_WORDS = ExportWords(
    key="results.archive",
    place=_PLACE,
    start="starting",
    stop="Stop",
    progress=lambda job: job.stage,
    report=_report,
    command="dermdash study archive",
)


def _remove(workspace: Workspace) -> None:
    account = access.act(Right.RUN_STUDIES)
    forget_export(workspace.home, of_studies(account.id))
