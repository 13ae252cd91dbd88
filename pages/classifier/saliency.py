import streamlit as st

from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.saliency_view import saliency_state, show_choice, show_saliency

TITLE = "Where the model looks"
PURPOSE = "Where in the images a model finds the evidence for its predictions, and whether that is on the lesion."

with errors_shown():
    workspace = open_page("classifier/saliency")
    head = st.empty()
    with head.container():
        page_head(TITLE, PURPOSE)
    chosen = show_choice(workspace)
    with head.container():  # again, with what was chosen
        page_head(TITLE, PURPOSE, saliency_state(workspace, *chosen))
    show_saliency(workspace, *chosen)
