from dermdash.ui import address
from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.study_designer.designer_view import show_draft
from dermdash.ui.study_designer.start_view import show_start
from dermdash.workflows.dataset import browse_records

with errors_shown():
    workspace = open_page("reader_study/new_study")
    draft_id = address.given("draft")
    if draft_id is not None:
        show_draft(workspace, draft_id)
    else:
        page_head("New study", "A protocol in the making: kept after every change, frozen when it is whole.")
        page_link("analysis/sample_size", label="How many readers and cases?", icon=":material/calculate:")
        if any(d["records"] for d in browse_records.list_datasets(workspace)):
            show_start(workspace)
        else:
            empty_state("upload", "No records to draw cases from", "Import a data set first.")
            page_link("dataset/import_images", label="Import images", icon=":material/upload:")
