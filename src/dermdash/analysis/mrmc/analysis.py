"""The analysis of a study: which design, which covariance, which tests, and what must be said about them.

- ``analyse_mrmc(data, options) -> MrmcResult``
"""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.estimates import check_confidence
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.covariance import covariance_of
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.dbm import dorfman_berbaum_metz
from dermdash.analysis.mrmc.design import Design, design_of
from dermdash.analysis.mrmc.effect import EffectTest, Inference, MeanEstimate, difference_test, no_effect
from dermdash.analysis.mrmc.error_covariance import ErrorCovariance, average_covariance
from dermdash.analysis.mrmc.few_cases import effect_of_few, effects_of_few, least_side, means_of_few
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit, Measured, measure
from dermdash.analysis.mrmc.limits import limits_of
from dermdash.analysis.mrmc.noninferiority import NonInferiority, check_margin, non_inferiority
from dermdash.analysis.mrmc.obuchowski_rockette import (
    VarianceComponents,
    mean_squares,
    modality_mean,
    obuchowski_rockette,
    variance_components,
)
from dermdash.analysis.mrmc.result import MrmcResult, PairResult
from dermdash.analysis.mrmc.unbalanced import compare_unbalanced
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput
from dermdash.wording import counted

MOST_FIGURES = 5000
"""Readers x modalities whose covariances are held as one matrix (200 MB)."""
_SLOW = 1e12
"""Multiplications of the unbiased covariance that take about half a minute; beyond it DeLong's is taken unasked."""


@dataclass(frozen=True, slots=True)
class MrmcOptions:
    """What to compute.

    ``covariance`` None: the clustered one where cases share a lesion or patient; else the jackknife where every cell is
    read (or for the partial area), else the unbiased one, or DeLong's where so many readers read so many cases that the
    unbiased one takes minutes.
    ``margin`` asks for non-inferiority. ``complete_cases`` leaves out every case that not all readers read under all
    modalities.
    """

    merit: FigureOfMerit = field(default_factory=FigureOfMerit)
    covariance: Covariance | None = None
    confidence: float = 0.95
    margin: float | None = None
    complete_cases: bool = False

    def __post_init__(self) -> None:
        check_confidence(self.confidence)
        if self.margin is not None:
            check_margin(self.margin)


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
            f"{data.source} has {counted(len(data.readers), 'reader')} x "
            f"{counted(len(data.modalities), 'modality', 'modalities')}, more than {MOST_FIGURES:,} figures of merit: "
            "compare fewer modalities or a part of the readers at a time"
        )
    method = options.covariance or default_covariance(data, options.merit)
    matrix = covariance_of(measured, method)
    design = design_of(data, usable)
    overall, tests, means, components = _tests(measured, usable, matrix, options.confidence)
    side = least_side(measured)
    overall = effects_of_few(overall, side, confidence=options.confidence)
    tests = {pair: effects_of_few(found, side, confidence=options.confidence) for pair, found in tests.items()}
    means = tuple(means_of_few(mean, side, confidence=options.confidence) for mean in means)
    corrected = _with_holm(tests)
    names = data.modalities
    pairs = tuple(
        PairResult(
            names[a],
            names[b],
            found,
            _by_reader(measured, matrix, (a, b), side, options.confidence),
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
        warnings=limits_of(measured, usable, design, components, method),
    )


def default_covariance(data: MrmcData, merit: FigureOfMerit) -> Covariance:
    """The covariance that is taken where nobody asks for another; see `MrmcOptions`."""
    if data.clustered:
        return Covariance.CLUSTERED
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
    measured: Measured, matrix: FloatArray, pair: tuple[int, int], least: float, confidence: float
) -> dict[str, EffectTest]:
    """Each reader's own difference, of whom nobody else is spoken (fixed reader, random cases).

    ``least``: `least_side` of all that was read, of which a reader may have less.
    """
    first, second = pair
    modalities = measured.values.shape[1]
    found = {}
    for j, name in enumerate(measured.data.readers):
        if not measured.usable[j, [first, second]].all():
            continue
        a, b = j * modalities + first, j * modalities + second
        variance = float(matrix[a, a] + matrix[b, b] - 2 * matrix[a, b])
        difference = float(measured.values[j, first] - measured.values[j, second])
        test = difference_test(difference, variance, None, confidence=confidence)
        side = min(least, int(measured.counts[:, j, [first, second]].min()))
        found[name] = effect_of_few(test, side, confidence=confidence)
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
