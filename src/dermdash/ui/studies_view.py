"""The list of studies."""

from typing import Any

import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.navigation import study_link
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.study_tabs import StudyTab
from dermdash.wording import counted, moment
from dermdash.workflows.reader_study import study_results


def show_studies(workspace: Workspace, studies: list[dict[str, Any]]) -> None:
    """One card per study with the way to its invitations and results; one that cannot be read hides no other."""
    for study in studies:
        with st.container(border=True):
            badge = "  :gray-badge[simulated readers]" if study["simulated"] else ""
            st.markdown(f"## {as_text(study['name'])}{badge}")
            count = f"{counted(study['readers'], 'reader')} · {counted(study['readings'], 'reading')}"
            try:
                protocol = study_results.study_protocol(workspace, study["id"])
            except InvalidInput as error:
                st.write(count)
                st.warning(unreadable_protocol(error), icon=":material/warning:")
            else:
                shown = [m.label for m in protocol.every_modality] or ["without assistance"]
                st.write(f"{counted(protocol.case_count, 'case')} · {count} · {', '.join(shown)}")
            st.caption(f"Frozen {moment(study['frozen_at'])} · protocol sha256 {study['protocol_sha256'][:16]}…")
            with st.container(horizontal=True):
                for tab in StudyTab:
                    study_link(tab, source=link_to_study(study["id"]))


def unreadable_protocol(error: InvalidInput) -> str:
    """What stands in the place of a study's numbers where its protocol cannot be read."""
    return f"Its protocol cannot be read: {error_words(error)}"
