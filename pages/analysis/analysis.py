from dermdash.ui.analysis.analysis_page import analysis_page
from dermdash.ui.messages import errors_shown
from dermdash.ui.navigation import open_page

with errors_shown():
    workspace = open_page("analysis/analysis")
    analysis_page(workspace)
