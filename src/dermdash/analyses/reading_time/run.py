"""How long the readers of a study or log took."""

from dataclasses import dataclass, replace

from dermdash.analyses.other_designs import in_separate_periods
from dermdash.analyses.reading_time.options import TimeOptions
from dermdash.analyses.reading_time.study import ReadingTime, reading_time
from dermdash.analyses.reading_time.timed_readings import TimeRule
from dermdash.errors import InvalidInput
from dermdash.readings.first_readings import first_readings
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class TimeResult:
    """Reading times with their options; ``later`` readings of a case by the same reader are left out.

    ``clustered``: whether cases share lesions or patients.
    """

    time: ReadingTime
    options: TimeOptions
    later: int = 0
    clustered: bool = False


def analyse_reading_time(table: ReadingsTable, *, options: TimeOptions | None = None) -> TimeResult:
    """Reading times before and after assistance, along the session, and against accuracy.

    Raises
    ------
    MissingColumns
        No time is recorded.
    InvalidInput
        No time can be used, or the options are out of range.
    """
    options = options or TimeOptions()
    table.require("client_ms", purpose="reading time")
    first = first_readings(table)
    frame = first.frame
    if first.clustered:
        frame = frame.assign(unit=first.unit_of(frame["case"]))
    found = reading_time(
        frame,
        modalities=table.modalities,
        seed=table.seed,
        rule=TimeRule(1000 * options.shortest, 1000 * options.longest),
        replicates=options.replicates,
        confidence=options.confidence,
        bins=options.parts,
    )
    if found is None:
        raise InvalidInput(f"{table.source} has no time above 0 ms in {counted(len(table.frame), 'reading')}")
    if in_separate_periods(first):
        # Nobody looked at a case twice in a row: there is no time that both answers took together.
        found = replace(found, total_ratios=())
    return TimeResult(found, options, len(table.frame) - len(first.frame), first.clustered)
