import streamlit as st

from dermdash.errors import AccessDenied
from dermdash.reader_study.words.message import in_language
from dermdash.ui.joining_view import join_page
from dermdash.ui.messages import as_text, errors_shown
from dermdash.ui.open_workspace import current_workspace
from dermdash.ui.reader_language import shown_language
from dermdash.workflows.reader_study.recruitment import JOIN_PARAMETER, open_public_page

# No role and no link: whether a study looks for readers at this address is asked at every run.
with errors_shown():
    workspace = current_workspace()
    try:
        join_page(workspace, open_public_page(workspace, st.query_params.get(JOIN_PARAMETER, "")))
    except AccessDenied as error:
        st.error(as_text(in_language(error.args[0], shown_language())), icon=":material/lock:")
