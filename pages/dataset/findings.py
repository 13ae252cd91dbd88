import streamlit as st

from dermdash.ui.contradictions_view import SAME_LESION, contradictions_state, pick_findings, show_contradictions
from dermdash.ui.findings_view import findings_state, offer_search, show_findings, show_listed_images
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.model_and_images import pick_kind
from dermdash.ui.navigation import open_page
from dermdash.workflows.dataset import find_contradictions
from dermdash.workflows.lesion_identity import review_findings

TITLE = "Findings"
PURPOSE = (
    "Pairs of images that may show one lesion under two lesion ids, and rows that contradict one another. Both flatter "
    "or spoil every figure that takes its records as they are."
)

with errors_shown():
    workspace = open_page("dataset/findings")
    head = st.empty()
    with head.container():
        page_head(TITLE, PURPOSE)
    if pick_findings() == SAME_LESION:
        drawn = pick_kind(workspace, key="findings.images")
        pairs = review_findings.list_pairs(workspace, simulated=drawn)
        with head.container():  # again, with what was found
            page_head(TITLE, PURPOSE, findings_state(pairs))
        offer_search(workspace, pairs, drawn)
        if pairs:
            show_findings(workspace, pairs)
        show_listed_images(workspace, drawn)
    else:
        found = find_contradictions.list_contradictions(workspace)
        with head.container():
            page_head(TITLE, PURPOSE, contradictions_state(found))
        show_contradictions(workspace, found)
