"""Dorfman-Berbaum-Metz: analysis of variance of jackknife pseudovalues, as revised by Hillis, Berbaum & Metz (2008).

With pseudovalues of the jackknife this is the Obuchowski-Rockette analysis in other words: F, degrees of freedom and p
are the same. It is kept as a second way to the same numbers, for factorial studies.
"""

from dataclasses import dataclass

import numpy as np

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.effect import NO_VARIANCE, EffectTest, Inference, no_effect, overall_test, satterthwaite
from dermdash.analysis.mrmc.figure_of_merit import Measured
from dermdash.errors import InvalidInput
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class PseudovalueSquares:
    """Mean squares of the pseudovalues: T modality, R reader, C case, and their interactions."""

    t: float
    tr: float
    tc: float
    trc: float


def pseudovalues(measured: Measured) -> FloatArray:
    """c theta - (c - 1) theta_-k, moved so that their mean is theta; (readers, modalities, cases concerned)."""
    concerned = np.any(measured.sides, axis=0)
    deleted = measured.deleted[:, :, concerned]
    if np.isnan(deleted).any():
        raise InvalidInput(
            "pseudovalues need every reader's rating of every case under every modality: leave out incomplete cases, "
            "or use the Obuchowski-Rockette analysis"
        )
    count = deleted.shape[2]
    found = count * measured.values[:, :, None] - (count - 1) * deleted
    return np.asarray(found + (measured.values - found.mean(axis=2))[:, :, None])


def pseudovalue_squares(values: FloatArray) -> PseudovalueSquares:
    """Mean squares of (readers, modalities, cases)."""
    r, t, c = values.shape
    grand = values.mean()
    of_t, of_r, of_c = values.mean(axis=(0, 2)), values.mean(axis=(1, 2)), values.mean(axis=(0, 1))
    of_tr, of_tc, of_rc = values.mean(axis=2), values.mean(axis=0), values.mean(axis=1)
    tr = of_tr - of_r[:, None] - of_t[None] + grand
    tc = of_tc - of_t[:, None] - of_c[None] + grand
    trc = (
        values
        - of_tr[:, :, None] - of_tc[None] - of_rc[:, None]
        + of_t[None, :, None] + of_r[:, None, None] + of_c[None, None]
        - grand
    )  # fmt: skip
    return PseudovalueSquares(
        t=float(r * c * ((of_t - grand) ** 2).sum() / (t - 1)),
        tr=float(c * (tr**2).sum() / ((t - 1) * (r - 1))),
        tc=float(r * (tc**2).sum() / ((t - 1) * (c - 1))),
        trc=float((trc**2).sum() / ((t - 1) * (r - 1) * (c - 1))),
    )


def dorfman_berbaum_metz(measured: Measured) -> dict[Inference, EffectTest]:
    """Overall tests: F = MS(T) / (MS(TR) + max(MS(TC) - MS(TRC), 0)) for random readers and cases.

    For fixed readers F = MS(T) / MS(TC) with (t - 1), (t - 1)(c - 1) degrees of freedom, for fixed cases
    F = MS(T) / MS(TR) with (t - 1), (t - 1)(r - 1).

    Raises
    ------
    InvalidInput
        A missing rating, or fewer than two readers or modalities.
    """
    r, t = measured.values.shape
    if r < 2 or t < 2:
        raise InvalidInput(
            f"pseudovalues of {counted(r, 'reader')} and {counted(t, 'modality', 'modalities')}: expected two of each "
            "at least"
        )
    values = pseudovalues(measured)
    c = values.shape[2]
    squares = pseudovalue_squares(values)
    denominator = squares.tr + max(squares.tc - squares.trc, 0.0)
    df_tr, df_tc = (t - 1) * (r - 1), (t - 1) * (c - 1)
    plans = {
        Inference.RRRC: (denominator, satterthwaite(denominator, squares.tr, df_tr)),
        Inference.FRRC: (squares.tc, float(df_tc)),
        Inference.RRFC: (squares.tr, float(df_tr)),
    }
    return {
        kind: no_effect("nothing varies")
        if below <= NO_VARIANCE
        else overall_test(squares.t / below * (1 if df is not None else t - 1), t - 1, df)
        for kind, (below, df) in plans.items()
    }
