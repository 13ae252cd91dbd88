"""Which encoding bytes are in that do not say so: a choice by likelihood, with how sure it is.

Western and Cyrillic single-byte encodings cannot be told apart by what is allowed, as every byte means something in
each; they are told apart by what is likely. In Western text a letter with an accent stands alone among plain ones, in
Cyrillic text such bytes come in words, small letters follow capitals and not the other way round (which is how KOI8-R
read as Windows-1251 looks), and о is a hundred times as frequent as ъ.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SURE = 0.95
"""Below this share of the likelihood an encoding is asked for, not assumed."""

WORDS_OF = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252 (Western)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "cp866": "cp866 (Cyrillic, DOS)",
}
"""What the encodings that are recognised are called."""

_PRIOR = {"cp1252": 0.45, "cp1251": 0.45, "koi8-r": 0.05, "cp866": 0.05}
_RUSSIAN = {
    letter: share / 1000
    for letter, share in zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5, 4,
         3, 3, 0.4, 0.4),
        strict=True,
    )
}  # fmt: skip
_WESTERN = dict.fromkeys("âîôëï", 0.01) | dict.fromkeys("êàåøæõ", 0.02) | dict.fromkeys("úãñçßá", 0.05)
_WESTERN |= {"é": 0.15, "ü": 0.12, "ä": 0.12, "ö": 0.1, "è": 0.05, "í": 0.06, "ó": 0.06}
_USUAL_SIGNS = frozenset("°±µ«»–—…‘’“”„•€£§©®²³×½¼№\u00a0")
_RARE, _USUAL = 0.0005, 0.02
_MOST = 20_000
_BAD = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """An encoding, the text by it, and how sure it is: its share of the likelihood, 0 to 1."""

    encoding: str
    text: str
    confidence: float

    @property
    def words(self) -> str:
        """What people call the encoding."""
        return WORDS_OF.get(self.encoding, self.encoding)


def guesses(data: bytes, priors: Mapping[str, float] = _PRIOR) -> tuple[EncodingGuess, ...]:
    """Single-byte encodings that the bytes may be in, the likeliest first; of those that read the same, one.

    ``priors``: the encodings, and how usual each is for such bytes.
    """
    likely: dict[str, tuple[float, str]] = {}
    for encoding, prior in priors.items():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = math.log(prior) + sum(map(math.log, _likelihoods(text)))
        if text not in likely or score > likely[text][0]:
            likely[text] = score, encoding
    if not likely:
        return ()
    best = max(score for score, _ in likely.values())
    total = sum(math.exp(score - best) for score, _ in likely.values())
    found = [EncodingGuess(name, text, math.exp(score - best) / total) for text, (score, name) in likely.items()]
    return tuple(sorted(found, key=lambda guess: -guess.confidence))


def utf16_without_mark(data: bytes) -> EncodingGuess | None:
    """The text of UTF-16 that lacks its byte order mark; None where the bytes are no such text.

    A line end, a separator or a digit has a zero byte on one side, always the same; in a spreadsheet or an archive
    zeros stand on both.
    """
    if len(data) % 2 or b"\0" not in data:
        return None
    even, odd = data[::2].count(0), data[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) * 20 > max(even, odd):
        return None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    head = text[:_MOST]
    readable = sum(c.isprintable() or c in "\r\n\t" for c in head)
    plain = sum(c.isascii() for c in head)
    if "\0" in text or readable < len(head) * 0.99 or plain < len(head) * 0.1:
        return None
    return EncodingGuess(encoding, text, 1.0)


def mostly_utf8(data: bytes) -> str | None:
    """The text of UTF-8 in which a few bytes are broken, these as `broken_bytes` finds them; None for other text."""
    text = data.decode("utf-8-sig", errors="surrogateescape")
    broken = len(_BAD.findall(text))
    whole = sum(not c.isascii() for c in text) - broken
    return text if broken and whole > broken else None


def broken_bytes(text: str) -> list[int]:
    """The bytes in a text of `mostly_utf8` that are no UTF-8."""
    return [ord(found) - 0xDC00 for found in _BAD.findall(text)]


def is_known(encoding: str) -> bool:
    """Whether there is an encoding of text by that name."""
    try:
        b"a".decode(encoding)
    except (LookupError, ValueError):
        return False
    return True


def _likelihoods(text: str) -> Iterator[float]:
    """How likely each character beyond ASCII is, beside its neighbours."""
    seen = 0
    for place, character in enumerate(text):
        if character.isascii():
            continue
        seen += 1
        if seen > _MOST:
            return
        before = text[place - 1] if place else " "
        after = text[place + 1] if place + 1 < len(text) else " "
        yield _likelihood(character, before, after)


def _likelihood(character: str, before: str, after: str) -> float:
    small = character.lower()
    beside = [c for c in (before, after) if c.isalpha()]
    plain = [c for c in beside if c.isascii()]
    if small in _RUSSIAN:
        share = _RUSSIAN[small] * (0.01 if plain else 1.0)
        share *= _of_capital(before) if character != small else 1.0
    elif small in _WESTERN or character.isalpha():
        share = _WESTERN.get(small, _RARE)
        share *= 0.05 if len(plain) < len(beside) else 1.0
        share *= 1.0 if beside else 0.1
        share *= _of_capital(before) if character != small else 1.0
    else:
        share = _USUAL if character in _USUAL_SIGNS else _RARE
        share *= 0.05 if len(beside) == 2 and character != "’" else 1.0
        # Signs stand alone; several in a row are letters of another encoding.
        share *= 0.05 if any(not c.isascii() and not c.isalpha() for c in (before, after)) else 1.0
    return share


def _of_capital(before: str) -> float:
    """How likely a capital is: at the beginning of a word, or among other capitals."""
    if before.isupper():
        return 0.7
    return 0.01 if before.islower() else 0.2
