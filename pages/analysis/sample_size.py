from dermdash.ui import access
from dermdash.ui.analysis.sample_size_view import sample_size_view
from dermdash.ui.messages import errors_shown, page_head

with errors_shown():
    workspace = access.require_admin()
    page_head("Sample size", "How many readers and cases a study needs, before it begins.")
    sample_size_view(workspace)
