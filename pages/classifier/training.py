import streamlit as st

from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.training_view import new_training, page_values, show_trainings, training_state

with errors_shown():
    workspace = open_page("classifier/training")
    jobs, problems = page_values(workspace)
    page_head(
        "Training",
        "Train a classifier on a data set and measure it on patients it never saw.",
        training_state(jobs),
    )
    above = st.container()
    show_trainings(workspace, jobs, problems)
    # Drawn last, as what it starts draws the page anew; seen first, as the list may be long.
    with above if jobs else st.container():
        new_training(workspace, jobs)
