"""Places for readers by what they say about themselves: so many of a profession, a country, a range of experience."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.reader_study.profile import AGE_GROUPS, GENDERS, MAXIMUM_YEARS, NOT_SAID, PROFESSIONS
from dermdash.reader_study.words import pages, running
from dermdash.reader_study.words.countries import COUNTRY_NAMES
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Message, in_language
from dermdash.reader_study.words.names import NOT_SAID as NOT_SAID_WORDS

YEARS = "years_experience"
CHOICES: dict[str, Mapping[str, str]] = {
    "profession": PROFESSIONS,
    "age_group": AGE_GROUPS,
    "gender": GENDERS,
    "country": {NOT_SAID: NOT_SAID_WORDS, **COUNTRY_NAMES},
}
_TITLES: dict[str, Message] = {
    "profession": pages.PROFESSION,
    "age_group": pages.AGE_GROUP,
    "gender": pages.GENDER,
    "country": pages.COUNTRY,
}
_FORM = re.compile(r"([a-z_]+)=([A-Za-z0-9_-]+):(\d{1,6})")
_RANGE = re.compile(r"(\d{1,2})-(\d{1,2})")
MOST_QUOTAS = 100


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``most`` readers whose profile has ``value`` in ``field``; of years a range such as "0-2", both counted.

    Who did not say their years is in none of the ranges.
    """

    field: str
    value: str
    most: int

    def __post_init__(self) -> None:
        """Refuse what no profile can say."""
        if self.field == YEARS:
            _range(self.value)
        elif self.field not in CHOICES:
            raise InvalidInput(f"places are counted by {', '.join((*CHOICES, YEARS))}, not by {self.field!r}")
        elif self.value not in CHOICES[self.field]:
            raise InvalidInput(f"no profile says {self.value!r} as {self.field}: see the choices on the reader's page")
        if isinstance(self.most, bool) or not isinstance(self.most, int) or self.most < 0:
            raise InvalidInput(f"{self.most!r} is no number of places: expected a whole number from 0")

    @property
    def stratum(self) -> str:
        """Whom it counts, as it is written: "profession=nurse"."""
        return f"{self.field}={self.value}"

    @property
    def title(self) -> str:
        """Whom it counts, for people."""
        return stratum_title(self.stratum)

    @property
    def text(self) -> str:
        """How it is written: "profession=nurse:20"."""
        return f"{self.stratum}:{self.most}"

    def counts(self, profile: Mapping[str, Any]) -> bool:
        """Whether a profile belongs to it."""
        said = profile.get(self.field)
        if self.field != YEARS:
            return bool(said == self.value)
        low, high = _range(self.value)
        return said is not None and said == said and low <= int(said) <= high

    def taken(self, profiles: Iterable[Mapping[str, Any]]) -> int:
        """How many of these profiles belong to it."""
        return sum(self.counts(profile) for profile in profiles)


def parse_quota(text: str) -> Quota:
    """Read "profession=nurse:20" or "years_experience=0-2:10"; raises InvalidInput."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(f"{text!r} says no places: expected for example profession=nurse:20 or {YEARS}=0-2:10")
    return Quota(match[1], match[2], int(match[3]))


def check_quotas(quotas: Sequence[Quota]) -> tuple[Quota, ...]:
    """Refuse (InvalidInput) a stratum that is named twice, and more than a hundred."""
    strata = [quota.stratum for quota in quotas]
    if twice := sorted({stratum for stratum in strata if strata.count(stratum) > 1}):
        raise InvalidInput(f"places for {', '.join(twice)} are named twice")
    if len(quotas) > MOST_QUOTAS:
        raise InvalidInput(f"{len(quotas)} kinds of places: at most {MOST_QUOTAS}")
    return tuple(quotas)


def full_stratum(
    quotas: Iterable[Quota], profile: Mapping[str, Any], admitted: Sequence[Mapping[str, Any]]
) -> str | None:
    """The first stratum of a profile that has no place left beside those admitted; None where there is a place."""
    for quota in quotas:
        if quota.counts(profile) and quota.taken(admitted) >= quota.most:
            return quota.stratum
    return None


def stratum_title(stratum: str, language: Language = Language.ENGLISH) -> str:
    """A stratum for people: "Profession: Nurse", "Experience: 0 to 2 years"."""
    field, _, value = stratum.partition("=")
    if field == YEARS:
        low, high = _range(value)
        return f"{running.EXPERIENCE.said(language)}: {running.YEARS_RANGE.said(language, low=low, high=high)}"
    name = CHOICES.get(field, {}).get(value, value)
    return f"{in_language(_TITLES.get(field, field), language)}: {in_language(name, language)}"


def _range(value: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(value)
    low, high = (int(match[1]), int(match[2])) if match else (1, 0)
    if low > high or high > MAXIMUM_YEARS:
        raise InvalidInput(f"{value!r} is no range of years: expected for example 0-2, up to {MAXIMUM_YEARS}")
    return low, high
