from dermdash.ui.cases_view import cases_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.ui.source_choice import chosen_readings

with errors_shown():
    workspace = open_page("reader_study/cases")
    page_head("Cases", "Which lesions readers misread, and where assistance rescued or misled them.")
    table = chosen_readings(workspace)
    if table is not None:
        cases_view(workspace, table)
