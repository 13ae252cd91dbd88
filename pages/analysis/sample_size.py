from dermdash.ui.analysis.sample_size_view import sample_size_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

with errors_shown():
    workspace = open_page("analysis/sample_size")
    page_head("How many readers?", "How many readers and cases a study needs, before it begins.")
    sample_size_view(workspace)
