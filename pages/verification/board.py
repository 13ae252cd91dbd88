from dermdash.ui import access
from dermdash.ui.board_view import show_board
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.verification.board import list_cases

PURPOSE = "Records on which the reviewers do not agree, what each of them said, and the consensus that comes of it."

with errors_shown():
    workspace = open_page("verification/board")
    actor = access.act(Right.DISCUSS_CASES)
    cases = list_cases(workspace, actor)
    # Reviewers see those that they have answered: others may still be asked of them.
    yours = "" if access.may(Right.CURATE_LABELS) else " that you reviewed"
    page_head("Board", PURPOSE, f"{counted(len(cases), f'record{yours} waits', f'records{yours} wait')} for a decision")
    show_board(workspace, actor, cases)
