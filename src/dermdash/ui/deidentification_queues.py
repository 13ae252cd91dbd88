"""The queues of the page Privacy: what the search proposes, and a look at every image."""

from collections.abc import Callable, Sequence

import streamlit as st

from dermdash.dataset.deidentification import strip_metadata
from dermdash.errors import DermdashError, FileMissing, UnreadableImage, UnsafeUpload
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.bound_widget import leave_in_address, settle
from dermdash.ui.choices import choose_segment
from dermdash.ui.entries import enter_text
from dermdash.ui.frontend.exchange.judging import JudgementAct, JudgingPayload, RegionPayload
from dermdash.ui.judging_desk import ImageJudgement, judging_desk
from dermdash.ui.messages import as_text, empty_state, error_words, leave_outcome, redraw_saying, show_outcome
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.record_tiles import data_uri
from dermdash.wording import counted, day
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records, judge_images, search_for_text
from dermdash.workflows.dataset.deidentification_state import (
    ImageToJudge,
    TextState,
    image_to_judge,
    list_proposals,
    looked_at_by_image,
    text_state,
)

_EVERY, _OPEN, _DECIDED = "all", "open", "decided"
_STATES = {_OPEN: "Open", _DECIDED: "Decided", _EVERY: "All"}
_QUEUE = "deidentification.queue"
_MOST_LINKS = 6
_STEPS = {JudgementAct.NEXT: 1, JudgementAct.PREVIOUS: -1}


def show_proposals(workspace: Workspace, dataset_ids: Sequence[str]) -> None:
    """Search what was not searched, then one proposal after another; or any image that somebody names."""
    show_outcome(_QUEUE)
    state = text_state(workspace, dataset_ids)
    if not state.images:
        _say_no_image("searched")
        return
    _offer_search(workspace, dataset_ids, state)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shown = choose_segment(
            "Show", list(_STATES), _STATES.__getitem__, key="deidentification.show", name="show", on_change=_to_first
        )
        other = enter_text(
            "Another image, by its id", key="deidentification.record", name="record", max_chars=200, width=420,
            placeholder="ISIC_0024306",
            help="Faces, tattoos, labels and handwriting are not searched for: open the image and draw over them.",
        )  # fmt: skip
    if other:
        record_id = browse_records.resolve_record_id(workspace, other)
        sha256 = str(browse_records.record_detail(workspace, record_id).record["image_sha256"])
        _show(workspace, image_to_judge(workspace, sha256), 0, 0, 0, lambda judgement: None)
        return
    proposals = list_proposals(workspace, dataset_ids)
    chosen = [p for p in proposals if shown == _EVERY or p.is_open == (shown == _OPEN)]
    if not chosen:
        empty_state(
            "task_alt" if state.screened else "visibility_off",
            "Nothing waits for a decision" if state.screened else "Not searched yet",
            "What the search does not find it does not list: look at every image before you sign."
            if state.screened
            else "The search looks for writing in every image. It can be interrupted and goes on from there.",
        )
        return
    ids = [proposal.image_sha256 for proposal in chosen]
    place = _place(ids, keys.DEIDENTIFICATION_PLACE)
    done = sum(not proposal.is_open for proposal in chosen)

    def go_on(judgement: ImageJudgement) -> None:
        # What is decided leaves the list where only open ones are shown: the next one has its place then.
        _step(keys.DEIDENTIFICATION_PLACE, ids, judgement, stays=shown == _OPEN)

    _show(workspace, chosen[place], place + 1, len(chosen), done, go_on)


def _say_no_image(done: str) -> None:
    empty_state("image_search", "No image here", f"Import images; then they can be {done} here.")
    page_link("dataset/import_images", label="Import images", icon=":material/upload:")


def show_looks(workspace: Workspace, dataset_ids: Sequence[str]) -> None:
    """One image after another, until a person has looked at each."""
    show_outcome(_QUEUE)
    looked = looked_at_by_image(workspace, dataset_ids)
    if not looked:
        _say_no_image("looked at")
        return
    ids = list(looked)
    left = [sha256 for sha256, seen in looked.items() if not seen]
    st.caption(
        "Faces, tattoos, stickers and handwriting are found by nobody but you. Who looked at which image is kept; the "
        "sign-off says how many were looked at."
    )
    if not left:
        st.success("A person has looked at every image.", icon=":material/task_alt:")
    place = _place(ids, keys.DEIDENTIFICATION_LOOK, first=ids.index(left[0]) if left else 0)

    def go_on(judgement: ImageJudgement) -> None:
        if judgement.act in _STEPS:
            _step(keys.DEIDENTIFICATION_LOOK, ids, judgement)
        elif judgement.act != JudgementAct.OPEN:
            _to_next_unseen(workspace, dataset_ids, judgement.image_sha256)

    _show(workspace, image_to_judge(workspace, ids[place]), place + 1, len(ids), len(ids) - len(left), go_on)


def _offer_search(workspace: Workspace, dataset_ids: Sequence[str], state: TextState) -> None:
    missing = state.images - state.screened
    if not missing:
        return
    st.info(f"{counted(missing, 'image was', 'images were')} not searched for writing yet.", icon=":material/update:")
    if not access.may(Right.CHECK_IDENTITY):
        return
    if not st.button(f"Search {counted(missing, 'image')} now", type="primary", key="deidentification.search"):
        return
    access.act(Right.CHECK_IDENTITY)
    bar = st.progress(0.0, "Starting")

    def show(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, f"{done:,} of {counted(total, 'image')}")

    found = search_for_text.screen(workspace, dataset_ids=dataset_ids, processes=None, progress=show)
    text = f"{counted(found.screened, 'image')} searched, writing proposed in {found.proposed:,}."
    if found.unreadable:
        text += f" {counted(len(found.unreadable), 'image')} cannot be read: restore the files of the workspace."
    redraw_saying(_QUEUE, text, well=not found.unreadable)


def _place(ids: Sequence[str], key: str, first: int = 0) -> int:
    """Which is shown; the address says its hash, as places change with every decision."""
    settle("image", key, lambda asked: next((ids.index(i) for i in asked if i in ids), first))
    place = min(int(st.session_state[key]), len(ids) - 1)
    st.session_state[key] = place
    leave_in_address("image", key, place, [ids[place]] if place != first else [])
    return place


def _step(key: str, ids: Sequence[str], judgement: ImageJudgement, *, stays: bool = False) -> None:
    at = ids.index(judgement.image_sha256) if judgement.image_sha256 in ids else int(st.session_state.get(key, 0))
    by = _STEPS.get(judgement.act, 0 if stays or judgement.act == JudgementAct.OPEN else 1)
    st.session_state[key] = min(max(0, at + by), len(ids) - 1)


def _to_next_unseen(workspace: Workspace, dataset_ids: Sequence[str], after: str) -> None:
    """The next image that nobody has looked at, from this one on and round to the first; else the next one."""
    looked = looked_at_by_image(workspace, dataset_ids)
    ids = list(looked)
    later = [at for at, sha256 in enumerate(ids) if sha256 > after]  # hashes, in their order
    order = [*later, *(at for at, sha256 in enumerate(ids) if sha256 <= after)]
    unseen = next((at for at in order if not looked[ids[at]]), None)
    st.session_state[keys.DEIDENTIFICATION_LOOK] = order[0] if unseen is None else unseen


def _to_first() -> None:
    st.session_state[keys.DEIDENTIFICATION_PLACE] = 0


def _show(
    workspace: Workspace,
    image: ImageToJudge,
    place: int,
    total: int,
    done: int,
    go_on: Callable[[ImageJudgement], None],
) -> None:
    with st.container(horizontal=True, gap="small"):
        for record in image.records[:_MOST_LINKS]:
            label = f"{as_text(record['image_id'])} · {diagnosis_name(record['dx'])}"
            page_link(RECORD_SCRIPT, label=label, query_params={"id": record["id"]})
        if len(image.records) > _MOST_LINKS:
            st.caption(f"and {counted(len(image.records) - _MOST_LINKS, 'more record')}")
    try:
        data = browse_records.original(workspace, image.image_sha256)
        stripped = strip_metadata(data)
    except (FileMissing, UnreadableImage, UnsafeUpload) as error:
        st.error(f"Image {image.image_sha256[:12]}…: {error_words(error)}", icon=":material/error:")
        _offer_steps(image.image_sha256, place, total, go_on)
        return
    sides = (stripped.width, stripped.height)
    width, height = sides[::-1] if stripped.orientation >= 5 else sides
    payload = JudgingPayload(
        image=data_uri(data, "image/png" if stripped.format == "PNG" else "image/jpeg"),
        image_id=image.image_sha256, width=width, height=height, label="Image to look at for what shows a person",
        proposals=[RegionPayload(x=r.x, y=r.y, width=r.width, height=r.height) for r in image.regions],
        said=_said(workspace, image), cleared=image.verdict == "clear", records=len(image.records), place=place,
        total=total, done=done, may=access.may(Right.CHECK_IDENTITY), longest_note=judge_images.LONGEST_NOTE, seen=0,
    )  # fmt: skip
    judging_desk(payload, key="deidentification.desk", on_act=lambda judgement: _do(workspace, judgement, go_on))
    st.caption(
        "Frames in magenta are where the search proposes writing, in cyan what you drew. Covering makes them grey in a "
        "new version; delete a frame to leave what it shows. Keys: R rectangle, M and arrows move, Delete, Z undo, "
        "P preview."
    )


def _offer_steps(image_sha256: str, place: int, total: int, go_on: Callable[[ImageJudgement], None]) -> None:
    """What leads past an image that cannot be shown."""
    with st.container(horizontal=True):
        for act, words, is_end in (
            (JudgementAct.PREVIOUS, "Previous image", place <= 1),
            (JudgementAct.NEXT, "Next image", place >= total),
        ):
            step = ImageJudgement(0, act, image_sha256)
            st.button(words, key=f"deidentification.{act}", on_click=go_on, args=(step,), disabled=is_end)


def _said(workspace: Workspace, image: ImageToJudge) -> str:
    if image.verdict is None:
        return ""
    who = names_of(workspace).get(image.decided_by or "", image.decided_by or "somebody")
    if image.verdict == "masked":
        return f"Covered in part by {who}"
    when = f" on {day(image.decided_at)}" if image.decided_at is not None else ""
    return f"Shows nobody, says {who}{when}" + (f": {image.note}" if image.note else "")


def _do(workspace: Workspace, judgement: ImageJudgement, go_on: Callable[[ImageJudgement], None]) -> None:
    """Do what a browser asked for, by whoever is signed in there now, and leave what is to be said of it."""
    try:
        if judgement.act not in _STEPS:
            account = access.act(Right.CHECK_IDENTITY)
            if judgement.act == JudgementAct.COVER:
                records = len(image_to_judge(workspace, judgement.image_sha256).records)
                judge_images.mask_regions(
                    workspace, account, judgement.image_sha256, judgement.regions, note=judgement.note
                )
                leave_outcome(
                    _QUEUE,
                    f"{counted(len(judgement.regions), 'region')} covered in {counted(records, 'record')}. Predictions "
                    "and similar images of them are to be computed again.",
                )
            else:
                judge_images.decide(
                    workspace, account, judgement.image_sha256, str(judgement.act), note=judgement.note,
                    delivery=judgement.number,
                )  # fmt: skip
        go_on(judgement)
    except DermdashError as error:
        leave_outcome(_QUEUE, error_words(error), well=False)
