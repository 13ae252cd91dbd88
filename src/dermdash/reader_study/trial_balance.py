"""How even a trial run came out: readers of arms and strata, readings of modalities and cases, places in the order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dermdash.reader_study.trial_readers import TrialReader
from dermdash.readings.modality import Modality

PARTS_OF_ORDER = 4


@dataclass(frozen=True, slots=True)
class TrialReading:
    """A case that a reader completed; ``place``: how far along their order it stood, 0 to below 1."""

    reader_id: str
    arm: str
    case_id: str
    modality: Modality
    period: int
    place: float


@dataclass(frozen=True, slots=True)
class ArmTally:
    """Readers who were given an arm, who of them completed, and the readings of all of them."""

    arm: str
    name: str
    weight: int
    begun: int
    completed: int
    readings: int


@dataclass(frozen=True, slots=True)
class StratumTally:
    """The same of the readers of one stratum in one arm."""

    stratum: str
    arm: str
    begun: int
    completed: int


@dataclass(frozen=True, slots=True)
class ModalityTally:
    """How often a modality was read.

    Attributes
    ----------
    fewest_of_case, most_of_case
        Readings with it of the case that has fewest, and most.
    cases_without
        Cases that nobody read with it.
    fewest_of_reader, most_of_reader
        Readings with it of one complete reader of an arm that shows it; None where nobody completed such an arm.
    along_order
        Readings with it in each quarter of a reader's order, the first first.
    """

    modality: str
    readings: int
    fewest_of_case: int
    most_of_case: int
    cases_without: int
    fewest_of_reader: int | None
    most_of_reader: int | None
    along_order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Everything that happened in a trial run, and what it comes to.

    Attributes
    ----------
    arms
        Key, name and weight of each.
    strata
        In the order in which they came; one empty one where arms are balanced over all readers.
    cases
        All of the study's own.
    readers
        Each with the key of their arm, and whether they completed.
    not_counted
        Cases that are no results, or that were not reached, by reason.
    """

    arms: tuple[tuple[str, str, int], ...]
    strata: tuple[str, ...]
    cases: tuple[str, ...]
    readers: tuple[tuple[TrialReader, str, bool], ...]
    readings: tuple[TrialReading, ...]
    not_counted: Mapping[str, int] = field(default_factory=dict)

    @property
    def completed(self) -> int:
        """Readers who read everything that was theirs."""
        return sum(stayed for _, _, stayed in self.readers)

    def of_arms(self) -> tuple[ArmTally, ...]:
        """Arm by arm, as the protocol lists them."""
        begun = Counter(arm for _, arm, _ in self.readers)
        completed = Counter(arm for _, arm, stayed in self.readers if stayed)
        readings = Counter(one.arm for one in self.readings)
        return tuple(
            ArmTally(key, name, weight, begun[key], completed[key], readings[key]) for key, name, weight in self.arms
        )

    def overlap(self) -> tuple[float, float] | None:
        """Cases that two complete readers of one arm, and of two, have in common, for one that chance would give them.

        Of readers who all read as many cases. None without two complete readers of an arm, and one of another.
        """
        of_arm = Counter(arm for _, arm, stays in self.readers if stays)
        complete = {reader.id for reader, _, stays in self.readers if stays}
        pairs = {(one.reader_id, one.arm, one.case_id) for one in self.readings if one.reader_id in complete}
        times = Counter((arm, case) for _, arm, case in pairs)
        everybody = Counter(case for _, _, case in pairs)
        alike = sum(n * (n - 1) for n in of_arm.values())
        apart = sum(of_arm.values()) ** 2 - sum(n * n for n in of_arm.values())
        by_chance = (len(pairs) / max(len(complete), 1)) ** 2 / max(len(self.cases), 1)
        if not (alike and apart and by_chance):
            return None
        within = sum(n * (n - 1) for n in times.values())
        across = sum(n * n for n in everybody.values()) - sum(n * n for n in times.values())
        return within / alike / by_chance, across / apart / by_chance

    def of_strata(self) -> tuple[StratumTally, ...]:
        """Stratum by stratum, arm by arm; nothing where there are none."""
        if self.strata == ("",):
            return ()
        begun = Counter((reader.stratum, arm) for reader, arm, _ in self.readers)
        completed = Counter((reader.stratum, arm) for reader, arm, stayed in self.readers if stayed)
        return tuple(
            StratumTally(stratum, key, begun[stratum, key], completed[stratum, key])
            for stratum in sorted(self.strata)
            for key, _, _ in self.arms
        )

    def of_cases(self) -> dict[tuple[str, Modality], int]:
        """Readings by case and modality, for every case and every modality that was shown, none left out."""
        counts = Counter((one.case_id, one.modality) for one in self.readings)
        shown = self.modalities
        return {(case, modality): counts[case, modality] for case in self.cases for modality in shown}

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """What was read with, in the order of the registry."""
        seen = {one.modality for one in self.readings}
        return tuple(modality for modality in Modality if modality in seen)

    def of_modalities(self) -> tuple[ModalityTally, ...]:
        """Modality by modality."""
        by_modality: dict[Modality, list[TrialReading]] = {modality: [] for modality in self.modalities}
        for one in self.readings:
            by_modality[one.modality].append(one)
        return tuple(self._of_modality(modality, mine) for modality, mine in by_modality.items())

    def _of_modality(self, modality: Modality, mine: Sequence[TrialReading]) -> ModalityTally:
        by_case = Counter(one.case_id for one in mine)
        by_reader = Counter(one.reader_id for one in mine)
        arms = {one.arm for one in mine}
        complete = [by_reader[reader.id] for reader, arm, stayed in self.readers if stayed and arm in arms]
        each = [by_case[case] for case in self.cases]
        places = Counter(int(one.place * PARTS_OF_ORDER) for one in mine)
        return ModalityTally(
            str(modality),
            readings=len(mine),
            fewest_of_case=min(each),
            most_of_case=max(each),
            cases_without=sum(n == 0 for n in each),
            fewest_of_reader=min(complete, default=None),
            most_of_reader=max(complete, default=None),
            along_order=tuple(places[part] for part in range(PARTS_OF_ORDER)),
        )
