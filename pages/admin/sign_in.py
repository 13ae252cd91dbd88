import streamlit as st

from dermdash.ui.messages import page_head

page_head("dermdash", "Dermatoscopic data sets and human-AI reader studies.")
if st.query_params.get("link") == "used":
    st.error(
        "This sign-in link does not work: it was used already, a newer one replaced it, or it was not copied whole. "
        "Start the app again to get a new link.",
        icon=":material/link_off:",
    )
with st.container(border=True, width=560):
    st.header("Sign in", anchor=False)
    st.markdown(
        "**You run this workspace:** open the admin link printed in the terminal where the app was started. "
        "It works once; starting the app again prints a new one."
    )
    st.markdown("**You take part in a study:** open the invitation link you were sent.")
