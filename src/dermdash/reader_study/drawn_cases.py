"""The cases that were drawn for a study, and those that could take the place of one."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dermdash.reader_study.case_part import CasePart


@dataclass(frozen=True, slots=True)
class SelectedCase:
    """One drawn record; ``position`` counts from 1 within its round, practice cases are round 0.

    Attributes
    ----------
    held_out
        Whether the study's model is known not to have trained on the lesion.
    verified
        Whether consensus, follow-up or histology confirmed the diagnosis (verification stage 2 or 3).
    stratum, difficulty
        Part of its class by difficulty (1 the easiest) and the number itself (higher is harder), where the protocol
        draws by it.
    patient_id, identity
        Whom it is of, and the number of the records it belongs together with, where known.
    """

    record_id: str
    lesion_id: str
    truth_dx: str
    round: int
    position: int
    practice: bool
    held_out: bool
    verified: bool
    part: CasePart = CasePart.STUDY
    stratum: int | None = None
    difficulty: float | None = None
    patient_id: str | None = None
    identity: int | None = None

    def belongs_to(self, others: Iterable["SelectedCase"]) -> bool:
        """Whether a lesion, patient or group of identity of these is its own."""
        return any(
            self.lesion_id == other.lesion_id
            or (self.patient_id is not None and self.patient_id == other.patient_id)
            or (self.identity is not None and self.identity == other.identity)
            for other in others
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why diagnosed records were not drawn from: counted by the first reason that held.

    ``filtered``: the filter of the protocol; ``known_to_model``: lesions the model may have trained on, where the
    protocol wants none; ``without_difficulty``: nobody and nothing says how hard they are.
    """

    filtered: int = 0
    known_to_model: int = 0
    without_difficulty: int = 0

    @property
    def words(self) -> list[str]:
        """What was left out, a part of a sentence for each reason."""
        said = {
            "by the filter": self.filtered,
            "as the model may have trained on the lesion": self.known_to_model,
            "as nothing says how hard they are": self.without_difficulty,
        }
        return [f"{n:,} {reason}" for reason, n in said.items() if n]


@dataclass(frozen=True, slots=True)
class CaseSelection:
    """The drawn cases, practice first: how many the model may have trained on, how many have a weak truth.

    ``diagnosed`` records there were to draw from. ``spare`` are those that were not drawn, in the order in which they
    would be.
    """

    cases: tuple[SelectedCase, ...]
    diagnosed: int = 0
    left_out: LeftOut = LeftOut()
    spare: tuple[SelectedCase, ...] = ()

    @property
    def filtered_out(self) -> int:
        """Diagnosed records that the filter of the protocol leaves out."""
        return self.left_out.filtered

    @property
    def study_cases(self) -> tuple[SelectedCase, ...]:
        """The cases that count."""
        return tuple(case for case in self.cases if not case.practice)

    @property
    def practice_cases(self) -> tuple[SelectedCase, ...]:
        """The cases with feedback before the first round."""
        return tuple(case for case in self.cases if case.part is CasePart.PRACTICE)

    @property
    def not_held_out(self) -> int:
        """Study cases whose lesion the model may have trained on (0 is what a study wants)."""
        return sum(not case.held_out for case in self.study_cases)

    @property
    def unverified(self) -> int:
        """Study cases whose diagnosis is an initial annotation only, or of unstated origin."""
        return sum(not case.verified for case in self.study_cases)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the drawn list: which record stands where. Exchanges are made of one list and no other."""
        places = [[c.record_id, c.round, c.position, c.practice] for c in self.cases]
        return hashlib.sha256(json.dumps(places).encode()).hexdigest()

    def with_case(self, old: SelectedCase, new: SelectedCase) -> "CaseSelection":
        """The selection with another case in the place of one, which is no spare one afterwards."""
        put = replace(new, round=old.round, position=old.position, practice=old.practice, part=old.part)
        cases = tuple(put if case is old else case for case in self.cases)
        return replace(self, cases=cases, spare=tuple(case for case in self.spare if case is not new))
