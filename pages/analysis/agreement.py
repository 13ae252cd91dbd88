from dermdash.ui import access
from dermdash.ui.analysis.agreement_view import agreement_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = access.require_admin()
    page_head("Agreement", "How far readers agree with one another and with themselves, before and after assistance.")
    table = chosen_readings(workspace)
    if table is not None:
        agreement_view(table)
