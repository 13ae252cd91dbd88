import streamlit as st

from dermdash.ui import access
from dermdash.ui.messages import errors_shown, page_head

with errors_shown():
    workspace = access.require_admin()
    page_head("Account", "Who is signed in in this browser.", "Signed in as admin")
    st.markdown(f"Workspace: `{workspace.home}`")
    if st.button("Sign out", key="account.sign_out", icon=":material/logout:"):
        access.sign_out()
        st.toast("Signed out. Starting the app again prints a new admin link.")
        st.rerun()
