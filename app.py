"""Entry point of the Streamlit app: page config and role-aware navigation."""

import streamlit as st

from dermdash.ui.navigation import current_page

st.set_page_config(page_title="dermdash", page_icon=":material/dermatology:", layout="wide")
current_page().run()
