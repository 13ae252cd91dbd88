from dermdash.ui.archive_import_view import show_archive_import
from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.studies_view import show_studies
from dermdash.wording import counted
from dermdash.workflows.reader_study import study_results

with errors_shown():
    workspace = open_page("reader_study/studies")
    studies = study_results.list_studies(workspace)
    page_head(
        "Studies",
        "Reader studies of this workspace: who reads, with which assistance, and what came out.",
        counted(len(studies), "study", "studies"),
    )
    if not studies:
        empty_state("groups", "No study yet", "Create one from the template *Nature Medicine 2020*.")
    show_studies(workspace, studies)
    page_link("reader_study/new_study", label="New study", icon=":material/add_circle:")
    show_archive_import(workspace)
