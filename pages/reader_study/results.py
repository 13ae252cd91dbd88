import streamlit as st

from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.results_view import show_results
from dermdash.ui.source_choice import chosen_study

with errors_shown():
    workspace = open_page("reader_study/results")
    page_head("Results", "Who took part, and how assistance changed their diagnoses.")
    study = chosen_study(workspace)
    if study is None:
        st.stop()
    show_results(workspace, study)
