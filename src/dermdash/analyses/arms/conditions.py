"""Who read under which condition: the arms of a parallel study, and the sequences of a crossover."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from dermdash.readings.first_readings import LATER, first_of, in_reading_order
from dermdash.readings.modality import Phase, modality_label
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable

WITHOUT_FIRST, WITH_FIRST = "without_first", "with_first"
SEQUENCES = {WITHOUT_FIRST: "Without assistance first", WITH_FIRST: "With assistance first"}
OF_PERIODS = "of an arm that is read in several periods"
OF_TWO_ARMS = "of a reader who stands in several arms"
WITHOUT_ARM = "without an arm"
NOT_THE_LAST = "before the last answer to the case"
ORDER_UNCLEAR = "of a reader whose periods are in no one order"
NO_OTHER_HALF = "without the other period's answer to the case"
_OCCASION = ["reader", "session", "case", "repeat"]


@dataclass(frozen=True, slots=True)
class ArmReaders:
    """An arm with who is in it.

    Attributes
    ----------
    key
        As the protocol or the log calls it.
    condition
        How its cases were read, in words.
    assisted
        Whether the answers that count were given with assistance.
    """

    key: str
    condition: str
    assisted: bool
    readers: frozenset[str]
    cases: int
    readings: int

    @property
    def title(self) -> str:
        """Its name with its condition."""
        return f"{self.key} ({self.condition})"


@dataclass(frozen=True, slots=True, eq=False)
class ArmsRead:
    """The arms that can be compared, their answers, and what was left out of them, counted by reason."""

    arms: tuple[ArmReaders, ...]
    frame: pd.DataFrame
    excluded: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class CrossoverRead:
    """Pairs of answers over two periods; ``sequence`` of each reader, one of `SEQUENCES`."""

    pairs: pd.DataFrame
    sequence: dict[str, str]
    excluded: dict[str, int]

    def members(self, sequence: str) -> frozenset[str]:
        """The readers of a sequence."""
        return frozenset(reader for reader, own in self.sequence.items() if own == sequence)


def arms_of(table: ReadingsTable) -> ArmsRead:
    """The arms that are read in one period, of readers who stand in one of them: their last answer to each case.

    Whoever reads without and then with assistance counts with the answer after it.
    """
    excluded: dict[str, int] = {}
    frame = _kept(table.answers, table.answers["arm"].notna(), WITHOUT_ARM, excluded)
    by_reader = frame.groupby("reader")
    frame = _kept(frame, by_reader["arm"].transform("nunique") == 1, OF_TWO_ARMS, excluded)
    frame = _kept(frame, frame.groupby("arm")["period"].transform("nunique") <= 1, OF_PERIODS, excluded)
    aided = frame["phase"] == Phase.AIDED
    ordered = in_reading_order(frame.assign(_unaided=~aided)).sort_values("_unaided", kind="stable")
    last = ordered.drop_duplicates(["reader", "case"]).drop(columns="_unaided")
    of_kept = len(frame.merge(last[_OCCASION], on=_OCCASION, how="inner"))
    if of_kept > len(last):
        excluded[NOT_THE_LAST] = of_kept - len(last)
    if len(frame) > of_kept:
        excluded[LATER] = len(frame) - of_kept
    arms = tuple(_arm(str(key), part, frame[frame["arm"] == key]) for key, part in last.groupby("arm", sort=True))
    return ArmsRead(arms, last.reset_index(drop=True), excluded)


def reference_arm(arms: Iterable[ArmReaders]) -> ArmReaders:
    """The first arm without assistance, else the first."""
    return min(arms, key=lambda arm: (arm.assisted, arm.key))


def crossover_of(table: ReadingsTable) -> CrossoverRead | None:
    """The pairs of readers who read their cases in two periods, once without and once with assistance.

    None where nobody did.
    """
    pairs = reading_pairs(table)
    apart = pairs["period_unaided"].notna() & (pairs["period_unaided"] != pairs["period_aided"]).fillna(False)
    pairs = pairs[apart.to_numpy(bool)]
    if pairs.empty:
        return None
    excluded: dict[str, int] = {}
    if lost := _answers_over_periods(table) - 2 * len(pairs):
        excluded[NO_OTHER_HALF] = lost
    pairs = pairs.assign(_later=pairs["period_aided"] > pairs["period_unaided"])
    one = pairs.groupby("reader")["_later"].transform("nunique") == 1
    if not one.all():
        excluded[ORDER_UNCLEAR] = 2 * int((~one).sum())
    pairs, again = first_of(pairs[one], ("reader", "case"))
    if again:
        excluded[LATER] = 2 * again
    later = pairs.groupby("reader")["_later"].first()
    sequence = {str(reader): WITHOUT_FIRST if flag else WITH_FIRST for reader, flag in later.items()}
    return CrossoverRead(pairs.drop(columns="_later").reset_index(drop=True), sequence, excluded)


def _answers_over_periods(table: ReadingsTable) -> int:
    """Answers of a period in arms that are read in several: those of parallel arms beside them are not."""
    frame = table.frame[table.frame["period"].notna()]
    return int((frame.groupby(frame["arm"].fillna(""))["period"].transform("nunique") > 1).sum())


def _kept(frame: pd.DataFrame, keep: "pd.Series[bool]", reason: str, excluded: dict[str, int]) -> pd.DataFrame:
    flags = keep.to_numpy(bool)
    if lost := int((~flags).sum()):
        excluded[reason] = lost
    return frame[flags]


def _arm(key: str, last: pd.DataFrame, every: pd.DataFrame) -> ArmReaders:
    assisted = bool((last["phase"] == Phase.AIDED).all())
    return ArmReaders(
        key,
        _condition(every),
        assisted,
        frozenset(map(str, last["reader"])),
        int(last["case"].nunique()),
        len(last),
    )


def _condition(every: pd.DataFrame) -> str:
    shown = sorted({_in_words(str(m)) for m in every.loc[every["phase"] == Phase.AIDED, "modality"]})
    if not shown:
        return "without assistance"
    first = "without, then " if (every["phase"] == Phase.UNAIDED).any() else ""
    return f"{first}with {', '.join(shown)}"


def _in_words(modality: str) -> str:
    """A modality within a sentence; an abbreviation keeps its capitals."""
    label = modality_label(modality)
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
