from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.verification.agreement_view import PURPOSE, TITLE, agreement_view

with errors_shown():
    workspace = open_page("verification/agreement")
    page_head(TITLE, PURPOSE)
    agreement_view(workspace)
