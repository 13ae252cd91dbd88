"""The phrases of the vocabulary in a text: words by their stems; doubt and negation told apart from diagnoses."""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from dermdash.records.taxonomies.vocabulary import vocabulary

SIGNS_OF_MALIGNANCY = "signs of malignancy"

# What is not seen, and apostrophes: Bowen's is bowens.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff'\u2018\u2019\u00b4`]")
# A letter of its own, which only looks like one with an accent.
_SHORT_I = unicodedata.normalize("NFD", "й")
_IN_SITU = re.compile(r"\b(?:in[\s_-]*situ|ин[\s_-]*ситу)\b")
_WORD = re.compile(r"[^\W\d_]+|\d+|\?")
# V.a. and Z.n.: suspicion of, and condition after, in German; r/o, s/p and d/d in English.
_ABBREVIATED = (
    (re.compile(r"\bv\.?\s?a\.(?=\s|$)|\bva\.?\s(?=\w)"), " verdacht "),
    (re.compile(r"\bz\.?\s?n\.(?=\s|$)"), " anamnese "),
    (re.compile(r"\br/o\b|\bd/d\b|\bdd:|\bд/д\b"), " suspicion "),
    (re.compile(r"\bs/p\b"), " history "),
)
_SIGN_STEMS = ("malign", "малигниз", "злокачеств", "озлокачеств", "атипи", "atypi", "entart", "dysplasi", "дисплази")
_FREE_OF_SIGNS = (
    r"\b(?:without|no|free of|kein|keine|ohne|без|нет)\s+(?:(?:any|clear|явных|очевидных)\s+)?"
    r"(?:(?:signs?|evidence|features?|hint|zeichen|hinweise?|anzeichen|признаков|признаки|данных)\s+)?"
    r"(?:(?:of|for|auf|fur|von|der|einer|за|о)\s+)*"
    r"(?:malignancy|malignant transformation|malignitet|malignitetszeichen|maligner entartung|maligne entartung"
    r"|entartung|atypia|atypien|малигнизации|злокачественности|озлокачествления|атипии)\b"
)
"""In plain words (`_plain`): what says that there are none."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """What stands in a text: its words, the diagnoses (keys) with their phrases, and what else was found there.

    ``unread`` are words that mean nothing known; ``doubt``, ``negated`` and ``signs`` are those that say so.
    """

    words: tuple[str, ...]
    diagnoses: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    doubt: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


@functools.lru_cache(maxsize=20_000)
def find_phrases(text: str) -> Phrases:
    """Find the longest phrases of the vocabulary; abbreviations count only where nothing else stands in the text."""
    plain = _plain(text)
    words = [w for w in _WORD.findall(plain) if w not in _other_words("fillers")]
    said = [w for w in words if w not in _other_words("nothing")]
    if not said:
        return Phrases(())
    index, longest = _index()
    code = index.get(("code", *said))
    if code is not None:
        return Phrases(tuple(said), (code,), (" ".join(said),))
    plain = re.sub(_FREE_OF_SIGNS, " ", plain)
    words = [w for w in _WORD.findall(plain) if w not in _other_words("fillers")]
    stems = [_stem(w) for w in words]
    taken = [False] * len(words)
    found: list[tuple[int, str, str]] = []
    for length in range(min(longest, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            if any(taken[start : start + length]):
                continue
            key = index.get(tuple(sorted(stems[start : start + length])))
            if key is not None:
                found.append((start, key, " ".join(words[start : start + length])))
                taken[start : start + length] = [True] * length
    found.sort()
    idle = _other_words("measures") | _other_words("nothing")
    left = [w for w, used in zip(words, taken, strict=True) if not used and not w.isdigit() and w not in idle]
    doubt = tuple(w for w in left if w in _other_words("doubt"))
    negated = tuple(w for w in left if w in _other_words("negated"))
    # Signs also inside what was read: "malignant" beside a nevus is found there as a diagnosis of its own.
    signs = tuple(w for w in left if _stem(w) in _sign_stems() or w.startswith(_SIGN_STEMS))
    known = {*doubt, *negated, *signs}
    return Phrases(
        tuple(words),
        tuple(dict.fromkeys(key for _, key, _ in found)),
        tuple(phrase for _, _, phrase in found),
        tuple(w for w in left if w not in known),
        doubt,
        negated,
        signs,
    )


@functools.cache
def _index() -> tuple[Mapping[tuple[str, ...], str], int]:
    """Diagnosis by the sorted stems of a phrase, by an abbreviation; and how many words the longest phrase has."""
    index: dict[tuple[str, ...], str] = {}
    longest = 1
    for key, diagnosis in vocabulary().items():
        for phrase in diagnosis.words:
            stems = phrase_key(phrase)
            longest = max(longest, len(stems))
            index.setdefault(stems, key)
        for code in diagnosis.codes:
            index.setdefault(("code", *_WORD.findall(_plain(code))), key)
    return index, longest


def phrase_key(phrase: str) -> tuple[str, ...]:
    """What phrases share that are one but for case, accents, endings and order: the sorted stems of their words."""
    return tuple(sorted(_stem(w) for w in _WORD.findall(_plain(phrase)) if w not in _other_words("fillers")))


def _plain(text: str) -> str:
    """Small letters without accents, one spelling for ä, ae and æ, and for ё and е; in situ as one word."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
    for pattern, word in _ABBREVIATED:
        plain = pattern.sub(word, plain)
    for old, new in (("ä", "ae"), ("ö", "oe"), ("æ", "ae"), ("œ", "oe")):
        plain = plain.replace(old, new)
    apart = unicodedata.normalize("NFD", plain)
    plain = "".join(c for i, c in enumerate(apart) if not unicodedata.combining(c) or apart[i - 1 : i + 1] == _SHORT_I)
    plain = unicodedata.normalize("NFC", plain)
    # British and German ae and oe are e in American words: naevus, haemangioma, seborrhoeic.
    plain = plain.replace("ae", "e").replace("oe", "e")
    return _IN_SITU.sub("insitu", plain)


_RUSSIAN_ENDING = re.compile(
    r"(?:иями|ями|ами|иях|ого|его|ому|ему|ыми|ими|ией|ость|ый|ий|ии|ой|ая|яя|ое|ее|ые|ие|ых|их|ым|им|ом|ем|ую|юю|ах|ях"
    r"|ов|ев|ей|ия|ию|ы|и|а|я|у|ю|е|о|ь)$"
)
# меланому is меланом-у, доброкачественному is доброкачественн-ому.
_RUSSIAN_TUMOUR = re.compile(
    r"(.*(?:мелан|базали|анги|карцин|керат|фибр|папилл|гемат|лип|ксант|атер|сарк|лимф|сиринг|гистиоцит|спинали|невр|бласт"
    r"|акант|эпители|матрикс|цит)ом)(?:а|ы|у|е|ой|ою|ам|ами|ах)?$"
)
_LATIN_ENDINGS: Sequence[tuple[str, str]] = (
    ("omata", "om"), ("igines", "igo"), ("igos", "igo"), ("evi", "evus"), ("evuses", "evus"), ("osis", "os"),
    ("oses", "os"), ("osen", "os"), ("ose", "os"), ("iasis", "ias"), ("iases", "ias"), ("itis", "it"), ("itides", "it"),
    ("ies", "y"), ("isches", "isch"), ("ischer", "isch"), ("ische", "isch"), ("ischen", "isch"), ("eres", "er"),
    ("erer", "er"), ("ere", "er"), ("iger", "ig"), ("iges", "ig"), ("ige", "ig"), ("igen", "ig"), ("ene", "en"),
    ("ae", "a"), ("as", ""), ("a", ""), ("es", ""), ("en", ""), ("e", ""), ("s", ""),
)  # fmt: skip


def _stem(word: str) -> str:
    """The word without the ending of its case or number: the same for all forms, not a form itself."""
    if len(word) <= 3:
        return word
    if "а" <= word[0] <= "я":
        if tumour := _RUSSIAN_TUMOUR.match(word):
            return tumour[1]
        short = _RUSSIAN_ENDING.sub("", word)
        return short if len(short) >= 3 else word
    if word.endswith(("us", "is", "ss")) and not word.endswith(("osis", "iasis", "itis")):
        return word
    for ending, short in _LATIN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(short) >= 3:
            return word.removesuffix(ending) + short
    return word


@functools.cache
def _other_words(kind: str) -> frozenset[str]:
    """The words of one kind, plain."""
    text = (files("dermdash.records.taxonomies") / "other_words.yaml").read_text("utf-8")
    words: dict[str, list[str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return frozenset(_plain(w) for w in words[kind])


@functools.cache
def _sign_stems() -> frozenset[str]:
    return frozenset(map(_stem, _other_words("signs")))
