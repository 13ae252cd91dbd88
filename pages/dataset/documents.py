import streamlit as st

from dermdash.ui.choices import choose_tab
from dermdash.ui.documents_view import pick_dataset, show_documents
from dermdash.ui.export_view import show_exports, watch_export
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

PURPOSE = (
    "Write a data set in a format that others read, with who said what of each label, and the documents about it, "
    "which fill themselves as far as numbers go."
)

with errors_shown():
    workspace = open_page("dataset/documents")
    page_head("Documents and exports", PURPOSE)
    dataset_id = pick_dataset(workspace)
    if dataset_id is None:
        st.stop()
    tabs = choose_tab({"export": "Export", "documents": "Documents"}, key="documents.tab")
    if tabs["export"].open:
        with tabs["export"]:
            show_exports(workspace, dataset_id)
            watch_export(workspace)
    if tabs["documents"].open:
        with tabs["documents"]:
            show_documents(workspace, dataset_id)
