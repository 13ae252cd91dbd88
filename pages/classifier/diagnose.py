from dermdash.ui.diagnose_view import diagnose_upload, model_and_point, research_notice
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page

with errors_shown():
    workspace = open_page("classifier/diagnose")
    page_head(
        "Diagnose an image",
        "Upload or photograph one lesion and see what the classifier says, why, and how sure it can be. Nothing is "
        "stored unless you ask for it.",
    )
    research_notice()
    diagnose_upload(workspace, *model_and_point(workspace))
