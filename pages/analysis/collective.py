from dermdash.ui import access
from dermdash.ui.analysis.collective_view import collective_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = access.require_admin()
    page_head("Collective", "How accurate groups of readers are together, alone and with the model.")
    table = chosen_readings(workspace)
    if table is not None:
        collective_view(workspace, table)
