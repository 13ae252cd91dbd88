from dermdash.ui import access
from dermdash.ui.messages import errors_shown
from dermdash.ui.navigation import open_page
from dermdash.ui.verification.my_work_view import show_my_work

with errors_shown():
    workspace = open_page("verification/my_work")
    account = access.current_account()
    if account is not None:
        show_my_work(workspace, account)
