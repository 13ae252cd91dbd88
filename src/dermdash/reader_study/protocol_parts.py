"""Parts of a protocol: what is asked, what is shown, checks, conduct, readers' pages, wrong advice, the draw.

What a study does with a part is said by whoever does it: the schedule, the session, the reader's panel. How readers and
cases meet is `dermdash.reader_study.design`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from dermdash.reader_study.design import StudyDesign
from dermdash.reader_study.protocol_part import Count, Positive, ProtocolPart
from dermdash.reader_study.words.language import Language
from dermdash.records.fields import CONTEXT


class Asked(ProtocolPart):
    """What a reader is asked, in both phases.

    Attributes
    ----------
    diagnosis
        One of the classes of the study.
    confidence
        How sure they are, one of the protocol's levels.
    malignancy_rating
        How likely the lesion is malignant, 0 to 100.
    management
        One of `Management`.
    """

    diagnosis: bool = True
    confidence: bool = True
    malignancy_rating: bool = False
    management: bool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.diagnosis or self.malignancy_rating or self.management):
            raise ValueError("nothing is asked: ask for the diagnosis, the malignancy rating or the management")
        return self


SHOWN_FIELDS: dict[str, str] = {spec.name: spec.head or spec.title for spec in CONTEXT}
"""Fields of a record that readers may be shown, with their headings: none of them says what the lesion is."""


class CaseView(ProtocolPart):
    """What is seen of a case beside its image.

    Attributes
    ----------
    fields
        Of `SHOWN_FIELDS`.
    clinical_image
        The clinical image of the same lesion beside the dermatoscopic one, where there is one.
    whole_patient
        All lesions of the patient at once, as an ugly duckling is found.
    """

    fields: tuple[str, ...] = ()
    clinical_image: bool = False
    whole_patient: bool = False

    @field_validator("fields")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in value if name not in SHOWN_FIELDS]:
            raise ValueError(f"{unknown[0]!r} is no field that readers may see: expected {', '.join(SHOWN_FIELDS)}")
        if len(set(value)) < len(value):
            raise ValueError("a field is named twice")
        return value


class Screening(ProtocolPart):
    """A test before the first round: who has fewer than ``right`` of ``cases`` right does not take part."""

    cases: Positive
    right: Count

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.right > self.cases:
            raise ValueError(f"{self.right} right of {self.cases} cases is more than there are")
        return self


class Checks(ProtocolPart):
    """What is asked to learn about the readers themselves; numbers are per round.

    Attributes
    ----------
    screening
        A test before the first round.
    attention_checks
        Screens that say which answer to give; never part of the results.
    hidden_repeats
        Cases that come a second time later in the round without a word; the first reading counts, the second tells
        how far a reader agrees with themselves.
    unaided_only
        Cases drawn for each reader that stay without assistance, so that the unaided readings can be compared with
        those before assistance.
    """

    screening: Screening | None = None
    attention_checks: Count = 0
    hidden_repeats: Count = 0
    unaided_only: Count = 0


class Interruption(StrEnum):
    """What happens after a gap longer than allowed."""

    RESUME = "resume"
    """The reader goes on where they were; the gap is in the log."""
    RESTART = "restart"
    """The round they were in begins again in another order; what was answered in it is kept, but does not count."""
    BLOCK = "block"
    """The reader cannot go on until the coordinator lets them."""


class Withdrawal(StrEnum):
    """What becomes of the answers of a reader who withdraws."""

    KEEP = "keep"
    """They stay, marked as of a reader who withdrew."""
    DELETE = "delete"
    """They are deleted, and the reader gets a receipt."""


class Conduct(ProtocolPart):
    """How the study is run.

    Attributes
    ----------
    interruption, longest_gap_min
        What happens when a reader stays away within a round for longer than so many minutes; None: never.
    withdrawal
        What becomes of the answers of who withdraws.
    target_readers, closes_on, stopping_rule
        When it ends: after so many complete readers nobody else can begin, last day (ISO date), and the rule in words.
    blinded
        Until the study is closed nobody sees how right readers are. False where nothing is said, as in protocols of
        before there was this entry.
    open_recruitment
        Readers may register themselves under the study's public link.
    unfindable_images
        Images reach readers re-encoded with a secret of the study, so that no public image is found by its bytes.
        False: as they are stored, without names and metadata.
    """

    interruption: Interruption = Interruption.RESUME
    longest_gap_min: Positive | None = None
    withdrawal: Withdrawal = Withdrawal.KEEP
    target_readers: Positive | None = None
    closes_on: str | None = None
    stopping_rule: Annotated[str, Field(max_length=2000)] = ""
    blinded: bool = False
    open_recruitment: bool = False
    unfindable_images: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.closes_on is not None:
            try:
                date.fromisoformat(self.closes_on)
            except ValueError:
                raise ValueError(f"{self.closes_on!r} is no day: expected one like 2027-03-31") from None
        if self.interruption is not Interruption.RESUME and self.longest_gap_min is None:
            raise ValueError(f"the policy {self.interruption} needs the longest gap in minutes: set longest gap min")
        return self


class Feedback(StrEnum):
    """When a reader learns how right they were; after practice always at once.

    ``at_once``: as soon as a case is complete for them (`Protocol.tells_at_once`), and at the end.
    """

    OFF = "off"
    END = "end"
    AT_ONCE = "at_once"


LANGUAGES = tuple(str(language) for language in Language)


class ReaderPages(ProtocolPart):
    """What the pages of readers offer.

    Attributes
    ----------
    language, languages
        In which they open, and those on offer.
    translations
        By language what the study says in its own words: ``question``, ``consent_text``, ``instructions`` and
        ``confidence_levels``; what is not translated stands as it is.
    instructions
        Shown before practice.
    feedback
        When readers learn how right they were.
    certificate
        Whether one is offered at the end.
    game
        Streak, level and high score under a name of one's own choice; never the truth of an open case.
    """

    language: str = "en"
    languages: tuple[str, ...] = LANGUAGES
    translations: dict[str, dict[str, str | list[str]]] = Field(default_factory=dict)
    instructions: Annotated[str, Field(max_length=10_000)] = ""
    feedback: Feedback = Feedback.OFF
    certificate: bool = False
    game: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if unknown := [code for code in (self.language, *self.languages, *self.translations) if code not in LANGUAGES]:
            raise ValueError(f"no pages in {unknown[0]!r}: expected {', '.join(LANGUAGES)}")
        if self.language not in self.languages:
            raise ValueError(f"the pages open in {self.language}, which is not on offer")
        known = ("question", "consent_text", "instructions", "confidence_levels")
        if odd := [name for words in self.translations.values() for name in words if name not in known]:
            raise ValueError(f"{odd[0]!r} cannot be translated: expected {', '.join(known)}")
        return self


class WrongAdviceMethod(StrEnum):
    """How advice is made wrong."""

    OTHER_CLASS_ON_TOP = "other_class_on_top"
    """The probabilities of the highest class and of a wrong one are exchanged."""
    PERMUTED = "permuted"
    """The probabilities change places so that the true class is not the highest."""


class PlantedAdvice(ProtocolPart):
    """Assistance that is wrong on purpose, to measure how far readers are misled.

    Attributes
    ----------
    share_percent
        Of the cases of each class with assistance that can be made wrong.
    told
        Whether the consent says that some advice may be wrong.
    debriefed
        Whether readers are told at the end which advice was planted.
    """

    share_percent: Annotated[int, Field(ge=1, le=100)]
    method: WrongAdviceMethod = WrongAdviceMethod.OTHER_CLASS_ON_TOP
    told: bool = True
    debriefed: bool = True


class DifficultySource(StrEnum):
    """What says how hard a case is."""

    NONE = "none"
    MODEL_ENTROPY = "model_entropy"
    CROWD_AGREEMENT = "crowd_agreement"


class CaseDraw(ProtocolPart):
    """How cases are drawn beside the class mix and the filter.

    Attributes
    ----------
    difficulty, strata
        Rounds get the same share of easy and hard cases of each class, in so many strata.
    held_out_only
        No lesion that the model may have trained on.
    one_per_patient
        One case of all that belong to one patient or identity group.
    """

    difficulty: DifficultySource = DifficultySource.NONE
    strata: Annotated[int, Field(ge=2, le=5)] = 3
    held_out_only: bool = False
    one_per_patient: bool = False


PARTS: dict[str, type[ProtocolPart]] = {
    "asked": Asked,
    "view": CaseView,
    "checks": Checks,
    "design": StudyDesign,
    "conduct": Conduct,
    "pages": ReaderPages,
    "draw": CaseDraw,
}
"""Entries of a protocol that are parts, each with a default; ``wrong_advice`` is one more, or None."""
