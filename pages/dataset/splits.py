from dermdash.ui.choices import choose_tab
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.splits_view import show_splits, splits_state
from dermdash.ui.versions_view import show_versions

PURPOSE = (
    "How records are divided for training and testing, once and under a name, and which states of a data set are kept "
    "to come back to."
)

with errors_shown():
    workspace = open_page("dataset/splits")
    page_head("Splits and versions", PURPOSE, splits_state(workspace))
    tabs = choose_tab({"splits": "Splits", "versions": "Versions"}, key="splits.tab")
    for tab, show in {"splits": show_splits, "versions": show_versions}.items():
        if tabs[tab].open:
            with tabs[tab]:
                show(workspace)
