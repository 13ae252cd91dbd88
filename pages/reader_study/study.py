import streamlit as st

from dermdash.ui import access
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.study_choice import chosen_study, study_badges
from dermdash.ui.study_view import show_invitations, show_progress, show_protocol

with errors_shown():
    workspace = access.require_admin()
    page_head("Invitations and progress", "Invite readers to a frozen study and see how far they are.")
    study = chosen_study(workspace)
    if study is None:
        st.stop()
    st.header(study["name"], anchor=False)
    study_badges(workspace, study)
    show_protocol(workspace, study)
    left, right = st.columns(2, gap="large")
    with left:
        show_invitations(workspace, study)
    with right:
        show_progress(workspace, study)
    st.page_link(
        "pages/reader_study/results.py", label="Results", icon=":material/monitoring:", query_params={"id": study["id"]}
    )
