"""What readers said of each case, before and after assistance, and by what cases can be put in order.

One row per case, of first readings alone, so that every reader counts once; "right" is of the diagnosis where readers
gave one, else of malignant or benign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from dermdash.readings.first_readings import first_readings
from dermdash.readings.modality import Phase
from dermdash.readings.pairs import reading_pairs
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import diagnosis_name

MALIGNANT, BENIGN = "malignant", "benign"
"""What is voted on where readers gave no diagnosis."""


class CaseSort(StrEnum):
    """By what cases are put in order; the values stand in addresses."""

    MISREAD = "misread"
    MISLED = "misled"
    RESCUED = "rescued"
    SPLIT = "split"
    SLOW = "slow"

    @property
    def head(self) -> str:
        """In words."""
        return _TITLES[self]

    @property
    def meaning(self) -> str:
        """What comes first."""
        return _MEANINGS[self]


_TITLES = {
    CaseSort.MISREAD: "Most misread",
    CaseSort.MISLED: "Most misled",
    CaseSort.RESCUED: "Most rescued",
    CaseSort.SPLIT: "Most split",
    CaseSort.SLOW: "Slowest",
}
_MEANINGS = {
    CaseSort.MISREAD: "Fewest readers right without assistance",
    CaseSort.MISLED: "Most readers right before and wrong after assistance",
    CaseSort.RESCUED: "Most readers wrong before and right after assistance",
    CaseSort.SPLIT: "Readers least agreed without assistance",
    CaseSort.SLOW: "Longest median time for the first answer",
}


@dataclass(frozen=True, slots=True)
class CaseVotes:
    """The answers to one case.

    Attributes
    ----------
    before, after
        Number of readers by what they said, without and with assistance; a code of the taxonomy, else `MALIGNANT` or
        `BENIGN`.
    truth
        In the same terms; None: not known.
    right_before, right_after
        Of the answers whose truth is known; None: of none.
    pairs, rescued, misled
        Pairs of answers, and in how many a wrong answer became right and a right one wrong.
    median_ms
        Of the first answers; None: no time is recorded.
    """

    case: str
    truth: str | None
    before: Mapping[str, int] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    right_before: float | None = None
    right_after: float | None = None
    pairs: int = 0
    rescued: int = 0
    misled: int = 0
    median_ms: float | None = None

    @property
    def agreement(self) -> float | None:
        """Share of pairs of readers with the same first answer (0..1); None below two readers."""
        votes = list(self.before.values())
        n = sum(votes)
        return None if n < 2 else sum(v * (v - 1) for v in votes) / (n * (n - 1))


def answer_name(code: str) -> str:
    """A diagnosis, or malignant and benign, as people read it."""
    return code.capitalize() if code in (MALIGNANT, BENIGN) else diagnosis_name(code)


def case_votes(table: ReadingsTable) -> tuple[CaseVotes, ...]:
    """The votes on every case of a table, by name of the case."""
    first = first_readings(table)
    frame = first.frame.drop_duplicates(["reader", "case", "phase"])
    named = frame["dx"].notna().any()
    said = frame["dx"] if named else frame["malignant_answer"].map({True: MALIGNANT, False: BENIGN})
    true = frame["truth_dx"] if named else frame["truth_malignant"].map({True: MALIGNANT, False: BENIGN})
    frame = frame.assign(_said=said, _true=true, _right=frame["correct"].astype("Float64"))
    pairs = reading_pairs(first)
    both = pairs[pairs["correct_unaided"].notna() & pairs["correct_aided"].notna()]
    was, now = both["correct_unaided"].astype(bool), both["correct_aided"].astype(bool)
    turned = {
        "pairs": both.groupby("case").size(),
        "rescued": both[~was & now].groupby("case").size(),
        "misled": both[was & ~now].groupby("case").size(),
    }
    found = []
    for name, rows in frame.groupby("case", sort=True):
        before, after = (rows[rows["phase"] == phase] for phase in (Phase.UNAIDED, Phase.AIDED))
        truths, ms = rows["_true"].dropna(), before["client_ms"].dropna()
        found.append(
            CaseVotes(
                str(name),
                str(truths.iloc[0]) if len(truths) else None,
                counted_answers(before["_said"]),
                counted_answers(after["_said"]),
                _share(before),
                _share(after),
                **{key: int(counts.get(name, 0)) for key, counts in turned.items()},
                median_ms=float(ms.median()) if len(ms) else None,
            )
        )
    return tuple(found)


def in_order(cases: tuple[CaseVotes, ...], order: CaseSort) -> tuple[CaseVotes, ...]:
    """The cases that an order says something of, the worst (of rescued ones: the best) first; a tie by name."""
    key = {
        CaseSort.MISREAD: lambda c: None if c.right_before is None else c.right_before,
        CaseSort.MISLED: lambda c: -c.misled if c.misled else None,
        CaseSort.RESCUED: lambda c: -c.rescued if c.rescued else None,
        CaseSort.SPLIT: lambda c: c.agreement,
        CaseSort.SLOW: lambda c: None if c.median_ms is None else -c.median_ms,
    }[order]
    known = [(value, c.case, c) for c in cases if (value := key(c)) is not None]
    return tuple(c for _, _, c in sorted(known, key=lambda entry: entry[:2]))


def orders_of(cases: tuple[CaseVotes, ...]) -> tuple[CaseSort, ...]:
    """The orders in which any of these cases stands."""
    return tuple(order for order in CaseSort if in_order(cases, order))


def counted_answers(said: pd.Series[Any]) -> dict[str, int]:
    """How often each was said, the most frequent first, a tie by name."""
    counts = said.dropna().value_counts()
    return {str(code): int(n) for code, n in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))}


def _share(rows: pd.DataFrame) -> float | None:
    known = rows["_right"].dropna()
    return float(known.mean()) if len(known) else None
