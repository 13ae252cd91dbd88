"""The page of de-identification: what was removed from files, the sign-off, the export."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dermdash.records.pseudonyms import AGE_BINS
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, switch
from dermdash.ui.downloads import csv_button
from dermdash.ui.entries import enter_text
from dermdash.ui.messages import as_text, empty_state, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records, judge_images
from dermdash.workflows.dataset.deidentification_state import text_state
from dermdash.workflows.dataset.private_export import FREE_TEXTS, Privacy
from dermdash.workflows.dataset.removed_metadata import removed_by_kind, removed_table

_EVERY = "all"
_SIGN, _REMOVED = "deidentification.sign", "deidentification.removal"
_AS_THEY_ARE = "none"


def deidentification_state(workspace: Workspace) -> str:
    """How many images were searched, and how many proposals wait; nothing where there is no image."""
    state = text_state(workspace)
    if not state.images:
        return ""
    datasets = len(state.unsigned) + len(state.signed_by)
    return (
        f"{state.screened:,} of {counted(state.images, 'image')} searched · "
        f"{counted(state.open, 'proposal waits', 'proposals wait')} · {len(state.signed_by):,} of "
        f"{counted(datasets, 'data set')} signed"
    )


def pick_dataset(workspace: Workspace) -> Sequence[str] | None:
    """Ids of the data sets that the page is about; None where the workspace has none, which is said."""
    names = browse_records.dataset_names(workspace)
    if not names:
        empty_state("upload", "This workspace is empty", "Import a data set; then its images can be searched here.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        return None
    chosen = choose(
        "Data set", [_EVERY, *names], lambda d: names.get(d, "All data sets"), key="deidentification.dataset",
        name="dataset", width=420,
    )  # fmt: skip
    return list(names) if chosen == _EVERY else [chosen]


def show_removed(workspace: Workspace, dataset_ids: Sequence[str]) -> None:
    """How many files held what, and the files themselves; files that still hold it are cleaned."""
    show_outcome(_REMOVED)
    held = text_state(workspace, dataset_ids).surplus
    if held and access.may(Right.CHECK_IDENTITY):
        st.warning(
            f"{counted(held, 'stored file holds', 'stored files hold')} more than pixels, from an earlier version.",
            icon=":material/warning:",
        )
        if st.button(f"Clean {counted(held, 'file')}", key="deidentification.clean", type="primary"):
            account = access.act(Right.CHECK_IDENTITY)
            cleaned = judge_images.clean_files(workspace, account, dataset_ids)
            redraw_saying(_REMOVED, f"{counted(cleaned, 'file')} cleaned: search the new versions once more.")
    kinds = removed_by_kind(workspace, dataset_ids)
    if kinds.clean:
        st.markdown(f"**{counted(kinds.clean, 'file')}** held nothing but pixels.")
    if kinds.unknown:
        st.info(
            f"{counted(kinds.unknown, 'image')} came before this was kept: nobody knows what was in the files.",
            icon=":material/info:",
        )
    if not kinds.counts:
        empty_state("task_alt", "Nothing was found in the files", "What an import takes out of files is listed here.")
        return
    frame = pd.DataFrame(
        {
            "Found and removed": [kind.words for kind in kinds.counts],
            "Images": list(kinds.counts.values()),
        }
    )
    data_table(frame, key="deidentification.kinds")
    st.caption("What stood there is not kept: a name that was removed must not lie elsewhere.")
    csv_button("Download every image (CSV)", lambda: removed_table(workspace, dataset_ids), name="dermdash-removed",
               key="deidentification.removed")  # fmt: skip


def show_sign_off(workspace: Workspace, dataset_ids: Sequence[str]) -> None:
    """What may be said of each data set, and the word of who looked at it."""
    show_outcome(_SIGN)
    names = browse_records.dataset_names(workspace)
    for dataset_id in dataset_ids:
        state = text_state(workspace, [dataset_id])
        with st.container(border=True):
            st.markdown(f"**{as_text(names[dataset_id])}**  \n{as_text(state.statement)}")
            if state.deidentified or not access.may(Right.CHECK_IDENTITY):
                continue
            ready = bool(state.images) and state.screened == state.images and not state.open and not state.surplus
            note = enter_text(
                "How you looked (optional)", key=f"deidentification.how.{dataset_id}", max_chars=500,
                placeholder="The gallery, 60 at a time; each that is not of skin alone in full", disabled=not ready,
            )  # fmt: skip
            st.caption(
                f"{state.looks} The search finds writing, not all of it, and neither faces nor tattoos. Your name will "
                "stand for all images."
            )
            look = {"tab": "look", "dataset": dataset_id}
            page_link("dataset/deidentification", label="Look at every image", query_params=look)
            words = f"I have looked: none of the {counted(state.images, 'image')} shows who somebody is"
            key = f"deidentification.sign.{dataset_id}"
            if st.button(words, key=key, disabled=not ready, icon=":material/signature:"):
                account = access.act(Right.CHECK_IDENTITY)
                judge_images.sign_off(workspace, account, dataset_id, note=note)
                redraw_saying(_SIGN, f"Signed for {as_text(names[dataset_id])}.")


def show_export(workspace: Workspace, dataset_ids: Sequence[str]) -> None:
    """The records as CSV with names, dates and ages hidden as chosen, and what may be said of the images."""
    hide_names = switch(
        "Pseudonyms for patients, lesions and examiners; dates moved by a number of days per patient",
        key="deidentification.names", name="names", default=True,
    )  # fmt: skip
    ages = choose(
        "Ages", [_AS_THEY_ARE, *map(str, AGE_BINS)],
        lambda width: "As they are" if width == _AS_THEY_ARE else f"In bins of {width} years, from 85 on as 85+",
        key="deidentification.ages", name="ages", default=str(AGE_BINS[0]), width=420,
    )  # fmt: skip
    privacy = Privacy(hide_names, None if ages == _AS_THEY_ARE else int(ages))
    st.markdown(as_text(text_state(workspace, dataset_ids).statement))
    if not privacy.names:
        st.caption(privacy.words)
    texts = ", ".join(FREE_TEXTS)
    st.caption(f"Image ids and what people wrote ({texts}) leave as they are: read them before you pass them on.")
    wanted = RecordFilter().with_options("dataset_id", list(dataset_ids))
    st.download_button(
        "Download CSV", lambda: browse_records.records_csv(workspace, wanted, privacy=privacy),
        file_name="dermdash-records.csv", mime="text/csv", key="deidentification.download",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
