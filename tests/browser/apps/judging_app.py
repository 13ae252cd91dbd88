"""The desk of de-identification on a page of its own, and what came from it."""

import streamlit as st
from drawn_images import lesion_uri

from dermdash.ui.frontend.exchange.judging import JudgingPayload, RegionPayload
from dermdash.ui.judging_desk import ImageJudgement, judging_desk

st.set_page_config(page_title="Desk", layout="wide")


def keep(judgement: ImageJudgement) -> None:
    regions = [(r.x, r.y, r.width, r.height) for r in judgement.regions]
    st.session_state.setdefault("said", []).append(f"{judgement.act} {judgement.image_sha256[:1]} {regions}")


said = st.session_state.setdefault("said", [])
at = min(len(said), 2)
data = JudgingPayload(
    image=lesion_uri(at), image_id="abc"[at] * 64, width=600, height=450, label="Image", said="", cleared=False,
    proposals=[RegionPayload(x=20, y=400, width=100, height=30)], place=at + 1, total=3, done=at, may=True,
    longest_note=500, seen=0, records=1,
)  # fmt: skip
judging_desk(data, key="desk", on_act=keep)
st.text("Said: " + " | ".join(st.session_state["said"]))
