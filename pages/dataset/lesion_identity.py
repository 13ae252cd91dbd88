from dermdash.ui.choices import choose_tab
from dermdash.ui.lesion_identity_view import identity_state, show_groups
from dermdash.ui.lesion_ledger_view import show_ledger_import
from dermdash.ui.lesion_lists_view import show_entry, show_history, show_lists
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.workflows.lesion_identity.lesion_groups import lesion_groups

PURPOSE = (
    "Which images show one lesion, who decided so and why. What is one lesion here counts as one everywhere: in "
    "splits, trainings, evaluations, similar images and studies."
)
TABS = {
    "groups": ("Groups", show_groups),
    "lists": ("Published lists", show_lists),
    "ledger": ("Take in a ledger", show_ledger_import),
    "enter": ("Enter a pair", show_entry),
    "history": ("History", show_history),
}

with errors_shown():
    workspace = open_page("dataset/lesion_identity")
    page_head("Images of one lesion", PURPOSE, identity_state(lesion_groups(workspace)))
    tabs = choose_tab({name: title for name, (title, _) in TABS.items()}, key="identity.tab")
    for name, (_, show) in TABS.items():
        if tabs[name].open:
            with tabs[name]:
                show(workspace)
