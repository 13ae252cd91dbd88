import streamlit as st

from dermdash.ui.analysis.report_view import report_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.source_choice import chosen_readings_or_counts, warned

with errors_shown():
    workspace = open_page("analysis/report")
    page_head("Report", "The answers of a study on two pages, and on request every analysis behind them, in one file.")
    table = chosen_readings_or_counts(workspace)
    if table is None:
        st.stop()
    report_view(workspace, warned(table))
