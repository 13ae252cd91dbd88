import streamlit as st

from dermdash.ui.evaluation_view import evaluation_page, evaluation_state, show_evaluation
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

TITLE = "Evaluation"
PURPOSE = "How good a model is on images it was not trained on: class by class, at a threshold, and in subgroups."

with errors_shown():
    workspace = open_page("classifier/evaluation")
    head = st.empty()
    with head.container():
        page_head(TITLE, PURPOSE)
    found = evaluation_page(workspace)
    if found is None:
        st.stop()
    request, evaluation = found
    with head.container():  # again, with what was evaluated
        page_head(TITLE, PURPOSE, evaluation_state(workspace, evaluation))
    show_evaluation(workspace, request, evaluation)
