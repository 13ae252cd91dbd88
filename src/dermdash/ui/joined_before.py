"""What a browser keeps of the readings that were begun in it by the link of a group, so that nobody begins twice."""

import streamlit as st

from dermdash.ui.frontend.changes import callback_of, sent_value
from dermdash.ui.frontend.exchange.reader_frame import MOST_JOINED, JoinedPayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.frontend.modules import composed

_KEY = "joined-before"
_LONGEST = 100

_joined = st.components.v2.component(
    "dermdash_joined_before", html='<div class="joined-before root"></div>', js=composed("joined_before")
)


def joined_here(study: str) -> tuple[str, ...]:
    """The tokens that the browser says it keeps of a study, the latest first; ``study``: its name for browsers.

    Anybody can send anything: which of them admit is for the server to say.
    """
    told = sent_value(_asked(_KEY, JoinedPayload(study=study, remember="")), Sends.JOINED)
    if not isinstance(told, list):
        return ()
    return tuple(one for one in told[:MOST_JOINED] if isinstance(one, str) and 0 < len(one) <= _LONGEST)


def remember_here(study: str, token: str) -> None:
    """Let the browser keep a token. It stands in the address already, and so in the browser's history."""
    _asked(f"{_KEY}-new", JoinedPayload(study=study, remember=token))


def _asked(key: str, data: JoinedPayload) -> object:
    heard = callback_of(Sends.JOINED, lambda: None)  # the page is drawn again, which is all that is needed
    return _joined(key=key, data=data, default={Sends.JOINED: None}, **heard)
