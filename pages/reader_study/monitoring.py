import streamlit as st

from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.monitoring_view import show_monitoring
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.source_choice import chosen_study, link_to_study

with errors_shown():
    workspace = open_page("reader_study/monitoring")
    page_head("Monitoring", "Who takes part, how far, how evenly and how fast, while a study runs.")
    study = chosen_study(workspace)
    if study is None:
        st.stop()
    show_monitoring(workspace, study)
    link = link_to_study(study["id"])
    page_link("reader_study/study", label="Invitations", icon=":material/mail:", query_params=link)
