"""The square over a lesion on a page of its own."""

import streamlit as st
from drawn_images import lesion_uri

from dermdash.ui.lesion_crop import lesion_crop

st.set_page_config(page_title="Crop", layout="wide")
crop = lesion_crop(lesion_uri(3), width=600, height=450, key="crop")
st.text(f"Crop: {crop.x:.2f} {crop.y:.2f} {crop.share:.2f}")
