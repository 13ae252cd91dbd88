import streamlit as st

from dermdash.ui import access
from dermdash.ui.any_import_view import import_anything
from dermdash.ui.choices import choose_segment
from dermdash.ui.import_result import past_imports, show_result
from dermdash.ui.import_view import APART, WAY, WAYS, forget_earlier_visit, import_form, run_import
from dermdash.ui.import_watch import is_importing, start_import, watch_import
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records

with errors_shown():
    workspace = open_page("dataset/import_images")
    forget_earlier_visit()
    datasets = browse_records.list_datasets(workspace)
    page_head(
        "Import",
        "Bring in tables and their images. Metadata inside the image files is removed, pixels stay untouched; "
        "an import can be interrupted and started again.",
        f"{counted(sum(d['records'] for d in datasets), 'record')} in {counted(len(datasets), 'data set')}",
    )
    result = st.container()
    way = choose_segment("What is there?", list(WAYS), WAYS.__getitem__, key=WAY, name="way")
    with result:
        show_result(workspace)
    if way == APART:
        request = import_form(busy=is_importing(workspace))
        if request is not None:
            account = access.act(Right.IMPORT_RECORDS)
            start_import(
                workspace,
                account.id,
                lambda progress: run_import(workspace, request, imported_by=account.id, progress=progress),
            )
    else:
        import_anything(workspace)
    past_imports(workspace)
    with result:
        watch_import(workspace)
