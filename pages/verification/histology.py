from dermdash.ui import access
from dermdash.ui.choices import choose_tab
from dermdash.ui.histology_import_view import show_import
from dermdash.ui.histology_view import histology_state, show_contradictions, show_entry, show_outstanding
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.unknown_classes import say_unknown_classes
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.verification.histology import list_contradictions, list_outstanding

PURPOSE = "What the pathologist found: the highest stage of a label. A malignant label waits for it."

with errors_shown():
    workspace = open_page("verification/histology")
    actor = access.act(Right.READ_HISTOLOGY)
    waiting, contradictions = list_outstanding(workspace, actor), list_contradictions(workspace, actor)
    page_head("Histology", PURPOSE, histology_state(waiting, contradictions))
    say_unknown_classes(workspace)
    titles = {"outstanding": "Outstanding"}
    if access.may(Right.CURATE_LABELS):
        titles |= {"enter": "Enter one", "upload": "Upload a table"}
    tabs = choose_tab(titles | {"contradictions": "Contradictions"}, key="histology.tab")
    if tabs["outstanding"].open:
        with tabs["outstanding"]:
            show_outstanding(workspace, waiting)
    if tabs["contradictions"].open:
        with tabs["contradictions"]:
            show_contradictions(workspace, contradictions)
    if "enter" in tabs and tabs["enter"].open:
        with tabs["enter"]:
            show_entry(workspace)
    if "upload" in tabs and tabs["upload"].open:
        with tabs["upload"]:
            show_import(workspace)
