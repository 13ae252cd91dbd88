"""The findings page: the search, then one pair at a time side by side, with its decision."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.bound_widget import leave_in_address, settle
from dermdash.ui.checks_view import begin
from dermdash.ui.choices import choose_segment, choose_several
from dermdash.ui.messages import as_code, as_text, empty_state, errors_shown
from dermdash.ui.navigation import page_link
from dermdash.ui.pair_view import TITLES, VIEWS, show_facts, show_images, show_measured
from dermdash.ui.private_download import private_download
from dermdash.ui.tables import data_table
from dermdash.wording import counted
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.findings.running_checks import checks_of
from dermdash.workflows.lesion_identity import find_same_lesions, listed_duplicates, review_findings
from dermdash.workflows.lesion_identity.review_findings import PairDecision, ReviewedPair

_OPEN, _EVERY = "open", "all"
_STATES = {_OPEN: "Open", "decided": "Decided", _EVERY: "All"}


def findings_state(pairs: Sequence[ReviewedPair]) -> str:
    """How many pairs there are and how many are decided; nothing where there is none: the page says why."""
    decided = sum(pair.decision is not None for pair in pairs)
    return f"{counted(len(pairs), 'pair')} found · {decided:,} of {len(pairs):,} decided" if pairs else ""


def is_empty_workspace(workspace: Workspace) -> bool:
    """Whether there is no data set; then it says so and what to do."""
    if browse_records.list_datasets(workspace):
        return False
    empty_state("upload", "This workspace is empty", "Import a data set; then it can be checked here.")
    page_link("dataset/import_images", label="Import images", icon=":material/upload:")
    return True


def offer_search(workspace: Workspace, pairs: Sequence[ReviewedPair], drawn: bool) -> None:
    """Say what has not been searched yet, and search it on request."""
    if is_empty_workspace(workspace):
        return
    datasets = browse_records.list_datasets(workspace)
    missing = find_same_lesions.count_unsearched(workspace, simulated=drawn)
    if not missing:
        if not pairs:
            empty_state(
                "task_alt", "No pair was found", "Every record was compared: none seems to show another one's lesion."
            )
        return
    if not pairs and missing == sum(dataset["records"] for dataset in datasets):
        empty_state(
            "content_copy",
            "Not searched yet",
            "The search compares the fine structure of all images. It takes a few minutes for 6,000 of them, can be "
            "interrupted, and later looks only at what is new.",
        )
    else:
        st.info(f"{counted(missing, 'record has', 'records have')} not been compared yet.", icon=":material/update:")
    busy = (job := checks_of(workspace.home)) is not None and not job.ended
    if access.may(Right.DECIDE_FINDINGS):
        st.button(
            f"Search {counted(missing, 'record')} now", type="primary", key="findings.search", disabled=busy,
            on_click=begin, args=(workspace, ("same_lesion",), drawn),
        )  # fmt: skip


def show_findings(workspace: Workspace, pairs: Sequence[ReviewedPair]) -> None:
    """Filters, progress, and the chosen pair."""
    decided = sum(pair.decision is not None for pair in pairs)
    st.progress(decided / len(pairs))
    chosen = _toolbar(workspace, pairs)
    if not chosen:
        everything = decided == len(pairs)
        empty_state(
            "task_alt" if everything else "filter_alt_off",
            "Every pair is decided" if everything else "No pair passes these filters",
            "Choose **Decided** to look at them again, or download the decisions."
            if everything
            else "Choose **All**, or more verdicts.",
        )
        return
    place = _place(chosen)
    _show_pair(workspace, chosen[place], place, len(chosen))


def _place(chosen: Sequence[ReviewedPair]) -> int:
    """Which of the pairs is shown; the address says its id, as places change with every decision."""
    ids = [pair.id for pair in chosen]
    settle("pair", keys.FINDINGS_PLACE, lambda asked: next((ids.index(i) for i in asked if i in ids), 0))
    place = min(int(st.session_state[keys.FINDINGS_PLACE]), len(chosen) - 1)
    st.session_state[keys.FINDINGS_PLACE] = place
    leave_in_address("pair", keys.FINDINGS_PLACE, place, [ids[place]] if place else [])
    return place


def _toolbar(workspace: Workspace, pairs: Sequence[ReviewedPair]) -> list[ReviewedPair]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = choose_segment(
            "Show",
            list(_STATES),
            _STATES.__getitem__,
            key=keys.FINDINGS_STATE,
            name="show",
            on_change=_to_first,
        )
        verdicts = choose_several(
            "Verdict of the measurement",
            ["same_image", "same_lesion", "unsure", "listed", "entered"],
            TITLES.__getitem__,
            key=keys.FINDINGS_VERDICTS,
            name="verdict",
            placeholder="Any",
            on_change=_to_first,
            width=320,
        )
        st.space("stretch")
        account = access.shown_to()
        last = review_findings.last_decision(workspace, account.id) if account is not None else None
        st.button(
            "Undo",
            key="findings.undo",
            icon=":material/undo:",
            shortcut="U",
            disabled=last is None,
            help="Take back your last decision. The history keeps both.",
            on_click=_undo,
            args=(workspace,),
        )
        private_download(
            "Download CSV",
            lambda privacy: review_findings.decisions_csv(workspace, pairs, privacy=privacy),
            file_name="dermdash-findings.csv",
            key="findings.download",
            help="Every pair with its score and its decision.",
        )
    return [
        pair
        for pair in pairs
        if (not verdicts or pair.verdict in verdicts)
        and (state == _EVERY or (pair.decision is None) == (state == _OPEN))
    ]


def _to_first() -> None:
    st.session_state[keys.FINDINGS_PLACE] = 0


def _step(by: int) -> None:
    st.session_state[keys.FINDINGS_PLACE] = max(0, st.session_state.get(keys.FINDINGS_PLACE, 0) + by)


def _undo(workspace: Workspace) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
    review_findings.undo(workspace, account_id=account.id)
    _to_first()


def _decide(workspace: Workspace, finding_id: str, decision: str, note_key: str) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
    note = st.session_state.get(note_key, "")
    review_findings.decide(workspace, finding_id, decision, account_id=account.id, note=note)
    if st.session_state.get(keys.FINDINGS_STATE) != _OPEN:
        _step(1)  # among the open ones the next pair moves up by itself


def _show_pair(workspace: Workspace, pair: ReviewedPair, place: int, of: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", key="findings.previous", icon=":material/arrow_back:", shortcut="Left", disabled=place == 0,
            on_click=_step, args=(-1,),
        )  # fmt: skip
        st.markdown(f"**Pair {place + 1:,} of {of:,}**", width="content")
        st.button(
            "Next", key="findings.next", icon=":material/arrow_forward:", shortcut="Right", disabled=place + 1 >= of,
            on_click=_step, args=(1,),
        )  # fmt: skip
        st.space("stretch")
        view = choose_segment(
            "View",
            list(VIEWS),
            VIEWS.__getitem__,
            key=keys.FINDINGS_VIEW,
            name="view",
            label_visibility="collapsed",
        )
    show_images(workspace, pair, view)
    _decision_buttons(workspace, pair)
    facts, measured = st.columns([3, 2], gap="large")
    with facts:
        show_facts(workspace, pair)
    with measured:
        show_measured(pair)


def _decision_buttons(workspace: Workspace, pair: ReviewedPair) -> None:
    if pair.decision is not None:
        by = f" by {as_text(names_of(workspace).get(pair.decided_by, pair.decided_by))}" if pair.decided_by else ""
        note = f": {as_code(pair.note)}" if pair.note else ""
        st.success(f"Decided **{TITLES.get(pair.decision, pair.decision)}**{by}{note}", icon=":material/check_circle:")
    note_key = f"findings.note.{pair.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for place, decision in enumerate(PairDecision, start=1):
            st.button(
                TITLES[decision],
                key=f"findings.decide.{decision}",
                shortcut=str(place),
                type="primary" if decision == pair.decision else "secondary",
                on_click=_decide,
                args=(workspace, pair.id, str(decision), note_key),
            )
        st.text_input("Note", key=note_key, placeholder="Note (optional)", label_visibility="collapsed", max_chars=500)


def show_listed_images(workspace: Workspace, drawn: bool) -> None:
    """The images that a list calls duplicates without saying of what; nothing where there is none."""
    rows = listed_duplicates.listed_images(workspace, simulated=drawn)
    if not rows:
        return
    with st.expander(f"{counted(len(rows), 'image')} that a list calls a duplicate without saying of what"):
        st.caption("Evidence from published lists. A pair above says of what, where the search has found it.")
        names = browse_records.dataset_names(workspace)
        table = [
            {
                "Image": row["image_id"],
                "Data set": names.get(row["dataset_id"], row["dataset_id"]),
                "Diagnosis": diagnosis_name(row["dx"]),
                "Listed in": row["listed_in"],
            }
            for row in rows
        ]
        data_table(pd.DataFrame(table), key="findings.listed")
