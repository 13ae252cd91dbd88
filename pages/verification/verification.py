from dermdash.ui import access
from dermdash.ui.choices import choose_tab
from dermdash.ui.ladder_view import choose_dataset, show_ladder
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.review_rule_view import show_rule
from dermdash.ui.team_view import show_team
from dermdash.workflows.accounts.rights import Right

PURPOSE = "How far the labels of a data set have come: initial annotation, consensus of three, histology."

with errors_shown():
    workspace = open_page("verification/verification")
    actor = access.act(Right.CURATE_LABELS)
    page_head("Labels", PURPOSE)
    dataset = choose_dataset(workspace)
    if dataset is not None:
        tabs = choose_tab({"ladder": "Ladder", "rule": "Rule", "team": "Team"}, key="verification.tab")
        for name, show in (("ladder", show_ladder), ("rule", show_rule), ("team", show_team)):
            if tabs[name].open:
                with tabs[name]:
                    show(workspace, actor, dataset)
