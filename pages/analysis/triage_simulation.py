from dermdash.ui import access
from dermdash.ui.analysis.triage_view import triage_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = access.require_admin()
    page_head("Triage", "What would be seen, saved and missed if the model went first, or gave a second opinion.")
    table = chosen_readings(workspace)
    if table is not None:
        triage_view(workspace, table)
