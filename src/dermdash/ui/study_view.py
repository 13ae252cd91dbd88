"""The study page: frozen protocol, invitation links, who has come how far."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.registry import analysis_title
from dermdash.charts.progress import reader_progress_figure
from dermdash.errors import InvalidInput
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.records.chosen_records import kept_in_words
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.case_review_view import show_exchanges
from dermdash.ui.choices import pick
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.reader_study import create_study, study_results
from dermdash.workflows.reader_study.create_study import Invitation

_LINKS_SHOWN = 20


def show_protocol(workspace: Workspace, study: dict[str, Any]) -> None:
    """What was frozen, with its hash."""
    protocol = study_results.study_protocol(workspace, study["id"])
    cases = study_results.study_cases(workspace, study["id"])
    seen = int((~cases["held_out"].astype(bool) & ~cases["practice"].astype(bool)).sum())
    with st.container(border=True):
        st.markdown(
            f"**{counted(protocol.case_count, 'case')}** in {counted(protocol.rounds, 'round')}, "
            f"{protocol.practice_cases} for practice · " + ", ".join(m.label for m in protocol.every_modality)
        )
        if protocol.record_filter:
            st.markdown(f"Cases drawn only from records with: {kept_in_words(protocol.record_filter, escaped=as_text)}")
        if protocol.classes.has_borderline:
            st.markdown(f"{protocol.borderline.in_words} in the probability of malignancy, the export and the analyses")
        show_exchanges(workspace, study["id"])
        if study["model_id"]:
            model = model_registry.get_model(workspace, study["model_id"])
            st.markdown(f"Model: {as_text(model_label(model))}")
        else:
            st.markdown("Without a model")
        if protocol.prespecified_analyses:
            st.markdown("Decided on beforehand: " + ", ".join(map(analysis_title, protocol.prespecified_analyses)))
        st.markdown(f"Frozen {moment(study['frozen_at'])} · protocol sha256 `{study['protocol_sha256']}`")
        if study["model_id"] and seen:
            st.warning(
                f"For {seen} of {counted(protocol.case_count, 'case')} the model trained, or may have trained, on the "
                "lesion, the patient or the file.",
                icon=":material/warning:",
            )
        elif study["model_id"]:
            st.markdown("Every case is of a lesion that the model did not train on.")
        st.download_button(
            "Protocol (JSON)",
            study["protocol"],
            file_name=f"{study['id']}-protocol.json",
            mime="application/json",
            key="study.protocol",
            icon=":material/download:",
            on_click="ignore",
        )


def show_invitations(workspace: Workspace, study: dict[str, Any]) -> None:
    """Make links, list them, renew and withdraw them."""
    st.subheader("Invitations", anchor=False)
    with st.form("invite", clear_on_submit=True, border=True):
        labels = st.text_area(
            "Whom to invite, one per line",
            placeholder="Reader 1\nReader 2",
            help="A name or number for your own use. Readers never see it, and the results do not hold it.",
            key="study.labels",
        )
        if st.form_submit_button("Make links", type="primary", key="study.make_links"):
            _make_links(workspace, study, [line for line in labels.splitlines() if line.strip()])
    _new_links(study)
    invitations = study_results.invitations(workspace, study["id"])
    if invitations.empty:
        st.caption("No invitations yet.")
        return
    data_table(_invitation_table(invitations), key="study.invitations")
    with st.container(horizontal=True):
        _renew(workspace, study, invitations)
        _withdraw(workspace, invitations)


def _make_links(workspace: Workspace, study: dict[str, Any], labels: list[str]) -> None:
    access.act(Right.RUN_STUDIES)
    try:
        made = create_study.invite_readers(workspace, study["id"], labels)
    except InvalidInput as error:
        # Said at the form: the rest of the page stands.
        st.error(as_text(error), icon=":material/error:")
        return
    _keep_links(study, made)


def _keep_links(study: dict[str, Any], made: list[Invitation]) -> None:
    st.session_state[keys.NEW_LINKS] = (study["id"], [(i.label, i.link) for i in made])


def _new_links(study: dict[str, Any]) -> None:
    study_id, links = st.session_state.get(keys.NEW_LINKS, (None, []))
    if study_id != study["id"] or not links:
        return
    st.success(
        "Copy these links now: they are shown once, because only their hash is stored. Each is for one reader. A link "
        "that was lost is renewed below.",
        icon=":material/key:",
    )
    for label, link in links[:_LINKS_SHOWN]:
        st.markdown(f"**{as_text(label)}**")
        st.code(link, language=None, wrap_lines=True)
    if len(links) > _LINKS_SHOWN:
        st.caption(f"{len(links) - _LINKS_SHOWN} more in the file.")
    st.download_button(
        "Links (CSV)",
        to_safe_csv(pd.DataFrame(links, columns=["label", "link"])),
        file_name=f"{study['id']}-links.csv",
        mime="text/csv",
        key="study.links",
        icon=":material/download:",
        on_click="ignore",
    )


def _status(row: pd.Series) -> str:
    if pd.notna(row["withdrawn_at"]):
        return "withdrawn"
    renewed = f", link renewed {moment(row['renewed_at'])}" if pd.notna(row["renewed_at"]) else ""
    return ("not opened yet" if pd.isna(row["reader_id"]) else "taking part") + renewed


def _invitation_table(invitations: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Invited": invitations["label"],
            "Made": [moment(t) for t in invitations["created_at"]],
            "State": [_status(row) for _, row in invitations.iterrows()],
            "Reader": invitations["reader_id"].fillna(""),
        }
    )


def _renew(workspace: Workspace, study: dict[str, Any], invitations: pd.DataFrame) -> None:
    labels = dict(zip(invitations["id"], invitations["label"], strict=True))
    with st.popover("Renew a link", icon=":material/autorenew:"):
        chosen = pick("Invitation", list(labels), labels.__getitem__, key="study.renew_which")
        st.write(
            "For a link that was lost or came into wrong hands, or to let a withdrawn reader in again. The link before "
            "it stops working at once; the reader goes on where they were."
        )
        if st.button("Make a new link", key="study.renew", disabled=chosen is None) and chosen is not None:
            renewed_by = access.act(Right.RUN_STUDIES).id
            _keep_links(study, [create_study.renew_invitation(workspace, chosen, renewed_by=renewed_by)])
            st.rerun()


def _withdraw(workspace: Workspace, invitations: pd.DataFrame) -> None:
    open_ones = invitations[invitations["withdrawn_at"].isna()]
    labels = dict(zip(open_ones["id"], open_ones["label"], strict=True))
    with st.popover("Withdraw an invitation", icon=":material/block:", disabled=not labels):
        # Nobody is chosen beforehand: a second click must not withdraw the next in the list.
        chosen = pick("Invitation", list(labels), labels.__getitem__, key="study.withdraw_which")
        st.write("The link stops working at once. Answers given so far are kept.")
        if st.button("Withdraw", key="study.withdraw", disabled=chosen is None) and chosen is not None:
            withdrawn_by = access.act(Right.RUN_STUDIES).id
            create_study.withdraw_invitation(workspace, chosen, withdrawn_by=withdrawn_by)
            st.rerun()


def show_progress(workspace: Workspace, study: dict[str, Any]) -> None:
    """How far each reader has come."""
    st.subheader("Progress", anchor=False)
    progress = study_results.reader_progress(workspace, study["id"])
    if progress.empty:
        empty_state("hourglass_empty", "Nobody has started", "Send out the invitation links.")
        return
    done = int((progress["cases_done"] >= progress["cases_total"]).sum())
    st.write(f"{counted(len(progress), 'reader')}, {done} finished.")
    named = progress.assign(
        reader=[
            f"{label} · {PROFESSIONS.get(profession, 'no profile yet')}"
            for label, profession in zip(progress["label"], progress["profession"], strict=True)
        ]
    )
    show_figure(reader_progress_figure(named, theme=current_theme()), key="study.progress")
