import streamlit as st

from dermdash.ui import access
from dermdash.ui.import_view import import_form, past_imports, run_import, show_report
from dermdash.ui.messages import errors_shown, page_head
from dermdash.wording import counted
from dermdash.workflows import browse_records


def head() -> None:
    datasets = browse_records.list_datasets(workspace)
    page_head(
        "Import",
        "Bring in a metadata table and its images. Metadata inside the image files is removed, pixels stay untouched; "
        "an import can be interrupted and started again.",
        f"{counted(sum(d['records'] for d in datasets), 'record')} in {counted(len(datasets), 'data set')}",
    )


with errors_shown():
    workspace = access.require_admin()
    title = st.empty()
    with title.container():
        head()
    result = st.container()
    request = import_form()
    if request is not None:
        with result:
            report = run_import(workspace, request)
            show_report(workspace, report)
        with title.container():  # again, with the records that came in
            head()
    past_imports(workspace)
