"""The page of lesion identity: groups with their pictures, why they are one, and what contradicts within them."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.dataset.identity_ledger import PairDecision
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.entries import enter_text
from dermdash.ui.messages import as_text, empty_state, errors_shown, redraw_saying, show_outcome
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.record_tiles import is_claimed, thumbnail_uri
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.lesion_identity import ledger, resolve_conflict
from dermdash.workflows.lesion_identity.ledger import LedgerEntry
from dermdash.workflows.lesion_identity.lesion_groups import (
    DIFFERENT,
    Conflict,
    LesionGroup,
    evidence_rank,
    field_title,
    lesion_groups,
    value_words,
)

OUTCOME = "identity.outcome"
DECISIONS = {
    "same_image": "Same image",
    "same_lesion": "Same lesion",
    "different": "Different lesions",
    "unsure": "Unsure",
    "open": "Taken back",
}
_EVERY, _CONTRADICTING = "all", "conflicts"
_SHOWN = {_EVERY: "All groups", _CONTRADICTING: "With a contradiction"}
_STYLE = """<style>
.dd-lesion { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 0 !important;
  padding: 0 !important; }
.dd-lesion li { width: 11rem; margin: 0 !important; border: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  border-radius: .5rem; overflow: hidden; }
.dd-lesion img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; }
.dd-lesion div { padding: .45rem .6rem .55rem; font-size: .875rem; line-height: 1.35; overflow-wrap: anywhere; }
.dd-lesion b { display: block; font-weight: 650; }
.dd-lesion span { display: block; opacity: .8; }
@media (max-width: 480px) { .dd-lesion li { width: calc(50% - .4rem); } }
</style>"""


def identity_state(groups: Sequence[LesionGroup]) -> str:
    """How many groups decisions make, of what, and how many contradict themselves; nothing where there is none."""
    if not groups:
        return ""
    images, lesions = sum(len(g.rows) for g in groups), sum(len(g.lesions) for g in groups)
    conflicts = sum(bool(group.conflicts) for group in groups)
    return (
        f"{counted(len(groups), 'group')} of {counted(images, 'image')} · {counted(lesions, 'lesion id')} in them · "
        f"{conflicts:,} with a contradiction"
    )


def show_groups(workspace: Workspace) -> None:
    """The tab of the groups: figures, which one to look at, and that one."""
    groups = lesion_groups(workspace)
    show_outcome(OUTCOME)
    if not groups:
        empty_state(
            "join",
            "Nothing is merged yet",
            "Decide about pairs among the findings, enter a pair, or apply a published list: what is decided to show "
            "one lesion becomes a group here, and counts as one everywhere.",
        )
        page_link("dataset/findings", label="Possible errors", icon=":material/troubleshoot:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = choose_segment(
            "Groups", list(_SHOWN), _SHOWN.__getitem__, key="identity.shown", name="show", label_visibility="collapsed"
        )
        chosen = [group for group in groups if group.conflicts or shown == _EVERY]
        by_name = {group.name: group for group in chosen}
        name = (
            choose(
                "Look at", list(by_name), lambda n: _title(by_name[n]), key="identity.group", name="group", width=520
            )
            if chosen
            else ""
        )
    if not chosen:
        empty_state("task_alt", "No group contradicts itself", "Choose **All groups** to look at them.")
        return
    # Neither how many contradict nor what is decided is part of a title, which a browser keeps while it is chosen.
    if conflicts := len(by_name[name].conflicts):
        st.caption(counted(conflicts, "contradiction"))
    _show_group(workspace, by_name[name])


def _title(group: LesionGroup) -> str:
    return f"{', '.join(group.image_ids[:4])}{' …' if len(group.image_ids) > 4 else ''}"


def _show_group(workspace: Workspace, group: LesionGroup) -> None:
    st.html(lesion_tiles(workspace, group.rows))
    for place, conflict in enumerate(group.conflicts):
        _show_conflict(workspace, group, conflict, place)
    if len(group.lesions) < len(group.rows) and not any(entry.merges for entry in group.entries):
        st.caption("No decision makes these images one lesion: they have one lesion id, or are one file.")
    st.markdown("**Why they are one**")
    data_table(
        entries_table(workspace, group.entries, {str(r["id"]): str(r["image_id"]) for r in group.rows}),
        key="identity.entries",
    )
    if group.entries and access.may(Right.DECIDE_FINDINGS):
        _decide_anew(workspace, group)


def lesion_tiles(workspace: Workspace, rows: Sequence[Mapping[str, Any]]) -> str:
    """Images side by side with what is known of them, as HTML."""
    datasets = browse_records.dataset_names(workspace)
    tiles = []
    for row in rows:
        facts = [
            stage_words(row["verification_stage"], is_claimed(row))
            if _there(row["verification_stage"])
            else "no stage",
            *(value_words(name, row[name]) for name in ("dx_type", "sex", "anatomical_site") if _there(row[name])),
            *([f"{value_words('age_at_exam', row['age_at_exam'])} years"] if _there(row["age_at_exam"]) else []),
            f"lesion {row['lesion_id']}",
            datasets.get(str(row["dataset_id"]), str(row["dataset_id"])),
        ]
        said = "".join(f"<span>{html.escape(str(fact))}</span>" for fact in facts)
        image = html.escape(str(row["image_id"]))
        tiles.append(
            f'<li><img src="{thumbnail_uri(workspace, str(row["image_sha256"]))}" alt="Image {image}">'
            f"<div><b>{html.escape(diagnosis_name(row['dx']))}</b><b>{image}</b>{said}</div></li>"
        )
    return f'{_STYLE}<ul class="dd-lesion">{"".join(tiles)}</ul>'


def _there(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def entries_table(workspace: Workspace, entries: Sequence[LedgerEntry], image_of: Mapping[str, str]) -> pd.DataFrame:
    """Decisions as a table for people: who, when, on what evidence."""
    people = names_of(workspace)
    return pd.DataFrame(
        {
            "Images": [" · ".join(image_of.get(record, record) for record in entry.records) for entry in entries],
            "Decision": [DECISIONS.get(entry.decision, entry.decision) for entry in entries],
            "Evidence": [entry.evidence for entry in entries],
            "Note": [entry.note for entry in entries],
            "Decided by": [
                entry.said_by or people.get(entry.person, entry.person) for entry in entries
            ],
            "Decided": [entry.said_on or moment(entry.date) for entry in entries],
            "From": [entry.source for entry in entries],
            "Holds": [entry.holds for entry in entries],
        }
    )  # fmt: skip


def _show_conflict(workspace: Workspace, group: LesionGroup, conflict: Conflict, place: int) -> None:
    with st.container(border=True):
        st.markdown(f":material/warning: {as_text(conflict.text)}")
        if conflict.kind == DIFFERENT:
            st.caption(
                "They stay together until this is resolved, so that no lesion is counted or trained on twice. Decide "
                "anew about the pair that is wrong, below."
            )
            return
        if conflict.kind == "patient_id":
            st.caption(
                "Who the patient is the source has to say: correct it there and import again, or split the group."
            )
            return
        if conflict.stands_higher is None:
            st.caption("No record stands higher than the others: look at both, review them again, or split the group.")
            _links(group, conflict)
            return
        rows = {str(row["id"]): row for row in group.rows}
        kept = rows[conflict.stands_higher]
        st.caption(f"{as_text(kept['image_id'])} has the highest evidence. Nothing changes by itself.")
        if not access.may(Right.CURATE_LABELS):
            return
        for record in conflict.records:
            row = rows[record]
            if record == conflict.stands_higher or str(row[conflict.kind]) == str(kept[conflict.kind]):
                continue
            if evidence_rank(row) > evidence_rank(kept):
                continue
            if st.button(
                as_text(f"{field_title(conflict.kind)} of {row['image_id']} follows {kept['image_id']}"),
                key=f"identity.resolve.{place}.{record}", icon=":material/arrow_upward:",
            ):  # fmt: skip
                _resolve(workspace, conflict.kind, str(kept["id"]), record)


def _links(group: LesionGroup, conflict: Conflict) -> None:
    with st.container(horizontal=True):
        for row in group.rows:
            if str(row["id"]) in conflict.records:
                page_link(RECORD_SCRIPT, label=as_text(row["image_id"]), query_params={"id": str(row["id"])})


def _resolve(workspace: Workspace, field: str, right: str, wrong: str) -> None:
    with errors_shown():
        account = access.act(Right.CURATE_LABELS)
        said = resolve_conflict.resolve_field(workspace, account, field, right=right, wrong=wrong)
        redraw_saying(OUTCOME, as_text(said))


def _decide_anew(workspace: Workspace, group: LesionGroup) -> None:
    """A new decision about one of the pairs: a group that is none falls apart."""
    image_of = {str(row["id"]): str(row["image_id"]) for row in group.rows}
    st.markdown("**Decide anew about one of these pairs**")
    by_finding = {entry.finding_id: entry for entry in group.entries}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        finding = choose(
            "Pair", list(by_finding),
            lambda f: " · ".join(image_of[r] for r in by_finding[f].records),
            key="identity.anew.pair", name="pair", width=520,
        )  # fmt: skip
        entry = by_finding[finding]
        st.caption(f"Decided: {DECISIONS[entry.decision].lower()}")
    # A line of its own: beside others its last option is cut off on a phone. For each pair, and after a reload, it
    # begins with what stands: one press too many decides nothing.
    decision = choose_segment(
        "It shows", list(PairDecision), lambda d: DECISIONS[d], key=f"identity.anew.decision.{finding}",
        default=PairDecision(entry.decision),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        note = enter_text("Why", key=f"identity.anew.note.{finding}", max_chars=500, width=320)
        pressed = st.button("Decide", key="identity.anew", type="primary", disabled=decision == entry.decision)
    if pressed:
        with errors_shown():
            account = access.act(Right.DECIDE_FINDINGS)
            ledger.enter_pair(workspace, account, list(entry.records), decision, note=note)
            said = " and ".join(image_of[record] for record in entry.records)
            redraw_saying(
                OUTCOME, f"{as_text(said)}: {DECISIONS[decision].lower()}. The history keeps the earlier decision."
            )
