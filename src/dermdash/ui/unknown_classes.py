"""Says which data sets have classes that nobody knows any more: lists show them, and nothing counts their classes."""

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text
from dermdash.wording import sentence
from dermdash.workflows.dataset.browse_records import unknown_classes


def say_unknown_classes(workspace: Workspace) -> None:
    """One line per data set whose taxonomy is gone or cannot be used, with the way out; nothing where all are known."""
    for name, why in unknown_classes(workspace).items():
        st.warning(
            f"The classes of {as_text(name)} are not known: {as_text(sentence(why))} Lists show it; what counts "
            "classes can be had of the other data sets alone, chosen in the filter. Put the file back into the folder "
            "*taxonomies* of the workspace, or add the taxonomy again on the page *Diagnoses*.",
            icon=":material/warning:",
        )
