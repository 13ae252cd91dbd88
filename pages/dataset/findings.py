from dermdash.ui import access
from dermdash.ui.findings_view import findings_state, offer_search, show_findings
from dermdash.ui.messages import errors_shown, page_head
from dermdash.workflows import review_findings

with errors_shown():
    workspace = access.require_admin()
    pairs = review_findings.list_pairs(workspace)
    page_head(
        "Findings",
        "Pairs of images that may show one lesion under two lesion ids. Such a pair flatters every figure that takes "
        "its records for independent.",
        findings_state(pairs),
    )
    offer_search(workspace, pairs)
    if pairs:
        show_findings(workspace, pairs)
