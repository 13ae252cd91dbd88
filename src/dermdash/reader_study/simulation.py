"""Simulated readers for demonstrations: people who never existed, with answers that behave like real ones.

Skill and difficulty share one scale (log odds of a right unaided answer). The sizes of the effects follow what
Tschandl et al., Nature Medicine 26, 1229 (2020) report in words: class probabilities help most, malignancy
probability and similar images hardly, and the least experienced gain most. Nothing here is fitted to data, and no
number that comes out of it says anything about readers.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from dermdash.reader_study.management import HIGHEST_RATING, Management
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol_parts import Asked
from dermdash.reader_study.reading_session import Assignment
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class _Group:
    """People of one profession: their share, mean skill, years of dermatoscopy and age groups to draw from."""

    share: float
    skill: float
    years: tuple[int, int]
    ages: tuple[str, ...]


_GROUPS: dict[str, _Group] = {
    "dermatologist": _Group(0.36, 1.4, (6, 25), ("35_44", "45_54", "55_64")),
    "dermatology_resident": _Group(0.28, 0.8, (1, 5), ("25_34", "35_44")),
    "general_practitioner": _Group(0.22, 0.1, (0, 8), ("35_44", "45_54", "55_64")),
    "medical_student": _Group(0.14, -0.5, (0, 0), ("under_25", "25_34")),
}
_COUNTRIES = ("AT", "AU", "BR", "CA", "DE", "ES", "FR", "GB", "IT", "NL", "PL", "TR", "US")
# How often a class is taken for another, relative to the other wrong answers; all else has weight 1.
_MISTAKEN_FOR: dict[str, dict[str, float]] = {
    "akiec": {"bcc": 6, "bkl": 6},
    "bcc": {"akiec": 5, "bkl": 3, "mel": 2},
    "bkl": {"mel": 5, "nv": 5, "akiec": 3},
    "df": {"nv": 6, "bcc": 3, "bkl": 2},
    "mel": {"nv": 8, "bkl": 5},
    "nv": {"mel": 7, "bkl": 4, "df": 2},
    "vasc": {"mel": 3, "bcc": 3, "nv": 2},
}
NOTHING_FURTHER = Asked()
_UNAIDED_SECONDS, _AIDED_SECONDS = 8.0, 4.0


@dataclass(frozen=True, slots=True)
class SimulatedReader:
    """An invented participant; ``skill`` is the log odds of a right unaided answer on a case of difficulty 0."""

    profile: ReaderProfile
    skill: float


@dataclass(frozen=True, slots=True)
class SimulatedCase:
    """What readers find in a case: its truth, its difficulty (log odds), and what it is most easily taken for."""

    truth_dx: str
    difficulty: float
    decoy_dx: str


@dataclass(frozen=True, slots=True)
class SimulatedReading:
    """One simulated answer; fields as in a stored reading."""

    assignment_id: str
    phase: Phase
    dx: str | None
    confidence: int | None
    client_ms: float
    shown_at: datetime
    submitted_at: datetime
    malignancy_rating: int | None = None
    management: Management | None = None


def draw_readers(count: int, *, rng: np.random.Generator) -> tuple[SimulatedReader, ...]:
    """Draw readers of all levels of experience in fixed shares (the largest first to be present), shuffled."""
    names = list(_GROUPS)
    shares = np.array([_GROUPS[name].share for name in names])
    taken = np.zeros(len(names))
    chosen = []
    for number in range(1, count + 1):
        # Whoever is furthest behind the share: any count comes close to it.
        index = int(np.argmax(shares * number - taken))
        taken[index] += 1
        chosen.append(names[index])
    return tuple(_draw_reader(chosen[i], rng) for i in rng.permutation(count))


def _draw_reader(profession: str, rng: np.random.Generator) -> SimulatedReader:
    group = _GROUPS[profession]
    profile = ReaderProfile(
        profession=profession,
        years_experience=int(rng.integers(group.years[0], group.years[1] + 1)),
        age_group=str(rng.choice(group.ages)),
        gender=str(rng.choice(["female", "male", "non_binary"], p=[0.52, 0.45, 0.03])),
        country=str(rng.choice(_COUNTRIES)),
    )
    return SimulatedReader(profile, group.skill + float(rng.normal(0, 0.25)))


def draw_case(
    truth_dx: str, *, taxonomy: Taxonomy, rng: np.random.Generator, model_share: float | None = None
) -> SimulatedCase:
    """Draw how hard a case is. ``model_share`` (0..1) is the model's probability of the truth: what a network
    finds hard is often hard for people too.
    """
    difficulty = float(rng.normal(0.1, 0.9))
    if model_share is not None:
        difficulty += 1.0 * (0.55 - model_share)
    return SimulatedCase(truth_dx, difficulty, _mistake(truth_dx, taxonomy.codes, rng))


def simulate_session(
    reader: SimulatedReader,
    *,
    assignments: Sequence[Assignment],
    cases: Mapping[str, SimulatedCase],
    assistance: Mapping[str, Mapping[str, Any] | None],
    taxonomy: Taxonomy,
    confidence_levels: int,
    starts_at: datetime,
    rng: np.random.Generator,
    asked: Asked = NOTHING_FURTHER,
) -> list[SimulatedReading]:
    """Let a reader answer all assignments one after the other.

    Parameters
    ----------
    assignments
        In reading order, practice first.
    cases
        By case id.
    assistance
        The stored payload by assignment id, as the aided answer would show it.
    confidence_levels
        Number of levels of the protocol; 1 is the least sure.
    starts_at
        When the first image appears; later ones follow after the answers before them.
    asked
        What is answered.

    Returns
    -------
    list
        For each assignment the unaided reading and, unless its modality is none, the aided one, in order of time.
    """
    clock = starts_at
    readings = []
    for assignment in assignments:
        case = cases[assignment.case_id]
        first: tuple[str, int] | None = None
        for phase in assignment.phases:
            seconds = 0.0
            if first is None:
                answer = first = _unaided(reader, case, taxonomy.codes, confidence_levels, rng)
                seconds = _UNAIDED_SECONDS * math.exp(0.15 * case.difficulty)
            if phase is Phase.AIDED:  # from the start, or after the answer before it
                payload = assistance[assignment.id] or {}
                answer = _aided(reader, case, first, assignment.modality, payload, taxonomy, confidence_levels, rng)
                seconds += _AIDED_SECONDS
            client_ms = round(1000 * seconds * float(rng.lognormal(0, 0.45)), 1)
            submitted = clock + timedelta(milliseconds=client_ms)
            further = _further(answer, asked, taxonomy, confidence_levels, rng)
            said = answer[0] if asked.diagnosis else None, answer[1] if asked.confidence else None
            readings.append(SimulatedReading(assignment.id, phase, *said, client_ms, clock, submitted, *further))
            clock = submitted + timedelta(seconds=float(rng.uniform(0.2, 0.9)))
        if rng.random() < 0.04:  # a glance at the phone, a patient at the door
            clock += timedelta(seconds=float(rng.lognormal(4, 0.7)))
    return readings


def _further(
    answer: tuple[str, int], asked: Asked, taxonomy: Taxonomy, levels: int, rng: np.random.Generator
) -> tuple[int | None, Management | None]:
    """Rating and management that go with a diagnosis: the surer, the nearer to an end of the scale."""
    if not (asked.malignancy_rating or asked.management):  # no draw: studies without these questions stay as they were
        return None, None
    dx, confidence = answer
    malignant = taxonomy[dx].is_malignant
    sureness = (confidence - 1) / max(1, levels - 1)
    middle = 50 + (1 if malignant else -1) * (12 + 30 * sureness)
    rating = int(np.clip(round(middle + float(rng.normal(0, 9))), 0, HIGHEST_RATING))
    usual = Management.BIOPSY if malignant else Management.DISMISS
    doubt = Management.LOCAL_THERAPY if malignant and rng.random() < 0.3 else Management.MONITOR
    management = usual if rng.random() < 0.55 + 0.35 * sureness else doubt
    return rating if asked.malignancy_rating else None, management if asked.management else None


def _unaided(
    reader: SimulatedReader, case: SimulatedCase, codes: Sequence[str], levels: int, rng: np.random.Generator
) -> tuple[str, int]:
    edge = reader.skill - case.difficulty
    if correct := bool(rng.random() < _sigmoid(edge)):
        dx = case.truth_dx
    elif rng.random() < 0.5:
        dx = case.decoy_dx
    else:
        dx = _mistake(case.truth_dx, codes, rng)
    sure = 0.35 * edge + (0.5 if correct else -0.5) + float(rng.normal(0, 0.9))
    return dx, 1 + min(levels - 1, int(levels * _sigmoid(1.2 * sure)))


def _aided(
    reader: SimulatedReader,
    case: SimulatedCase,
    own: tuple[str, int],
    modality: Modality,
    payload: Mapping[str, Any],
    taxonomy: Taxonomy,
    levels: int,
    rng: np.random.Generator,
) -> tuple[str, int]:
    dx, confidence = own
    advice, strength = _advice(dx, case, modality, payload, taxonomy, rng)
    if advice is None:
        return own
    if advice == dx:
        return dx, min(levels, confidence + int(rng.random() < 0.4 * strength))
    sureness = (confidence - 1) / max(1, levels - 1)
    odds = modality.form.persuasion + 2.0 * (strength - 0.5) - 2.2 * sureness - 0.8 * reader.skill
    # Who knows more also sees better whether the advice fits what is in the picture.
    odds += 0.7 * max(0.0, reader.skill + 0.5) * (1 if advice == case.truth_dx else -1)
    if rng.random() < _sigmoid(odds):
        return advice, max(1, min(levels, confidence + int(rng.integers(-1, 2))))
    return dx, max(1, confidence - int(rng.random() < 0.35))


def _advice(
    dx: str,
    case: SimulatedCase,
    modality: Modality,
    payload: Mapping[str, Any],
    taxonomy: Taxonomy,
    rng: np.random.Generator,
) -> tuple[str | None, float]:
    """The diagnosis that the help speaks for to this reader, and how strongly (0..1)."""
    strength = modality.form.strength(payload, taxonomy)
    malignant = modality.form.numbers(payload, taxonomy).advice_malignant
    if malignant is None:
        return modality.form.advice_dx(payload), strength
    if taxonomy[dx].is_malignant == malignant:
        return dx, strength
    # It names no diagnosis: what the reader would say instead is a guess among those on the other side.
    others = [code for code in taxonomy.codes if taxonomy[code].is_malignant == malignant]
    weights = np.array([_likeness(dx, code) + 3.0 * (code == case.truth_dx) for code in others])
    return str(rng.choice(others, p=weights / weights.sum())), strength


def _mistake(truth_dx: str, codes: Sequence[str], rng: np.random.Generator) -> str:
    others = [code for code in codes if code != truth_dx]
    weights = np.array([_likeness(truth_dx, code) for code in others])
    return str(rng.choice(others, p=weights / weights.sum()))


def _likeness(truth_dx: str, other: str) -> float:
    return _MISTAKEN_FOR.get(truth_dx, {}).get(other, 1.0)


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))
