"""Anatomical sites: from the words of data sets to ISIC's general sites.

A word that does not say which of them is meant is not guessed at: "trunk" is the torso, front, back or side. A word
that is not known stays as it is. What a source wrote is kept beside either (`records/details.py`, ``source_site``).

Source: ISIC metadata dictionary, anatom_site_general; words of HAM10000, ISIC 2019, 2020 and 2024, PAD-UFES-20,
MILK10k, derm7pt, BCN20000 and SCIN, and the like in Russian and German.
"""

import unicodedata
from functools import lru_cache

from dermdash.records.csv_table import text_or_none

GENERAL_SITES: tuple[str, ...] = (
    "head/neck", "upper extremity", "lower extremity", "anterior torso", "posterior torso", "lateral torso",
    "palms/soles", "oral/genital",
)  # fmt: skip
TORSO = "torso"
"""Of sources that do not say which side of it (HAM10000's trunk, ISIC 2020): no general site of ISIC's."""

_WORDS: dict[str, str] = {
    "head/neck": (
        "head neck; head and neck; head or neck; head; neck; face; scalp; ear; ears; nose; lip; cheek; forehead; "
        "eyelid; chin; temple; head neck face; голова; шея; лицо; волосистая часть головы; ухо; нос; щека; лоб; веко; "
        "губа; kopf; hals; gesicht; kopfhaut; ohr; nase; wange; stirn; nacken"
    ),
    "upper extremity": (
        "upper extremities; upper limb; upper limbs; arm; arms; upper arm; forearm; elbow; hand; hands; wrist; "
        "shoulder; finger; back of hand; рука; плечо; предплечье; кисть; верхняя конечность; палец руки; локоть; "
        "schulter; oberarm; unterarm; obere extremitat; ellenbogen"
    ),
    "lower extremity": (
        "lower extremities; lower limb; lower limbs; leg; legs; thigh; calf; shin; knee; ankle; foot; feet; toe; hip; "
        "foot top or side; нога; бедро; голень; стопа; нижняя конечность; колено; bein; oberschenkel; unterschenkel; "
        "fuss; knie; untere extremitat"
    ),
    "anterior torso": (
        "chest; abdomen; belly; breast; stomach; torso front; anterior trunk; front of torso; грудь; живот; "
        "передняя поверхность туловища; brust; bauch"
    ),
    "posterior torso": (
        "back; upper back; lower back; buttocks; buttock; torso back; posterior trunk; back of torso; спина; поясница; "
        "ягодица; ягодицы; rucken; gesass"
    ),
    "lateral torso": "flank; flanks; side of torso; axilla; armpit; бок; подмышечная область; flanke; achsel",
    "palms/soles": (
        "palm or sole; palms or soles; palm; palms; sole; soles; acral; foot sole; acral palms or soles; ладонь; "
        "подошва; handflache; fusssohle"
    ),
    "oral/genital": (
        "oral or genital; oral; mouth; mucosa; genital; genitals; genital areas; genital area; genitalia; "
        "genitalia or groin; vulva; penis; полость рта; половые органы; гениталии; слизистая; mund; genitalbereich; "
        "schleimhaut"
    ),
    TORSO: "trunk; туловище; rumpf",
}  # fmt: skip


def _plain(word: str) -> str:
    """In small letters without signs above and between them: "Rücken" and "head_or-neck" as one finds them above."""
    # й and ё are letters of their own: taken apart here as in the words that are looked up.
    apart = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(c if c.isalnum() else " " for c in apart if not unicodedata.combining(c))
    return " ".join(letters.split())


_SITE_OF: dict[str, str] = {_plain(word): site for site, words in _WORDS.items() for word in (site, *words.split(";"))}


@lru_cache(maxsize=4096)
def general_site(written: str) -> str | None:
    """ISIC's general site of a source's word, ``torso`` where it leaves the side open; None where it is not known."""
    return _SITE_OF.get(_plain(written))


def harmonised_site(written: str | None) -> str | None:
    """The general site where there is one, else what is written; None for what says nothing ("unknown")."""
    said = None if written is None else text_or_none(written)
    return said if said is None else general_site(said) or said
