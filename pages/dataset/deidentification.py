from dermdash.ui.choices import choose_tab
from dermdash.ui.deidentification_queues import show_looks, show_proposals
from dermdash.ui.deidentification_view import (
    deidentification_state,
    pick_dataset,
    show_export,
    show_removed,
    show_sign_off,
)
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

PURPOSE = (
    "What could show who somebody is: what was taken out of the image files, writing in the pictures, and the names in "
    "an export."
)

with errors_shown():
    workspace = open_page("dataset/deidentification")
    page_head("Privacy", PURPOSE, deidentification_state(workspace))
    dataset_ids = pick_dataset(workspace)
    if dataset_ids is not None:
        tabs = choose_tab(
            {
                "text": "Writing in the pictures", "look": "Look at every image", "removed": "Found and removed",
                "sign": "Sign-off", "export": "Export",
            },
            key="deidentification.tab",
        )  # fmt: skip
        for tab, show in {
            "text": show_proposals, "look": show_looks, "removed": show_removed, "sign": show_sign_off,
            "export": show_export,
        }.items():  # fmt: skip
            if tabs[tab].open:
                with tabs[tab]:
                    show(workspace, dataset_ids)
