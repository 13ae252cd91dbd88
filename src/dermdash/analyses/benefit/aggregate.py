"""Benefit of assistance from counts per image: what can be said without knowing whose the answers are.

Every participant's answer weighs the same: accuracy is the number of right answers over the number of answers. Images
(of one lesion together) are drawn with replacement for intervals, since they are what the file has more than one of;
readers, who answered several images each, cannot be told apart, so that their variation is not covered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.benefit.image_changes import AggregateRow, BootstrapSettings, aggregate_row, with_holm
from dermdash.analyses.benefit.image_counts import advice_correct, outcome_counts, usable_rows
from dermdash.analyses.benefit.measures import MEASURES, WORDS, Measure, Outcome
from dermdash.analysis.arrays import IntArray
from dermdash.analysis.clustered_pairs import GroupDifferences, group_differences, interval_or_none
from dermdash.analysis.estimates import json_number
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.modality import ALL_MODALITIES
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import counted

REPLICATES = 10_000
NOT_SUPPORTED = (
    "a result per reader, its paired t test and McNemar's test (the file counts answers and does not say whose they "
    "are); breakdowns by experience, profession, confidence, skill or round; management"
)
AGGREGATE_GROUPINGS = ("truth_dx", "truth_malignant", "advice_correct")


@dataclass(frozen=True, slots=True)
class AggregateMeasure:
    """One measure over images: a row per modality and one for all."""

    measure: Measure
    rows: tuple[AggregateRow, ...]
    overall: AggregateRow | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "measure": str(self.measure),
            "modalities": [row.as_dict() for row in self.rows],
            "overall": None if self.overall is None else self.overall.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class AggregateBreakdown:
    """The change by groups of images, with a lesion-robust Wald test between them."""

    key: str
    modality: str
    rows: tuple[AggregateRow, ...]
    test: GroupDifferences
    p_holm: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "breakdown": self.key,
            "modality": self.modality,
            "groups": [row.as_dict() for row in self.rows],
            "interaction": {
                "test": "wald",
                "statistic": json_number(self.test.f),
                "df1": self.test.df1,
                "df2": self.test.df2,
                "p": json_number(self.test.p_value),
                "p_holm": json_number(self.p_holm),
                "contrast": json_number(self.test.contrast),
                "contrast_ci": interval_or_none(self.test.contrast_low, self.test.contrast_high),
                "first": self.rows[self.test.first or 0].group,
                "last": self.rows[-1 if self.test.last is None else self.test.last].group,
                "left_out": {str(self.rows[j].group): why for j, why in self.test.left_out.items()},
                "reason": self.test.reason,
            },
        }


@dataclass(frozen=True, slots=True)
class AggregateBenefit:
    """What assistance changed, from counts; ``excluded`` counts rows and answers left out, by reason."""

    outcome: Outcome
    measures: tuple[AggregateMeasure, ...]
    breakdown_measure: Measure
    breakdowns: tuple[AggregateBreakdown, ...]
    grouped: bool
    confidence: float
    replicates: int
    seed: int
    excluded: Mapping[str, int] = field(default_factory=dict)
    unequal_rows: int = 0

    @property
    def main(self) -> AggregateMeasure:
        """The measure that is broken down."""
        return next(m for m in self.measures if m.measure is self.breakdown_measure)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "outcome": str(self.outcome),
            "measures": [m.as_dict() for m in self.measures],
            "breakdown_of": str(self.breakdown_measure),
            "breakdowns": [b.as_dict() for b in self.breakdowns],
            "excluded_rows": dict(self.excluded),
            "confidence": self.confidence,
            "replicates": self.replicates,
            "seed": self.seed,
            "not_supported": NOT_SUPPORTED,
        }


def aggregate_benefit(
    counts: pd.DataFrame,
    *,
    taxonomy: Taxonomy,
    outcome: Outcome,
    source: str,
    modalities: Sequence[str],
    seed: int,
    lesions: Mapping[str, str] | None = None,
    breakdown_measure: Measure | None = None,
    keys: Sequence[str] = AGGREGATE_GROUPINGS,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
) -> AggregateBenefit:
    """Compare counts of answers before and after assistance.

    Parameters
    ----------
    counts
        Frame of an `AggregateTable`: one row per image and modality.
    lesions
        Lesion of each case, where known; cases without one stand for themselves. None: images are independent.
    modalities
        Order of the rows.

    Raises
    ------
    InvalidInput
        Management, or a measure that the outcome does not have.
    MissingColumns
        No row has an answer and, but for agreement, a truth.
    """
    if outcome is Outcome.MANAGEMENT:
        raise InvalidInput(f"{source} counts diagnoses: it holds no management")
    wanted = MEASURES[outcome][0] if breakdown_measure is None else breakdown_measure
    if wanted not in MEASURES[outcome]:
        raise InvalidInput(f"{outcome} has no measure {wanted!r}: expected {', '.join(MEASURES[outcome])}")
    frame, excluded, unequal = usable_rows(counts, taxonomy, with_truth=outcome is not Outcome.AGREEMENT)
    if frame.empty:
        why = "; ".join(f"{counted(n, 'row')}: {reason}" for reason, n in excluded.items()) or "it has no row"
        raise MissingColumns(f"{source} cannot be evaluated ({why})")
    known = lesions or {}
    # A lesion may be called as an image of another: the kind of the name keeps them apart.
    frame["lesion"] = [f"l:{known[c]}" if known.get(c) else f"i:{c}" for c in frame["case"]]
    frame["advice_correct"] = pd.array(advice_correct(frame, taxonomy), dtype="boolean")
    settings = BootstrapSettings(confidence, replicates, seed)
    measures = []
    for measure in MEASURES[outcome]:
        part = outcome_counts(frame, measure, taxonomy)
        if part.empty:
            continue
        present = [m for m in modalities if (part["modality"] == m).any()]
        rows = [aggregate_row(part[part["modality"] == m], m, settings) for m in present]
        overall = aggregate_row(part, ALL_MODALITIES, settings)
        measures.append(AggregateMeasure(measure, with_holm(rows), overall))
    if wanted not in {m.measure for m in measures}:
        raise MissingColumns(f"{WORDS[wanted].label}: no image of {source} is of the kind that it speaks of")
    part = outcome_counts(frame, wanted, taxonomy)
    if wanted is Measure.AGREEMENT and len(part) < len(frame):
        excluded["the file has no class probabilities for the image"] = len(frame) - len(part)
    return AggregateBenefit(
        outcome=outcome,
        measures=tuple(measures),
        breakdown_measure=wanted,
        breakdowns=_breakdowns(part, keys, modalities, taxonomy, settings),
        grouped=any(known.get(c) for c in frame["case"]),
        excluded=excluded,
        unequal_rows=unequal,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
    )


def _breakdowns(
    part: pd.DataFrame,
    keys: Sequence[str],
    modalities: Sequence[str],
    taxonomy: Taxonomy,
    settings: BootstrapSettings,
) -> tuple[AggregateBreakdown, ...]:
    found: list[AggregateBreakdown] = []
    present = [m for m in modalities if (part["modality"] == m).any()]
    for modality in [ALL_MODALITIES, *present] if len(present) > 1 else present:
        scope = part if modality == ALL_MODALITIES else part[part["modality"] == modality]
        made = []
        for key in keys:
            labels = _labels(scope, key)
            order = taxonomy.codes if key == "truth_dx" else ("no", "yes")
            levels = [level for level in order if (labels == level).any()]
            if len(levels) < 2:
                continue
            kept = scope[labels.notna()]
            index = {level: i for i, level in enumerate(levels)}
            number = np.array([index[label] for label in labels.dropna()], np.int64)
            rows = with_holm(
                [aggregate_row(kept[number == i], modality, settings, group=level) for i, level in enumerate(levels)]
            )
            made.append(AggregateBreakdown(key, modality, rows, _group_test(kept, number, settings.confidence)))
        corrected = holm([b.test.p_value for b in made])
        found += [replace(b, p_holm=p) for b, p in zip(made, corrected, strict=True)]
    return tuple(found)


def _group_test(kept: pd.DataFrame, number: IntArray, confidence: float) -> GroupDifferences:
    # Shares of each row, weighed by its answers: exact where as many answered before as after.
    before, n_before, after, n_after = (kept[c].to_numpy(float) for c in ("before", "n_before", "after", "n_after"))
    weight = np.minimum(n_before, n_after)
    change = (after / n_after - before / n_before) * weight
    return group_differences(
        change,
        number,
        clusters=(kept["lesion"].to_numpy(str),),
        names=("lesion" if kept["lesion"].str.startswith("l:").any() else "image",),
        weight=weight,
        stratum=kept["stratum"].to_numpy(),
        confidence=confidence,
    )


def _labels(scope: pd.DataFrame, key: str) -> "pd.Series[str]":
    if key == "truth_dx":
        return scope["truth_dx"].astype(object)
    if key == "truth_malignant":
        return scope["truth_malignant"].map({True: "yes", False: "no"}).astype(object)
    return scope["advice_correct"].astype("boolean").map({True: "yes", False: "no"}).astype(object)
