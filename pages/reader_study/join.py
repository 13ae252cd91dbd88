import streamlit as st

from dermdash.ui.joining_view import join_page
from dermdash.ui.messages import errors_shown
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.reader_study.recruitment import JOIN_PARAMETER, open_public_page

# No role and no link: whether a study looks for readers at this address is asked at every run.
with errors_shown():
    workspace = current_workspace()
    join_page(workspace, open_public_page(workspace, st.query_params.get(JOIN_PARAMETER, "")))
