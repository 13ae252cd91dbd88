from dermdash.ui.choices import choose_tab
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.retrieval_quality_view import show_quality
from dermdash.ui.similar_view import choose_model, show_search, similar_state

with errors_shown():
    workspace = open_page("classifier/similar_images")
    page_head(
        "Similar images",
        "Diagnosed images that a model finds alike, never of the same lesion, patient or file; and how often they "
        "have the right diagnosis.",
        similar_state(workspace),
    )
    chosen = choose_model(workspace)
    if chosen is not None:
        tabs = choose_tab({"search": "Search", "quality": "Retrieval quality"}, key="similar.tab")
        with tabs["search"]:
            show_search(workspace, *chosen)
        with tabs["quality"]:
            show_quality(workspace, *chosen)
