from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.overview_view import overview, overview_state

with errors_shown():
    workspace = open_page("dataset/overview")
    page_head(
        "Overview",
        "Data sets that earn their trust, and studies that measure readers and a CNN together.",
        overview_state(workspace),
    )
    overview(workspace)
