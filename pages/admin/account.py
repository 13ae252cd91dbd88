from dermdash.ui import access
from dermdash.ui.account_view import show_account
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

with errors_shown():
    workspace = open_page("admin/account")
    account = access.current_account()
    if account is not None:
        page_head("Account", "Who you are here, and where you are signed in.", f"Signed in as {account.name}")
        show_account(workspace, account)
