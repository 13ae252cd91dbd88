import streamlit as st

from dermdash.ui.amendments_view import show_amendments
from dermdash.ui.invitations_view import show_invitations
from dermdash.ui.mail_view import show_mail
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.source_choice import chosen_study, link_to_study
from dermdash.ui.study_preview_view import see_as_reader
from dermdash.ui.study_view import show_progress, show_protocol

with errors_shown():
    workspace = open_page("reader_study/study")
    page_head("Invitations and progress", "Invite readers to a frozen study and see how far they are.")
    study = chosen_study(workspace)
    if study is None:
        st.stop()
    show_protocol(workspace, study)
    show_amendments(workspace, study)
    see_as_reader(workspace, study["id"])
    link = link_to_study(study["id"])
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_invitations(workspace, study)
        show_mail(workspace, study)
    with right:
        show_progress(workspace, study)
        page_link("reader_study/monitoring", label="Monitoring", icon=":material/monitor_heart:", query_params=link)
    page_link("reader_study/results", label="Results", icon=":material/monitoring:", query_params=link)
