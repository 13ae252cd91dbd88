import streamlit as st

from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.sign_in_view import provider_part, show_sign_in

with errors_shown():
    page_head("dermdash", "Dermatoscopic data sets and human-AI reader studies.")
    if st.query_params.get("link") == "used":
        st.error(
            "This sign-in link does not work: it was used already, a newer one replaced it, or it was not copied "
            "whole. Start the app again to get a new link, or sign in below.",
            icon=":material/link_off:",
        )
    if not provider_part():
        show_sign_in()
