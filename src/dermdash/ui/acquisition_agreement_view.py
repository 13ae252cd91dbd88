"""How far proposed scores and people's agree: the sentences, the table of both as a picture, and as CSV."""

import streamlit as st

from dermdash.charts.confusion import score_confusion_figure
from dermdash.storage.workspace import Workspace
from dermdash.ui.acquisition_view import pick_datasets
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.theme import current_theme, show_figure
from dermdash.workflows.dataset.acquisition_agreement import agreement_sentences, proposal_agreement


def show_agreement(workspace: Workspace) -> None:
    """The agreement over the answers that were given blind."""
    chosen = pick_datasets(workspace)
    # All of them: photographs where there are any, as they are never pooled with drawn images.
    found = proposal_agreement(workspace, chosen if len(chosen) == 1 else None)
    sentences = agreement_sentences(found)
    if not found.answers:
        empty_state("compare_arrows", "Nothing to compare yet", "Score images with the proposal hidden.")
        for sentence in sentences[1:]:
            st.caption(as_text(sentence))
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_figure(score_confusion_figure(found.counts, theme=current_theme()), key="acquisition.confusion")
    with right:
        st.markdown("\n".join(f"- {as_text(sentence)}" for sentence in sentences))
    csv_button(
        "Table of both (CSV)", lambda: found.frame, name="acquisition-agreement", key="acquisition.agreement.csv"
    )
