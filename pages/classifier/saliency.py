from dermdash.ui import access
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.saliency_view import saliency_state, show_choice, show_saliency

with errors_shown():
    workspace = access.require_admin()
    page_head(
        "Saliency",
        "Where in the images a model finds the evidence for its predictions, and whether that is on the lesion.",
        saliency_state(workspace),
    )
    chosen = show_choice(workspace)
    if chosen is not None:
        show_saliency(workspace, *chosen)
