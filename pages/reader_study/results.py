import streamlit as st

from dermdash.ui import access
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.results_view import show_results
from dermdash.ui.study_choice import chosen_study, study_badges

with errors_shown():
    workspace = access.require_admin()
    page_head("Results", "Who took part, and how assistance changed their diagnoses.")
    study = chosen_study(workspace)
    if study is None:
        st.stop()
    st.header(study["name"], anchor=False)
    study_badges(workspace, study)
    show_results(workspace, study)
