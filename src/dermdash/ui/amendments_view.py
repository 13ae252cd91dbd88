"""Amendments of a study: what was changed, when and why; and the form for the next one."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.amendment import MOST_REASON, ProtocolChange, check_amendment
from dermdash.reader_study.protocol_text import MOST_BYTES, parse_protocol, protocol_yaml
from dermdash.records.text_file import read_text
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.tables import data_table
from dermdash.wording import moment
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import amend_study
from dermdash.workflows.reader_study.protocol_of_study import protocol_now


def show_amendments(workspace: Workspace, study: dict[str, Any]) -> None:
    """The amendments in their order, and how to make one."""
    st.header("Amendments", anchor=False)
    every = amend_study.amendment_changes(workspace, study["id"])
    if not every:
        st.caption("The protocol is as it was frozen.")
    names = names_of(workspace)
    for made, changed in every:
        who = as_text(names.get(made.account_id, made.account_id))
        st.markdown(f"**{made.number}** · {moment(made.made_at)} · {who} · {as_text(made.reason)}")
        data_table(_table(changed), key=f"study.amendment.{made.number}")
    if access.may(Right.RUN_STUDIES):
        with st.expander("Amend the protocol"):
            _form(workspace, study)


def _form(workspace: Workspace, study: dict[str, Any]) -> None:
    st.write(
        "Download the protocol as it is, change it in a text editor, and send it back with the reason. Cases, "
        "assignments and questions stay as they are; texts, end and conduct can change. Readers follow it from their "
        "next step on."
    )
    before = protocol_now(workspace, study["id"])
    st.download_button(
        "Protocol (YAML)",
        protocol_yaml(before).encode(),
        f"{study['id']}-protocol.yaml",
        "application/yaml",
        key="study.amend.download",
        icon=":material/download:",
        on_click="ignore",
    )
    sent = st.file_uploader("Changed protocol (YAML)", type=["yaml", "yml"], key="study.amend.file", max_upload_size=1)
    reason = st.text_input("Reason", key="study.amend.reason", max_chars=MOST_REASON)
    if sent is None:
        return
    try:
        after = parse_protocol(read_text(sent.getvalue()[: MOST_BYTES + 1], file_kind="protocol"), file=sent.name)
        changed = check_amendment(before, after, reason=reason or "to be given")
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    data_table(_table(changed), key="study.amend.preview")
    if st.button("Amend", type="primary", key="study.amend", disabled=not reason.strip()):
        try:
            amend_study.amend_study(workspace, study["id"], after, reason=reason, actor=access.act(Right.RUN_STUDIES))
        except DermdashError as error:
            st.error(error_words(error), icon=":material/error:")
            return
        st.rerun()


def _table(changed: Iterable[ProtocolChange]) -> pd.DataFrame:
    rows = [(c.entry, _shown(c.before), _shown(c.after)) for c in changed]
    return pd.DataFrame(rows, columns=["Entry", "Before", "After"])


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
