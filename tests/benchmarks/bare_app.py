"""An app of Streamlit that does nothing: one component, told at every step as many bytes as a study's panel is.

What a step of it costs is what Streamlit costs; `load` runs it beside the app. It speaks as the panel does, so that the
same client reads there.
"""

import os
from typing import Any

import streamlit as st

BYTES = "BARE_APP_BYTES"
"""The variable that says how many bytes a step has."""
_COMPONENT = "dermdash_reading_panel"
_KEY = "panel"


def _hear() -> None:
    """Acknowledge what was delivered, and go on."""
    items: list[dict[str, Any]] = st.session_state[_KEY]["outbox"]["items"]
    st.session_state["acknowledged"] = [item["id"] for item in items]
    st.session_state["steps"] = st.session_state.get("steps", 0) + 1


def _page() -> None:
    panel = st.components.v2.component(_COMPONENT, js="export default () => {}")
    panel(
        key=_KEY,
        data={
            "step": {
                "key": str(st.session_state.get("steps", 0)),
                "phase": "unaided",
                "feedback": False,
                "image": "",
            },
            "acknowledged": st.session_state.get("acknowledged", []),
            "refused": [],
            "classes": [{"code": "nv"}, {"code": "mel"}],
            "confidence_levels": ["not sure", "sure"],
            "asked": {"malignancy_rating": False, "managements": []},
            "rest": "x" * int(os.environ[BYTES]),
        },
        on_outbox_change=_hear,
    )


if __name__ == "__main__":
    _page()
