"""Readings of a study or log as multi-reader multi-case data."""

from dataclasses import dataclass, field

import pandas as pd

from dermdash.analyses.other_designs import require_answers
from dermdash.analysis.mrmc.data import MrmcData, make_mrmc_data
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.first_readings import first_of
from dermdash.readings.modality import Modality, Phase, modality_label
from dermdash.readings.pairs import PAIR_KEY, reading_pairs
from dermdash.readings.readings_table import ReadingsTable

UNAIDED = Modality.NONE.label
CALL_THRESHOLD = 0.5
"""Between a benign (0) and a malignant (1) answer."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Data to compare, and what was left out of them, counted by reason.

    ``assistance`` is the code of the aided modality that is compared with the unaided reading; None otherwise.
    """

    data: MrmcData
    assistance: str | None = None
    excluded: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def assisted_comparisons(table: ReadingsTable, *, answers: bool = False) -> tuple[Comparison, ...]:
    """Each assistance against the reading without it, on the malignancy of the cases.

    Parameters
    ----------
    table
        Readings. Where a reader answered a case before and after assistance, these pairs are compared; where no such
        pair exists, all readings without with all with that assistance.
    answers
        Take the answer malignant or benign (1 or 0) instead of the malignancy rating.

    Returns
    -------
    tuple of Comparison
        One per assistance, in its usual order; the modality with assistance first, so that a positive difference is a
        gain. Without any assistance one comparison of a single modality.

    Raises
    ------
    MissingColumns
        No rating (or answer), or no truth.
    """
    column = _rating_column(table, answers)
    pairs = reading_pairs(table)
    found = []
    for modality in table.modalities:
        part = pairs[pairs["modality"] == modality]
        if part.empty:
            found.append(_all_readings(table, modality, column))
            continue
        excluded: dict[str, int] = {}
        known = part[f"{column}_unaided"].notna() & part[f"{column}_aided"].notna()
        _count(excluded, "without a rating, or of a pair with one missing", 2 * int((~known).sum()))
        part = _with_truth(part[known], excluded, readings=2)
        part = _first_time(part, excluded, ["reader", "case"], readings=2)
        rows = [
            _rows(part, part[f"{column}_{phase}"], name)
            for phase, name in (("aided", modality_label(modality)), ("unaided", UNAIDED))
        ]
        unpaired = _unpaired(table, modality)
        _count(excluded, "without the other half of their pair", unpaired)
        found.append(_comparison(table, rows, modality, excluded))
    if not found and (alone := unaided_readings(table, answers=answers)) is not None:
        found.append(alone)
    return tuple(found)


def unaided_readings(table: ReadingsTable, *, answers: bool = False) -> Comparison | None:
    """All readings without assistance, the first of each reader and case; None where there is none."""
    column = _rating_column(table, answers)
    frame = table.frame
    excluded: dict[str, int] = {}
    part = _with_truth(_rated(frame[frame["phase"] == Phase.UNAIDED], column, excluded), excluded)
    part = _first_time(part, excluded, ["reader", "case"])
    return None if part.empty else _comparison(table, [_rows(part, part[column], UNAIDED)], None, excluded)


def assistance_comparison(table: ReadingsTable, *, answers: bool = False) -> Comparison:
    """The kinds of assistance against one another, on the readings with them.

    Raises
    ------
    InvalidInput
        Fewer than two kinds of assistance.
    """
    column = _rating_column(table, answers)
    if len(table.modalities) < 2:
        raise InvalidInput(
            f"{table.source} has {len(table.modalities)} kinds of assistance: to compare them needs two at least"
        )
    excluded: dict[str, int] = {}
    aided = table.frame[table.frame["phase"] == Phase.AIDED]
    part = _with_truth(_rated(aided, column, excluded), excluded)
    part = _first_time(part, excluded, ["reader", "case", "modality"])
    rows = [
        _rows(part[part["modality"] == m], part.loc[part["modality"] == m, column], modality_label(m))
        for m in table.modalities
    ]
    return _comparison(table, rows, None, excluded)


def _rating_column(table: ReadingsTable, answers: bool) -> str:
    column = "malignant_answer" if answers else "malignancy_rating"
    require_answers(table, column, "truth_malignant", purpose="A comparison of modalities by readers and cases")
    return column


def _all_readings(table: ReadingsTable, modality: str, column: str) -> Comparison:
    """All readings without assistance and all with this one, of whichever readers."""
    frame = table.frame
    excluded: dict[str, int] = {}
    rows = []
    aided = frame[(frame["phase"] == Phase.AIDED) & (frame["modality"] == modality)]
    unaided = frame[frame["phase"] == Phase.UNAIDED]
    for part, name in ((aided, modality_label(modality)), (unaided, UNAIDED)):
        kept = _with_truth(_rated(part, column, excluded), excluded)
        kept = _first_time(kept, excluded, ["reader", "case"])
        rows.append(_rows(kept, kept[column], name))
    note = (
        f"No reader answered a case both before and after {modality_label(modality).lower()}, so all readings without "
        "assistance were compared with all with it. Comparison of arms does the same for readers of their own in each "
        "arm, and by their answers, too."
    )
    return _comparison(table, rows, modality, excluded, (note,))


def _comparison(
    table: ReadingsTable,
    rows: list[pd.DataFrame],
    assistance: str | None,
    excluded: dict[str, int],
    notes: tuple[str, ...] = (),
) -> Comparison:
    joined = pd.concat(rows, ignore_index=True)
    if joined.empty:
        raise MissingColumns(
            f"{table.source} has no reading with a rating of a case whose truth is known"
            + (f" with {modality_label(assistance).lower()}" if assistance else "")
        )
    names = list(dict.fromkeys(joined["modality"]))
    data = make_mrmc_data(joined, source=table.source, modalities=names)
    return Comparison(data, assistance, excluded, notes)


def _rows(frame: pd.DataFrame, rating: "pd.Series[float]", modality: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "reader": frame["reader"],
            "modality": modality,
            "case": frame["case"],
            "cluster": frame["cluster"],
            "truth": frame["truth_malignant"].astype(float),
            "rating": rating.astype(float),
        }
    )


def _rated(frame: pd.DataFrame, column: str, excluded: dict[str, int]) -> pd.DataFrame:
    known = frame[column].notna()
    _count(excluded, "without a rating", int((~known).sum()))
    return frame[known]


def _with_truth(frame: pd.DataFrame, excluded: dict[str, int], *, readings: int = 1) -> pd.DataFrame:
    known = frame["truth_malignant"].notna()
    _count(excluded, "of a case whose malignancy is not known", readings * int((~known).sum()))
    return frame[known]


def _first_time(frame: pd.DataFrame, excluded: dict[str, int], key: list[str], *, readings: int = 1) -> pd.DataFrame:
    """The first reading of a case by a reader: a second one is no independent reading."""
    kept, later = first_of(frame, key)
    _count(excluded, "of a case that the reader had read before", readings * later)
    return kept


def _unpaired(table: ReadingsTable, modality: str) -> int:
    wanted = table.frame[table.frame["modality"] == modality]
    return int((wanted.groupby(list(PAIR_KEY))["phase"].transform("size") == 1).sum())


def _count(excluded: dict[str, int], reason: str, number: int) -> None:
    if number:
        excluded[reason] = excluded.get(reason, 0) + number
