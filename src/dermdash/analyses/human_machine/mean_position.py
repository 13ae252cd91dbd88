"""Where the mean of readers stands beside a model's ROC curve: all of them, by group, and after assistance."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.human_machine.read_cases import ReadCases
from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.as_json import to_json
from dermdash.analysis.auc_intervals import sides_of
from dermdash.analysis.auc_intervals import too_few as areas_too_few
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.draws import times_drawn
from dermdash.analysis.reader_calls import (
    MeanOfReaders,
    ReaderCalls,
    ReaderDifference,
    clean_difference,
    difference_of,
    mean_of_readers,
)
from dermdash.analysis.roc import area, missing_side
from dermdash.analysis.scored_cases import MALIGNANCY

ALL, AIDED = "all", "aided"
AREA = "area"


@dataclass(frozen=True, slots=True)
class MeanPosition:
    """The mean of a group of readers beside the model.

    ``kind`` is ``all``, a column of the readings table (``experience_group``, ``profession``), or ``aided``: the same
    readers after assistance, ``name`` then is the modality (``all`` for every one together).
    ``area`` compares mean areas (malignancy only; None elsewhere).
    """

    kind: str
    name: str
    readers: int
    cases: int
    readings: int
    mean: MeanOfReaders
    area: ReaderDifference | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "readers": self.readers,
            "cases": self.cases,
            "readings": self.readings,
            "sensitivity": self.mean.sensitivity.as_dict(),
            "specificity": self.mean.specificity.as_dict(),
            "differences": to_json((*self.mean.differences, *((self.area,) if self.area else ()))),
        }


def mean_positions(
    read: ReadCases,
    code: str,
    calls: ReaderCalls,
    ratings: FloatArray | None,
    bootstrap: GroupedBootstrap,
    groups: IntArray,
    *,
    seed: int,
) -> tuple[MeanPosition, ...]:
    """All readers; for malignancy also their groups, mean areas, and the aided answers by modality."""
    everyone = np.ones(len(calls.seen), bool)
    main = code == MALIGNANCY
    drawn = _drawn_areas(calls, ratings, bootstrap) if main else None
    found = [_mean(ALL, ALL, calls, everyone, bootstrap, groups, drawn, seed=seed)]
    if main:
        for column, names in read.group_names.items():
            values = read.profiles[column].astype(object)
            for name in names:
                chosen = (values == name).to_numpy(bool)
                found.append(_mean(column, name, calls, chosen, bootstrap, groups, drawn, seed=seed))
    if read.after is not None:
        aided = read.calls(read.after, code)
        for name in (ALL, *(read.modalities if main and len(read.modalities) > 1 else ())):
            shown: BoolArray = aided.seen if name == ALL else aided.seen & read.shown(name)
            one = ReaderCalls(aided.target, aided.score, aided.called & shown, shown)
            if shown.any():
                found.append(_mean(AIDED, name, one, np.asarray(shown.any(axis=1)), bootstrap, groups, None, seed=seed))
    return tuple(found)


def _mean(
    kind: str,
    name: str,
    calls: ReaderCalls,
    chosen: BoolArray,
    bootstrap: GroupedBootstrap,
    groups: IntArray,
    drawn: tuple[FloatArray, FloatArray, FloatArray] | None,
    *,
    seed: int,
) -> MeanPosition:
    part = calls.for_readers(chosen)
    read = part.seen.any(axis=0)
    sides = sides_of(part.target[read], groups[read])
    return MeanPosition(
        kind=kind,
        name=name,
        readers=int(part.seen.any(axis=1).sum()),
        cases=int(part.seen.any(axis=0).sum()),
        readings=int(part.seen.sum()),
        mean=mean_of_readers(part, bootstrap, groups, seed=seed, no_side=missing_side(calls.target) or "no such case"),
        area=None if drawn is None else _mean_area(drawn, chosen, bootstrap, sides, seed=seed),
    )


def _drawn_areas(
    calls: ReaderCalls, ratings: FloatArray | None, bootstrap: GroupedBootstrap
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Areas of (model, reader) per reader: observed (2, readers), and of each draw (draws, readers) twice."""
    n = len(calls.seen)
    observed = np.full((2, n), np.nan)
    draws = np.full((2, bootstrap.replicates, n), np.nan)
    for i, seen in enumerate(calls.seen):
        if missing_side(calls.target[seen]):
            continue
        rated = ratings is not None and bool(np.isfinite(ratings[i][seen]).all())
        own = ratings[i] if ratings is not None and rated else calls.called[i].astype(float)
        for which, score in enumerate((calls.score, own)):
            observed[which, i] = area(calls.target[seen], score[seen])
            if bootstrap.replicates:
                draws[which, :, i] = bootstrap.areas(calls.target, score, seen)
    return observed, draws[0], draws[1]


def _mean_area(
    drawn: tuple[FloatArray, FloatArray, FloatArray],
    chosen: BoolArray,
    bootstrap: GroupedBootstrap,
    sides: tuple[int, int],
    *,
    seed: int,
) -> ReaderDifference:
    """Mean area of the model on each reader's cases minus the readers' mean area."""
    observed, of_model, of_readers = drawn[0][:, chosen], drawn[1][:, chosen], drawn[2][:, chosen]
    known = np.isfinite(observed).all(axis=0)
    if not known.any():
        return difference_of(AREA, np.nan, np.nan, [], bootstrap, clusters=0)
    enough = int(known.sum()) >= 2 and len(np.unique(bootstrap.groups)) >= 2
    values: list[FloatArray] = []
    if enough and bootstrap.replicates:
        weight = times_drawn(int(chosen.sum()), bootstrap.replicates, np.random.default_rng([seed, 1]))
        usable = np.isfinite(of_model) & np.isfinite(of_readers)
        weight = weight * usable
        with np.errstate(invalid="ignore", divide="ignore"):
            total = weight.sum(axis=1)
            means = [(weight * np.where(usable, areas, 0.0)).sum(axis=1) / total for areas in (of_model, of_readers)]
        values = [clean_difference(means[0], means[1])]
    model, readers = observed[:, known].mean(axis=1)
    return difference_of(
        AREA, float(model), float(readers), values, bootstrap, clusters=min(int(known.sum()), *sides), enough=enough,
        few=areas_too_few(sides),
    )  # fmt: skip
