from dermdash.ui import access
from dermdash.ui.messages import errors_shown
from dermdash.ui.navigation import open_page
from dermdash.ui.verification.annotate_view import panel_kept, show_annotation

with errors_shown(), panel_kept():
    workspace = open_page("verification/annotate")
    account = access.current_account()
    if account is not None:
        show_annotation(workspace, account)
