from dermdash.ui.analysis.mrmc_view import ratings_file_view
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

with errors_shown():
    workspace = open_page("analysis/ratings_file")
    page_head(
        "Ratings of a file",
        "Modalities compared over readers and cases (multi-reader multi-case) from a file of ratings of any study. "
        "Nothing of it is stored.",
    )
    ratings_file_view()
