from dermdash.ui import access
from dermdash.ui.analysis.mrmc_view import mrmc_view
from dermdash.ui.messages import errors_shown, page_head

with errors_shown():
    workspace = access.require_admin()
    page_head("Multi-reader multi-case", "Modalities compared over readers and cases, so that results hold for others.")
    mrmc_view(workspace)
