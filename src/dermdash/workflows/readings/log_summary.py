"""What a log of readings holds, in numbers."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.reversed_scores import reversed_area_of_rows, reversed_warnings
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.modality import modality_label
from dermdash.readings.pairs import reading_pairs, unpaired
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.spellings import SpellingChoice
from dermdash.records.alike_names import AlikeNames
from dermdash.workflows.readings.read_reading_log import ReadLog


@dataclass(frozen=True, slots=True)
class LogSummary:
    """What a log holds, in numbers.

    ``readings`` are answers; of a file of counts per image, the participants counted in both phases. ``readers`` is
    None where the file does not tell them apart; ``pairs`` are answers before and after assistance of one reader.
    ``alike`` are spellings that look like one name and are kept apart, ``spellings`` what was decided of others,
    ``warnings`` what limits every result that is made of the log; ``reversible``: it has malignancy ratings of its own,
    whose scale may run the other way round.
    """

    name: str
    format: str
    recognised: str
    aggregate: bool
    readings: int
    readers: int | None
    cases: int
    modalities: tuple[str, ...]
    pairs: int
    unpaired: int
    with_truth: int
    excluded: dict[str, int]
    notes: tuple[str, ...]
    simulated: bool = False
    alike: tuple[AlikeNames, ...] = ()
    spellings: SpellingChoice = field(default_factory=SpellingChoice)
    warnings: tuple[str, ...] = ()
    reversible: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "format": self.format,
            "recognised": self.recognised,
            "aggregate": self.aggregate,
            "readings": self.readings,
            "readers": self.readers,
            "cases": self.cases,
            "modalities": list(self.modalities),
            "pairs": self.pairs,
            "unpaired": self.unpaired,
            "cases_with_truth": self.with_truth,
            "excluded": dict(self.excluded),
            "notes": list(self.notes),
            "simulated": self.simulated,
            "alike_names": [group.as_dict() for group in self.alike],
            "spellings": self.spellings.as_dict(),
            "warnings": list(self.warnings),
        }


def summarise(read: ReadLog) -> LogSummary:
    """The numbers of a log that was read."""
    table = read.table
    common: dict[str, Any] = {
        "name": table.source,
        "format": table.format,
        "recognised": read.recognised.text,
        "excluded": dict(table.excluded),
        "notes": table.notes,
        "alike": table.alike,
        "spellings": read.spellings,
        "warnings": table.warnings,
        "reversible": read.reversible,
    }
    frame = table.frame
    if isinstance(table, AggregateTable):
        counts = frame[[c for c in frame.columns if str(c).startswith(("unaided_", "aided_"))]]
        after = frame[[c for c in frame.columns if str(c).startswith("aided_")]]
        return LogSummary(
            aggregate=True,
            readings=int(counts.to_numpy().sum()),
            readers=None,
            cases=frame["case"].nunique(),
            modalities=tuple(dict.fromkeys(map(modality_label, frame["modality"]))),
            pairs=int(after.to_numpy().sum()),
            unpaired=0,
            with_truth=frame.loc[frame["truth_dx"].notna(), "case"].nunique(),
            **common,
        )
    known = frame["truth_dx"].notna() | frame["truth_malignant"].notna()
    return LogSummary(
        aggregate=False,
        readings=len(table.answers),
        readers=frame["reader"].nunique(),
        cases=frame["case"].nunique(),
        modalities=tuple(modality_label(m) for m in table.modalities),
        pairs=len(reading_pairs(table)),
        unpaired=unpaired(table),
        with_truth=frame.loc[known, "case"].nunique(),
        simulated=table.simulated,
        **(common | {"warnings": (*table.warnings, *_reversed(table))}),
    )


def _reversed(table: ReadingsTable) -> tuple[str, ...]:
    """Whether malignant cases have the lower malignancy ratings, said as soon as a log is looked at."""
    frame = table.answers
    rated = frame[frame["malignancy_rating"].notna() & frame["truth_malignant"].notna()]
    if rated.empty:
        return ()
    rater = rated.groupby(["reader", "phase", "modality"]).ngroup().to_numpy(int)
    codes, cases = pd.factorize(rated["case"])
    case = codes.astype(np.int64)
    truth = np.zeros(len(cases), bool)
    truth[case] = rated["truth_malignant"].to_numpy(bool)
    area = reversed_area_of_rows(rater, case, rated["malignancy_rating"].to_numpy(float), truth)
    return reversed_warnings(area, readers=rated["reader"].nunique())
