import streamlit as st

from dermdash.ui import access
from dermdash.ui.analysis.reading_time_view import show_reading_time
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = access.require_admin()
    page_head("Reading time", "How long readers take before and after assistance, and whether haste costs accuracy.")
    table = chosen_readings(workspace)
    if table is None:
        st.stop()
    show_reading_time(table, str(workspace.home))
