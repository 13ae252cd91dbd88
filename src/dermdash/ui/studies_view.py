"""The list of studies."""

from typing import Any

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text
from dermdash.ui.navigation import study_link
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.study_tabs import StudyTab
from dermdash.wording import counted, moment
from dermdash.workflows.reader_study import study_results


def show_studies(workspace: Workspace, studies: list[dict[str, Any]]) -> None:
    """One card per study with the way to its invitations and results."""
    for study in studies:
        protocol = study_results.study_protocol(workspace, study["id"])
        with st.container(border=True):
            badge = "  :gray-badge[simulated readers]" if study["simulated"] else ""
            st.markdown(f"## {as_text(study['name'])}{badge}")
            st.write(
                f"{counted(protocol.case_count, 'case')} · {counted(study['readers'], 'reader')} · "
                f"{counted(study['readings'], 'reading')} · " + ", ".join(m.label for m in protocol.every_modality)
            )
            st.caption(f"Frozen {moment(study['frozen_at'])} · protocol sha256 {study['protocol_sha256'][:16]}…")
            with st.container(horizontal=True):
                for tab in StudyTab:
                    study_link(tab, source=link_to_study(study["id"]))
