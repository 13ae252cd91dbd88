"""Asks whether names that look alike are one, before a file is imported or analysed."""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from dermdash.errors import NamesAlike
from dermdash.readings.spellings import APART, MERGE, SpellingChoice, kind_word
from dermdash.records.alike_names import AlikeNames
from dermdash.ui.choices import pick
from dermdash.ui.messages import as_text
from dermdash.wording import counted

_ASKED_ONE_BY_ONE = 6
_LISTED = 50
_ROUNDS = 5
Result = TypeVar("Result")
REVERSED_HELP = (
    "The scale of the file runs the other way round: ratings are turned round within their range (of 1 to 5: 6 minus "
    "the rating)."
)


def read_when_asked(
    read: Callable[[SpellingChoice], Result],
    alike: Callable[[Result], Sequence[AlikeNames]],
    *,
    key: str,
    choice: SpellingChoice | None = None,
) -> tuple[Result, SpellingChoice] | None:
    """Read a file, and ask about its names as long as some look alike; None until everything is answered.

    Parameters
    ----------
    read
        Reads the file with what was said so far.
    alike
        Names of a result that look alike and of which nobody has said whether they are one.
    key
        Start of the keys of the widgets.
    choice
        What was said before.

    Raises
    ------
    InvalidInput
        The file cannot be used, whatever is said of its names.
    """
    said = choice or SpellingChoice()
    for _ in range(_ROUNDS):
        failure: NamesAlike | None = None
        groups: Sequence[AlikeNames]
        try:
            result = read(said)
            groups = alike(result)
        except NamesAlike as error:
            failure, groups = error, error.groups
        if failure is None and not groups:
            return result, said
        answered = _ask(groups, said, key=key)
        if answered is None:
            if failure is not None:
                st.warning(as_text(failure), icon=":material/error:")
            else:
                st.info("Say whether they are one, to go on.", icon=":material/info:")
            return None
        said = answered
    assert failure is not None or groups
    raise failure or NamesAlike("Its names look alike in too many ways: spell them alike in the file.", tuple(groups))


def _ask(groups: Sequence[AlikeNames], said: SpellingChoice, *, key: str) -> SpellingChoice | None:
    """A question for each group, or one for all of a kind where they are many; None as long as one is open."""
    kinds: dict[str, list[AlikeNames]] = {}
    for group in groups:
        kinds.setdefault(group.kind, []).append(group)
    found: SpellingChoice | None = said
    for kind, some in kinds.items():
        word = kind_word(kind)
        questions = (
            [([group], f"These spellings look like one {word}: {group.text}") for group in some]
            if len(some) <= _ASKED_ONE_BY_ONE
            else [(some, f"{counted(len(some), 'group')} of spellings look like one {word} each")]
        )
        for asked, question in questions:
            answer = _answer(as_text(question), kind, key=f"{key}.{_digest(asked)}")
            if len(asked) > 1:
                with st.expander("The spellings"):
                    st.markdown("\n".join(f"- {as_text(group.text)}" for group in asked[:_LISTED]))
                    if len(asked) > _LISTED:
                        st.caption(f"and {len(asked) - _LISTED:,} more")
            found = None if found is None or answer is None else found.taking(asked, answer)
    return found


def _answer(question: str, kind: str, *, key: str) -> str | None:
    labels = {MERGE: f"One {kind_word(kind)}", APART: f"Different {kind_word(kind, 2)}"}
    return pick(question, list(labels), labels.__getitem__, key=key, draw="radio", horizontal=True)


def _digest(groups: Sequence[AlikeNames]) -> str:
    """Names a question by what it is about: another file asks anew."""
    text = "\0".join(name for group in groups for name in (group.kind, *group.names))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
