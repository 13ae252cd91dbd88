"""Turns dermdash errors into what a person sees, and says what to do on an empty page."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st

from dermdash.errors import AccessDenied, DermdashError, OutOfReach, WayOut
from dermdash.records.visible_text import unlinked, visible_text
from dermdash.ui import keys
from dermdash.ui.outage import OUTAGE
from dermdash.wording import sentence

_log = logging.getLogger(__name__)
_WAYS_OUT = {
    WayOut.INCLUDE_TRAINED: "A switch on this page includes them (*… trained on*).",
    WayOut.COMMON_IMAGES: "*Only the images that predictions and truth share* evaluates those.",
    WayOut.NORMALISE: "Switch on *Divide rows that do not sum to 1 by their sum* if these are scores or percent.",
    WayOut.OWN_DATASET: "Fill in another *Data set id*.",
    WayOut.BORDERLINE: "*Borderline diagnoses* says what they count as.",
    WayOut.PREDICT: "The page **Models** predicts them.",
    WayOut.TRUTH_OF_COUNTS: "Import the log again together with a file of true diagnoses, or choose another outcome.",
}
"""What a page offers where an error says that a choice would help."""
# A no-break space is meant: it keeps a number and its unit on one line.
_SPACES = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a DermdashError raised inside as a message and end the page there; anything else is a bug and rises."""
    try:
        yield
    except AccessDenied as error:
        st.error(error_words(error), icon=":material/lock:")
        st.stop()
    except OutOfReach as error:
        OUTAGE.lost(error)
        st.error(error_words(error), icon=":material/error:")
        st.stop()
    except DermdashError as error:
        _log.warning("%s: %s", type(error).__name__, error)
        st.error(error_words(error), icon=":material/error:")
        st.stop()


def error_words(error: DermdashError) -> str:
    """The error as Markdown, with the switch of the page that would help where there is one."""
    text = as_message(str(error))
    if error.way_out is None:
        return text
    return f"{sentence(text)} {_WAYS_OUT[error.way_out]}"


def as_message(text: str) -> str:
    """Show the text of an error: a command in it stays code, a link out of a file does not come alive."""
    # Commands in a message stay code; but a link or an image out of a file or an address must not come alive.
    # A backslash that stands before the bracket already must not cancel the one put there.
    return re.sub(r"(\\*)\[", r"\1\1\\[", unlinked(visible_text(text)))


def as_text(value: object) -> str:
    """Escape text out of a file or an address, so that it shows as it is inside Markdown."""
    one_line = unlinked(visible_text(_SPACES.sub(" ", str(value))))
    return re.sub(r"([\\`*\[\]<~$:&])", r"\\\1", one_line)


def as_code(value: object) -> str:
    """Show text out of a file as code: nothing comes alive there, as long as it cannot end the code."""
    text = visible_text(_SPACES.sub(" ", str(value))).replace("`", "'").strip()
    return f"`{text}`" if text else "(empty)"


def page_head(title: str, purpose: str, state: str = "") -> None:
    """Open a page: its title, one sentence of purpose, and the state of things."""
    st.title(title, anchor=False)
    st.markdown(purpose + (f"  \n**{state}**" if state else ""))


def redraw_saying(place: str, text: str, *, well: bool = True) -> NoReturn:
    """Draw the page anew after an act, so that all of it shows the state after it, and say there what the act did.

    ``well`` False: nothing was done, or not all of it.
    """
    leave_outcome(place, text, well=well)
    st.rerun()


def leave_outcome(place: str, text: str, *, well: bool = True) -> None:
    """What ``redraw_saying`` says, from within a callback, after which the page is drawn anew anyway."""
    st.session_state[keys.outcome(place)] = (text, well)


def show_outcome(place: str) -> None:
    """Say once, where the act was asked for, what it did."""
    said: tuple[str, bool] | None = st.session_state.pop(keys.outcome(place), None)
    if said is None:
        return
    text, well = said
    if well:
        st.success(text, icon=":material/check_circle:")
    else:
        st.warning(text, icon=":material/warning:")


def empty_state(icon: str, title: str, what_next: str) -> None:
    """Say that there is nothing yet and what to do next."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"## :material/{icon}: {title}", text_alignment="center")
        st.markdown(what_next, text_alignment="center")
