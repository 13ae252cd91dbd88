"""The analysis of a study: which design, which covariance, which tests, and what must be said about them.

- ``analyse_mrmc(data, options) -> MrmcResult``
"""

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from dermdash.analysis.estimates import BoolArray, FloatArray, json_number
from dermdash.analysis.mrmc.covariance import Covariance, covariance_of
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.dbm import dorfman_berbaum_metz
from dermdash.analysis.mrmc.design import Design, design_of
from dermdash.analysis.mrmc.effect import EffectTest, Inference, MeanEstimate, difference_test, no_effect
from dermdash.analysis.mrmc.error_covariance import ErrorCovariance, average_covariance
from dermdash.analysis.mrmc.merit import Figure, Measured, Merit, measure
from dermdash.analysis.mrmc.noninferiority import NonInferiority, check_margin, non_inferiority
from dermdash.analysis.mrmc.obuchowski_rockette import (
    VarianceComponents,
    mean_squares,
    modality_mean,
    obuchowski_rockette,
    variance_components,
)
from dermdash.analysis.mrmc.unbalanced import compare_unbalanced
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput

FEW_READERS, FEW_CASES = 5, 10
MOST_FIGURES = 5000
"""Readers x modalities whose covariances are held as one matrix (200 MB)."""
_SLOW = 1e12
"""Multiplications of the unbiased covariance that take about half a minute; beyond it DeLong's is taken unasked."""


@dataclass(frozen=True, slots=True)
class MrmcOptions:
    """What to compute.

    ``covariance`` None: the jackknife where every cell is read (or for the partial area), else the unbiased one, or
    DeLong's where so many readers read so many cases that the unbiased one takes minutes.
    ``margin`` asks for non-inferiority. ``complete_cases`` leaves out every case that not all readers read under all
    modalities.
    """

    merit: Merit = field(default_factory=Merit)
    covariance: Covariance | None = None
    confidence: float = 0.95
    margin: float | None = None
    complete_cases: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise InvalidInput(f"the confidence level is {self.confidence}: expected a number between 0 and 1")
        if self.margin is not None:
            check_margin(self.margin)


@dataclass(frozen=True, slots=True)
class PairResult:
    """Two modalities compared: ``tests`` by kind of inference, ``readers`` for each reader alone (fixed reader)."""

    first: str
    second: str
    tests: dict[Inference, EffectTest]
    readers: dict[str, EffectTest]
    non_inferiority: tuple[NonInferiority, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first": self.first,
            "second": self.second,
            **{kind.value: test.as_dict() for kind, test in self.tests.items()},
            "readers": {name: test.as_dict() for name, test in self.readers.items()},
            "non_inferiority": [found.as_dict() for found in self.non_inferiority],
        }


@dataclass(frozen=True, slots=True, eq=False)
class MrmcResult:
    """Everything one analysis found.

    Attributes
    ----------
    data : MrmcData
        What was analysed, after exclusions.
    merit, covariance, design, confidence
        What was computed, and how.
    values : FloatArray
        (readers, modalities) figures of merit; NaN where a reader has none.
    overall : dict
        Test of equal modalities by kind of inference; for two modalities with their difference.
    pairs : tuple of PairResult
        Each pair of modalities; with more than one pair corrected by Holm.
    means : tuple of dict
        Of each modality, by kind of inference.
    components : VarianceComponents or None
        None where the readers differ between modalities.
    dbm : dict or None
        The same tests by pseudovalues; None for incomplete data and other covariances.
    excluded : dict
        What was left out, counted by reason.
    warnings : tuple of str
        What limits the results.
    """

    data: MrmcData
    merit: Merit
    covariance: Covariance
    design: Design
    confidence: float
    values: FloatArray
    overall: dict[Inference, EffectTest]
    pairs: tuple[PairResult, ...]
    means: tuple[dict[Inference, MeanEstimate], ...]
    components: VarianceComponents | None
    dbm: dict[Inference, EffectTest] | None
    excluded: dict[str, int]
    warnings: tuple[str, ...]

    @property
    def headline(self) -> Inference:
        """The most general kind of inference there is: other readers and cases where there are two readers."""
        return Inference.RRRC if len(self.data.readers) > 1 else Inference.FRRC

    def as_dict(self) -> dict[str, Any]:
        """For JSON; the tests under ``rrrc``, ``frrc`` and ``rrfc``."""
        data = self.data
        return {
            **{kind.value: test.as_dict() for kind, test in self.overall.items()},
            "figure_of_merit": self.merit.figure.value,
            "figure_of_merit_name": self.merit.name,
            "covariance": self.covariance.value,
            "design": self.design.value,
            "confidence": self.confidence,
            "n_readers": len(data.readers),
            "n_cases": len(data.cases),
            "n_cases_with_condition": data.diseased,
            "n_readings": data.readings,
            "modalities": [
                {"modality": name, **{kind.value: mean.as_dict() for kind, mean in means.items()}}
                for name, means in zip(data.modalities, self.means, strict=True)
            ],
            "readers": [
                {
                    "reader": name,
                    "values": {m: json_number(float(v)) for m, v in zip(data.modalities, row, strict=True)},
                }
                for name, row in zip(data.readers, self.values, strict=True)
            ],
            "pairs": [pair.as_dict() for pair in self.pairs],
            "variance_components": None if self.components is None else self.components.as_dict(),
            "dbm": None if self.dbm is None else {kind.value: test.as_dict() for kind, test in self.dbm.items()},
            "excluded": self.excluded,
            "warnings": list(self.warnings),
        }


def analyse_mrmc(data: MrmcData, options: MrmcOptions | None = None) -> MrmcResult:
    """Compare the modalities of a study.

    Raises
    ------
    InvalidInput
        No case of a side that the figure needs, no case that all have read where only those are wanted, or no reader
        with two cases of every side.
    """
    options = options or MrmcOptions()
    excluded: dict[str, int] = {}
    if options.complete_cases:
        kept = data.complete_cases()
        if not kept.cases:
            raise InvalidInput(
                f"{data.source} has no case that every reader read under every modality: analyse all cases as they "
                "were read"
            )
        if dropped := data.readings - kept.readings:
            excluded["of a case that not every reader read under every modality"] = dropped
        data = kept
    measured = measure(data, options.merit)
    unusable = np.asarray(~measured.usable.any(axis=1))
    if unusable.all():
        raise InvalidInput(
            f"{data.source}: no reader has read two cases of every side that {options.merit.short_name} needs under "
            "any modality"
        )
    if unusable.any():
        excluded["of a reader with fewer than two cases of a side"] = int(data.read[unusable].sum())
        data = data.of_readers(np.asarray(~unusable))
        measured = measure(data, options.merit)
    usable = measured.usable
    if usable.size > MOST_FIGURES:
        raise InvalidInput(
            f"{data.source} has {len(data.readers):,} readers x {len(data.modalities)} modalities, more than "
            f"{MOST_FIGURES:,} figures of merit: compare fewer modalities or a part of the readers at a time"
        )
    method = options.covariance or _default_covariance(data, options.merit)
    matrix = covariance_of(measured, method)
    design = design_of(data, usable)
    overall, tests, means, components = _tests(measured, usable, matrix, options.confidence)
    corrected = _with_holm(tests)
    names = data.modalities
    pairs = tuple(
        PairResult(
            names[a],
            names[b],
            found,
            _by_reader(measured, matrix, (a, b), options.confidence),
            _margins(found, names[a], names[b], options.margin),
        )
        for (a, b), found in corrected.items()
    )
    with_dbm = (
        design is Design.FACTORIAL and method is Covariance.JACKKNIFE and len(data.readers) > 1 and len(names) > 1
    )
    return MrmcResult(
        data=data,
        merit=options.merit,
        covariance=method,
        design=design,
        confidence=options.confidence,
        values=np.where(usable, measured.values, np.nan),
        overall=overall,
        pairs=pairs,
        means=means,
        components=components,
        dbm=dorfman_berbaum_metz(measured) if with_dbm else None,
        excluded=excluded,
        warnings=_warnings(measured, usable, design, components),
    )


def _default_covariance(data: MrmcData, merit: Merit) -> Covariance:
    if data.complete or merit.figure is Figure.PARTIAL_AUC:
        return Covariance.JACKKNIFE
    products = 2 * (len(data.readers) * len(data.modalities)) ** 2 * data.diseased * (len(data.cases) - data.diseased)
    return Covariance.DELONG if merit.figure is Figure.AUC and products > _SLOW else Covariance.UNBIASED


_Tests = dict[tuple[int, int], dict[Inference, EffectTest]]


def _tests(
    measured: Measured, usable: BoolArray, matrix: FloatArray, confidence: float
) -> tuple[dict[Inference, EffectTest], _Tests, tuple[dict[Inference, MeanEstimate], ...], VarianceComponents | None]:
    errors = average_covariance(matrix, usable)
    if usable.all():
        found = obuchowski_rockette(measured.values, errors, confidence=confidence)
        return found.overall, found.pairs, found.means, found.components
    modalities = usable.shape[1]
    means = tuple(
        modality_mean(measured.values[usable[:, i], i], errors, i, confidence=confidence)
        if usable[:, i].any()
        else dict.fromkeys(Inference, MeanEstimate(float("nan"), reason="no reader has a figure of merit"))
        for i in range(modalities)
    )
    pairs = {}
    for a, b in combinations(range(modalities), 2):
        part = ErrorCovariance(errors.same_reader[np.ix_([a, b], [a, b])], errors.other_reader[np.ix_([a, b], [a, b])])
        pairs[a, b] = compare_unbalanced(measured.values[:, [a, b]], usable[:, [a, b]], part, confidence=confidence)
    if modalities == 2:
        overall = dict(pairs[0, 1])
    else:
        overall = dict.fromkeys(
            Inference, no_effect("the modalities were not read by the same readers: they are compared in pairs")
        )
    everywhere = usable.all(axis=1)
    components = None
    if everywhere.sum() >= 2 and modalities > 1:
        components = variance_components(mean_squares(measured.values[everywhere]), errors, modalities)
    return overall, pairs, means, components


def _with_holm(pairs: _Tests) -> _Tests:
    """Correct for the number of pairs, each kind of inference for itself."""
    if len(pairs) < 2:
        return pairs
    corrected: _Tests = {pair: {} for pair in pairs}
    for kind in Inference:
        for pair, p in zip(pairs, holm([tests[kind].p for tests in pairs.values()]), strict=True):
            corrected[pair][kind] = pairs[pair][kind].with_holm(p)
    return corrected


def _by_reader(
    measured: Measured, matrix: FloatArray, pair: tuple[int, int], confidence: float
) -> dict[str, EffectTest]:
    """Each reader's own difference, of whom nobody else is spoken (fixed reader, random cases)."""
    first, second = pair
    modalities = measured.values.shape[1]
    found = {}
    for j, name in enumerate(measured.data.readers):
        if not measured.usable[j, [first, second]].all():
            continue
        a, b = j * modalities + first, j * modalities + second
        variance = float(matrix[a, a] + matrix[b, b] - 2 * matrix[a, b])
        difference = float(measured.values[j, first] - measured.values[j, second])
        found[name] = difference_test(difference, variance, None, confidence=confidence)
    return found


def _margins(
    tests: dict[Inference, EffectTest], first: str, second: str, margin: float | None
) -> tuple[NonInferiority, ...]:
    if margin is None:
        return ()
    test = tests[Inference.RRRC] if tests[Inference.RRRC].se is not None else tests[Inference.FRRC]
    return (
        non_inferiority(test, margin=margin, modality=first, reference=second),
        non_inferiority(test, margin=margin, modality=second, reference=first, reverse=True),
    )


def _warnings(
    measured: Measured, usable: BoolArray, design: Design, components: VarianceComponents | None
) -> tuple[str, ...]:
    data = measured.data
    found = []
    if len(data.readers) < FEW_READERS:
        number = len(data.readers)
        found.append(
            f"{number} reader{'' if number == 1 else 's'}: few to speak for other readers; intervals rest on their "
            "small number."
        )
    for side in measured.sides:
        count = int(side.sum())
        if count < FEW_CASES:
            kind = (
                "cases" if side.all() else "cases with the condition" if data.truth[side].all() else "cases without it"
            )
            found.append(f"{count} {kind}: few to speak for other cases.")
    least = int(measured.counts[:, usable].min())
    if least < FEW_CASES <= min(int(side.sum()) for side in measured.sides):
        found.append(
            f"Some readers read only {least} cases of a side under a modality: their single figures are coarse, and "
            "tests rest on a rough normal approximation."
        )
    if design is not Design.FACTORIAL:
        counts = measured.counts[:, usable].sum(axis=0)
        if len(counts) and counts.max() > 3 * counts.min():
            found.append(
                f"Readers read between {int(counts.min()):,} and {int(counts.max()):,} cases under a modality; each "
                "counts the same, so those with few cases add much of the uncertainty."
            )
        if (dropped := int((~usable & data.read.any(axis=2)).sum())) > 0:
            found.append(
                f"{dropped:,} combination{'s' if dropped > 1 else ''} of reader and modality had fewer than two cases "
                "of a side and no figure of merit."
            )
    cov2, cov3 = (None, None) if components is None else (components.cov2, components.cov3)
    if cov2 is not None and cov3 is not None and cov2 < cov3:
        found.append(
            "Cov2 was estimated below Cov3, which the model excludes; their difference was set to 0, so that cases add "
            "nothing to the uncertainty of the difference beyond what readers show."
        )
    return tuple(found)
