from dermdash.ui import access
from dermdash.ui.analysis.readers_and_cases_view import readers_and_cases_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = access.require_admin()
    page_head("Readers and cases", "How able readers are and how difficult cases, on one scale.")
    table = chosen_readings(workspace)
    if table is not None:
        readers_and_cases_view(workspace, table)
