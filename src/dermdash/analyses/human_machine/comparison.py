"""A model against the readers of a study, as in Figure 3 of Han et al. (J Invest Dermatol 2018;138:1529-1538).

For every class against the rest, and for malignancy: the model's ROC curve, each reader's point, the means of groups of
readers, who stands above the curve, and the model at the readers' sensitivity and at their specificity.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.human_machine.mean_position import ALL, MeanPosition, mean_positions
from dermdash.analyses.human_machine.read_cases import ReadCases
from dermdash.analyses.human_machine.reader_position import (
    ABOVE,
    BELOW,
    UNDECIDED,
    ReaderArea,
    ReaderPosition,
    place_readers,
    reader_area,
)
from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.one_vs_rest import AucEstimate, estimate_auc, roc_dict
from dermdash.analysis.reader_calls import ReaderCalls, RocPoint, point_of
from dermdash.analysis.reversed_scores import SCORES_WAY_OUT, reversed_area, reversed_warnings
from dermdash.analysis.roc import RocCurve, missing_side, roc_curve
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.errors import InvalidInput

CLASS_SHARE = 4
"""Single classes have so much fewer bootstrap draws than malignancy: each reader in each class takes minutes."""


@dataclass(frozen=True, slots=True)
class TargetComparison:
    """One class against the rest, or malignancy. ``curve`` is None where a side has no case; ``reason`` says which."""

    code: str
    name: str
    positives: int
    negatives: int
    curve: RocCurve | None
    auc: AucEstimate
    readers: tuple[ReaderPosition, ...]
    means: tuple[MeanPosition, ...]
    reason: str | None = None

    def count(self, position: str) -> int:
        """Number of readers that are ``above``, ``below`` or ``undecided``."""
        return sum(r.place.position == position for r in self.readers)

    @property
    def placed(self) -> int:
        """Number of readers that can be placed beside the curve."""
        return sum(r.place.position is not None for r in self.readers)

    @property
    def nominally_above(self) -> int:
        """Number of readers whose point lies above the curve, however unsure that is."""
        return sum((r.place.vertical.difference or 0.0) < 0 for r in self.readers)

    def mean(self, kind: str, name: str = ALL) -> MeanPosition | None:
        """The mean of that kind and name."""
        return next((m for m in self.means if (m.kind, m.name) == (kind, name)), None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.code,
            "name": self.name,
            "positives": self.positives,
            "negatives": self.negatives,
            "auc": self.auc.as_dict(),
            "readers_placed": self.placed,
            "readers_nominally_above": self.nominally_above,
            **{f"readers_{p}": self.count(p) for p in (ABOVE, BELOW, UNDECIDED)},
            "readers": [r.as_dict() for r in self.readers],
            "means": [m.as_dict() for m in self.means],
            "curve": roc_dict(self.curve),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class HumanMachine:
    """A model against readers; ``targets`` begins with malignancy."""

    model: str
    readers: int
    cases: int
    readings: int
    groups: int
    targets: tuple[TargetComparison, ...]
    confidence: float
    replicates: int
    seed: int
    left_out: dict[str, int]
    simulated: bool = False
    warnings: tuple[str, ...] = ()

    def target(self, code: str) -> TargetComparison:
        """The comparison of that class or of malignancy."""
        return next(t for t in self.targets if t.code == code)

    def as_dict(self) -> dict[str, Any]:
        """For JSON, numbers finite or None."""
        return {
            "kind": "human_machine",
            "model": self.model,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_readings": self.readings,
            "n_case_groups": self.groups,
            "simulated": self.simulated,
            "confidence": self.confidence,
            "replicates": self.replicates,
            "seed": self.seed,
            "left_out": self.left_out,
            "warnings": list(self.warnings),
            "targets": [t.as_dict() for t in self.targets],
        }


def compare_human_machine(
    read: ReadCases,
    *,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 2020,
    simulated: bool = False,
    left_out: dict[str, int] | None = None,
) -> HumanMachine:
    """Place readers and groups of readers beside the model's curves.

    Raises
    ------
    InvalidInput
        No reader, or no case.
    """
    if not read.unaided.seen.any():
        raise InvalidInput("no reader has answered, without assistance, a case that the model has scored")
    groups = read.model.groups
    draws = GroupedBootstrap(groups, replicates, seed, confidence)
    fewer = GroupedBootstrap(groups, replicates // CLASS_SHARE, seed, confidence)
    targets = tuple(
        _compare_target(read, code, draws if code == MALIGNANCY else fewer, groups, seed=seed) for code in read.codes
    )
    return HumanMachine(
        model=read.model.name,
        readers=len(read.unaided.readers),
        cases=len(read.model.cases),
        readings=int(read.unaided.seen.sum()),
        groups=len(np.unique(groups)),
        targets=targets,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
        left_out=dict(left_out or {}),
        simulated=simulated,
        warnings=(*read.model.warnings, *_reversed(read)),
    )


def _reversed(read: ReadCases) -> tuple[str, ...]:
    """Whether the model's scores of malignancy, or the readers' ratings, seem to run the other way round."""
    truth, groups = read.truth_malignant, read.model.groups
    rated = int(np.isfinite(read.unaided.rating).any(axis=1).sum())
    of_model = reversed_area(read.model.malignancy, truth, groups)
    of_readers = reversed_area(read.unaided.rating, truth, groups)
    return (
        *reversed_warnings(of_model, what=f"Scores of {read.model.name}", way_out=SCORES_WAY_OUT),
        *reversed_warnings(of_readers, readers=rated),
    )


def _compare_target(
    read: ReadCases, code: str, bootstrap: GroupedBootstrap, groups: IntArray, *, seed: int
) -> TargetComparison:
    target, score, name = read.target(code)
    calls = read.calls(read.unaided, code)
    ratings = read.unaided.ratings(code, read.taxonomy)
    reason = missing_side(target)
    changes, places = _changes(read, code), place_readers(calls, bootstrap)
    readers = tuple(
        ReaderPosition(
            reader=name_of,
            profile=_profile(read.profiles.iloc[i]),
            positives=int((calls.seen[i] & target).sum()),
            negatives=int((calls.seen[i] & ~target).sum()),
            area=_area(calls, i, ratings, groups, bootstrap.confidence),
            before=changes[i][0],
            after=changes[i][1],
            place=places[i],
        )
        for i, name_of in enumerate(read.unaided.readers)
    )
    return TargetComparison(
        code=code,
        name=name,
        positives=int(target.sum()),
        negatives=int((~target).sum()),
        curve=None if reason else roc_curve(target, score),
        auc=estimate_auc(
            target,
            score,
            groups,
            confidence=bootstrap.confidence,
            bootstrap=bootstrap,
            drawn_areas=None if reason or not bootstrap.replicates else bootstrap.areas(target, score),
        ),
        readers=readers,
        means=mean_positions(read, code, calls, ratings, bootstrap, groups, seed=seed),
        reason=reason,
    )


def _profile(row: "pd.Series[Any]") -> dict[str, str | None]:
    return {str(column): None if pd.isna(value) else str(value) for column, value in row.items()}


def _area(calls: ReaderCalls, row: int, ratings: FloatArray | None, groups: IntArray, confidence: float) -> ReaderArea:
    seen = calls.seen[row]
    rating = None if ratings is None else ratings[row][seen]
    return reader_area(
        calls.target[seen], calls.score[seen], calls.called[row][seen], rating, groups[seen], confidence=confidence
    )


def _changes(read: ReadCases, code: str) -> list[tuple[RocPoint | None, RocPoint | None]]:
    """Each reader's points before and after assistance on the cases they read both ways; None where there is none."""
    if read.before is None or read.after is None:
        return [(None, None)] * len(read.unaided.readers)
    before, after = read.calls(read.before, code), read.calls(read.after, code)
    both = before.seen & after.seen
    return [
        (point_of(before.called[i][kept], before.target[kept]), point_of(after.called[i][kept], after.target[kept]))
        if kept.any()
        else (None, None)
        for i, kept in enumerate(both)
    ]
