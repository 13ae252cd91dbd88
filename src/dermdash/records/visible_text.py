"""Text out of a file as people see it: no sign in it turns the reading direction, and nothing becomes a link."""

import re

_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What Markdown, as GitHub extends it, takes for an address of a page or of a person, escaped or not.
_ADDRESS = re.compile(r"(https?:)(?=//)|\b(www)(?=\.)|(?<=[-.\w+])(?=@)", re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"
"""Is not seen, breaks no line, and is no part of any address."""


def visible_text(text: str) -> str:
    """The text with each character that sets the reading direction written out, as ``⟨U+202E⟩``.

    Such a character lets ``gpj.exe`` read "exe.jpg" and one name look like another; it stays in what is stored.
    """
    return _DIRECTIONS.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def unlinked(text: str) -> str:
    """The text with addresses that no longer become links of their own: a click on a name leads nowhere."""
    return _ADDRESS.sub(lambda found: found[0] + _JOINER, text)
