"""What somebody sees who comes by the link of a group or without one, and a reader while nothing is read."""

import streamlit as st

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.reader_study.conduct import Conduct, Standing
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.messages import as_text, error_words
from dermdash.wording import counted
from dermdash.workflows.reader_study import join_study, recruitment
from dermdash.workflows.reader_study.conduct import not_read_now, standing_of
from dermdash.workflows.reader_study.join_study import Invited

_WIDTH = 680
_ASK_AGAIN_S = 20.0


def join_page(workspace: Workspace, invited: Invited) -> None:
    """What a link for several leads to: from here on everybody has a link of their own."""
    protocol = join_study.protocol_of(workspace, invited.study_id)
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        st.title("Reader study", anchor=False)
        st.header(as_text(protocol.name), anchor=False)
        if say_not_read(standing_of(workspace, invited.study_id)):
            return
        st.write(f"{counted(protocol.case_count, 'dermatoscopic image')}, and you can pause at any time.")
        full = recruitment.full_strata(workspace, invited.study_id)
        if full:
            st.warning("All places are taken for: " + ", ".join(map(as_text, full)), icon=":material/group_off:")
        with st.container(border=True):
            st.markdown(
                "This link is for everybody who was invited with you. When you begin you get a **link of your own**, "
                "which brings you back to where you were, on another day or device too. "
                "Have you begun already? Then please open your own link instead."
            )
            if st.button("Begin", type="primary", key="join.begin"):
                _begin(workspace, invited)


def _begin(workspace: Workspace, invited: Invited) -> None:
    try:
        made = recruitment.take_own_link(workspace, invited, address=st.context.ip_address or "")
    except (AccessDenied, InvalidInput) as error:
        st.error(error_words(error), icon=":material/group_off:")
        return
    st.session_state[keys.OWN_LINK] = made.link
    st.query_params.from_dict({"invitation": made.token})
    st.rerun()


def own_link() -> None:
    """Show who has just come their own link, until they have consented: they need it to come back."""
    link = st.session_state.get(keys.OWN_LINK)
    if link:
        st.info(
            "This is your own link. Keep it, for example as a bookmark or in a message to yourself: it brings you back "
            "to where you were, and nobody can tell it to you again.",
            icon=":material/bookmark:",
        )
        st.code(link, language=None, wrap_lines=True)


def say_not_read(conduct: Conduct) -> bool:
    """Say why the study is not read now, and look again while it is paused; False where it is read."""
    words = not_read_now(conduct)
    if not words:
        return False
    paused = conduct.standing(now()) is Standing.PAUSED
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        title = "The study is paused" if paused else "The study is over"
        st.title(title, anchor=False)
        st.info(as_text(words), icon=":material/pause_circle:" if paused else ":material/event_busy:")
        if paused:
            st.caption("This page goes on by itself when the study does.")
            _ask_again()
    return True


@st.fragment(run_every=_ASK_AGAIN_S)
def _ask_again() -> None:
    if st.session_state.get(keys.ASKED_AGAIN):
        st.session_state[keys.ASKED_AGAIN] = False
        st.rerun()
    st.session_state[keys.ASKED_AGAIN] = True


def say_no_place(workspace: Workspace, reader_id: str) -> bool:
    """Say that there was no place for a reader; False where there was."""
    stratum = recruitment.no_place_for(workspace, reader_id)
    if stratum is None:
        return False
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        st.title("Thank you for your interest", anchor=False)
        st.info(
            f"All places for readers like you are taken ({as_text(stratum)}). The study needs readers of every kind in "
            "numbers that were decided beforehand. The study team can tell you whether places come free.",
            icon=":material/group_off:",
        )
    return True
