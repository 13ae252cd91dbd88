from dermdash.ui import access
from dermdash.ui.accounts_view import accounts_state, show_accounts
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.workflows.accounts.people import list_people
from dermdash.workflows.accounts.rights import Right

with errors_shown():
    workspace = open_page("admin/accounts")
    actor = access.act(Right.MANAGE_ACCOUNTS)
    known = list_people(workspace, actor)
    page_head("Accounts", "Who may sign in, and what each of them may do.", accounts_state(known))
    show_accounts(workspace, actor, known)
