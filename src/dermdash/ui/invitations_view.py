"""The invitations of a study on its page: make links, list them, renew and withdraw them."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import pick
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table
from dermdash.wording import moment
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import invitations as links
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.invitations import Invitation

_LINKS_SHOWN = 20


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
        made = links.invite_readers(workspace, study["id"], labels)
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
            _keep_links(study, [links.renew_invitation(workspace, chosen, renewed_by=renewed_by)])
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
            links.withdraw_invitation(workspace, chosen, withdrawn_by=withdrawn_by)
            st.rerun()
