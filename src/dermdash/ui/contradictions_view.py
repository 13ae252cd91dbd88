"""Contradictions on the findings page: the list by kind, then one with both rows, what to do and its decision."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dermdash.dataset.contradictions import KINDS, in_words, title_of
from dermdash.errors import DermdashError
from dermdash.records.record_columns import table_head
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_code, as_message, as_text, empty_state, errors_shown
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.stored_picture import original_uri
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import cell, counted
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records, find_contradictions
from dermdash.workflows.dataset.find_contradictions import ContradictionDecision, FoundContradiction

EVERY_KIND, SAME_LESION, CONTRADICTIONS = "all", "same_lesion", "contradictions"
_OF = {
    EVERY_KIND: "All checks", SAME_LESION: "One lesion under two ids", CONTRADICTIONS: "Contradictions",
}  # fmt: skip
_OPEN, _EVERY = "open", "all"
_STATES = {_OPEN: "Open", "decided": "Decided", _EVERY: "All"}
_ANY_KIND = "any"
_DECISIONS = {
    ContradictionDecision.MENDED: "Mended",
    ContradictionDecision.NONE: "No contradiction",
    ContradictionDecision.UNSURE: "Unsure",
}
_MOST_LISTED = 1000
_MOST_IMAGES = 4
_SHOWN = (
    "image_id", "lesion_id", "patient_id", "source_label", "dx", "dx_type", "verification_stage",
    "histopathology_result", "clinical_diagnosis", "sex", "age_at_exam", "anatomical_site",
)  # fmt: skip


def pick_findings() -> str:
    """Which findings the page shows; one of the three constants of this module."""
    return choose_segment("Findings of", list(_OF), _OF.__getitem__, key=keys.FINDINGS_OF, name="of")


def contradictions_state(found: Sequence[FoundContradiction]) -> str:
    """How many there are and how many are decided."""
    decided = sum(contradiction.decision is not None for contradiction in found)
    return f"{counted(len(found), 'contradiction')} · {decided:,} of {len(found):,} decided" if found else ""


def show_contradictions(workspace: Workspace, found: Sequence[FoundContradiction]) -> None:
    """The list, filtered by kind and state, and the chosen one."""
    if not found:
        empty_state(
            "task_alt", "Nothing contradicts itself",
            "Every import looks for contradictions among its rows and with what is there.",
        )  # fmt: skip
        return
    chosen = _filtered(found)
    if not chosen:
        empty_state("filter_alt_off", "No contradiction passes these filters", "Choose **All**, or any kind.")
        return
    if len(chosen) > _MOST_LISTED:
        st.caption(f"The first {_MOST_LISTED:,} of {len(chosen):,}; `dermdash findings --kind` lists all.")
    listed = chosen[:_MOST_LISTED]
    frame = pd.DataFrame(
        {
            "Kind": [c.spec.title for c in listed],
            "Images": [_names(c.image_ids) for c in listed],
            "What contradicts": [_what_contradicts(c) for c in listed],
            "Decision": [_decision_words(c.decision) for c in listed],
        }
    )
    selected = data_table(
        frame, key="contradictions.list", on_select="rerun", selection_mode="single-row",
        height=height_of(len(frame), most=320),
    )  # fmt: skip
    rows = [row for row in selected["selection"]["rows"] if row < len(listed)]
    _show_one(workspace, listed[rows[0] if rows else 0])


def _what_contradicts(contradiction: FoundContradiction) -> str:
    return in_words(contradiction.spec.key, contradiction.rows) or contradiction.text


def _names(image_ids: Sequence[str]) -> str:
    return ", ".join(image_ids[:_MOST_IMAGES]) + (" ..." if len(image_ids) > _MOST_IMAGES else "")


def _filtered(found: Sequence[FoundContradiction]) -> list[FoundContradiction]:
    of_kind = Counter(c.spec.key for c in found)
    kinds = [_ANY_KIND, *(kind for kind in KINDS if kind in of_kind)]

    def title(kind: str) -> str:
        return f"Any kind ({len(found):,})" if kind == _ANY_KIND else f"{title_of(kind)} ({of_kind[kind]:,})"

    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = choose_segment("Show", list(_STATES), _STATES.__getitem__, key=keys.CONTRADICTIONS_STATE, name="state")
        kind = choose("Kind", kinds, title, key=keys.CONTRADICTIONS_KIND, name="kind", width=380)
    return [
        c
        for c in found
        if kind in (_ANY_KIND, c.spec.key) and (state == _EVERY or (c.decision is None) == (state == _OPEN))
    ]


def _decision_words(decision: str | None) -> str:
    return "" if decision is None else _DECISIONS.get(ContradictionDecision(decision), decision)


def _show_one(workspace: Workspace, contradiction: FoundContradiction) -> None:
    st.subheader(contradiction.spec.title, anchor=False)
    st.markdown(f"{contradiction.spec.meaning} **What to do:** {contradiction.spec.what_to_do}")
    data_table(
        _side_by_side(contradiction), key="contradictions.rows", height=height_of(len(_SHOWN), most=600),
        width="content",
    )  # fmt: skip
    _show_images(workspace, contradiction)
    _decide_buttons(workspace, contradiction)


def _side_by_side(contradiction: FoundContradiction) -> pd.DataFrame:
    """A column for each row of the finding, as it was when it was found."""
    columns: dict[str, list[str]] = {"": [table_head(name) for name in _SHOWN]}
    for place, row in enumerate(contradiction.rows, start=1):
        what = "left out" if row.get("left_out") else "imported"
        columns[f"Row {place}, {what}"] = [cell(row.get(name)) for name in _SHOWN]
    return pd.DataFrame(columns)


def _show_images(workspace: Workspace, contradiction: FoundContradiction) -> None:
    shown = contradiction.records[:_MOST_IMAGES]
    for place, (column, record_id) in enumerate(zip(st.columns(max(2, len(shown))), shown, strict=False)):
        with column:
            try:
                record = browse_records.record_detail(workspace, record_id).record
            except DermdashError as error:
                st.caption(as_message(str(error)))
                continue
            image = original_uri(workspace, record["image_sha256"])
            if image is not None:
                name = f"Image {record['image_id']}"
                image_viewer(image, key=f"contradictions.image.{place}", height=300, label=name)
            page_link(RECORD_SCRIPT, label=as_text(record["image_id"]), query_params={"id": record_id})


def _decide_buttons(workspace: Workspace, contradiction: FoundContradiction) -> None:
    if contradiction.decision is not None:
        by = contradiction.decided_by
        who = f" by {as_text(names_of(workspace).get(by, by))}" if by else ""
        note = f": {as_code(contradiction.note)}" if contradiction.note else ""
        st.success(f"Decided **{_decision_words(contradiction.decision)}**{who}{note}", icon=":material/check_circle:")
    note_key = f"contradictions.note.{contradiction.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for decision, words in _DECISIONS.items():
            st.button(
                words, key=f"contradictions.decide.{decision}", on_click=_decide,
                type="primary" if decision == contradiction.decision else "secondary",
                args=(workspace, contradiction.id, str(decision), note_key),
            )  # fmt: skip
        st.text_input("Note", key=note_key, placeholder="Note (optional)", label_visibility="collapsed", max_chars=500)


def _decide(workspace: Workspace, finding_id: str, decision: str, note_key: str) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
    note = st.session_state.get(note_key, "")
    find_contradictions.decide(workspace, finding_id, decision, account_id=account.id, note=note)
