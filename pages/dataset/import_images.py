import streamlit as st

from dermdash.ui import access
from dermdash.ui.import_view import import_form, past_imports, run_import, show_report
from dermdash.ui.messages import errors_shown, page_head
from dermdash.workflows import browse_records

with errors_shown():
    workspace = access.require_admin()
    datasets = browse_records.list_datasets(workspace)
    page_head(
        "Import",
        "Bring in a metadata table and its images. Metadata inside the image files is removed, pixels stay untouched; "
        "an import can be interrupted and started again.",
        f"{sum(d['records'] for d in datasets):,} records in {len(datasets):,} data sets",
    )
    result = st.container()
    request = import_form()
    if request is not None:
        with result:
            show_report(workspace, run_import(workspace, request))
    past_imports(workspace)
