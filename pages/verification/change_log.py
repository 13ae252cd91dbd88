from dermdash.ui import access
from dermdash.ui.change_log_view import show_entries, show_head
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.verification.change_log import current_head

PURPOSE = (
    "Every change of a label or field: who, when, what it was, what it became, why. Each entry is tied to the one "
    "before it, so that nothing can be changed afterwards without being found."
)

with errors_shown():
    workspace = open_page("verification/change_log")
    actor = access.act(Right.READ_CHANGE_LOG)
    head = current_head(workspace)
    page_head("Change log", PURPOSE, f"{head.entries:,} entries" if head.entries != 1 else "1 entry")
    show_head(workspace, head)
    show_entries(workspace, actor)
