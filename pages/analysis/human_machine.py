import streamlit as st

from dermdash.ui import access
from dermdash.ui.analysis.human_machine_view import human_machine_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = access.require_admin()
    page_head("Readers and model", "Every reader beside the model's ROC curve, without assistance and with it.")
    table = chosen_readings(workspace)
    if table is None:
        st.stop()
    human_machine_view(workspace, table)
