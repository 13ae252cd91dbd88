"""What a page says where the protocol keeps the results of a study from everybody until it is closed."""

import streamlit as st

from dermdash.errors import StillBlinded
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import study_link
from dermdash.ui.study_tabs import StudyTab


def say_blinded(error: StillBlinded, query: dict[str, str]) -> None:
    """Say it, and lead to what may be seen; ``query`` are the parameters of a link to the study."""
    empty_state("visibility_off", "Results are kept until the study is closed", as_text(error))
    with st.container(horizontal=True, horizontal_alignment="center"):
        study_link(StudyTab.READERS, source=query, label="How far the readers are")
