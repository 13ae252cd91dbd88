"""A study out of an archive: what is in the file, the import, and its numbers computed anew."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError, InvalidInput
from dermdash.report.study_archive import Reproduction, reproduce
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address
from dermdash.ui.archive_numbers_view import show_reproduction
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text, error_words, show_outcome
from dermdash.ui.navigation import study_link
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.study_tabs import StudyTab
from dermdash.ui.tables import data_table
from dermdash.ui.uploads import forget_uploads, keep_upload, kept_upload
from dermdash.ui.work_beside import begin_act, finish_act, result_beside
from dermdash.wording import counted, file_size, form, moment, number
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, may
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.page_tasks import Report, task_of
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.archive.import_study import StudyImport, import_study
from dermdash.workflows.reader_study.archive.look import ArchiveLook, ArchiveStanding, look_at_archive

_PLACE = "studies.archive"
_ARCHIVE, _NUMBERS = "archive", "numbers"
"""Of the address: which file, and whether its numbers are computed anew."""
_STORING = 0.95
"""Share of an import from which on it is stored: whoever stops it then comes too late."""
_FOLDERS = {
    "protocol.json": "Frozen protocol",
    "amendments.json": "Amendments",
    "consent/": "Consent texts",
    "readings/": "Readings as CSV, Parquet and in the formats of others",
    "audit/": "Events of sessions, acts of the team, invitations",
    "report/": "Report and its numbers",
    "rows/": "The study as rows of tables",
    "taxonomy/": "Classes that are not dermdash's own",
    "images/": "Images of cases and of what was shown beside them",
    "model/": "The model's checkpoint",
    "README.txt": "What the archive is",
}


def show_archive_import(workspace: Workspace) -> None:
    """The part of the Studies page for files that `dermdash study archive` or the page of a study made."""
    account = access.shown_to()
    if account is None or not may(account, Right.UPLOAD_FILES):
        return
    st.header("A study from an archive", anchor=False)
    imported: StudyImport | None = finish_act(workspace, _importing(account), outcome=_PLACE, said=_import_words)
    if imported is not None:
        st.rerun()  # the list above has one more
    show_outcome(_PLACE)
    found_by = (address.asked(_ARCHIVE) or [""])[0]
    path = kept_upload(workspace, account.id, found_by) if found_by else None
    if path is None:
        address.put(_ARCHIVE, ())
        if found_by:
            st.info(
                "The archive of this address is not here any more: a file is kept for a day, and until another one is "
                "sent. Choose it again.",
                icon=":material/info:",
            )
        _ask_for_file(workspace)
        return
    address.put(_ARCHIVE, found_by)
    try:
        look = result_beside(
            workspace, (f"{_PLACE}.look", account.id, found_by, _version(workspace)), "Reading the archive",
            lambda report: look_at_archive(workspace, account, path, progress=_steps(report)),
        )  # fmt: skip
    except DermdashError as error:
        # Said here, so that the list of studies and the way to another file stay.
        st.error(error_words(error), icon=":material/error:")
        look = None
    if look is not None:
        _show_look(look)
        _show_import(workspace, account, path, look)
        _show_numbers(workspace, path, look, found_by)
    st.button(
        "Choose another file", key=f"{_PLACE}.other", icon=":material/close:", on_click=_forget, args=(workspace,),
        disabled=_is_importing(workspace, account),
    )  # fmt: skip


def _ask_for_file(workspace: Workspace) -> None:
    st.write(
        "A ZIP file of a whole study, from *Results* of another dermdash or `dermdash study archive`. What is in it is "
        "shown before anything is stored; its numbers can be computed anew without importing it."
    )
    upload = st.file_uploader("Study archive (ZIP)", type="zip", key=f"{_PLACE}.file")
    if st.button(
        "See what is in it", key=f"{_PLACE}.look", icon=":material/visibility:", type="primary", disabled=upload is None
    ):
        account = access.act(Right.UPLOAD_FILES)
        assert upload is not None
        with st.spinner("Keeping the file for this look"):
            address.put(_ARCHIVE, keep_upload(workspace, account.id, upload))
            address.put(_NUMBERS, ())
        st.rerun()


def _forget(workspace: Workspace) -> None:
    account = access.act(Right.UPLOAD_FILES)
    forget_uploads(workspace, account.id)
    address.put(_ARCHIVE, ())
    address.put(_NUMBERS, ())


def _show_look(look: ArchiveLook) -> None:
    manifest, study = look.manifest, look.manifest.study
    badge = "  :gray-badge[simulated readers]" if study.get("simulated") else ""
    st.markdown(f"### {as_text(study['name'])}{badge}")
    st.caption(
        f"{as_text(look.name)} · made {_day(manifest.made_at)} by dermdash {as_text(manifest.dermdash)[:20]} · "
        f"protocol sha256 {as_text(study['protocol_sha256'])[:16]}…"
    )
    names = (("readers", "Readers"), ("cases", "Cases"), ("readings", "Readings"), ("events", "Events"))
    figures = [KeyFigure(title, number(manifest.counts.get(key, 0), 0)) for key, title in names]
    show_key_figures([*figures, KeyFigure("Amendments", str(look.amendments))])
    size = sum(folder.size for folder in look.folders)
    st.success(
        f"Every one of the {counted(len(manifest.files), 'file')} ({file_size(size)}) has the sha256 that its manifest "
        "says, and nothing else is in it.",
        icon=":material/verified:",
    )
    with st.expander("Files, and what was held back"):
        rows = [
            {"Part": f.name, "What it is": _FOLDERS.get(f.name, ""), "Files": f.files, "Size": file_size(f.size)}
            for f in look.folders
        ]
        data_table(pd.DataFrame(rows), key=f"{_PLACE}.folders", width="stretch")
        for line in _held_back(look):
            st.markdown(f"- {line}")


def _day(said: str) -> str:
    """When it was made, as the manifest says; what is no moment stays as it is."""
    try:
        return moment(datetime.fromisoformat(said))
    except ValueError:
        return as_text(said[:40])


def _held_back(look: ArchiveLook) -> list[str]:
    privacy = look.manifest.privacy
    whole = privacy.get("profiles") == "whole"
    said = [
        "Profiles of readers are whole: single readers can be told from them."
        if whole
        else "Profiles of readers are in groups that are large enough to be shown."
    ]
    said.append(f"Names of patients and lesions: {as_text(privacy.get('names', 'not said'))}.")
    said += [f"Not in it: {as_text(line)}" for line in look.manifest.left_out]
    return said


def _show_import(workspace: Workspace, account: Account, path: Path, look: ArchiveLook) -> None:
    st.markdown("#### Import")
    if look.standing is ArchiveStanding.REFUSED:
        st.warning(f"It cannot be imported here: {error_words(InvalidInput(look.reason))}", icon=":material/block:")
        return
    if look.standing is ArchiveStanding.THERE:
        st.info("The study is here already, with all that the archive has of it.", icon=":material/check_circle:")
        _open_study(look)
        return
    st.write(_what_comes(look))
    rights = [Right.RUN_STUDIES, *([Right.IMPORT_RECORDS] if look.records else [])]
    if lacking := [right for right in rights if not may(account, right)]:
        who = "a coordinator" if lacking[0] is Right.RUN_STUDIES else "somebody who is curator as well"
        st.info(
            f"Importing it needs {who}: {as_text(lacking[0].label)}. Its numbers can be computed anew all the same.",
            icon=":material/lock:",
        )
        return
    if st.button(
        "Import the study", key=f"{_PLACE}.import", type="primary", icon=":material/download:",
        disabled=_is_importing(workspace, account),
    ):  # fmt: skip
        _begin_import(workspace, path)


def _what_comes(look: ArchiveLook) -> str:
    comes = (
        "The study is new here"
        if look.standing is ArchiveStanding.NEW
        else "The study is here, and the archive has more of it: what is here stays"
    )
    text = f"{comes}. {counted(look.rows, 'row')} {form(look.rows, 'is', 'are')} added"
    if look.records:
        text += f"; {counted(look.records, 'record')} {form(look.records, 'comes', 'come')} with their images"
    if look.linked:
        text += f"; {counted(look.linked, 'record')} of it {form(look.linked, 'is', 'are')} here already"
    return f"{text}. The model comes along." if look.model == "brought" else f"{text}."


def _begin_import(workspace: Workspace, path: Path) -> None:
    account = access.act(Right.RUN_STUDIES)
    begin_act(
        workspace, _importing(account), "Importing the study",
        lambda report: import_study(
            workspace, account, path, processes=None, progress=_steps(report, until=_STORING)
        ),
        stopped_words="The study was not stored; records that had come by then stay, and are found by the next import.",
    )  # fmt: skip
    st.rerun()


def _import_words(done: StudyImport) -> str:
    if done.already_there:
        return f"{as_text(done.name)} was here already: nothing was added."
    said = f"{as_text(done.name)} is imported: {counted(sum(done.added.values()), 'row')}"
    said += f", {counted(done.records, 'record')} with images" if done.records else ""
    return " ".join([f"{said}.", *map(as_text, done.notes)])


def _open_study(look: ArchiveLook) -> None:
    query: Any = link_to_study(look.study_id)
    with st.container(horizontal=True):
        study_link(StudyTab.PROTOCOL, source=query, label="Open the study", icon="arrow_forward")
        study_link(StudyTab.RESULTS, source=query)


def _show_numbers(workspace: Workspace, path: Path, look: ArchiveLook, found_by: str) -> None:
    st.markdown("#### Reproduce the numbers")
    if not look.numbers:
        st.caption("The archive holds no numbers of a report: the study had no readings when it was made.")
        return
    asked = bool(address.asked(_NUMBERS))
    address.put(_NUMBERS, "yes" if asked else ())
    if not asked:
        st.write(
            "All analyses are made anew from the readings in the archive, in a database that is thrown away, and each "
            "number is compared with the archived one. It takes about as long as the report."
        )
        if st.button("Reproduce the numbers", key=f"{_PLACE}.numbers", icon=":material/calculate:"):
            access.act(Right.UPLOAD_FILES)
            address.put(_NUMBERS, "yes")
            st.rerun()
        return
    try:
        found: Reproduction | None = result_beside(
            workspace, (f"{_PLACE}.numbers", found_by), "Computing the numbers anew",
            lambda report: reproduce(path, workspace.settings, progress=_steps(report)),
        )  # fmt: skip
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    if found is not None:
        show_reproduction(found)


def _steps(report: Report, *, until: float = 2.0) -> Any:
    """What a workflow says of its progress, as the page shows it; from ``until`` on nobody stops it any more."""

    def say(words: str, share: float) -> None:
        if share < until:
            report(words, 100 * share, 100)

    return say


def _version(workspace: Workspace) -> str:
    """What a look depends on beside the file: the records and studies that are here."""
    return f"{browse_records.data_version(workspace)}:{len(study_results.list_studies(workspace))}"


def _importing(account: Account) -> tuple[str, str]:
    return (f"{_PLACE}.import", account.id)


def _is_importing(workspace: Workspace, account: Account) -> bool:
    task = task_of(workspace.home, _importing(account))
    return task is not None and not task.ended
