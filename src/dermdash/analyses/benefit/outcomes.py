"""What is counted in a pair of answers: a right diagnosis, malignancy recognised, management that fits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.benefit.measures import MEASURES, WORDS, Measure, Outcome
from dermdash.analyses.benefit.rubric import Judgement, Rubric
from dermdash.errors import MissingColumns
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import counted


@dataclass(frozen=True)
class OutcomePairs:
    """Pairs with the outcome before and after, ``unaided`` and ``aided`` (0 or 1), and those that have none.

    ``frame`` keeps the other columns of the pairs; ``stratum`` is the side of the case for the balanced accuracy, else
    0. ``excluded`` counts pairs by reason.
    """

    frame: pd.DataFrame
    excluded: dict[str, int] = field(default_factory=dict)


def outcome_pairs(pairs: pd.DataFrame, measure: Measure, *, rubric: Rubric) -> OutcomePairs:
    """Reduce pairs (`dermdash.readings.pairs.reading_pairs`) to one measure.

    Pairs on which the measure says nothing by definition (benign cases for sensitivity) are left out without being
    counted; pairs that lack the answer, the truth or a row in the rubric are counted.
    """
    if measure in MEASURES[Outcome.MANAGEMENT]:
        return _management(pairs, measure, rubric)
    if measure is Measure.AGREEMENT:
        return _agreement(pairs)
    name = "correct" if measure is Measure.CORRECT else "malignant_answer"
    before, after, truth = pairs[f"{name}_unaided"], pairs[f"{name}_aided"], pairs["truth_malignant"]
    known = before.notna() & after.notna()
    excluded = _count(~known, "no answer for this outcome before or after assistance, or no truth")
    if measure not in (Measure.CORRECT, Measure.REFERRAL):
        unknown = known & truth.isna()
        excluded |= _count(unknown, "not known whether the case is malignant")
        known &= ~unknown
    if measure is Measure.SENSITIVITY:
        known &= truth.fillna(False).astype(bool)
    elif measure is Measure.SPECIFICITY:
        known &= ~truth.fillna(True).astype(bool)
    kept = pairs[known]
    judge = _judge(measure, kept)
    stratum = kept["truth_malignant"].astype(int) if measure is Measure.BALANCED else 0
    return OutcomePairs(kept.assign(unaided=judge(before[known]), aided=judge(after[known]), stratum=stratum), excluded)


def needed_columns(outcome: Outcome) -> tuple[str, ...]:
    """Columns of the readings without which no pair has the outcome."""
    if outcome is Outcome.DIAGNOSIS:
        return ("correct",)
    if outcome is Outcome.AGREEMENT:
        return ("dx", "advice_dx")
    return ("malignant_answer",) if outcome is Outcome.MALIGNANCY else ("management",)


def available_outcomes(table: ReadingsTable | AggregateTable) -> tuple[Outcome, ...]:
    """Outcomes for which the readings hold answers."""
    if isinstance(table, AggregateTable):
        judged = (Outcome.DIAGNOSIS, Outcome.MALIGNANCY) if table.frame["truth_dx"].notna().any() else ()
        return (*judged, Outcome.AGREEMENT)
    return tuple(outcome for outcome in Outcome if table.has(*needed_columns(outcome)))


def _judge(measure: Measure, kept: pd.DataFrame) -> Callable[["pd.Series[bool]"], "pd.Series[float]"]:
    if measure in (Measure.CORRECT, Measure.REFERRAL):
        return lambda answer: answer.astype(float)
    truth = kept["truth_malignant"].astype(bool)
    return lambda answer: (answer.astype(bool) == truth).astype(float)


def _agreement(pairs: pd.DataFrame) -> OutcomePairs:
    answers = pairs[["dx_unaided", "dx_aided", "advice_dx"]]
    known = answers.notna().all(axis=1)
    excluded = _count(~known, "no diagnosis before or after assistance, or the advice names none")
    kept = pairs[known]
    same = {phase: (kept[f"dx_{phase}"] == kept["advice_dx"]).astype(float) for phase in ("unaided", "aided")}
    return OutcomePairs(kept.assign(**same, stratum=0), excluded)


_ON_SIDE = {
    Measure.UNDERTREATMENT_MALIGNANT: (Judgement.UNDERTREATMENT, True),
    Measure.OVERTREATMENT_BENIGN: (Judgement.OVERTREATMENT, False),
}
"""Judgements that are counted on one side of the truth alone: malignant cases or not."""


def _management(pairs: pd.DataFrame, measure: Measure, rubric: Rubric) -> OutcomePairs:
    excluded: dict[str, int] = {}
    if measure in _ON_SIDE:
        wanted, malignant = _ON_SIDE[measure]
        truth = pairs["truth_malignant"]
        excluded |= _count(truth.isna(), "not known whether the case is malignant")
        pairs = pairs[truth.notna() & (truth == malignant).fillna(False).astype(bool)]
    else:
        wanted = Judgement(str(measure))
    answered = pairs["management_unaided"].notna() & pairs["management_aided"].notna()
    excluded |= _count(~answered, "no management before or after assistance")
    judged = {
        phase: [
            rubric.judge(_given(dx), _given(side), _given(action))
            for dx, side, action in zip(
                pairs["truth_dx"], pairs["truth_malignant"], pairs[f"management_{phase}"], strict=True
            )
        ]
        for phase in ("unaided", "aided")
    }
    known = np.array([a is not None and b is not None for a, b in zip(judged["unaided"], judged["aided"], strict=True)])
    known = known.astype(bool)
    excluded |= _count(answered & ~known, "the rubric has no row for the truth and the management")
    kept = pairs[known]
    values = {phase: np.array([float(j is wanted) for j in found])[known] for phase, found in judged.items()}
    return OutcomePairs(kept.assign(unaided=values["unaided"], aided=values["aided"], stratum=0), excluded)


def require_pairs(found: OutcomePairs, measure: Measure, source: str) -> None:
    """Raise MissingColumns when no pair has the outcome, with the reasons."""
    if found.frame.empty:
        why = (
            "; ".join(f"{counted(n, 'pair')}: {reason}" for reason, n in found.excluded.items()) or "no pair of answers"
        )
        raise MissingColumns(f"{WORDS[measure].label}: no pair of answers of {source} can be judged ({why})")


def _count(marked: "pd.Series[bool]", reason: str) -> dict[str, int]:
    n = int(marked.sum())
    return {reason: n} if n else {}


def _given(value: Any) -> Any:
    return None if value is None or value is pd.NA or value != value else value
