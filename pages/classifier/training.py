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
    show_trainings(workspace, jobs, problems)
    new_training(workspace, jobs)
