import streamlit as st

from dermdash.ui.joining_view import open_page_without_link
from dermdash.ui.messages import errors_shown
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.reader_study.recruitment import JOIN_PARAMETER

# No role and no link: whether a study looks for readers at this address is asked at every run.
with errors_shown():
    open_page_without_link(current_workspace(), st.query_params.get(JOIN_PARAMETER, ""))
