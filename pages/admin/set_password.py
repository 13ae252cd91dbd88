from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.sign_in_view import show_new_password

with errors_shown():
    page_head("dermdash", "Dermatoscopic data sets and human-AI reader studies.")
    show_new_password()
