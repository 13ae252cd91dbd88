import streamlit as st

from dermdash.ui.case_draw_view import preview
from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.new_study_view import freeze_button, study_form
from dermdash.ui.study_preview_view import preview_as_reader
from dermdash.ui.study_trial_view import trial
from dermdash.workflows.dataset import browse_records

with errors_shown():
    workspace = open_page("reader_study/new_study")
    page_head(
        "New study",
        "Template *Nature Medicine 2020*: each case is read alone, the answer locks, then assistance is shown.",
    )
    page_link("analysis/sample_size", label="How many readers and cases?", icon=":material/calculate:")
    if not any(d["records"] for d in browse_records.list_datasets(workspace)):
        empty_state("upload", "No records to draw cases from", "Import a data set first.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        st.stop()
    protocol = study_form(workspace)
    if protocol is not None and preview(workspace, protocol) is not None:
        trial(workspace, protocol)
        preview_as_reader(workspace, protocol)
        freeze_button(workspace, protocol)
