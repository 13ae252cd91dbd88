"""The page of de-identification: the queue of what may be writing, what was removed, the sign-off, the export."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.dataset.marked_regions import marked
from dermdash.records.pseudonyms import AGE_BINS
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.bound_widget import leave_in_address, settle
from dermdash.ui.choices import choose, choose_segment, choose_several, switch
from dermdash.ui.downloads import csv_button
from dermdash.ui.entries import enter_number_or_none, enter_text
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_code, as_text, empty_state, errors_shown, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.record_tiles import data_uri
from dermdash.ui.tables import data_table
from dermdash.wording import counted, day, number
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records, burned_in_text
from dermdash.workflows.dataset.burned_in_text import CLEAR, OPEN, Proposal, text_state
from dermdash.workflows.dataset.private_export import FREE_TEXTS, Privacy
from dermdash.workflows.dataset.removed_metadata import removed_by_kind, removed_table

_EVERY = "all"
_QUEUE, _SIGN, _REMOVED = "deidentification.queue", "deidentification.sign", "deidentification.removal"
_OPEN, _DECIDED = "open", "decided"
_STATES = {_OPEN: "Open", _DECIDED: "Decided", _EVERY: "All"}
_AS_THEY_ARE = "none"
_RECORD_PAGE = "dataset/record"


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


def show_queue(workspace: Workspace, dataset_ids: Sequence[str]) -> None:
    """Search what was not searched, then one proposal after another with its decision."""
    show_outcome(_QUEUE)
    state = text_state(workspace, dataset_ids)
    if state.screened < state.images:
        _offer_search(workspace, dataset_ids, state.images - state.screened)
    proposals = burned_in_text.list_proposals(workspace, dataset_ids)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shown = choose_segment(
            "Show", list(_STATES), _STATES.__getitem__, key="deidentification.show", name="show", on_change=_to_first
        )
        other = enter_text(
            "Another image, by its id", key="deidentification.record", name="record", max_chars=200, width=420,
            placeholder="ISIC_0024306",
            help="Faces, tattoos, labels and handwriting are not searched for: name the image to cover them.",
        )  # fmt: skip
    chosen = [p for p in proposals if shown == _EVERY or (p.verdict is None) == (shown == _OPEN)]
    if other:
        _show_proposal(workspace, _of_record(workspace, other, proposals))
        return
    if not chosen:
        empty_state(
            "task_alt" if state.screened else "visibility_off",
            "Nothing waits for a decision" if state.screened else "Not searched yet",
            "What the search does not find it does not list: look at the images themselves before you sign."
            if state.screened
            else "The search looks for writing in every image. It can be interrupted and goes on from there.",
        )
        return
    place = _place(chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", key="deidentification.previous", icon=":material/arrow_back:", shortcut="Left",
                  disabled=place == 0, on_click=_step, args=(-1,))  # fmt: skip
        st.markdown(f"**{place + 1:,} of {len(chosen):,}**", width="content")
        st.button("Next", key="deidentification.next", icon=":material/arrow_forward:", shortcut="Right",
                  disabled=place + 1 >= len(chosen), on_click=_step, args=(1,))  # fmt: skip
    _show_proposal(workspace, chosen[place])


def _offer_search(workspace: Workspace, dataset_ids: Sequence[str], missing: int) -> None:
    st.info(f"{counted(missing, 'image was', 'images were')} not searched for writing yet.", icon=":material/update:")
    if not st.button(f"Search {counted(missing, 'image')} now", type="primary", key="deidentification.search"):
        return
    access.act(Right.CHECK_IDENTITY)
    bar = st.progress(0.0, "Starting")

    def show(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, f"{done:,} of {counted(total, 'image')}")

    # Threads: a worker process would run Streamlit's own main module again.
    found = burned_in_text.screen(workspace, dataset_ids=dataset_ids, processes=False, progress=show)
    text = f"{counted(found.screened, 'image')} searched, writing proposed in {found.proposed:,}."
    if found.unreadable:
        text += f" {counted(len(found.unreadable), 'image')} cannot be read: restore the files of the workspace."
    redraw_saying(_QUEUE, text, well=not found.unreadable)


def _of_record(workspace: Workspace, asked: str, proposals: Sequence[Proposal]) -> Proposal:
    record = browse_records.record_detail(workspace, browse_records.resolve_record_id(workspace, asked)).record
    sha256 = str(record["image_sha256"])
    return next((p for p in proposals if p.image_sha256 == sha256), Proposal(sha256, (record,), ()))


def _place(chosen: Sequence[Proposal]) -> int:
    """Which is shown; the address says its hash, as places change with every decision."""
    ids = [proposal.image_sha256 for proposal in chosen]
    settle("image", keys.DEIDENTIFICATION_PLACE, lambda asked: next((ids.index(i) for i in asked if i in ids), 0))
    place = min(int(st.session_state[keys.DEIDENTIFICATION_PLACE]), len(chosen) - 1)
    st.session_state[keys.DEIDENTIFICATION_PLACE] = place
    leave_in_address("image", keys.DEIDENTIFICATION_PLACE, place, [ids[place]] if place else [])
    return place


def _step(by: int) -> None:
    at = st.session_state.get(keys.DEIDENTIFICATION_PLACE, 0)
    st.session_state[keys.DEIDENTIFICATION_PLACE] = max(0, at + by)


def _to_first() -> None:
    st.session_state[keys.DEIDENTIFICATION_PLACE] = 0


def _show_proposal(workspace: Workspace, proposal: Proposal) -> None:
    picture, form = st.columns([3, 2], gap="large")
    sha256 = proposal.image_sha256
    with form:
        for record in proposal.records:
            label = f"{as_text(record['image_id'])} · {diagnosis_name(record['dx'])}"
            page_link(_RECORD_PAGE, label=label, query_params={"id": record["id"]})
        _say_decision(workspace, proposal)
        numbers = list(range(1, len(proposal.regions) + 1))
        covered = choose_several(
            "Regions to cover", numbers, lambda n: _region_words(n, proposal.regions[n - 1]),
            key=f"deidentification.regions.{sha256[:16]}", default=numbers, draw="pills",
        ) if numbers else []  # fmt: skip
        own = _own_region(sha256)
        note_key = f"deidentification.note.{sha256[:16]}"
        st.text_input("Note", key=note_key, max_chars=burned_in_text.LONGEST_NOTE, placeholder="Note (optional)")
        regions = [proposal.regions[n - 1] for n in covered] + ([own] if own else [])
        if access.may(Right.CHECK_IDENTITY):
            _buttons(workspace, proposal, regions, note_key)
    with picture:
        data = browse_records.original(workspace, sha256)
        limit = int(workspace.settings.max_image_megapixels * 1e6)
        png, width, height = marked(data, proposal.regions, own, max_pixels=limit)
        image_viewer(data_uri(png, "image/png"), key="deidentification.image", height=520, label="Image with frames")
        st.caption(f"{width:,} x {height:,} pixels. Frames are where the search proposes writing.")


def _region_words(number_: int, region: TextRegion) -> str:
    return f"{number_} (score {number(region.score)})"


def _say_decision(workspace: Workspace, proposal: Proposal) -> None:
    if proposal.verdict is None or proposal.decided_at is None:
        return
    who = as_text(names_of(workspace).get(proposal.decided_by or "", proposal.decided_by or "somebody"))
    note = f": {as_code(proposal.note)}" if proposal.note else ""
    st.success(f"Shows nobody, says {who} on {day(proposal.decided_at)}{note}", icon=":material/check_circle:")


def _own_region(sha256: str) -> TextRegion | None:
    """A region that somebody enters in pixels of the upright image; None until all four numbers are there."""
    with st.expander("Cover another region"):
        st.caption("In pixels of the upright image, from its left upper corner.")
        place = st.columns(4)
        names = ("Left", "Top", "Width", "Height")
        values = [
            enter_number_or_none(
                name, 1 if name in ("Width", "Height") else 0, 65_535, place=column, step=1,
                key=f"deidentification.{name.lower()}.{sha256[:16]}",
            )
            for name, column in zip(names, place, strict=True)
        ]  # fmt: skip
    if any(value is None for value in values):
        return None
    left, top, width, height = (int(value or 0) for value in values)
    return TextRegion(left, top, width, height, 0.0)


def _buttons(workspace: Workspace, proposal: Proposal, regions: Sequence[TextRegion], note_key: str) -> None:
    with st.container(horizontal=True):
        if proposal.verdict is None:
            st.button("Shows nobody", key="deidentification.clear", icon=":material/check:", shortcut="1",
                      on_click=_decide, args=(workspace, proposal.image_sha256, CLEAR, note_key),
                      help="The writing, if it is any, says nothing of a person: a scale, a device.")  # fmt: skip
        else:
            st.button("Take back", key="deidentification.open", icon=":material/undo:",
                      on_click=_decide, args=(workspace, proposal.image_sha256, OPEN, note_key))  # fmt: skip
        cover = st.button(
            f"Cover {counted(len(regions), 'region')}", key="deidentification.cover", icon=":material/ink_eraser:",
            disabled=not regions, type="primary",
            help="Makes a new version of the image. The one as it was is locked away, and cannot be seen here again.",
        )  # fmt: skip
    if cover:
        account = access.act(Right.CHECK_IDENTITY)
        note = st.session_state.get(note_key, "")
        burned_in_text.mask_regions(workspace, account, proposal.image_sha256, regions, note=note)
        redraw_saying(
            _QUEUE,
            f"{counted(len(regions), 'region')} covered in {counted(len(proposal.records), 'record')}. Predictions and "
            "similar images of them are to be computed again.",
        )


def _decide(workspace: Workspace, image_sha256: str, verdict: str, note_key: str) -> None:
    with errors_shown():
        account = access.act(Right.CHECK_IDENTITY)
        note = st.session_state.get(note_key, "")
        burned_in_text.decide(workspace, account, image_sha256, verdict, note=note)


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
            cleaned = burned_in_text.clean_files(workspace, account, dataset_ids)
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
                placeholder="All images in the gallery, 60 at a time", disabled=not ready,
            )  # fmt: skip
            st.caption(
                "The search finds writing, not all of it, and neither faces nor tattoos. Your name will stand for "
                "all images."
            )
            page_link("dataset/records", label="Look at the images", query_params={"dataset_id": dataset_id})
            words = f"I have looked: none of the {counted(state.images, 'image')} shows who somebody is"
            key = f"deidentification.sign.{dataset_id}"
            if st.button(words, key=key, disabled=not ready, icon=":material/signature:"):
                account = access.act(Right.CHECK_IDENTITY)
                burned_in_text.sign_off(workspace, account, dataset_id, note=note)
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
    texts = ", ".join(FREE_TEXTS)
    st.caption(f"Image ids and what people wrote ({texts}) leave as they are: read them before you pass them on.")
    wanted = RecordFilter().with_options("dataset_id", list(dataset_ids))
    st.download_button(
        "Download CSV", lambda: browse_records.records_csv(workspace, wanted, privacy=privacy),
        file_name="dermdash-records.csv", mime="text/csv", key="deidentification.download",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
