"""Watch a study while it runs: who takes part, how far, how even, how fast, and what is odd.

Nothing here asks whether an answer was right, and nothing but counts is told by modality: what a coordinator sees while
the protocol blinds them follows from none of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from dermdash.reader_study.conduct import (
    SessionMark,
    StudyAct,
    StudyConduct,
    StudyStanding,
    conduct_after,
    mark_of,
    marks_after,
)
from dermdash.reader_study.outbox import EventKind
from dermdash.reader_study.profile import PROFILE_QUESTIONS
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.quotas import Quota
from dermdash.reader_study.suspicion import FAST_MS, Suspicion, WatchedReader, suspicions
from dermdash.storage import records, studies, study_acts, study_progress
from dermdash.storage.engine import now
from dermdash.storage.invitations import list_invitations
from dermdash.storage.object_store import ORIGINALS, FolderStore
from dermdash.storage.workspace import Workspace
from dermdash.wording import day
from dermdash.workflows.reader_study.conduct import ReaderTarget, acts_of_study, reader_target
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.run_reading import ANSWER_REFUSED

_AWAY_S = 300.0
"""How often images are looked for in a store that each question travels to; files of a folder are asked each time."""


@dataclass(frozen=True, slots=True)
class ReaderWatched:
    """One reader: how far, how fast (median of first answers), what is odd, and which mark holds.

    ``turned_away``: the stratum that was full when they came; None: they were admitted. ``arm``: its key, None where
    they have none yet.
    """

    reader_id: str
    label: str
    profile: Mapping[str, Any] | None
    consented_at: datetime
    last_at: datetime | None
    cases_done: int
    cases_total: int
    median_ms: float | None
    oddities: tuple[Suspicion, ...]
    mark: StudyAct | None
    turned_away: str | None
    arm: str | None = None

    @property
    def finished(self) -> bool:
        """Whether all cases are complete."""
        return self.cases_done >= self.cases_total

    @property
    def suspicious(self) -> bool:
        """Whether somebody marked the session so, and nobody has cleared it since."""
        return self.mark is not None and mark_of(self.mark) is SessionMark.SUSPICIOUS


@dataclass(frozen=True, slots=True)
class PlaceInOrder:
    """A place in the readers' orders: who reached it, their time, and how much of the answers named a malignancy.

    ``time_ratio``: geometric mean of the time over each reader's own usual one; 1 is as usual. ``malignant`` None: no
    diagnosis is asked.
    """

    position: int
    readers: int
    median_ms: float
    time_ratio: float
    malignant: float | None


@dataclass(frozen=True, slots=True)
class ModalityBalance:
    """How often a modality was assigned and completed, and the fewest and most completed readings of a case with it."""

    modality: str
    assigned: int
    completed: int
    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class StudyWatch:
    """How a study stands.

    ``positions`` are of first answers to a case, mostly without assistance; ``came`` and ``finished`` by day (UTC);
    ``invited`` counts links for one reader, those of groups as people come by them; ``target`` is None where the
    protocol names no number of readers. ``cases_without_image``: records of cases whose image file is not in the
    workspace any more, at which readers wait.
    """

    study_id: str
    standing: StudyStanding
    conduct: StudyConduct
    invited: int
    withdrawn: int
    readers: tuple[ReaderWatched, ...]
    balance: tuple[ModalityBalance, ...]
    positions: tuple[PlaceInOrder, ...]
    places: tuple[tuple[Quota, int], ...]
    came: Mapping[str, int]
    finished: Mapping[str, int]
    target: ReaderTarget | None = None
    cases_without_image: tuple[str, ...] = ()

    @property
    def taking_part(self) -> tuple[ReaderWatched, ...]:
        """The readers for whom there was a place."""
        return tuple(reader for reader in self.readers if reader.turned_away is None)

    @property
    def by_arm(self) -> dict[str, tuple[int, int]]:
        """Readers, and finished ones, of each arm that has any."""
        found: dict[str, tuple[int, int]] = {}
        for reader in self.taking_part:
            if reader.arm is not None:
                n, finished = found.get(reader.arm, (0, 0))
                found[reader.arm] = (n + 1, finished + reader.finished)
        return dict(sorted(found.items()))


def monitor_study(workspace: Workspace, study_id: str) -> StudyWatch:
    """How a study stands now. Raises NotFound."""
    studies.get_study(workspace.engine, study_id)
    protocol = protocol_of(workspace, study_id)
    acts = acts_of_study(workspace, study_id)
    conduct = conduct_after(acts, closes_on=protocol.conduct.closes_on)
    readers = _readers(workspace, study_id, protocol, acts)
    invited = list_invitations(workspace.engine, study_id)
    single = invited[invited["public"].isna()]
    admitted = [reader for reader in readers if reader.turned_away is None]
    profiles = [reader.profile for reader in admitted if reader.profile is not None]
    return StudyWatch(
        study_id=study_id,
        standing=conduct.standing(now()),
        conduct=conduct,
        invited=len(single),
        withdrawn=int(single["withdrawn_at"].notna().sum()),
        readers=tuple(readers),
        balance=_balance(workspace, study_id, protocol),
        positions=_positions(workspace, study_id, protocol),
        places=tuple((quota, quota.taken(profiles)) for quota in conduct.quotas),
        came=_by_day([reader.consented_at for reader in admitted]),
        finished=_by_day([r.last_at for r in admitted if r.finished and r.last_at is not None]),
        target=reader_target(workspace, study_id),
        cases_without_image=_without_image(workspace, study_id),
    )


def _without_image(workspace: Workspace, study_id: str) -> tuple[str, ...]:
    """Records of cases whose image somebody deleted since the freeze, or which are gone themselves."""
    if isinstance(workspace.files, FolderStore):
        return _looked_for(workspace, study_id)
    return _looked_for_lately(workspace, study_id, int(time.monotonic() // _AWAY_S))


@lru_cache(maxsize=64)
def _looked_for_lately(workspace: Workspace, study_id: str, turn: int) -> tuple[str, ...]:
    return _looked_for(workspace, study_id)


def _looked_for(workspace: Workspace, study_id: str) -> tuple[str, ...]:
    ids = [str(key) for key in studies.cases_of_study(workspace.engine, study_id)["record_id"]]
    found = records.records_by_id(workspace.engine, ids)
    images = dict(zip(found["id"], found["image_sha256"], strict=True))
    return tuple(key for key in ids if key not in images or not workspace.files.holds(ORIGINALS, str(images[key])))


def _readers(
    workspace: Workspace, study_id: str, protocol: Protocol, acts: tuple[StudyAct, ...]
) -> list[ReaderWatched]:
    engine = workspace.engine
    answers = study_progress.answers_by_reader(engine, study_id, fast_ms=FAST_MS).set_index("reader_id")
    answered: Mapping[Any, dict[Any, Any]] = answers.to_dict("index")
    assigned = studies.assigned_cases(engine, study_id)
    arms = study_progress.arm_by_reader(engine, study_id)
    looked_at = _looked_at(workspace, study_id, protocol)
    diagnoses = _counts(study_progress.diagnoses_by_reader(engine, study_id), "dx")
    events = _counts(study_progress.events_by_reader(engine, study_id), "kind")
    away = study_acts.turned_away(engine, study_id)
    marks = marks_after(acts)
    shares = {code: n / protocol.cases_per_round for code, n in protocol.class_mix.items()}
    found = []
    for row in studies.readers_of_study(engine, study_id).to_dict("records"):
        reader_id = str(row["id"])
        counted = answered.get(reader_id, {})
        watched = _watched(
            counted, diagnoses.get(reader_id, {}), events.get(reader_id, {}), looked_at.get(reader_id, {})
        )
        found.append(
            ReaderWatched(
                reader_id=reader_id,
                label=str(row["label"]),
                profile=None if row["profession"] is None else {name: row[name] for name in PROFILE_QUESTIONS},
                consented_at=row["consented_at"],
                last_at=counted.get("last_at"),
                cases_done=int(counted.get("cases_done", 0)),
                cases_total=assigned.get(reader_id, protocol.read_by_one),
                median_ms=watched.median_ms,
                oddities=suspicions(watched, shares),
                mark=marks.get(reader_id),
                turned_away=away.get(reader_id),
                arm=arms.get(reader_id),
            )
        )
    return found


def _looked_at(workspace: Workspace, study_id: str, protocol: Protocol) -> dict[str, dict[str, int]]:
    """Attention checks and hidden repeats of each reader, as `WatchedReader` counts them."""
    found: dict[str, dict[str, int]] = {}
    if protocol.checks.attention_checks:
        for row in study_progress.checks_by_reader(workspace.engine, study_id).to_dict("records"):
            expected = row["expected"] or {}
            told = {"dx": row["dx"], "confidence": row["confidence"]}
            counts = found.setdefault(str(row["reader_id"]), {"checks": 0, "checks_failed": 0})
            counts["checks"] += 1
            counts["checks_failed"] += any(told[name] != value for name, value in expected.items() if name in told)
    if protocol.checks.hidden_repeats:
        for row in study_progress.repeats_by_reader(workspace.engine, study_id).to_dict("records"):
            repeats = {"repeats": int(row["n"]), "repeats_same": int(row["same"])}
            found.setdefault(str(row["reader_id"]), {}).update(repeats)
    return found


def _watched(
    answers: Mapping[Any, Any],
    diagnoses: Mapping[str, int],
    events: Mapping[str, int],
    looked_at: Mapping[str, int],
) -> WatchedReader:
    median = answers.get("median_ms")
    return WatchedReader(
        first=int(answers.get("first", 0)),
        answers=int(answers.get("answers", 0)),
        median_ms=None if median is None or pd.isna(median) else float(median),
        fast=int(answers.get("fast", 0)),
        diagnoses=diagnoses,
        odd_times=int(answers.get("odd_times", 0)),
        focus_lost=events.get(EventKind.FOCUS_LOST, 0),
        refused=events.get(ANSWER_REFUSED, 0),
        **looked_at,
    )


def _counts(frame: pd.DataFrame, what: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for reader, kind, n in zip(frame["reader_id"], frame[what], frame["n"], strict=True):
        found.setdefault(str(reader), {})[str(kind)] = int(n)
    return found


def _balance(workspace: Workspace, study_id: str, protocol: Protocol) -> tuple[ModalityBalance, ...]:
    by_case = study_progress.completed_by_case(workspace.engine, study_id).set_index("modality")
    rows = study_progress.modality_balance(workspace.engine, study_id).to_dict("records")
    found = []
    for row in rows:
        spread = by_case.loc[row["modality"]] if row["modality"] in by_case.index else None
        every = spread is not None and int(spread["cases"]) >= protocol.case_count
        found.append(
            ModalityBalance(
                modality=str(row["modality"]),
                assigned=int(row["assigned"]),
                completed=int(row["completed"]),
                fewest=int(spread["fewest"]) if spread is not None and every else 0,
                most=0 if spread is None else int(spread["most"]),
            )
        )
    return tuple(found)


def _positions(workspace: Workspace, study_id: str, protocol: Protocol) -> tuple[PlaceInOrder, ...]:
    malignant = {c.code for c in protocol.classes.classes if c.is_malignant}
    frame = study_progress.answers_by_position(workspace.engine, study_id, malignant)
    per_period = 0 if frame.empty else int(frame["position"].max())
    return tuple(
        PlaceInOrder(
            # Periods follow one another.
            position=int(row["position"]) + (int(row["period"]) - 1) * per_period,
            readers=int(row["n"]),
            median_ms=float(row["median_ms"]),
            time_ratio=float(np.exp(row["log_ratio"])),
            malignant=int(row["malignant"]) / int(row["n"]) if protocol.asked.diagnosis else None,
        )
        for row in frame.to_dict("records")
    )


def _by_day(moments: list[datetime]) -> dict[str, int]:
    days = pd.Series([day(moment) for moment in moments], dtype=object)
    return {str(name): int(n) for name, n in days.value_counts().sort_index().items()}
