"""How far the reviewers of a data set agree with one another, with themselves, with consensus and histology."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.agreement.intra_reader import IntraReader, RepeatedRatings, intra_reader_agreement
from dermdash.analysis.agreement.annotators import RaterAccuracy, annotator_model
from dermdash.analysis.agreement.coefficients import NOMINAL, Coefficient, make_bootstrap, measured
from dermdash.analysis.agreement.cohen import CohenKappa, cohen_kappa, pair_table
from dermdash.analysis.agreement.ratings import Ratings, make_ratings
from dermdash.analysis.as_json import to_json
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.drawn_intervals import too_few as too_few_units
from dermdash.analysis.estimates import Estimate, IntArray, clustered_proportion, equal_clusters_of, json_number
from dermdash.errors import InvalidInput
from dermdash.records.acts import TaskPurpose
from dermdash.records.fields import CONTEXT, FIELDS, FieldSpec, Kind, is_filled
from dermdash.verification.annotated_records import AnnotatedRecords

NO_DIAGNOSIS = "no diagnosis given (unsure)"
EARLIER_CYCLE = "of an earlier round of review, before the record was reopened"
PART: tuple[str, ...] = ("alpha", "percent", "ac1")
"""Coefficients of a part: those that allow for records that not every reviewer had."""


@dataclass(frozen=True, slots=True)
class LabelPart:
    """Agreement on one thing (``kind``: overall, class, month, field, structure)."""

    kind: str
    value: str
    reviewers: int
    records: int
    answers: int
    coefficients: tuple[Coefficient, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "part": self.kind,
            "value": self.value,
            "n_reviewers": self.reviewers,
            "n_records": self.records,
            "n_answers": self.answers,
            "statistics": [to_json(found) for found in self.coefficients],
        }


@dataclass(frozen=True, slots=True)
class ReviewerPair:
    """Two reviewers: records in common, how often both said the same, Cohen's kappa."""

    first: str
    second: str
    records: int
    same: Estimate
    kappa: CohenKappa

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reviewers": [self.first, self.second],
            "n_records": self.records,
            "percent": self.same.as_dict(),
            "kappa": json_number(self.kappa.value),
            "kappa_se": json_number(self.kappa.se),
            "reason": self.kappa.reason,
        }


@dataclass(frozen=True, slots=True)
class StructureOverlap:
    """How far the regions overlap that two reviewers marked as one structure of a record.

    ``both``: pairs of reviewers of whom both marked it, of all ``pairs`` of whom one did; ``iou`` and ``dice`` are
    means over records of those where both did.
    """

    structure: str
    records: int
    pairs: int
    both: int
    iou: Estimate
    dice: Estimate

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "structure": self.structure,
            "n_records": self.records,
            "n_pairs": self.pairs,
            "n_both": self.both,
            "iou": self.iou.as_dict(),
            "dice": self.dice.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class ReviewerQuality:
    """One reviewer against what was decided.

    ``consensus``: own answers like the label of stage 2 (in which they had a say); ``histology``: like that of stage 3;
    ``model``: how often they are right as the answers of all tell (`annotators`).
    """

    reviewer: str
    answers: int
    unsure: int
    consensus: Estimate
    histology: Estimate
    model: RaterAccuracy

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reviewer": self.reviewer,
            "n_answers": self.answers,
            "n_unsure": self.unsure,
            "consensus": self.consensus.as_dict(),
            "histology": self.histology.as_dict(),
            "model": to_json(self.model),
        }


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Everything about agreement on the labels of a data set; arrays of ``confusion``: (classes, classes)."""

    source: str
    classes: tuple[str, ...]
    overall: LabelPart
    by_class: tuple[LabelPart, ...]
    by_month: tuple[LabelPart, ...]
    by_field: tuple[LabelPart, ...]
    by_structure: tuple[LabelPart, ...]
    pairs: tuple[ReviewerPair, ...]
    confusion: IntArray
    overlaps: tuple[StructureOverlap, ...]
    intra: IntraReader | None
    reviewers: tuple[ReviewerQuality, ...]
    model_reason: str | None
    names: Mapping[str, str]
    excluded: Mapping[str, int]
    replicates: int
    seed: int
    confidence: float
    simulated: bool
    clustered: bool
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """For JSON, numbers finite or None."""
        return {
            "source": self.source,
            "simulated": self.simulated,
            "overall": self.overall.as_dict(),
            "classes": [part.as_dict() for part in self.by_class],
            "months": [part.as_dict() for part in self.by_month],
            "fields": [part.as_dict() for part in self.by_field],
            "structures": [part.as_dict() for part in self.by_structure],
            "pairs": [pair.as_dict() for pair in self.pairs],
            "confusion": {"classes": list(self.classes), "counts": self.confusion.tolist()},
            "overlaps": [overlap.as_dict() for overlap in self.overlaps],
            "intra_reviewer": None if self.intra is None else self.intra.as_dict(),
            "reviewers": [reviewer.as_dict() for reviewer in self.reviewers],
            "model_reason": self.model_reason,
            "excluded": dict(self.excluded),
            "clustered": self.clustered,
            "settings": {"replicates": self.replicates, "seed": self.seed, "confidence": self.confidence},
        }


def label_agreement(annotated: AnnotatedRecords, *, replicates: int = 2000, confidence: float = 0.95) -> LabelAgreement:
    """Agreement of the independent reviews of a data set.

    Reviews of the latest cycle of each record count, one per person. Initial annotations are compared with consensus
    and histology alone, since who wrote one does not review it.

    Raises
    ------
    InvalidInput
        Nobody has reviewed anything yet.
    """
    answers, excluded = _counting(annotated)
    reviews = answers[answers["purpose"] == TaskPurpose.REVIEW]
    with_dx = reviews[reviews["dx"].notna()]
    if with_dx.empty:
        raise InvalidInput(
            f"no record of {annotated.source} was reviewed yet: agreement is measured on independent reviews (stage 2)"
        )
    part = _MeasuredParts(replicates, annotated.seed, confidence)
    codes = annotated.taxonomy.codes
    ratings, reviewers = part.ratings(with_dx, with_dx["dx"], codes)
    model = annotator_model(ratings, draws=min(replicates, 1000), seed=annotated.seed, confidence=confidence)
    accuracy = dict(zip(reviewers, model.accuracy, strict=True))
    return LabelAgreement(
        source=annotated.source,
        classes=tuple(codes),
        overall=part.measured("overall", "all records", with_dx, with_dx["dx"], codes, NOMINAL),
        by_class=tuple(
            part.measured("class", code, with_dx, with_dx["dx"] == code, (False, True))
            for code in codes
            if (with_dx["dx"] == code).any()
        ),
        by_month=tuple(part.measured("month", month, rows, rows["dx"], codes) for month, rows in _by_month(with_dx)),
        by_field=tuple(_fields(part, reviews)),
        by_structure=tuple(_structures(part, reviews)),
        pairs=tuple(_pairs(ratings, reviewers, part.units(with_dx), confidence)),
        confusion=_confusion(ratings),
        overlaps=tuple(_overlaps(annotated, replicates, confidence)),
        intra=_intra(answers, codes, replicates, annotated.seed, confidence),
        reviewers=tuple(_quality(answers, accuracy, confidence)),
        model_reason=model.reason,
        names=annotated.names,
        excluded=excluded,
        replicates=replicates,
        seed=annotated.seed,
        confidence=confidence,
        simulated=annotated.simulated,
        clustered=bool(with_dx.drop_duplicates("record")["unit"].duplicated().any()),
    )


def _counting(annotated: AnnotatedRecords) -> tuple[pd.DataFrame, dict[str, int]]:
    """The answers of the latest cycle of each record, and what was left out."""
    answers, excluded = annotated.answers, dict(annotated.excluded)
    latest = answers["cycle"] == answers.groupby("record")["cycle"].transform("max")
    for reason, n in (
        (EARLIER_CYCLE, int((~latest).sum())),
        (NO_DIAGNOSIS, int((latest & answers["dx"].isna() & (answers["purpose"] == TaskPurpose.REVIEW)).sum())),
    ):
        if n:
            excluded[reason] = excluded.get(reason, 0) + n
    return answers[latest], excluded


@dataclass(frozen=True, slots=True)
class _MeasuredParts:
    """Coefficients of parts of the answers, all with the same settings."""

    replicates: int
    seed: int
    confidence: float

    def ratings(
        self, rows: pd.DataFrame, given: pd.Series[Any], scale: Sequence[object]
    ) -> tuple[Ratings, tuple[str, ...]]:
        """Reviewers x records, and the reviewers; records in the order of `units`."""
        reviewer, reviewers = pd.factorize(rows["reviewer"], sort=True)
        record, records = pd.factorize(rows["record"], sort=True)
        table = np.full((len(reviewers), len(records)), None, object)
        table[reviewer, record] = given.to_numpy(object)
        return make_ratings(table, scale), tuple(reviewers)

    def units(self, rows: pd.DataFrame) -> IntArray:
        """Which records belong together."""
        first = rows.drop_duplicates("record").sort_values("record")
        return np.asarray(pd.factorize(first["unit"])[0], np.int64)

    def measured(
        self,
        kind: str,
        value: str,
        rows: pd.DataFrame,
        given: pd.Series[Any],
        scale: Sequence[object],
        statistics: Sequence[str] = PART,
    ) -> LabelPart:
        """Agreement on what was ``given`` in these rows."""
        ratings, _ = self.ratings(rows, given, scale)
        units = self.units(rows)
        bootstrap = make_bootstrap(len(units), units, self.replicates, self.seed, self.confidence)
        found = tuple(measured(key, ratings, bootstrap)[0] for key in statistics)
        return LabelPart(kind, value, ratings.raters, ratings.items, ratings.given, found)


def _by_month(rows: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    """Reviews by the month in which the last of a record was given, so that those of one record stay together."""
    month = rows.groupby("record")["month"].transform("max")
    return ((str(name), part) for name, part in rows.groupby(month, sort=True))


def _fields(part: _MeasuredParts, reviews: pd.DataFrame) -> Iterable[LabelPart]:
    """Fields of one value each that two reviewers or more filled for a record.

    What was known before anybody looked at the image stands in everybody's form: to agree on it says nothing.
    """
    for spec in FIELDS:
        if spec.kind is Kind.LIST or spec in CONTEXT:
            continue
        rows, given = _filled(reviews, spec)
        if spec.name == "image_quality_score":
            rows, given = reviews[reviews["quality"].notna()], reviews["quality"].dropna().astype(int)
        if not _shared(rows):
            continue
        scale = _scale(spec, given)
        statistics = ("alpha_interval", "percent") if spec.is_number else PART
        if scale is not None:
            yield part.measured("field", spec.name, rows, given, scale, statistics)


def _structures(part: _MeasuredParts, reviews: pd.DataFrame) -> Iterable[LabelPart]:
    """Each value of a list, seen or not, among the reviewers who filled the list or left it empty on purpose.

    Who answered a record looked for all of them: an empty list says that none was seen.
    """
    for spec in FIELDS:
        if spec.kind is not Kind.LIST:
            continue
        listed = reviews["values"].map(lambda values, name=spec.name: frozenset(values.get(name) or ()))
        for choice in spec.choices:
            seen = listed.map(lambda values, choice=choice: choice in values)
            if seen.any() and _shared(reviews):
                yield part.measured("structure", f"{spec.name}:{choice}", reviews, seen, (False, True))


def _filled(reviews: pd.DataFrame, spec: FieldSpec) -> tuple[pd.DataFrame, pd.Series[Any]]:
    given = reviews["values"].map(lambda values: values.get(spec.name))
    there = given.map(is_filled)
    return reviews[there], given[there]


def _shared(rows: pd.DataFrame) -> bool:
    return bool((rows.groupby("record")["reviewer"].nunique() > 1).any())


def _scale(spec: FieldSpec, given: pd.Series[Any]) -> tuple[object, ...] | None:
    """The scale of a field; None where its values are too many to be one."""
    if spec.kind is Kind.BOOLEAN:
        return (False, True)
    if spec.choices and not spec.is_number:
        return spec.choices
    found = sorted(set(given.tolist()))
    return tuple(found) if len(found) <= 101 else None


def _pairs(ratings: Ratings, reviewers: Sequence[str], units: IntArray, confidence: float) -> Iterable[ReviewerPair]:
    n = len(ratings.categories)
    for i in range(len(reviewers)):
        for j in range(i + 1, len(reviewers)):
            both = (ratings.codes[i] >= 0) & (ratings.codes[j] >= 0)
            if not both.any():
                continue
            first, second = ratings.codes[i, both], ratings.codes[j, both]
            yield ReviewerPair(
                reviewers[i],
                reviewers[j],
                int(both.sum()),
                clustered_proportion(first == second, units[both], confidence=confidence),
                cohen_kappa(pair_table(first, second, n)),
            )


def _confusion(ratings: Ratings) -> IntArray:
    """How often one reviewer said the row and another the column of one record; every pair counts both ways."""
    n = len(ratings.categories)
    of_records = ratings.counts
    both = of_records.T @ of_records
    both[np.diag_indices(n)] -= of_records.sum(axis=0)
    return both.astype(np.int64)


def _overlaps(annotated: AnnotatedRecords, replicates: int, confidence: float) -> Iterable[StructureOverlap]:
    for structure, rows in annotated.overlaps.groupby("structure", sort=True):
        both = rows[rows["iou"] > 0]
        means = both.groupby(["record", "unit"], sort=True)[["iou", "dice"]].mean().reset_index()
        units = np.asarray(pd.factorize(means["unit"])[0], np.int64)
        bootstrap = GroupedBootstrap(units, replicates if len(means) > 1 else 0, annotated.seed, confidence)
        yield StructureOverlap(
            str(structure),
            rows["record"].nunique(),
            len(rows),
            len(both),
            *(_mean(means[name].to_numpy(float), units, bootstrap) for name in ("iou", "dice")),
        )


def _mean(values: np.ndarray[Any, Any], units: IntArray, bootstrap: GroupedBootstrap) -> Estimate:
    """Mean over records with the interval of redrawn units."""
    if not len(values):
        return Estimate(None, total=0, reason="no two reviewers marked it in one record")
    value = float(values.mean())
    n = len(np.unique(units))
    if reason := too_few_units(n, "record"):
        return Estimate(value, total=len(values), reason=reason)
    sums = bootstrap.sums(np.column_stack([values, np.ones(len(values))]))
    found = None
    if len(sums):
        found = drawn_interval(
            value,
            sums[:, 0] / sums[:, 1],
            equal_clusters_of(units),
            confidence=bootstrap.confidence,
            bounds=(0.0, 1.0),
            log_odds=True,
        )
    if found is None:
        return Estimate(value, total=len(values), reason="no interval: the draws do not differ, or none were asked for")
    return Estimate(value, found.low, found.high, total=len(values))


def _intra(
    answers: pd.DataFrame, codes: Sequence[str], replicates: int, seed: int, confidence: float
) -> IntraReader | None:
    """Each hidden repeat with the same person's own answer before it."""
    key = ["record", "reviewer"]
    again = answers[(answers["purpose"] == TaskPurpose.REPEAT) & answers["dx"].notna()]
    before = answers[(answers["purpose"] != TaskPurpose.REPEAT) & answers["dx"].notna()].drop_duplicates(
        key, keep="last"
    )
    both = before.merge(again, on=key, suffixes=("", "_again"))
    if both.empty:
        return None
    units: list[int] = pd.factorize(both["unit"])[0].tolist()
    first: list[Hashable] = both["dx"].tolist()
    second: list[Hashable] = both["dx_again"].tolist()
    nothing = RepeatedRatings([], [], [])
    return intra_reader_agreement(
        RepeatedRatings(both["reviewer"].tolist(), first, second, units),
        nothing,
        categories=list(codes),
        replicates=replicates,
        seed=seed,
        confidence=confidence,
    )


def _quality(
    answers: pd.DataFrame, accuracy: Mapping[str, RaterAccuracy], confidence: float
) -> Iterable[ReviewerQuality]:
    counted_ones = answers[answers["purpose"] != TaskPurpose.REPEAT]
    nothing = RaterAccuracy(None, reason="no review with a diagnosis")
    for reviewer, rows in counted_ones.groupby("reviewer", sort=True):
        said = rows[rows["dx"].notna()]
        yield ReviewerQuality(
            str(reviewer),
            len(rows),
            int(rows["dx"].isna().sum()),
            _like(said, "consensus", confidence),
            _like(said, "histology", confidence),
            accuracy.get(str(reviewer), nothing),
        )


def _like(rows: pd.DataFrame, decided: str, confidence: float) -> Estimate:
    there = rows[rows[decided].notna()]
    units = np.asarray(pd.factorize(there["unit"])[0], np.int64)
    same = (there["dx"] == there[decided]).to_numpy(bool)
    return clustered_proportion(same, units, confidence=confidence, empty=f"no record with {decided}")
