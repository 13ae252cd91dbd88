"""Analysis of variance of figures of merit with correlated errors, for readers who each read under every modality.

Obuchowski & Rockette (Commun Stat Simul 1995) with the degrees of freedom of Hillis (Stat Med 2007), single modalities
and split-plot designs after Hillis (Stat Med 2014): covariances are averaged over all pairs of readers, those without
common cases counting 0, so the same formulas hold where cases are nested in readers, groups of readers or modalities.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.estimates import json_number
from dermdash.analysis.mrmc.effect import (
    NO_VARIANCE,
    EffectTest,
    Inference,
    MeanEstimate,
    difference_test,
    mean_estimate,
    no_effect,
    overall_test,
    satterthwaite,
)
from dermdash.analysis.mrmc.error_covariance import ErrorCovariance

ONE_READER = "one reader: what holds for other readers needs at least two"
ONE_MODALITY = "one modality: there is nothing to compare it with"


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Mean squares of the figures of merit over modalities (T), readers (R) and their interaction (TR).

    ``of_readers_in`` are those between readers within each modality. None where there is one reader or modality.
    """

    t: float | None
    r: float | None
    tr: float | None
    of_readers_in: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """Parts of the variance of a figure of merit; a negative estimate of Var(R) or Var(TR) means about 0."""

    readers: float | None
    modality_by_reader: float | None
    error: float
    cov1: float | None
    cov2: float | None
    cov3: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "var_r": json_number(self.readers),
            "var_tr": json_number(self.modality_by_reader),
            "var_error": json_number(self.error),
            "cov1": json_number(self.cov1),
            "cov2": json_number(self.cov2),
            "cov3": json_number(self.cov3),
        }


@dataclass(frozen=True, slots=True)
class VarianceAnalysis:
    """Everything the model says: tests of all modalities and of each pair, single modalities, where it comes from.

    ``pairs`` maps the indices of two modalities to a test for each kind of inference.
    """

    overall: dict[Inference, EffectTest]
    pairs: dict[tuple[int, int], dict[Inference, EffectTest]]
    means: tuple[dict[Inference, MeanEstimate], ...]
    squares: MeanSquares
    components: VarianceComponents


def mean_squares(values: FloatArray) -> MeanSquares:
    """Mean squares of (readers, modalities)."""
    readers, modalities = values.shape
    grand, of_reader, of_modality = values.mean(), values.mean(axis=1), values.mean(axis=0)
    rest = values - of_reader[:, None] - of_modality + grand
    several_readers, several_modalities = readers > 1, modalities > 1
    return MeanSquares(
        t=float(readers * ((of_modality - grand) ** 2).sum() / (modalities - 1)) if several_modalities else None,
        r=float(modalities * ((of_reader - grand) ** 2).sum() / (readers - 1)) if several_readers else None,
        tr=float((rest**2).sum() / ((modalities - 1) * (readers - 1)))
        if several_readers and several_modalities
        else None,
        of_readers_in=tuple(float(v) for v in values.var(axis=0, ddof=1)) if several_readers else None,
    )


def obuchowski_rockette(values: FloatArray, errors: ErrorCovariance, *, confidence: float = 0.95) -> VarianceAnalysis:
    """Compare modalities that were read by the same readers.

    Parameters
    ----------
    values
        (readers, modalities), finite figures of merit.
    errors
        Their average covariances over cases.
    confidence
        Of all intervals.

    Notes
    -----
    With r readers, t modalities and Cov = max(Cov2 - Cov3, 0):

    - random readers and cases: D = MS(TR) + r Cov, F = MS(T) / D, df1 = t - 1,
      df2 = D^2 / (MS(TR)^2 / ((t - 1)(r - 1))), SE of a difference sqrt(2 D / r);
    - fixed readers: X2 = (t - 1) MS(T) / (Var - Cov1 + (r - 1) Cov), df t - 1, SE sqrt(2 (Var - Cov1 + ...) / r);
    - fixed cases: F = MS(T) / MS(TR), df (t - 1), (t - 1)(r - 1), SE sqrt(2 MS(TR) / r);
    - a single modality i: SE sqrt((MS(R)_i + r max(Cov2_i, 0)) / r) and df as above with r - 1; for fixed readers
      sqrt((Var_i + (r - 1) max(Cov2_i, 0)) / r); for fixed cases sqrt(MS(R)_i / r).

    MS(TR) and Cov cannot be negative, so D cannot; where it is 0 nothing varies, and the test is refused.
    """
    readers, modalities = values.shape
    squares = mean_squares(values)
    means = tuple(modality_mean(values[:, i], errors, i, confidence=confidence) for i in range(modalities))
    if modalities < 2:
        refused = dict.fromkeys(Inference, no_effect(ONE_MODALITY))
        return VarianceAnalysis(refused, {}, means, squares, variance_components(squares, errors, modalities))
    # What one difference of two modalities varies by, times readers / 2, and the df of the readers' part.
    denominators = {
        Inference.RRRC: None if squares.tr is None else squares.tr + readers * errors.shared_by_readers,
        Inference.FRRC: errors.variance - (errors.cov1 or 0.0) + (readers - 1) * errors.shared_by_readers,
        Inference.RRFC: squares.tr,
    }
    df_tr = (modalities - 1) * (readers - 1)
    overall: dict[Inference, EffectTest] = {}
    pairs: dict[tuple[int, int], dict[Inference, EffectTest]] = {p: {} for p in combinations(range(modalities), 2)}
    differences = {(a, b): float(values[:, a].mean() - values[:, b].mean()) for a, b in pairs}
    for kind, denominator in denominators.items():
        if denominator is None:
            overall[kind] = no_effect(ONE_READER)
            for pair, difference in differences.items():
                pairs[pair][kind] = no_effect(ONE_READER, difference)
            continue
        df = None
        if kind is not Inference.FRRC:
            assert squares.tr is not None
            df = satterthwaite(denominator, squares.tr, df_tr)
        for pair, difference in differences.items():
            pairs[pair][kind] = difference_test(difference, 2 * denominator / readers, df, confidence=confidence)
        if denominator <= NO_VARIANCE:
            overall[kind] = no_effect(pairs[0, 1][kind].reason or "the estimated variance is 0")
            continue
        assert squares.t is not None
        ratio = squares.t / denominator
        # Without df of the readers' part the ratio is chi-square: t - 1 times it.
        overall[kind] = overall_test(ratio if df is not None else (modalities - 1) * ratio, modalities - 1, df)
    if modalities == 2:
        overall = dict(pairs[0, 1])
    return VarianceAnalysis(overall, pairs, means, squares, variance_components(squares, errors, modalities))


def variance_components(squares: MeanSquares, errors: ErrorCovariance, modalities: int) -> VarianceComponents:
    """Var(R) = (MS(R) - MS(TR)) / t - Cov1 + Cov3; Var(TR) = MS(TR) - Var + Cov1 + max(Cov2 - Cov3, 0).

    Source: Hillis, Stat Med 2014.
    """
    of_readers = of_interaction = None
    cov1, cov3 = errors.cov1, errors.cov3
    if squares.tr is not None and squares.r is not None and cov1 is not None and cov3 is not None:
        of_readers = (squares.r - squares.tr) / modalities - cov1 + cov3
        of_interaction = squares.tr - errors.variance + cov1 + errors.shared_by_readers
    return VarianceComponents(of_readers, of_interaction, errors.variance, cov1, errors.cov2, cov3)


def modality_mean(
    values: FloatArray, errors: ErrorCovariance, i: int, *, confidence: float
) -> dict[Inference, MeanEstimate]:
    """Mean of the figures (readers,) of modality ``i`` with its interval for each kind of inference."""
    readers, value = len(values), float(values.mean())
    other = json_number(float(errors.other_reader[i, i]))
    between = max(other, 0.0) if other is not None else 0.0
    fixed = (float(errors.same_reader[i, i]) + (readers - 1) * between) / readers
    found = {Inference.FRRC: mean_estimate(value, fixed, None, confidence=confidence)}
    if readers < 2:
        alone = MeanEstimate(value, reason=ONE_READER)
        return {Inference.RRRC: alone, **found, Inference.RRFC: alone}
    square = float(values.var(ddof=1))
    total = square + readers * between
    df = satterthwaite(total, square, readers - 1)
    return {
        Inference.RRRC: mean_estimate(value, total / readers, df, confidence=confidence),
        **found,
        Inference.RRFC: mean_estimate(value, square / readers, readers - 1, confidence=confidence),
    }
