"""The queue of the page Image quality: measure, then one image after another with one key each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dermdash.dataset.acquisition.checklist import CHECKLIST
from dermdash.dataset.acquisition.measurements import MEASUREMENTS, Group
from dermdash.dataset.acquisition.proposal import Proposal
from dermdash.dataset.acquisition.reference_pictures import reference_jpegs
from dermdash.dataset.deidentification import strip_metadata
from dermdash.errors import DermdashError, FileMissing, UnreadableImage, UnsafeUpload
from dermdash.records.quality_score import REJECTED, SCORES, decision_of
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.bound_widget import leave_in_address, settle
from dermdash.ui.choices import choose, choose_several, switch
from dermdash.ui.frontend.exchange.gate import (
    GateAct,
    GateAnswersPayload,
    GateGroupPayload,
    GateItemPayload,
    GatePayload,
    GateProposalPayload,
    GateScorePayload,
)
from dermdash.ui.gate_desk import GateAnswer, gate_desk
from dermdash.ui.measuring_watch import offer_measuring
from dermdash.ui.messages import as_text, empty_state, error_words, leave_outcome, show_outcome
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.record_tiles import data_uri
from dermdash.wording import counted, day
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import acquisition_state as gate
from dermdash.workflows.dataset import assess_acquisition, browse_records
from dermdash.workflows.dataset.acquisition_state import GateCounts, GateState, ImageAtGate

_EVERY = "all"
_QUEUE = "acquisition.queue"
_STEPS = {GateAct.NEXT: 1, GateAct.PREVIOUS: -1}
_LARGEST_PREFETCH = 1_500_000
_ANY = "any"
_WEAKEST = {
    _ANY: "Any", **{m.key: m.title for m in MEASUREMENTS}, "damage": "Damaged file", "none": "None under 5",
}  # fmt: skip


def acquisition_state(workspace: Workspace) -> str:
    """How many images are measured and decided; nothing where there is no image."""
    counts = gate.gate_counts(_queue_table(workspace, list(browse_records.dataset_names(workspace))))
    if not counts.images:
        return ""
    return (
        f"{counts.measured:,} of {counted(counts.images, 'image')} measured · {counts.states[GateState.ACCEPTED]:,} "
        f"accepted · {counts.states[GateState.REJECTED]:,} rejected · {counts.states[GateState.OPEN]:,} open"
    )


def _queue_table(workspace: Workspace, dataset_ids: Sequence[str]) -> pd.DataFrame:
    return _cached_table(workspace, str(workspace.home), gate.gate_version(workspace), tuple(sorted(dataset_ids)))


@st.cache_data(show_spinner=False, max_entries=4)
def _cached_table(_workspace: Workspace, home: str, version: str, dataset_ids: tuple[str, ...]) -> pd.DataFrame:
    return gate.queue_table(_workspace, dataset_ids)


def has_datasets(workspace: Workspace) -> bool:
    """Whether there is a data set; what to do next is said where there is none."""
    if browse_records.dataset_names(workspace):
        return True
    empty_state("upload", "This workspace is empty", "Import a data set; then its images can be scored here.")
    page_link("dataset/import_images", label="Import images", icon=":material/upload:")
    return False


def pick_datasets(workspace: Workspace, *, on_change: Callable[[], None] | None = None) -> Sequence[str]:
    """Draw the choice of a data set, and return the ids of those that are shown."""
    names = browse_records.dataset_names(workspace)
    chosen = choose(
        "Data set", [_EVERY, *names], lambda d: names.get(d, "All data sets"), key="acquisition.dataset",
        name="dataset", width=260, on_change=on_change, label_visibility="collapsed",
    )  # fmt: skip
    return list(names) if chosen == _EVERY else [chosen]


def show_queue(workspace: Workspace) -> None:
    """Measure what was not measured, then one image after another."""
    show_outcome(_QUEUE)
    above = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        dataset_ids = pick_datasets(workspace, on_change=_to_first)
        state = choose(
            "Show", list(GateState), lambda s: s.label, key="acquisition.show", name="show", width=180,
            label_visibility="collapsed",
            on_change=_to_first,
        )  # fmt: skip
        with st.popover("Proposal", icon=":material/straighten:"):
            hides = switch(
                "Hide it until I have answered", key="acquisition.hide", name="hide", default=True,
                help="Only answers given without sight of the proposal say how far both agree.",
            )  # fmt: skip
            proposed = choose_several(
                "Proposed score", list(SCORES), str, key="acquisition.proposed", name="proposed", placeholder="Any",
                on_change=_to_first,
            )  # fmt: skip
            weakest = choose(
                "Decided by", list(_WEAKEST), _WEAKEST.__getitem__, key="acquisition.weakest", name="weakest",
                on_change=_to_first,
            )  # fmt: skip
            st.caption("A filter by what is proposed shows it: such answers do not count for the agreement.")
        if proposed or weakest != _ANY:
            st.caption(f"Only {_filter_words(proposed, weakest)}", width="content")
        links = st.container(horizontal=True, vertical_alignment="center", gap="small", width="content")
    table = _queue_table(workspace, dataset_ids)
    with above:
        missing = int(table["proposed_score"].isna().sum())
        offer_measuring(workspace, dataset_ids, missing, outcome=_QUEUE)
    ids = gate.queue(table, state=state, proposed=proposed, weakest="" if weakest == _ANY else weakest)
    if not ids and table.empty:
        empty_state("image_search", "No image here", "Import images; then they can be scored here.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        return
    if not ids:
        _say_empty(state, filtered=bool(proposed) or weakest != _ANY)
        return
    # A filter by what is proposed says what is proposed.
    hides = hides and not proposed and weakest == _ANY and state is not GateState.DISAGREEMENT
    place = _place(ids)
    _show(workspace, ids, place, gate.gate_counts(table), hides=hides, links=links)


def _filter_words(proposed: Sequence[int], weakest: str) -> str:
    words = [f"proposed {' or '.join(map(str, sorted(proposed)))}"] if proposed else []
    return ", ".join([*words, *([f"decided by {_WEAKEST[weakest].lower()}"] if weakest != _ANY else [])])


def _say_empty(state: GateState, *, filtered: bool) -> None:
    if filtered:
        empty_state("filter_alt_off", "No image passes these filters", "Take the filter by proposal away.")
    elif state is GateState.OPEN:
        empty_state("task_alt", "Every image is decided", "Choose **Rejected** or **Disagreement** to look again.")
    else:
        empty_state("task_alt", f"No image here: {state.label.lower()}", "Choose **Open** to go on scoring.")


def _place(ids: Sequence[str]) -> int:
    """Which is shown; address and session name its hash, as places change with every decision."""
    settle("image", keys.ACQUISITION_IMAGE, lambda asked: next(iter(asked), ids[0]))
    wanted = str(st.session_state[keys.ACQUISITION_IMAGE])
    # One that has left the list gives its place to the next, which comes after it in the order of the hashes.
    place = ids.index(wanted) if wanted in ids else min(bisect_left(ids, wanted), len(ids) - 1)
    st.session_state[keys.ACQUISITION_IMAGE] = ids[place]
    leave_in_address("image", keys.ACQUISITION_IMAGE, ids[place], [ids[place]] if place else [])
    return place


def _to_first() -> None:
    st.session_state[keys.ACQUISITION_IMAGE] = ""


def _show(
    workspace: Workspace, ids: Sequence[str], place: int, counts: GateCounts, *, hides: bool, links: DeltaGenerator
) -> None:
    image = gate.image_at_gate(workspace, ids[place])
    first = image.records[0]
    label = str(first["image_id"])
    with links:
        page_link(RECORD_SCRIPT, label=as_text(label), query_params={"id": first["id"]})
        if len(image.records) > 1:
            st.caption(f"and {counted(len(image.records) - 1, 'more record')} of the same file")
    try:
        picture = _picture(workspace, image.image_sha256)
    except (FileMissing, UnreadableImage, UnsafeUpload) as error:
        st.error(f"{as_text(label)}: {error_words(error)}", icon=":material/error:")
        picture = ""
    if image.locked_in:
        st.caption(
            f"In the locked test part of {as_text(', '.join(image.locked_in))}: rejecting it takes it out of what that "
            "part tests."
        )
    hidden = hides and image.proposal is not None and image.decision is None
    if not hidden and image.proposal is not None:
        _note_seen(workspace, image.image_sha256)
    payload = GatePayload(
        image=picture, image_id=image.image_sha256, next_image=_next_picture(workspace, ids, place), label=label,
        scores=_scores(), groups=_groups(), proposal=None if hidden else _proposal(image.proposal), hidden=hidden,
        score=image.score or 0, held=image.answer_id, said=_said(workspace, image),
        ticked=[GateAnswersPayload(item=k, answer=a) for k, a in image.checklist.items()],
        last=str(st.session_state.get(_LAST, "")), place=place + 1, total=len(ids),
        done=counts.images - counts.states[GateState.OPEN], images=counts.images,
        may=access.may(Right.ASSESS_ACQUISITION), longest_note=assess_acquisition.LONGEST_NOTE, seen=0,
    )  # fmt: skip
    gate_desk(payload, key="acquisition.desk", on_act=partial(_do, workspace, ids))
    st.caption(
        "1 to 5 score the image and bring the next one; a dashed frame rejects. Letters tick the checklist: yes, no, "
        "not applicable. N or → skips, B or ← goes back, U takes your last answer back, X the answer of this image; "
        "+, − and 0 zoom."
    )


_LAST = "acquisition.last"


def _note_seen(workspace: Workspace, sha256: str) -> None:
    """Keep that whoever is here is sent a proposal, before it is."""
    noted: set[str] = st.session_state.setdefault(keys.ACQUISITION_SEEN, set())
    account = access.current_account()
    if account is not None and access.may(Right.ASSESS_ACQUISITION) and sha256 not in noted:
        assess_acquisition.note_seen_proposal(workspace, account, sha256)
        noted.add(sha256)


def _picture(workspace: Workspace, sha256: str) -> str:
    data = browse_records.original(workspace, sha256)
    return data_uri(data, "image/png" if strip_metadata(data).format == "PNG" else "image/jpeg")


def _next_picture(workspace: Workspace, ids: Sequence[str], place: int) -> str:
    if place + 1 >= len(ids):
        return ""
    try:
        picture = _picture(workspace, ids[place + 1])
    except (FileMissing, UnreadableImage, UnsafeUpload):
        return ""  # it is said when its turn has come
    return picture if len(picture) <= _LARGEST_PREFETCH else ""


def _proposal(proposal: Proposal | None) -> GateProposalPayload | None:
    return None if proposal is None else GateProposalPayload(score=proposal.score, why=proposal.why)


def _scores() -> list[GateScorePayload]:
    return [
        GateScorePayload(
            score=score, name=name, definition=definition, picture=data_uri(reference_jpegs()[score], "image/jpeg")
        )
        for score, (name, definition) in SCORES.items()
    ]


def _groups() -> list[GateGroupPayload]:
    return [
        GateGroupPayload(
            title=group.label,
            items=[
                GateItemPayload(key=item.key, hotkey=item.hotkey, text=item.text)
                for item in CHECKLIST
                if item.group is group
            ],
        )
        for group in Group
    ]


def _said(workspace: Workspace, image: ImageAtGate) -> str:
    if image.decision is None or image.score is None:
        return ""
    who = names_of(workspace).get(image.account_id or "", image.account_id or "somebody")
    when = f" on {day(image.assessed_at)}" if image.assessed_at is not None else ""
    later = f" The record has {image.record_score} by now." if image.record_score != image.score else ""
    note = f": {image.note}" if image.note else ""
    if image.undecided:
        came = "record of this file has come in since: score it anew."
        later += f" {counted(image.undecided, came, came.replace('record', 'records', 1).replace('has', 'have'))}"
    return f"{image.decision.capitalize()} with {image.score} by {who}{when}{note}.{later}"


def _do(workspace: Workspace, ids: Sequence[str], answer: GateAnswer) -> None:
    """Do what a browser asked for, by whoever is signed in there now, and leave what is to be said of it."""
    sha256 = answer.image_sha256
    try:
        if answer.act in _STEPS:
            _go(ids, sha256, _STEPS[answer.act])
            return
        account = access.act(Right.ASSESS_ACQUISITION)
        if answer.act is GateAct.UNDO:
            last = assess_acquisition.take_last_back(workspace, account, delivery=answer.number)
            st.session_state[_LAST] = "Your last answer is taken back." if last else "You have no answer to take back."
            st.session_state[keys.ACQUISITION_IMAGE] = last or sha256
        elif answer.act is GateAct.TAKE_BACK:
            assess_acquisition.take_back(workspace, account, sha256, delivery=answer.number, shown=answer.held)
            st.session_state[_LAST] = "The answer is taken back."
        else:
            image = gate.image_at_gate(workspace, sha256)
            assess_acquisition.assess(
                workspace, account, sha256, answer.score, checklist=answer.ticked, note=answer.note,
                delivery=answer.number, shown=answer.held,
            )  # fmt: skip
            st.session_state[_LAST] = _last_words(image, answer.score)
            _go(ids, sha256, 1)
    except DermdashError as error:
        leave_outcome(_QUEUE, error_words(error), well=False)


def _last_words(image: ImageAtGate, score: int) -> str:
    decision = decision_of(score)
    proposed = ""
    if image.proposal is not None:
        why = f": {image.proposal.why[0]}" if image.proposal.why else ""
        proposed = f" Proposed was {image.proposal.score}{why}."
    verb = "rejected" if decision == REJECTED else "accepted"
    # Perhaps somebody else's, given while the image was open here: both are kept, the later one holds.
    before = "" if image.decision is None else f" Before: {image.decision} with {image.score}."
    return f"{image.records[0]['image_id']} {verb} with {score}.{before}{proposed}"


def _go(ids: Sequence[str], sha256: str, by: int) -> None:
    at = bisect_left(ids, sha256)
    st.session_state[keys.ACQUISITION_IMAGE] = ids[min(max(0, at + by), len(ids) - 1)]
