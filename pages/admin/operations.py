from dermdash.ui import access
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.operations_view import operations_state, show_operations
from dermdash.ui.operator_routes import HEALTH
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.workspace.operations import operations

with errors_shown():
    workspace = open_page("admin/operations")
    found = operations(workspace, access.act(Right.SEE_OPERATIONS), HEALTH)
    page_head("Operations", "How the app runs here, and what to do where it does not.", operations_state(found))
    show_operations(workspace, found)
