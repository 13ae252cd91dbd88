"""The form of the consensus that a board formulates: one curator at a time, prefilled with what most said."""

from typing import Any

import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import diagnosis_name, get_taxonomy
from dermdash.records.verification_stage import stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose_several, pick
from dermdash.ui.field_entry import enter_field
from dermdash.ui.messages import as_text, error_words, redraw_saying
from dermdash.verification.annotation import ENTERABLE, QUALITY_LEVELS
from dermdash.verification.merged_values import merged_values, middle_quality
from dermdash.verification.outcome import Answer, outcome_of
from dermdash.verification.review_rule import ReviewRule
from dermdash.wording import moment
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification.board import LONGEST_TEXT, BoardCase, formulate, hold_case
from dermdash.workflows.verification.people import board_members

_MOST_SAY = ReviewRule(quorum=0.51)


def show_consensus_form(workspace: Workspace, actor: Account, case: BoardCase, *, place: str) -> None:
    """Offer to begin, then the form; whoever begins keeps the record for themselves for a while."""
    st.subheader("Decision", anchor=False)
    record_id = str(case.record["id"])
    if case.held_by is not None and case.held_until is not None:
        st.warning(
            f"{as_text(case.held_by)} is formulating the consensus, until {moment(case.held_until)} at the latest.",
            icon=":material/lock_person:",
        )
        return
    if st.session_state.get(keys.BOARD_FORMULATING) != (record_id, case.cycle):
        st.button(
            "Formulate the consensus", key="board.formulate", icon=":material/edit_note:", type="primary",
            on_click=_begin, args=(workspace, record_id, case.cycle),
            help="The record is kept for you for half an hour, so that nobody decides it at the same time.",
        )  # fmt: skip
        return
    _form(workspace, case, record_id, place)


def _begin(workspace: Workspace, record_id: str, cycle: int) -> None:
    held = hold_case(workspace, access.act(Right.CURATE_LABELS), record_id)
    if held.held_by is None:
        st.session_state[keys.BOARD_FORMULATING] = (record_id, cycle)


def _form(workspace: Workspace, case: BoardCase, record_id: str, place: str) -> None:
    taxonomy = get_taxonomy(case.record["taxonomy"])
    answers = [Answer(a.account_id, a.dx, a.unsure) for a in case.answers]
    most_say = outcome_of(answers, _MOST_SAY, asked=len(answers)).dx
    values = merged_values([a.content.get("values", {}) for a in case.answers], _MOST_SAY)
    quality = middle_quality([a.content.get("quality") for a in case.answers])

    def key(name: str) -> str:
        return f"board.consensus.{record_id}.{case.cycle}.{name}"

    with st.form(key("form"), border=True, enter_to_submit=False):
        dx = pick(
            "Diagnosis", list(taxonomy.codes), diagnosis_name, key=key("dx"), default=most_say,
            placeholder="Choose the diagnosis",
        )  # fmt: skip
        people = board_members(workspace, [a.account_id for a in case.answers])
        took_part = choose_several(
            "Who took part", list(people), people.__getitem__, key=key("people"),
            default=[a.account_id for a in case.answers if a.account_id in people],
        )  # fmt: skip
        reason = st.text_area(
            "Why", key=key("reason"), max_chars=LONGEST_TEXT, height=90,
            placeholder="What settled it: it stands with the label from then on",
        )  # fmt: skip
        entered: dict[str, Any] = {}
        with st.expander("Fields and quality, as most said"):
            scores = list(range(1, len(QUALITY_LEVELS) + 1))
            score = pick(
                "Image quality", scores, lambda s: f"{s} · {QUALITY_LEVELS[s - 1]}", key=key("quality"),
                default=quality, placeholder="Leave as it is",
            )  # fmt: skip
            columns = st.columns(2)
            for at, spec in enumerate(ENTERABLE):
                with columns[at % 2]:
                    entered[spec.name] = enter_field(spec, values.get(spec.name), key=key(spec.name))
            st.caption("What is left empty stays in the record as it is.")
        if not st.form_submit_button("Store the consensus", key="board.store", type="primary"):
            return
    account = access.act(Right.CURATE_LABELS)
    if dx is None:
        st.error("The diagnosis is missing: choose it.", icon=":material/error:")
        return
    try:
        formulate(
            workspace, account, record_id, dx=dx, participants=took_part, reason=reason, quality=score,
            values={name: value for name, value in entered.items() if value is not None},
        )  # fmt: skip
    except InvalidInput as error:
        st.error(error_words(error), icon=":material/error:")
        return
    st.session_state.pop(keys.BOARD_FORMULATING, None)
    now = browse_records.record_detail(workspace, record_id).record
    label = (
        "It is the label of the record now."
        if not now["stage_claimed"]
        else f"The record keeps the label that its source claims at a higher stage: {diagnosis_name(now['dx'])}, "
        f"{stage_words(now['verification_stage'])}."
    )
    redraw_saying(place, f"The consensus is **{diagnosis_name(dx)}**. {label}", well=not now["stage_claimed"])
