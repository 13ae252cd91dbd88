from dermdash.ui.acquisition_agreement_view import show_agreement
from dermdash.ui.acquisition_table_view import show_measurements
from dermdash.ui.acquisition_view import acquisition_state, has_datasets, show_queue
from dermdash.ui.choices import choose_tab
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

PURPOSE = "How images were taken: what is measured proposes a score, a person's decides. 1 and 2 leave the data set."

with errors_shown():
    workspace = open_page("dataset/acquisition")
    page_head("Image quality", PURPOSE, acquisition_state(workspace))
    if has_datasets(workspace):
        tabs = choose_tab(
            {"queue": "Score images", "agreement": "Proposal and person", "measured": "What was measured"},
            key="acquisition.tab",
        )
        for tab, show in {
            "queue": show_queue, "agreement": show_agreement, "measured": show_measurements,
        }.items():  # fmt: skip
            if tabs[tab].open:
                with tabs[tab]:
                    show(workspace)
