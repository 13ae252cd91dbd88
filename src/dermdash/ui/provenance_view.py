"""Where the label of a record comes from, what others said, and going back: reopening and correcting a field."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import VerificationStage, stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose
from dermdash.ui.field_entry import enter_field
from dermdash.ui.messages import as_message, as_text, error_words, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table
from dermdash.verification.annotation import ENTERABLE
from dermdash.verification.standing import Provenance
from dermdash.wording import counted, moment, percent, sentence
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.verification.label_provenance import label_provenance
from dermdash.workflows.verification.reopen import correct_field, reopen

_PLACE = "record.ladder"
_ACTS = {
    "import": "brought by the import", "initial_annotation": "first annotation", "consensus": "consensus",
    "histology": "histology",
}  # fmt: skip
_HIDDEN = {"others": "the other answers", "initial": "the first annotation", "model": "the classifier"}
_PURPOSES = {"initial": "first annotation", "review": "review", "repeat": "hidden repeat"}
_FROM_THE_BEGINNING = "beginning"
_CORRECTABLE = {spec.name: spec for spec in FIELDS if spec in ENTERABLE or spec.name == "image_quality_score"} | {
    spec.name: spec for spec in DETAILS if spec.name != "source_site"
}


def show_ladder_of(workspace: Workspace, record: Mapping[str, Any]) -> None:
    """The stage of a record and where its label comes from; closed, who said what; for curators the ways back."""
    show_outcome(_PLACE)
    account = access.current_account()
    if account is None:
        return
    found = label_provenance(workspace, account, record["id"])
    st.markdown(f"**{_stage(found)}**  \n{_in_words(found, names := names_of(workspace))}")
    with st.container(horizontal=True):
        with st.popover("Who said what", icon=":material/forum:", width="content"):
            _show_provenance(found, names)
            page_link(
                "verification/change_log", label="Its entries in the change log", icon=":material/history:",
                query_params={"record": str(record["id"])},
            )  # fmt: skip
        if access.may(Right.CURATE_LABELS):
            _offer_reopening(workspace, found)
            _offer_correction(workspace, record, found)


def _stage(found: Provenance) -> str:
    if found.stage is None:
        return "No stage yet"
    return f"Stage {stage_words(found.stage, found.claimed)}"


def _show_provenance(found: Provenance, names: Mapping[str, str]) -> None:
    if found.others is None:
        st.caption("What others said is shown once you have no work on this record any more, or the record is settled.")
    elif found.others:
        data_table(_others(found, names), key="record.others")
    else:
        st.caption("Nobody has annotated this record here.")
    if found.earlier:
        st.markdown("**Labels before this one**")
        frame = pd.DataFrame(
            {
                "Label": [diagnosis_name(row["dx"]) for row in found.earlier],
                "By": [_ACTS.get(row["act"], row["act"]) for row in found.earlier],
                "Round": [row["cycle"] for row in found.earlier],
                "When": [moment(row["at"]) for row in found.earlier],
            }
        )
        data_table(frame, key="record.earlier")


def _in_words(found: Provenance, names: Mapping[str, str]) -> str:
    if found.act is None:
        return (
            "The record has no label at the moment."
            if found.earlier
            else ("Nobody has given this record a label here yet.")
        )
    people = ", ".join(as_text(names.get(key, key)) for key in found.by)
    text = f"**{diagnosis_name(found.dx)}**, {_ACTS.get(found.act, found.act)}"
    text += f" of {people}" if people else ""
    text += f", {moment(found.at)}. " if found.at is not None else ". "
    if found.claimed:
        text += "The stage came along with the import: nobody here has confirmed it. "
    if found.blinded is not None:
        hidden = [words for name, words in _HIDDEN.items() if found.blinded.get(name)]
        seen = [words for name, words in _HIDDEN.items() if name != "others" and not found.blinded.get(name)]
        text += f"They did not see {_listed(hidden)}. " if hidden else ""
        text += f"They saw {_listed(seen)}. " if seen else ""
    if found.agreement is not None and found.n_reviewers:
        text += f"Agreement {percent(found.agreement, 0)} of {counted(found.n_reviewers, 'reviewer')}. "
    if found.reason:
        text += f"Reason: {sentence(as_text(found.reason))}"
    return text


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _others(found: Provenance, names: Mapping[str, str]) -> pd.DataFrame:
    rows = found.others or ()
    return pd.DataFrame(
        {
            "Who": [names.get(row["account_id"], row["account_id"]) for row in rows],
            "What": [_PURPOSES.get(row["purpose"], row["purpose"]) for row in rows],
            "Round": [row["cycle"] for row in rows],
            "Diagnosis": [diagnosis_name(row["dx"]) if row["dx"] else "none" for row in rows],
            "Unsure": ["yes" if row["unsure"] else "" for row in rows],
            "Counts": ["" if row["counts"] else "changed later" for row in rows],
            "When": [moment(row["recorded_at"]) for row in rows],
            "Comment": [row["comment"] for row in rows],
        }
    )


def _offer_reopening(workspace: Workspace, found: Provenance) -> None:
    stages = {_FROM_THE_BEGINNING: "Nothing: it is annotated anew from the beginning"}
    if (found.stage or 0) >= VerificationStage.CONSENSUS:
        stages = {"1": "The first annotation: it is reviewed anew", **stages}
    if found.stage == VerificationStage.HISTOLOGY and any(row["act"] == "consensus" for row in found.earlier):
        stages = {"2": "The consensus: only the histology is taken back", **stages}
    with st.popover("Reopen", icon=":material/lock_open:"):
        st.write("The record is lowered and done again from there. All that was said stays in its history.")
        kept = choose("What stays", list(stages), stages.__getitem__, key="record.reopen.to", draw="radio")
        reason = st.text_input("Reason", key="record.reopen.reason", max_chars=400)
        if not st.button("Reopen the record", key="record.reopen", type="primary"):
            return
        account = access.act(Right.CURATE_LABELS)
        to_stage = None if kept == _FROM_THE_BEGINNING else VerificationStage(int(kept))
        try:
            cycle = reopen(workspace, account, found.record_id, reason=reason, to_stage=to_stage)
        except InvalidInput as error:
            st.error(error_words(error), icon=":material/error:")
            return
        redraw_saying(_PLACE, f"The record is open again: round {cycle}.")


def _offer_correction(workspace: Workspace, record: Mapping[str, Any], found: Provenance) -> None:
    with st.popover("Correct a field", icon=":material/edit:"):
        if found.stage == VerificationStage.HISTOLOGY:
            st.markdown("The record is verified by histology and does not change: reopen it first, with a reason.")
            return
        name = choose("Field", list(_CORRECTABLE), lambda n: _CORRECTABLE[n].title, key="record.correct.field")
        present = record[name]
        # The widget of another field or value is another one.
        value = enter_field(_CORRECTABLE[name], present, key=f"record.correct.{record['id']}.{name}.{present}")
        reason = st.text_input("Reason", key="record.correct.reason", max_chars=400)
        if not st.button("Correct it", key="record.correct", type="primary"):
            return
        _correct(workspace, found.record_id, name, value, reason)


def _correct(workspace: Workspace, record_id: str, name: str, value: Any, reason: str) -> None:
    account = access.act(Right.CURATE_LABELS)
    title = _CORRECTABLE[name].title
    try:
        changed = correct_field(workspace, account, record_id, name, value, reason=reason)
    except InvalidInput as error:
        st.error(as_message(str(error)), icon=":material/error:")
        return
    words = f"{title} is corrected." if changed else f"{title} has that value already: nothing was changed."
    redraw_saying(_PLACE, words, well=changed)
