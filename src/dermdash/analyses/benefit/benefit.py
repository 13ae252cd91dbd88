"""Benefit of assistance from single readings: every measure of an outcome, and breakdowns of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.analyses.benefit.breakdown import Breakdown, breakdowns
from dermdash.analyses.benefit.measures import MEASURES, Measure, Outcome
from dermdash.analyses.benefit.outcomes import outcome_pairs, require_pairs
from dermdash.analyses.benefit.rows import BenefitRow, benefit_rows, overall_row
from dermdash.analyses.benefit.rubric import Rubric
from dermdash.analysis.paired_accuracy import reader_changes
from dermdash.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class MeasureBenefit:
    """One measure: a row per modality, and one for all of them. ``excluded`` counts pairs left out, by reason.

    ``missing`` names modalities that have pairs but no row, and why.
    """

    measure: Measure
    rows: tuple[BenefitRow, ...]
    overall: BenefitRow | None
    excluded: Mapping[str, int]
    missing: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "measure": str(self.measure),
            "modalities": [row.as_dict() for row in self.rows],
            "overall": None if self.overall is None else self.overall.as_dict(),
            "excluded_pairs": dict(self.excluded),
            "missing": dict(self.missing),
        }


@dataclass(frozen=True)
class Benefit:
    """What assistance changed.

    Attributes
    ----------
    measures : tuple of MeasureBenefit
        In the order of ``MEASURES``; those that no pair has are absent.
    of : Measure
        The measure that is broken down, and whose readers are in ``readers``.
    breakdowns : tuple of Breakdown
        For all modalities together and each of them.
    readers : DataFrame
        Each reader's shares per modality (`dermdash.analysis.paired_accuracy.reader_changes`).
    """

    outcome: Outcome
    measures: tuple[MeasureBenefit, ...]
    breakdown_measure: Measure
    breakdowns: tuple[Breakdown, ...]
    readers: pd.DataFrame
    confidence: float
    replicates: int
    group_replicates: int
    seed: int

    @property
    def main(self) -> MeasureBenefit:
        """The measure that is broken down."""
        return next(m for m in self.measures if m.measure is self.breakdown_measure)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "outcome": str(self.outcome),
            "measures": [m.as_dict() for m in self.measures],
            "breakdown_of": str(self.breakdown_measure),
            "breakdowns": [b.as_dict() for b in self.breakdowns],
            "confidence": self.confidence,
            "replicates": self.replicates,
            "seed": self.seed,
        }


def benefit(
    pairs: pd.DataFrame,
    *,
    outcome: Outcome,
    rubric: Rubric,
    source: str,
    modalities: Sequence[str],
    seed: int,
    keys: Sequence[str] = (),
    breakdown_measure: Measure | None = None,
    orders: Mapping[str, Sequence[str]] | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    group_replicates: int = 500,
) -> Benefit:
    """Compare answers before and after assistance.

    Parameters
    ----------
    pairs
        From `dermdash.readings.pairs.reading_pairs`.
    source
        The study in words, for messages.
    modalities
        Order of the rows.
    keys
        Breakdowns to make, of `dermdash.analyses.benefit.grouping.GROUPINGS`.
    of
        Measure to break down; None: the first of the outcome.
    orders
        Order of the groups of a breakdown.

    Raises
    ------
    InvalidInput
        A measure that the outcome does not have, or an unknown breakdown.
    MissingColumns
        No pair has the outcome.
    """
    wanted = MEASURES[outcome][0] if breakdown_measure is None else breakdown_measure
    if wanted not in MEASURES[outcome]:
        raise InvalidInput(f"{outcome} has no measure {wanted!r}: expected {', '.join(MEASURES[outcome])}")
    found = {measure: outcome_pairs(pairs, measure, rubric=rubric) for measure in MEASURES[outcome]}
    require_pairs(found[wanted], wanted, source)
    made = []
    for measure, kept in found.items():
        if kept.frame.empty:
            continue
        rows = benefit_rows(kept.frame, seed=seed, modalities=modalities, confidence=confidence, replicates=replicates)
        overall = overall_row(kept.frame, seed=seed, confidence=confidence, replicates=replicates)
        there = {row.modality for row in rows}
        missing = {m: _why_missing(kept.frame, m) for m in modalities if m not in there}
        made.append(MeasureBenefit(measure, rows, overall, kept.excluded, missing))
    return Benefit(
        outcome=outcome,
        measures=tuple(made),
        breakdown_measure=wanted,
        breakdowns=breakdowns(
            found[wanted].frame,
            keys=keys,
            modalities=[row.modality for row in next(m for m in made if m.measure is wanted).rows],
            seed=seed,
            confidence=confidence,
            replicates=group_replicates,
            orders=dict(orders or {}),
        ),
        readers=reader_changes(found[wanted].frame),
        confidence=confidence,
        replicates=replicates,
        group_replicates=group_replicates,
        seed=seed,
    )


def _why_missing(frame: pd.DataFrame, modality: str) -> str:
    if (frame["modality"] == modality).any():
        return "no reader has both malignant and benign cases"
    return "no pair of answers has this outcome"
