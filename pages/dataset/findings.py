import streamlit as st

from dermdash.ui.checks_view import say_checks, show_checks, watch_checks
from dermdash.ui.contradictions_view import (
    EVERY_KIND,
    SAME_LESION,
    contradictions_state,
    pick_findings,
    show_contradictions,
)
from dermdash.ui.finding_list_view import findings_summary, show_list, watch_acts
from dermdash.ui.findings_view import (
    findings_state,
    is_empty_workspace,
    offer_search,
    show_findings,
    show_listed_images,
)
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.model_and_images import pick_kind
from dermdash.ui.navigation import open_page
from dermdash.workflows.dataset import find_contradictions
from dermdash.workflows.dataset.image_kinds import datasets_of_kind
from dermdash.workflows.findings.list_findings import ranked_findings
from dermdash.workflows.lesion_identity import review_findings

TITLE = "Possible errors"
PURPOSE = (
    "What may be wrong with the data, from every check in one list: what spoils results stands first. A measurement "
    "proposes, people decide."
)

with errors_shown():
    workspace = open_page("dataset/findings")
    head = st.empty()
    with head.container():
        page_head(TITLE, PURPOSE)
    which = pick_findings()
    if which == EVERY_KIND:
        drawn = pick_kind(workspace, key="findings.images")
        if not is_empty_workspace(workspace):
            watch_acts(workspace)
            found = ranked_findings(workspace, simulated=drawn)
            with head.container():  # again, with what was found
                page_head(TITLE, PURPOSE, findings_summary(found))
            datasets = datasets_of_kind(workspace, simulated=drawn)
            progress = st.container()  # above the list, which is long
            say_checks()
            show_checks(workspace, datasets, drawn=drawn)
            show_list(workspace, found, drawn=drawn)
            with progress:
                watch_checks(workspace)
    elif which == SAME_LESION:
        drawn = pick_kind(workspace, key="findings.images")
        pairs = review_findings.list_pairs(workspace, simulated=drawn)
        with head.container():  # again, with what was found
            page_head(TITLE, PURPOSE, findings_state(pairs))
        progress = st.container()
        say_checks()
        offer_search(workspace, pairs, drawn)
        if pairs:
            show_findings(workspace, pairs)
        show_listed_images(workspace, drawn)
        with progress:
            watch_checks(workspace)
    else:
        contradictions = find_contradictions.list_contradictions(workspace)
        with head.container():
            page_head(TITLE, PURPOSE, contradictions_state(contradictions))
        show_contradictions(workspace, contradictions)
