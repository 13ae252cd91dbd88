import streamlit as st

from dermdash.ui.messages import errors_shown
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.reading_view import reading_page

# No role: the invitation in the address is what admits, and it is checked on every run.
with errors_shown():
    reading_page(current_workspace, st.query_params.get("invitation", ""))
