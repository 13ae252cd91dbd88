"""A trial run of a protocol before it is frozen: readers are drawn and scheduled as in the study, nothing is stored.

It needs neither records nor a workspace: cases are places of the class mix. Arms, cases, orders and modalities are
drawn by the same rule as in the study (`reader_draw`), from what the readers before have completed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.reader_study.before_freezing import check_before_freezing, warnings_before_freezing
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import AssignmentMethod, ReadingOrder
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reader_draw import StudySoFar, draw_reader, reader_load
from dermdash.reader_study.reading_time import assumed_seconds, reading_time, reading_times
from dermdash.reader_study.schedule import CaseSlot, PlannedAssignment
from dermdash.reader_study.trial_balance import TrialBalance, TrialReading
from dermdash.reader_study.trial_readers import TrialReader, TrialReaders, readers_words, trial_readers
from dermdash.reader_study.trial_warnings import trial_warnings
from dermdash.readings.modality import Modality
from dermdash.wording import counted, duration

_PER_PLACE_S, _PER_CASE_S = 3e-9, 1e-4
"""Measured on two busy cores, 28 to 500 cases."""
LONGEST_S = 3600.0
"""A longer run is refused: it would keep a core of the server from the readers of other studies."""
_LONGEST_OF_READER_S = 60.0
"""Nobody can stop a run within a reader."""
MOST_PLACES = 1_000_000
"""Cases of all readers together; each that is read is kept until the run is shown, some 200 bytes of it."""


@dataclass(frozen=True, slots=True)
class TrialRun:
    """What a trial run came to; ``warnings``: what cannot be balanced, and what a study so small leaves empty."""

    protocol: Protocol
    wanted: TrialReaders
    balance: TrialBalance
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        balance = self.balance
        return {
            "protocol_sha256": self.protocol.sha256,
            "readers": self.wanted.count,
            "dropout": self.wanted.dropout,
            "seed": self.wanted.seed,
            "completed": balance.completed,
            "minutes": reading_time(self.protocol).minutes,
            "arms": [
                asdict(arm) | {"minutes": time.minutes, "minutes_per_period": list(time.minutes_per_period)}
                for arm, time in zip(balance.of_arms(), reading_times(self.protocol), strict=True)
            ],
            "strata": [asdict(stratum) for stratum in balance.of_strata()],
            "modalities": [asdict(modality) for modality in balance.of_modalities()],
            "case_readings": [
                {"case": case, "modality": str(modality), "n_readings": n}
                for (case, modality), n in balance.of_cases().items()
            ],
            "left_out": dict(balance.not_counted),
            "assumptions": [assumed_seconds(self.protocol), readers_words(self.protocol, self.wanted)],
            "warnings": list(self.warnings),
        }


def run_trial(
    protocol: Protocol, wanted: TrialReaders, *, progress: Callable[[str, float], None] | None = None
) -> TrialRun:
    """Let invented readers take part in a protocol, in memory; the same protocol and readers give the same run.

    Raises
    ------
    InvalidInput
        The readers cannot be simulated, or there are too many cases for it.
    """
    _check_size(protocol, wanted.count)
    report = progress or (lambda message, share: None)
    readers = trial_readers(protocol, wanted)
    slots = _slots(protocol)
    standing = _Standing(protocol)
    readings: list[TrialReading] = []
    for number, reader in enumerate(readers):
        report("Simulating readers", number / len(readers))
        drawn = draw_reader(
            protocol,
            standing.available(slots),
            standing.so_far(reader.stratum),
            reader_id=reader.id,
            stratum=reader.stratum,
        )
        readings += standing.read(reader, drawn.arm.key, drawn.plan)
    balance = TrialBalance(
        arms=tuple((arm.key, arm.name, arm.weight) for arm in protocol.arms),
        strata=tuple(dict.fromkeys(reader.stratum for reader in readers)),
        cases=tuple(slot.case_id for slot in slots if slot.kind is CasePart.STUDY),
        readers=tuple(standing.readers),
        readings=tuple(readings),
        not_counted=dict(standing.not_counted),
    )
    warnings = (*_impossible(protocol), *trial_warnings(protocol, balance), *warnings_before_freezing(protocol))
    return TrialRun(protocol, wanted, balance, warnings)


def expected_seconds(protocol: Protocol, readers: int) -> float:
    """About how long a run takes: the draw of modalities grows with the third power of the cases of a round."""
    shown = max(1, *(len(protocol.modalities_of(period)) for arm in protocol.arms for period in arm.periods))
    periods = max(len(arm.periods) for arm in protocol.arms)
    # By another method several modalities come in turn, and nothing is weighed up.
    heavy = shown == 1 or protocol.design.method is AssignmentMethod.BALANCED
    draw = _PER_PLACE_S * protocol.read_per_round**3 * shown if heavy else 0.0
    return readers * protocol.rounds * periods * (draw + _PER_CASE_S * protocol.cases_per_round)


def _check_size(protocol: Protocol, readers: int) -> None:
    """Refuse what would fill the memory, or keep a processor busy for hours."""
    one = expected_seconds(protocol, 1)
    if one > _LONGEST_OF_READER_S or one * readers > LONGEST_S:
        raise InvalidInput(
            f"a trial run of {counted(readers, 'reader')} with rounds of {counted(protocol.cases_per_round, 'case')} "
            f"takes more than {duration(LONGEST_S)}: take fewer readers, or try a smaller round first"
        )
    checks = protocol.checks
    beside = protocol.practice_cases + (checks.screening.cases if checks.screening else 0)
    of_round = protocol.read_per_round + checks.attention_checks + checks.hidden_repeats
    periods = max(len(arm.periods) for arm in protocol.arms)
    in_all = protocol.case_count + protocol.rounds * checks.attention_checks + beside
    if max(in_all, readers * (beside + protocol.rounds * periods * of_round)) > MOST_PLACES:
        raise InvalidInput(
            f"a trial run of {counted(readers, 'reader')} would come to more than {MOST_PLACES:,} readings: take fewer "
            "readers, cases or rounds"
        )


def _impossible(protocol: Protocol) -> tuple[str, ...]:
    """Why the protocol could not be frozen as it is."""
    try:
        check_before_freezing(protocol)
    except InvalidInput as error:
        return (f"This protocol cannot be frozen: {error}.",)
    return ()


def _slots(protocol: Protocol) -> list[CaseSlot]:
    """A place for every case that would be drawn; its id says class, round and number."""
    every = frozenset({*protocol.every_modality, Modality.NONE})
    classes = [dx for dx, n in protocol.class_mix.items() for _ in range(n)]
    found = [
        CaseSlot(f"{dx} {round_}.{number:03d}", round_, False, every, CasePart.STUDY, dx)
        for round_ in range(1, protocol.rounds + 1)
        for number, dx in enumerate(classes, 1)
    ]
    checks = protocol.checks
    screening = checks.screening.cases if checks.screening else 0
    found += [CaseSlot(f"practice {n}", 0, True, every, CasePart.PRACTICE) for n in range(protocol.practice_cases)]
    found += [CaseSlot(f"screening {n}", 0, True, every, CasePart.SCREENING) for n in range(screening)]
    found += [
        CaseSlot(f"check {round_}.{n}", round_, True, every, CasePart.CHECK)
        for round_ in range(1, protocol.rounds + 1)
        for n in range(checks.attention_checks)
    ]
    return found


@dataclass(slots=True)
class _Standing:
    """How the study stands between two readers."""

    protocol: Protocol
    readers: list[tuple[TrialReader, str, bool]] = field(default_factory=list)
    loads: dict[tuple[str, str], float] = field(default_factory=dict)
    began: Counter[str] = field(default_factory=Counter)
    completed: Counter[tuple[str, Modality]] = field(default_factory=Counter)
    seen_unaided: Counter[str] = field(default_factory=Counter)
    not_counted: Counter[str] = field(default_factory=Counter)

    def available(self, slots: Sequence[CaseSlot]) -> list[CaseSlot]:
        """The cases with what can be shown for each now: the crowd only where enough readers were before."""
        crowd = frozenset(m for m in self.protocol.every_modality if m.form.needs_crowd)
        if not crowd or self.protocol.frozen_crowd is not None:
            return list(slots)
        enough = self.protocol.minimum_crowd_readers
        return [
            slot
            if self.seen_unaided[slot.case_id] >= enough
            else CaseSlot(
                slot.case_id, slot.round, slot.practice, slot.available - crowd, slot.part, slot.truth_dx
            )
            for slot in slots
        ]  # fmt: skip

    def so_far(self, stratum: str) -> StudySoFar:
        """What balance is kept over when a reader of this stratum begins."""
        alike: dict[str, float] = {}
        everybody: dict[str, float] = {}
        for (of, arm), load in self.loads.items():
            everybody[arm] = everybody.get(arm, 0.0) + load
            if of == stratum:
                alike[arm] = alike.get(arm, 0.0) + load
        return StudySoFar(alike, everybody, dict(self.began), dict(self.completed))

    def read(self, reader: TrialReader, arm: str, plan: Sequence[PlannedAssignment]) -> list[TrialReading]:
        """Let a reader read all of their plan, or a share of it; returns what they completed of the study's own."""
        own = [one for one in plan if not one.practice]
        done = own if reader.leaves_at is None else own[: int(reader.leaves_at * len(own))]
        stays = reader.leaves_at is None
        self.began[arm] += 1
        self.readers.append((reader, arm, stays))
        load = reader_load(answered=len(done), assigned=len(own), at_it=stays)
        self.loads[reader.stratum, arm] = self.loads.get((reader.stratum, arm), 0.0) + load
        self.not_counted["not_reached"] += len(own) - len(done)
        found: list[TrialReading] = []
        place = 0
        for one in plan:
            if one.practice:
                self.not_counted[str(one.part)] += 1
                continue
            if place == len(done):
                break
            share, place = place / len(own), place + 1
            if one.occasion > 1:
                self.not_counted["hidden_repeat"] += 1
                continue
            self.completed[one.case_id, one.modality] += 1
            if one.reading is not ReadingOrder.AIDED:
                self.seen_unaided[one.case_id] += 1
            found.append(TrialReading(reader.id, arm, one.case_id, one.modality, one.period, share))
        return found
