import streamlit as st

from dermdash.ui import access
from dermdash.ui.analysis.reliance_view import show_reliance
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = access.require_admin()
    page_head("Reliance", "How often readers take advice, and whether they take it when it is right.")
    table = chosen_readings(workspace)
    if table is None:
        st.stop()
    show_reliance(table, str(workspace.home))
