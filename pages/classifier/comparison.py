import streamlit as st

from dermdash.ui.comparison_view import comparison_page, comparison_state, lead_to_readers, show_comparison
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

TITLE = "Two models"
PURPOSE = "Two models, or a model and a file of predictions, on the same images with paired statistics."

with errors_shown():
    workspace = open_page("classifier/comparison")
    lead_to_readers()
    head = st.empty()
    with head.container():
        page_head(TITLE, PURPOSE)
    result = comparison_page(workspace)
    if result is None:
        st.stop()
    with head.container():  # again, with what was compared
        page_head(TITLE, PURPOSE, comparison_state(result))
    show_comparison(workspace, result)
