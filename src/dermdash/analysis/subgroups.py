"""The same model in parts of the cases: by every field that says so, by image quality, by data set.

A part with few malignant (or few benign) cases says little, and the table says so instead of leaving it to the reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.class_scores import measure_classification
from dermdash.analysis.estimates import Estimate, clustered_proportion, not_estimable
from dermdash.analysis.one_vs_rest import AucEstimate, estimate_auc
from dermdash.analysis.scored_cases import ScoredCases
from dermdash.analysis.threshold_rates import without_interval
from dermdash.errors import MissingColumns
from dermdash.records.fields import FIELDS, Band, FieldSpec
from dermdash.records.record_columns import QUALITY, column_title

UNKNOWN = "unknown"
FEW_CASES = 10
_FIELDS: dict[str, FieldSpec] = {spec.subgroup: spec for spec in FIELDS if spec.subgroup}
SUBGROUP_COLUMNS: dict[str, str] = {
    **{name: spec.table_head for name, spec in _FIELDS.items()},
    # Where no examiner gave a score, the estimate stands for it.
    QUALITY.name: QUALITY.title,
    "dataset_id": column_title("dataset_id"),
}
"""Attribute to title, in the order of the tables."""


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One part of the cases.

    Sensitivity and specificity are of malignancy at one threshold for all parts. ``mean_recall`` averages over the
    classes that occur in the part, so parts with other classes are not strictly comparable. ``note`` says when the
    part is too small to conclude from, else None.
    """

    value: str
    images: int
    groups: int
    malignant: int
    benign: int
    auc: AucEstimate
    sensitivity: Estimate
    specificity: Estimate
    accuracy: Estimate
    mean_recall: Estimate
    classes: int
    note: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "value": self.value,
            "images": self.images,
            "groups": self.groups,
            "malignant": self.malignant,
            "benign": self.benign,
            "classes": self.classes,
            "auc": self.auc.as_dict(),
            "sensitivity": self.sensitivity.as_dict(),
            "specificity": self.specificity.as_dict(),
            "accuracy": self.accuracy.as_dict(),
            "mean_recall": self.mean_recall.as_dict(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class SubgroupTable:
    """All parts by one attribute, unknown last; ``threshold`` is that of the probability of malignancy."""

    column: str
    title: str
    threshold: float | None
    rows: tuple[Subgroup, ...]


def band_of(bands: Sequence[Band], value: float | None) -> str:
    """The name of the band of a number; "unknown" for a missing one and for one outside all bands."""
    if value is None or value != value:
        return UNKNOWN
    return next((name for low, high, name in bands if low <= value < high), UNKNOWN)


def subgroup_tables(
    cases: ScoredCases,
    *,
    malignancy_threshold: float | None,
    chosen_on_cases: bool = False,
    columns: Sequence[str] | None = None,
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 2020,
) -> tuple[SubgroupTable, ...]:
    """A table per attribute.

    Parameters
    ----------
    cases
        ``attributes`` holds the columns; a field that is parted into bands gives one of them (``age_band`` from
        ``age_at_exam``), and ``quality`` comes from
        ``image_quality_score`` (a person's) or else ``technical_quality`` (estimated).
    malignancy_threshold
        Applied in every part; None: sensitivity and specificity are not estimable.
    chosen_on_cases
        The threshold was chosen on these cases: rates have no intervals.
    columns
        Attributes to use; None: those of `SUBGROUP_COLUMNS` that are recorded for some case and part the cases.

    Raises
    ------
    MissingColumns
        A column asked for is not among the attributes.
    """
    table = _with_derived(cases.attributes)
    if columns is None:
        wanted = [c for c in SUBGROUP_COLUMNS if c in table.columns and table[c].nunique() > 1]
    else:
        wanted = list(columns)
        if missing := [c for c in wanted if c not in table.columns]:
            raise MissingColumns(
                f"no column {', '.join(missing)} to make subgroups by; there are {', '.join(table.columns)}"
            )
    return tuple(
        SubgroupTable(
            column,
            SUBGROUP_COLUMNS.get(column, column.replace("_", " ").capitalize()),
            malignancy_threshold,
            tuple(
                _subgroup(
                    cases.subset((table[column] == value).to_numpy()),
                    value,
                    threshold=malignancy_threshold,
                    chosen_on_cases=chosen_on_cases,
                    confidence=confidence,
                    replicates=replicates,
                    seed=seed,
                )
                for value in _ordered(table[column])
            ),
        )
        for column in wanted
    )


def _with_derived(attributes: pd.DataFrame) -> pd.DataFrame:
    table = attributes.copy()
    for name, spec in _FIELDS.items():
        if spec.bands and spec.name in table and name not in table:
            table[name] = [band_of(spec.bands, None if pd.isna(v) else float(v)) for v in table[spec.name]]
    scores = [c for c in ("image_quality_score", "technical_quality") if c in table]
    if scores and "quality" not in table:
        quality = table[scores[0]]
        for other in scores[1:]:
            quality = quality.where(quality.notna(), table[other])
        table["quality"] = quality
    return pd.DataFrame({name: [_text(v) for v in table[name]] for name in table.columns}, index=table.index)


def _text(value: Any) -> str:
    if value is None or value != value or value == "" or value is pd.NA:
        return UNKNOWN
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _ordered(values: "pd.Series[str]") -> list[str]:
    bands = {name: i for spec in _FIELDS.values() for i, (_, _, name) in enumerate(spec.bands)}
    return sorted(values.unique(), key=lambda v: (v == UNKNOWN, bands.get(v, 99), v))


def _subgroup(
    part: ScoredCases,
    value: str,
    *,
    threshold: float | None,
    chosen_on_cases: bool,
    confidence: float,
    replicates: int,
    seed: int,
) -> Subgroup:
    bootstrap = GroupedBootstrap(part.groups, replicates, seed, confidence)
    sided = part.sided
    malignant, score = sided.malignant, sided.malignancy
    n_malignant = int(malignant.sum())
    n_benign = len(sided) - n_malignant
    scores = measure_classification(part, top_k=(1,), bootstrap=bootstrap)
    rates = []
    for among, called, empty in (
        (malignant, True, "no malignant case"),
        (~malignant, False, "no benign case"),
    ):
        if threshold is None:
            rates.append(not_estimable("no threshold", total=int(among.sum())))
            continue
        hits = (score >= threshold) == called
        rate = clustered_proportion(hits[among], sided.groups[among], confidence=confidence, empty=empty)
        rates.append(without_interval(rate) if chosen_on_cases else rate)
    return Subgroup(
        value=value,
        images=len(part),
        groups=len(np.unique(part.groups)),
        malignant=n_malignant,
        benign=n_benign,
        auc=estimate_auc(malignant, score, sided.groups, confidence=confidence),
        sensitivity=rates[0],
        specificity=rates[1],
        accuracy=scores.accuracy,
        mean_recall=scores.mean_recall,
        classes=len(np.unique(part.truth)),
        note=_note(n_malignant, n_benign),
    )


def _note(malignant: int, benign: int) -> str | None:
    few = [f"{n} {what}" for n, what in ((malignant, "malignant"), (benign, "benign")) if n < FEW_CASES]
    return f"too few cases to conclude from ({' and '.join(few)}; at least {FEW_CASES} of each)" if few else None
