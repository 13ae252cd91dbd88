from dermdash.ui.messages import errors_shown
from dermdash.ui.navigation import open_page
from dermdash.ui.record_comparison_view import show_two_records

with errors_shown():
    workspace = open_page("dataset/compare")
    show_two_records(workspace)
