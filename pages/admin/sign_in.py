import streamlit as st

from dermdash.ui.messages import page_head

page_head("dermdash", "Dermatoscopic data sets and human-AI reader studies.")
with st.container(border=True, width=560):
    st.subheader("Sign in", anchor=False)
    st.markdown(
        "**You run this workspace:** open the admin link printed in the terminal where the app was started. "
        "It works once; starting the app again prints a new one."
    )
    st.markdown("**You take part in a study:** open the invitation link you were sent.")
