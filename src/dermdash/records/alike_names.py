"""Names that a person would take for one: `Reader A`, `reader_a` and `READER  A`.

Three degrees, each with its use:

- `composed`: one text written in two Unicode forms (NFC and NFD). It is the same name, always.
- `folded`: also capitals, blanks and characters that nobody sees. Near enough to join two files where only one name on
  each side is meant (`dermdash.records.name_match`).
- `alike_key`: also separators, leading zeros, and Cyrillic letters that look Latin. Near enough to ask, not to
  decide.

Accents count: Müller and Muller are two people.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from dermdash.wording import counted

_NOT_SEEN = {"Cf", "Cc"}
_ALSO_NOT_SEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {chr(c) for c in range(0xFE00, 0xFE10)}
"""Fillers, joiners and selectors of a variant, whose category does not say that they are not seen."""
_TURKISH = str.maketrans({"ı": "i", "\u0307": None})
_CYRILLIC = dict(zip("авекмнорстухіјѕ", "abekmhopctyxijs", strict=True))
_LATIN_LOOK = str.maketrans(_CYRILLIC)
_LETTER_AND_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_WHOLE = re.compile(r"(?<=\d)[.,]0+(?![\d.,])")
_LEADING_ZEROS = re.compile(r"(?<![\d.,])0+(?=\d)")
# A point between digits belongs to the number; a dash before or after everything is a sign.
_SEPARATORS = re.compile(r"[\s_]+|(?<=\S)[-\u2010-\u2015\u2212]+(?=\S)|(?<!\d)\.|\.(?!\d)")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class AlikeNames:
    """Spellings of one kind of name that look like one, each with its number of rows; most rows first."""

    kind: str
    spellings: tuple[tuple[str, int], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The spellings."""
        return tuple(name for name, _ in self.spellings)

    @property
    def usual(self) -> str:
        """The spelling that all of them are given when they are taken for one: that of most rows."""
        return self.spellings[0][0]

    @property
    def text(self) -> str:
        """The spellings with their rows: `'Reader A' (57 rows), 'reader A' (3 rows)`."""
        return ", ".join(f"{shown_name(name)} ({counted(n, 'row')})" for name, n in self.spellings)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"kind": self.kind, "spellings": dict(self.spellings)}


def composed(text: str) -> str:
    """The text with accents and letters in one character where Unicode has one (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """What is left of a name without capitals, width, outer and repeated blanks and characters that are not seen."""
    if not text.isascii():
        # Caseless match of compatibility forms, as the Unicode standard defines it (D146).
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold()).casefold()
        text = "".join(c for c in text if c.isspace() or not _not_seen(c))
        text = unicodedata.normalize("NFKC", text).translate(_TURKISH)
    return " ".join(text.casefold().split())


def alike_key(text: str) -> str:
    """The same for names that a person would take for one; see the head of this module."""
    same = folded(text)
    loose = _LEADING_ZEROS.sub("", _WHOLE.sub("", same.translate(_LATIN_LOOK)))
    loose = _LETTER_AND_DIGIT.sub(" ", loose)
    # Of nothing but separators nothing would be left, and all such names would be one.
    return " ".join(_SEPARATORS.sub(" ", loose).split()) or same


def alike_names(kind: str, rows: Mapping[str, int]) -> tuple[AlikeNames, ...]:
    """Groups of two or more names that look like one; the result does not depend on the order of the names."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in rows:
        groups[alike_key(name)].append(name)
    found = [
        AlikeNames(kind, tuple((name, rows[name]) for name in sorted(names, key=lambda n: (-rows[n], n))))
        for names in groups.values()
        if len(names) > 1
    ]
    return tuple(sorted(found, key=lambda group: (-sum(n for _, n in group.spellings), group.usual)))


def shown_name(name: str) -> str:
    """The name in quotes; characters that nobody could see or tell from Latin ones are named after it."""
    short = name if len(name) <= _SHOWN else name[:_SHOWN] + "..."
    latin = any("a" <= c.casefold() <= "z" for c in name)
    odd = [
        f"U+{ord(c):04X}"
        for c in name
        if c != " " and (c.isspace() or _not_seen(c) or (latin and c.casefold() in _CYRILLIC))
    ]
    if "  " in name:
        odd.append("two blanks in a row")
    return f"'{short}'" + (f" (with {', '.join(dict.fromkeys(odd))})" if odd else "")


def _not_seen(character: str) -> bool:
    return unicodedata.category(character) in _NOT_SEEN or character in _ALSO_NOT_SEEN
