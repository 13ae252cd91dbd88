"""Which modality a reader gets for which case, and in which order: random, balanced, reproducible."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.modality import Modality


@dataclass(frozen=True, slots=True)
class CaseSlot:
    """A case to schedule and the modalities that can be shown for it to this reader now."""

    case_id: str
    round: int
    practice: bool
    available: frozenset[Modality]


@dataclass(frozen=True, slots=True)
class PlannedAssignment:
    """One case in a reader's order; positions count from 1, practice and study cases each for themselves."""

    case_id: str
    position: int
    modality: Modality
    practice: bool
    round: int


def schedule_reader(
    cases: Iterable[CaseSlot],
    *,
    modalities: Sequence[Modality],
    seed: int,
    reader_id: str,
    completed: Mapping[tuple[str, Modality], int] | None = None,
) -> tuple[PlannedAssignment, ...]:
    """Order the cases and draw a modality for each.

    Within the reader the modalities' counts differ by at most one after every round, wherever availability
    allows it (else they are as even as it allows). Under that condition the combinations of case and modality
    completed least often so far are taken, ties at random. A case for which nothing is available is read
    without assistance.

    Parameters
    ----------
    cases
        All cases of the study; rounds are scheduled one after the other, practice first.
    modalities
        The protocol's modalities.
    seed, reader_id
        Together they fix every random choice.
    completed
        Times that (case, modality) was *completed* by readers: those who started and left do not count.

    Raises
    ------
    InvalidInput
        No modality given, or a case listed twice.
    """
    slots = sorted(cases, key=lambda slot: (not slot.practice, slot.round, slot.case_id))
    if not modalities:
        raise InvalidInput("a schedule needs at least one modality")
    if len({slot.case_id for slot in slots}) < len(slots):
        raise InvalidInput("a case is listed twice in the schedule")
    rng = _rng(seed, reader_id)
    done = completed or {}
    plan: list[PlannedAssignment] = []
    for practice in (True, False):
        used = np.zeros(len(modalities), dtype=int)
        position = 0
        part = [slot for slot in slots if slot.practice is practice]
        for round_ in sorted({slot.round for slot in part}):
            batch = [slot for slot in part if slot.round == round_]
            drawn = _draw_modalities(batch, modalities=modalities, used=used, completed=done, rng=rng)
            for index in rng.permutation(len(batch)):
                position += 1
                plan.append(PlannedAssignment(batch[index].case_id, position, drawn[index], practice, round_))
    return tuple(plan)


def completed_counts(table: pd.DataFrame) -> dict[tuple[str, Modality], int]:
    """Read ``case_id, modality, n`` (completed readings) into the form `schedule_reader` takes."""
    if missing := [name for name in ("case_id", "modality", "n") if name not in table.columns]:
        raise MissingColumns(f"the completed readings lack {', '.join(missing)}; expected case_id, modality, n")
    return {
        (str(case), Modality(modality)): int(n)
        for case, modality, n in zip(table["case_id"], table["modality"], table["n"], strict=True)
    }


def _draw_modalities(
    batch: Sequence[CaseSlot],
    *,
    modalities: Sequence[Modality],
    used: np.ndarray,
    completed: Mapping[tuple[str, Modality], int],
    rng: np.random.Generator,
) -> list[Modality]:
    """Solve the draw as a minimum cost assignment of cases to places; adds to ``used``.

    The k-th use of a modality costs k units, so the cheapest total is the most even split that availability
    allows; a unit outweighs all completed counts together, and these outweigh the random part.
    """
    from scipy.optimize import linear_sum_assignment  # 0.4 s: not for every page that reads a schedule

    drawn = [Modality.NONE] * len(batch)
    rows = [i for i, slot in enumerate(batch) if slot.available.intersection(modalities)]
    if not rows:
        return drawn
    n, m = len(rows), len(modalities)
    counts = np.array([[completed.get((batch[i].case_id, mod), 0) for mod in modalities] for i in rows], float)
    # Only differences within a case matter, and small numbers keep the sums exact.
    counts -= counts.min(axis=1, keepdims=True)
    ties = rng.random((n, m)) / (n + 1)
    unit = (counts.max() + 1) * (n + 1)
    place = unit * (used[:, None] + np.arange(n)[None, :])
    cost = (counts + ties)[:, :, None] + place[None, :, :]
    blocked = np.array([[mod not in batch[i].available for mod in modalities] for i in rows])
    cost[blocked] = unit * (used.max() + n + 1) * (n + 1)
    for row, column in zip(*linear_sum_assignment(cost.reshape(n, m * n)), strict=True):
        modality = column // n
        drawn[rows[row]] = modalities[modality]
        used[modality] += 1
    return drawn


def _rng(seed: int, reader_id: str) -> np.random.Generator:
    """Seed from text, the same on every machine (Python's own hash of text is not)."""
    digest = hashlib.sha256(f"{seed}:{reader_id}".encode()).digest()
    return np.random.default_rng(list(digest))
