import re

import pytest

from dermdash.records.visible_text import unlinked, visible_text
from dermdash.ui.messages import as_code, as_message, as_text

# As remark-gfm finds them in text, after all escapes are resolved.
LINK = re.compile(r"https?://|\bwww\.|[-.\w+]@[-\w]", re.IGNORECASE)
DIRECTIONS = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]


@pytest.mark.parametrize("code", DIRECTIONS)
def test_a_character_that_turns_the_reading_direction_is_written_out(code: int) -> None:
    name = f"a{chr(code)}b"
    for show in (visible_text, as_text, as_message, as_code):
        assert f"⟨U+{code:04X}⟩" in show(name)
        assert chr(code) not in show(name)


@pytest.mark.parametrize(
    "name",
    [
        "http://evil.example/a", "HTTPS://evil.example", "www.evil.example", "(WWW.evil.example)", "ada@evil.example",
        "see https://a.example and www.b.example", "mailto:ada@evil.example", "a+b.c@evil.example",
    ],
)  # fmt: skip
def test_no_address_in_a_name_becomes_a_link(name: str) -> None:
    assert LINK.search(name)
    for show in (unlinked, as_text, as_message):
        assert not LINK.search(show(name).replace("\\", ""))
        # What is read stays the same.
        assert show(name).replace("\\", "").replace("\N{WORD JOINER}", "") == name


def test_other_text_stays_as_it_is() -> None:
    for text in ("Ärztin", "a.b", "مريم", "www", "1 @ 2", "http: //", "ratio 2:1"):
        assert visible_text(text) == unlinked(text) == text
