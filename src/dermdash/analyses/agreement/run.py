"""Agreement of readers with one another and with themselves, before and after assistance."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dermdash.analyses.agreement.change import AgreementChange, compare_agreement
from dermdash.analyses.agreement.intra_reader import IntraReader, RepeatedRatings, intra_reader_agreement
from dermdash.analyses.agreement.options import KEY, RATINGS
from dermdash.analyses.agreement.rated_readings import (
    ORDERED,
    first_pairs,
    rating_matrices,
    rating_scale,
    true_classes,
)
from dermdash.analysis.agreement.coefficients import NOMINAL, ORDINAL
from dermdash.analysis.agreement.cohen import pairwise_kappas
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.estimates import check_confidence, check_draws, json_number
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.first_readings import in_reading_order
from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.small_groups import is_small

SHOWN_READERS = 40
PREVALENT = 0.8


@dataclass(frozen=True, slots=True)
class AgreementPart:
    """Agreement in one part of the readings (``kind``: overall, modality, experience or class).

    ``readings`` counts ratings per phase; ``prevalent`` is the category most used where it has 80 % or more of the
    ratings of a phase, with its share.
    """

    kind: str
    value: str
    readers: int
    cases: int
    readings: int
    changes: tuple[AgreementChange, ...]
    prevalent: tuple[str, float] | None = None

    @property
    def small(self) -> bool:
        """Whether it should not be generalised (`small_groups`)."""
        return is_small(self.readers, self.cases)

    def change(self, statistic: str) -> AgreementChange | None:
        """The change of that coefficient, where it was asked for."""
        return next((c for c in self.changes if c.statistic == statistic), None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "part": self.kind,
            "value": self.value,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_readings": self.readings,
            "small": self.small,
            "prevalent": None if self.prevalent is None else list(self.prevalent),
            "statistics": [change.as_dict() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class PairwiseKappas:
    """Cohen's kappa of each pair of readers (NaN where undefined): arrays are (readers, readers)."""

    readers: tuple[str, ...]
    scheme: str
    before: FloatArray
    after: FloatArray | None
    common: FloatArray
    left_out: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the pairs that have common cases."""
        upper = np.argwhere(np.triu(self.common > 0, 1))
        return {
            "scheme": self.scheme,
            "readers_left_out": self.left_out,
            "pairs": [
                {
                    "readers": [self.readers[i], self.readers[j]],
                    "n_cases": int(self.common[i, j]),
                    "before": json_number(float(self.before[i, j])),
                    "after": None if self.after is None else json_number(float(self.after[i, j])),
                }
                for i, j in upper
            ],
        }


@dataclass(frozen=True, slots=True)
class AgreementResult:
    """Everything about agreement in one source of readings."""

    source: str
    rating: str
    categories: tuple[str, ...]
    statistics: tuple[str, ...]
    overall: AgreementPart
    by_modality: tuple[AgreementPart, ...]
    by_experience: tuple[AgreementPart, ...]
    by_class: tuple[AgreementPart, ...]
    intra: IntraReader | None
    pairwise: PairwiseKappas
    excluded: dict[str, int]
    replicates: int
    seed: int
    confidence: float
    simulated: bool
    prespecified: bool
    clustered: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def primary(self) -> str:
        """The coefficient that the findings are worded with: Krippendorff's alpha of the rating's level."""
        return self.statistics[0]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, numbers finite or None."""
        return {
            "source": self.source,
            "rating": self.rating,
            "categories": list(self.categories),
            "primary": self.primary,
            "prespecified": self.prespecified,
            "simulated": self.simulated,
            "overall": self.overall.as_dict(),
            "modalities": [part.as_dict() for part in self.by_modality],
            "experience": [part.as_dict() for part in self.by_experience],
            "classes": [part.as_dict() for part in self.by_class],
            "intra_reader": None if self.intra is None else self.intra.as_dict(),
            "pairwise": self.pairwise.as_dict(),
            "excluded": self.excluded,
            "clustered": self.clustered,
            "settings": {"replicates": self.replicates, "seed": self.seed, "confidence": self.confidence},
            "notes": list(self.notes),
        }


def analyse_agreement(
    table: ReadingsTable,
    *,
    rating: str = "dx",
    replicates: int = 2000,
    confidence: float = 0.95,
) -> AgreementResult:
    """Agreement on one kind of answer.

    Before and after are compared on the same readers and cases: those with both answers. A source without assistance
    gives agreement before alone.

    Parameters
    ----------
    rating
        One of `RATINGS`.

    Raises
    ------
    InvalidInput
        An unknown rating, too many different values, or no reader with an answer.
    MissingColumns
        The source does not record this answer.
    """
    if rating not in RATINGS:
        raise InvalidInput(f"agreement on {rating!r}: expected one of {', '.join(RATINGS)}")
    check_confidence(confidence)
    check_draws(replicates)
    if not table.has(rating) and (others := [name for name in RATINGS if table.has(name)]):
        raise MissingColumns(
            f"Agreement on the {RATINGS[rating]} needs {rating}, which {table.source} does not record. It records "
            f"{', '.join(f'{RATINGS[name]} ({name})' for name in others)}: choose it"
        )
    table.require(rating, purpose=f"Agreement on the {RATINGS[rating]}")
    scale = rating_scale(table, rating)
    statistics = ORDINAL if rating in ORDERED and len(scale) > 2 else NOMINAL
    pairs, excluded = first_pairs(table, rating)
    aided = bool(pairs["after"].notna().any())
    parts = [("overall", "all readings", pairs)]
    if aided:
        parts += [("modality", m, pairs[pairs["modality"] == m]) for m in table.modalities]
    parts += [
        ("experience", g, pairs[pairs["experience_group"] == g])
        for g in table.groups_of("experience_group")
        if g != "not said"
    ]
    truth = "truth_dx" if table.has("truth_dx") else "truth_malignant"
    parts += [("class", g, pairs[pairs[truth].astype(str) == g]) for g in true_classes(table, truth)]
    done: list[AgreementPart] = []
    matrix: tuple[Ratings, Ratings | None, tuple[str, ...]] | None = None
    for kind, value, rows in parts:
        if len(rows):
            before, after, readers, cases = rating_matrices(rows, scale, aided)
            matrix = matrix or (before, after, readers)
            keys = _shown(statistics, kind)
            changes = compare_agreement(
                before,
                after,
                keys,
                groups=table.unit_numbers(cases),
                replicates=replicates,
                seed=table.seed,
                confidence=confidence,
            )
            done.append(
                AgreementPart(
                    kind, value, before.raters, before.items, before.given, changes, _prevalent(before, after)
                )
            )
    if matrix is None:
        raise InvalidInput(f"{table.source} has no answers on the {RATINGS[rating]} that agreement can be measured on")
    return AgreementResult(
        source=table.source,
        rating=rating,
        categories=tuple(str(c) for c in scale),
        statistics=statistics,
        overall=done[0],
        by_modality=_corrected([p for p in done if p.kind == "modality"]),
        by_experience=_corrected([p for p in done if p.kind == "experience"]),
        by_class=_corrected([p for p in done if p.kind == "class"]),
        intra=_intra(table, rating, scale, replicates, confidence),
        pairwise=_pairwise(*matrix, scheme="quadratic" if statistics == ORDINAL else "unweighted"),
        excluded={**table.excluded, **excluded},
        replicates=replicates,
        seed=table.seed,
        confidence=confidence,
        simulated=table.simulated,
        prespecified=KEY in table.prespecified,
        clustered=table.clustered,
        notes=table.notes,
    )


def _prevalent(before: Ratings, after: Ratings | None) -> tuple[str, float] | None:
    found = None
    for ratings in (before, after):
        if ratings is None:
            continue
        use = ratings.counts.sum(axis=0) / ratings.given
        k = int(use.argmax())
        if use[k] >= PREVALENT and (found is None or use[k] > found[1]):
            found = (str(ratings.categories[k]), float(use[k]))
    return found


def _shown(statistics: Sequence[str], kind: str) -> tuple[str, ...]:
    """Every coefficient overall and by modality, the main ones by experience.

    Within one true class most ratings are that class: whatever is corrected by how often categories are used falls
    towards 0 there, so that percent agreement and Gwet's coefficient remain.
    """
    if kind in ("overall", "modality"):
        return tuple(statistics)
    wanted = ("percent", "ac1", "ac2") if kind == "class" else (statistics[0], "percent", "ac1", "ac2")
    return tuple(s for s in statistics if s in wanted)


def _corrected(parts: list[AgreementPart]) -> tuple[AgreementPart, ...]:
    """Holm's correction over the parts, for each coefficient on its own."""
    if not parts:
        return ()
    columns = [holm([part.changes[i].p for part in parts]) for i in range(len(parts[0].changes))]
    return tuple(
        replace(
            part,
            changes=tuple(replace(c, p_holm=columns[i][row]) for i, c in enumerate(part.changes)),
        )
        for row, part in enumerate(parts)
    )


def _pairwise(before: Ratings, after: Ratings | None, readers: tuple[str, ...], *, scheme: str) -> PairwiseKappas:
    given = (before.codes >= 0).sum(axis=1)
    # The readers with most cases, in their own order.
    kept = np.sort(np.argsort(-given, kind="stable")[:SHOWN_READERS])
    first = replace(before, codes=before.codes[kept])
    second = None if after is None else replace(after, codes=after.codes[kept])
    kappas, common = pairwise_kappas(first, scheme)
    return PairwiseKappas(
        tuple(readers[i] for i in kept),
        scheme,
        kappas,
        None if second is None else pairwise_kappas(second, scheme)[0],
        common,
        len(readers) - len(kept),
    )


def _intra(
    table: ReadingsTable, rating: str, scale: Sequence[object], replicates: int, confidence: float
) -> IntraReader | None:
    """Each reading of a case with the reader's next reading of it; with assistance, of the same modality."""
    halves = []
    for phase in (Phase.UNAIDED, Phase.AIDED):
        rows = table.answers[(table.answers["phase"] == phase) & table.answers[rating].notna()]
        rows = in_reading_order(rows)
        key = ["reader", "case"] + (["modality"] if phase is Phase.AIDED else [])
        later = rows.groupby(key)[rating].shift(-1)
        known = later.notna()
        halves.append(
            RepeatedRatings(
                rows.loc[known, "reader"].tolist(),
                rows.loc[known, rating].tolist(),
                later[known].tolist(),
                table.unit_numbers(rows.loc[known, "case"]).tolist(),
            )
        )
    if not any(len(half.readers) for half in halves):
        return None
    return intra_reader_agreement(
        halves[0],
        halves[1],
        categories=list(scale),
        scheme="quadratic" if rating in ORDERED and len(scale) > 2 else "unweighted",
        replicates=replicates,
        seed=table.seed,
        confidence=confidence,
    )
