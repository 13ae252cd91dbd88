from dermdash.ui.messages import errors_shown
from dermdash.ui.navigation import open_page
from dermdash.ui.study_page import show_study

with errors_shown():
    workspace = open_page("reader_study/study")
    show_study(workspace)
