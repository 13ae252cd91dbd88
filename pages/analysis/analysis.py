from dermdash.ui import access
from dermdash.ui.analysis.analysis_page import analysis_page
from dermdash.ui.messages import errors_shown

with errors_shown():
    workspace = access.require_admin()
    analysis_page(workspace)
