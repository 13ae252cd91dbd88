from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.taxonomies_view import show_taxonomies, taxonomies_state

with errors_shown():
    workspace = open_page("dataset/taxonomies")
    page_head(
        "Diagnoses",
        "Which diagnoses there are, what they come from, and what they become in the classes of another source.",
        taxonomies_state(),
    )
    show_taxonomies(workspace)
