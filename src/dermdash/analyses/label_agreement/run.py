"""How far the reviewers of a data set agree with one another, with themselves, with consensus and histology."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.agreement.intra_reader import IntraReader, RepeatedRatings, intra_reader_agreement
from dermdash.analyses.label_agreement.pairs import confusion_of, reviewer_pairs, structure_overlaps
from dermdash.analyses.label_agreement.results import (
    LabelAgreement,
    LabelPart,
    ReviewerQuality,
)
from dermdash.analysis.agreement.annotators import RaterAccuracy, annotator_model
from dermdash.analysis.agreement.coefficients import NOMINAL, make_bootstrap, measured
from dermdash.analysis.agreement.ratings import Ratings, make_ratings
from dermdash.analysis.arrays import IntArray
from dermdash.analysis.estimates import Estimate, clustered_proportion
from dermdash.errors import InvalidInput
from dermdash.readings.case_votes import CaseSort, CaseVotes, counted_answers, in_order
from dermdash.records.acts import TaskPurpose
from dermdash.records.fields import CONTEXT, FIELDS, FieldSpec, Kind, is_filled
from dermdash.verification.annotated_records import AnnotatedRecords

NO_DIAGNOSIS = "no diagnosis given (unsure)"
EARLIER_CYCLE = "of an earlier round of review, before the record was reopened"
PART: tuple[str, ...] = ("alpha", "percent", "ac1")
"""Coefficients of a part: those that allow for records that not every reviewer had."""
_MOST_SPLIT = 24
"""More are a list of records, which belongs elsewhere."""


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
        pairs=tuple(reviewer_pairs(ratings, reviewers, part.units(with_dx), confidence)),
        confusion=confusion_of(ratings),
        overlaps=tuple(structure_overlaps(annotated, replicates, confidence)),
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
        split=_split(with_dx),
    )


def _split(reviews: pd.DataFrame) -> tuple[CaseVotes, ...]:
    """The records whose reviewers did not all say the same, the least agreed first."""
    votes = tuple(
        CaseVotes(str(record), None, counted_answers(rows["dx"]))
        for record, rows in reviews.groupby("record", sort=True)
    )
    return tuple(one for one in in_order(votes, CaseSort.SPLIT) if len(one.before) > 1)[:_MOST_SPLIT]


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
