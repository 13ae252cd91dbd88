from dermdash.ui import access
from dermdash.ui.analysis.benefit_view import benefit_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings_or_counts

with errors_shown():
    workspace = access.require_admin()
    page_head("Benefit of assistance", "How answers change when readers are assisted, for whom, and on which cases.")
    table = chosen_readings_or_counts(workspace)
    if table is not None:
        benefit_view(workspace, table)
