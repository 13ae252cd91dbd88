"""Other words for the values of a field, as data sets and clinics write them (English, German, Russian)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from dermdash.records.alike_names import folded
from dermdash.records.csv_table import MISSING_WORDS

SAY_NOTHING = MISSING_WORDS | {
    "-", "--", "–", "—", "?", ".", "unk", "n.a.", "nd", "n.d.", "missing", "not available", "not recorded",
    "not specified", "not applicable", "unspecified", "<na>", "#n/a", "nat", "k.a.", "k. a.", "keine angabe",
    "unbekannt", "нет данных", "неизвестно", "не указано", "н/д",
}  # fmt: skip
"""Of a cell that holds nothing; small letters."""

TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0", "ja", "j", "да", "wahr", "present", "positive", "+"})
FALSE = frozenset({"false", "f", "no", "n", "0", "0.0", "nein", "нет", "falsch", "absent", "negative"})

_SEPARATORS = re.compile(r"[\s_/\-\u2010-\u2015]+")


def _words(**choices: str) -> dict[str, str]:
    return {word.strip(): choice for choice, words in choices.items() for word in words.split(",")}


WORDS: Mapping[str, Mapping[str, str]] = {
    "sex": _words(
        female="f, fem, w, woman, women, girl, weiblich, frau, ж, жен, жен., женский, женщина",
        male="m, man, men, boy, männlich, mann, м, муж, муж., мужской, мужчина",
    ),
    "elevation": _words(
        flat="false, no, 0, macular, level, nicht erhaben, плоский, плоское",
        palpable="slightly raised, tastbar, пальпируемый, приподнятый",
        nodular="nodule, knotig, узловой, узел",
    ),
    "border_regularity": _words(
        regular="sharp and regular, regelmäßig, ровный, ровные",
        irregular="unregelmäßig, неровный, неровные",
        ill_defined="ill defined, indistinct, blurred, unscharf, нечёткий, нечеткий",
    ),
    "dermoscopic_structures": _words(
        pigment_network="network, typical pigment network, atypical pigment network, reticular, reticulation",
        negative_network="negative pigment network, inverse network",
        globules="dots and globules, dots globules, globular",
        streaks="pseudopods, radial streaming",
        blotch="blotches",
        regression="regression structures, regression areas",
        blue_white_veil="blue whitish veil, bluewhite veil",
        milia_like_cysts="milia, milia like cyst, milium",
        comedo_like_openings="comedo like opening, crypts",
        leaf_like_areas="leaf like structures, leaflike areas, maple leaf like areas",
        arborizing_vessels="arborising vessels, arborizing, arborising, arborizing telangiectasia",
        dotted_vessels="dotted",
        lacunae="lacunas, lagoons, red lacunae, red blue lacunae",
        central_white_patch="white patch, central white area",
        scale="scales, scaling",
    ),
    "dominant_colors": _words(
        light_brown="tan, hellbraun, светло коричневый",
        dark_brown="dunkelbraun, тёмно коричневый, темно коричневый",
        black="schwarz, чёрный, черный",
        blue_gray="blue grey, bluish gray, bluish grey, graublau, серо голубой",
        white="weiß, weiss, белый",
        red="rot, красный",
        yellow="gelb, жёлтый, желтый",
        purple="violet, lila, violett, фиолетовый",
        skin="skin colored, skin coloured, flesh, hautfarben, телесный",
    ),
}
"""By field: other words for its choices, without capitals, hyphens and underscores."""


def plain_word(text: str) -> str:
    """A word as `WORDS` has it: small letters, blanks for hyphens, underscores and slashes."""
    return " ".join(_SEPARATORS.sub(" ", folded(text)).split())


def choice_of(field: str, choices: Iterable[str], text: str) -> str | None:
    """The choice of a field that a text means; None where it means none of them."""
    word = plain_word(text)
    by_word = {plain_word(choice): choice for choice in choices}
    if word in by_word:
        return by_word[word]
    known = WORDS.get(field, {})
    for found in (word, word.removesuffix("s"), word + "s"):
        if found in by_word:
            return by_word[found]
        if found in known:
            return known[found]
    return None


def western_digits(text: str) -> str:
    """The text with digits of other scripts and of full width as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
