from dermdash.ui import access
from dermdash.ui.analysis.agreement_view import agreement_view
from dermdash.ui.analysis.source_choice import chosen_readings
from dermdash.ui.messages import errors_shown, page_head

with errors_shown():
    workspace = access.require_admin()
    page_head("Agreement", "How far readers agree with one another and with themselves, before and after assistance.")
    table = chosen_readings(workspace)
    if table is not None:
        agreement_view(table)
