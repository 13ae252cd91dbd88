"""Gallery and image viewer on one page, for the browser tests of the components."""

import streamlit as st
from drawn_images import lesion_uri, mask_uri

from dermdash.charts.palette import diagnosis_color
from dermdash.records.taxonomy import HAM7
from dermdash.ui.gallery import gallery
from dermdash.ui.image_viewer import image_viewer

st.set_page_config(page_title="Components", layout="wide")
STAGES = ("Initial annotation", "Consensus of three", "Histology")
show = st.query_params.get("show", "gallery")

if show == "gallery":
    count = int(st.query_params.get("tiles", "60"))
    tiles = [
        {
            "id": f"record-{i}",
            "image": lesion_uri(i, width=200, height=150),
            "title": HAM7.classes[i % 7].name,
            "subtitle": f"ISIC_00{24000 + i}" + (" · similarity 0.97" if i % 2 else ""),
            "color": diagnosis_color(HAM7.classes[i % 7].code),
            "badges": [{"text": STAGES[i % 3], "shape": f"stage-{i % 3 + 1}"}],
            "quality": i % 5 + 1,
            "quality_estimated": i % 2 == 0,
            "selected": i == 4,
        }
        for i in range(count)
    ]
    opened = gallery(tiles, key="tiles", tile_px=int(st.query_params.get("px", "190")))
    st.session_state["opened"] = [*st.session_state.get("opened", []), *([opened] if opened else [])]
    st.text("Opened: " + ", ".join(st.session_state["opened"]))
elif show == "viewer":
    image_viewer(lesion_uri(3), mask_uri(), key="viewer", height=480)
