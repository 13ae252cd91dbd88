"""What readers say about themselves, and how experience is grouped in the results."""

from collections.abc import Mapping
from dataclasses import dataclass

from dermdash.errors import InvalidInput
from dermdash.reader_study.countries import COUNTRIES
from dermdash.reader_study.words.message import Message
from dermdash.reader_study.words.names import AGE_NAMES, GENDER_NAMES, PROFESSION_NAMES

NOT_SAID = "prefer_not_to_say"

PROFESSIONS: dict[str, Message] = PROFESSION_NAMES
AGE_GROUPS: dict[str, Message] = AGE_NAMES
GENDERS: dict[str, Message] = GENDER_NAMES
PROFILE_QUESTIONS = ("profession", "years_experience", "age_group", "gender", "country")
MAXIMUM_YEARS = 70


def group_name(level: str) -> str:
    """Return a group of readers in words ("medical_student": "Medical student"); a log's own group as it stands."""
    return PROFESSIONS.get(level, level)


@dataclass(frozen=True, slots=True)
class ReaderProfile:
    """Self-declared profile of one reader; ``years_experience`` is years of dermatoscopy, None when not said."""

    profession: str
    years_experience: int | None
    age_group: str
    gender: str
    country: str

    def __post_init__(self) -> None:
        """Refuse values that are not among the choices."""
        _check("profession", self.profession, PROFESSIONS)
        _check("age group", self.age_group, AGE_GROUPS)
        _check("gender", self.gender, GENDERS)
        if self.country != NOT_SAID:
            _check("country", self.country, COUNTRIES)
        years = self.years_experience
        if years is not None and not 0 <= years <= MAXIMUM_YEARS:
            raise InvalidInput(f"years of experience is {years}: expected 0 to {MAXIMUM_YEARS}, or nothing")


def _check(what: str, value: str, choices: Mapping[str, str]) -> None:
    if value not in choices:
        shown = ", ".join(choices) if len(choices) < 20 else "a two-letter ISO 3166 code"
        raise InvalidInput(f"unknown {what} {value!r}: expected {shown}")
