import streamlit as st

from dermdash.ui import access
from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.new_study_view import freeze_button, preview, study_form
from dermdash.workflows.dataset import browse_records

with errors_shown():
    workspace = access.require_admin()
    page_head(
        "New study",
        "Template *Nature Medicine 2020*: each case is read alone, the answer locks, then assistance is shown.",
    )
    st.page_link("pages/analysis/sample_size.py", label="How many readers and cases?", icon=":material/calculate:")
    if not any(d["records"] for d in browse_records.list_datasets(workspace)):
        empty_state("upload", "No records to draw cases from", "Import a data set first.")
        st.page_link("pages/dataset/import_images.py", label="Import images", icon=":material/upload:")
        st.stop()
    protocol = study_form(workspace)
    if protocol is not None and preview(workspace, protocol) is not None:
        freeze_button(workspace, protocol)
