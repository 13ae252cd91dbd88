"""How far estimates move towards the advised one: the judge-advisor system's weight of advice.

weight = |final - initial| / |advice - initial| (Yaniv, Organ Behav Hum Decis Process 2004): 0 is no move, 1 is taking
over the advice. It has a meaning only where readers rate on the scale of the advice, a probability from 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.estimates import json_number
from dermdash.analysis.two_way import Rate, ReaderCaseInference

NO_RATING = "no pair has a malignancy rating before and after and an advised probability"
ORDINAL = (
    "malignancy ratings are on a scale of their own ({low:g} to {high:g}, {distinct} different values), not "
    "probabilities from 0 to 1 as the advice: a distance between the two has no meaning"
)
_SAME = 1e-9
_ORDINAL_VALUES = 3


@dataclass(frozen=True, slots=True)
class WeightOfAdvice:
    """Weight of advice of one modality.

    ``unclipped`` is the mean of the weights, ``clipped`` the mean after a move away from the advice counts as 0 and a
    move beyond it as 1; ``median`` is that of the unclipped weights, which a small distance can make very large.
    ``undefined`` pairs had the advised value already, ``away`` moved from it, ``beyond`` past it.
    """

    modality: str
    pairs: int
    undefined: int
    away: int
    beyond: int
    unmoved: int
    unclipped: Rate
    clipped: Rate
    median: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "modality": self.modality,
            "n_pairs": self.pairs,
            "n_undefined": self.undefined,
            "n_away": self.away,
            "n_beyond": self.beyond,
            "n_unmoved": self.unmoved,
            "mean_unclipped": self.unclipped.as_dict(),
            "mean_clipped": self.clipped.as_dict(),
            "median": json_number(self.median),
        }


def weights(initial: FloatArray, final: FloatArray, advice: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight of advice of every pair, unclipped and clipped to 0..1; NaN where the initial value was the advised one.

    Parameters
    ----------
    initial, final, advice
        Probabilities (n,), 0..1.
    """
    distance, move = advice - initial, final - initial
    with np.errstate(invalid="ignore", divide="ignore"):
        signed = np.where(np.abs(distance) > _SAME, move / distance, np.nan)
    return np.abs(signed), np.clip(signed, 0.0, 1.0)


def weight_of_advice(
    pairs: pd.DataFrame, modalities: Sequence[str], *, replicates: int, seed: int, confidence: float
) -> tuple[tuple[WeightOfAdvice, ...], str | None]:
    """Weight of advice by modality, or nothing and the reason.

    Parameters
    ----------
    pairs
        From `dermdash.readings.pairs.reading_pairs`.
    """
    columns = ["malignancy_rating_unaided", "malignancy_rating_aided", "advice_probability"]
    known = pairs[pairs[columns].notna().all(axis=1)]
    if known.empty:
        return (), NO_RATING
    initial, final, advice = (known[c].to_numpy(float) for c in columns)
    ratings = np.concatenate([initial, final])
    distinct = len(np.unique(ratings))
    if ratings.min() < 0 or ratings.max() > 1 or distinct <= _ORDINAL_VALUES:
        return (), ORDINAL.format(low=ratings.min(), high=ratings.max(), distinct=distinct)
    unit = "unit" if "unit" in known else "case"
    draws = ReaderCaseInference(
        known["reader"].to_numpy(), known[unit].to_numpy(), replicates=replicates, seed=seed, confidence=confidence
    )
    unclipped, clipped = weights(initial, final, advice)
    defined = np.isfinite(unclipped)
    toward = (final - initial) * np.sign(advice - initial)
    column = known["modality"].to_numpy()
    results = []
    for modality in modalities:
        among = column == modality
        if not among.any():
            continue
        usable = among & defined
        results.append(
            WeightOfAdvice(
                modality=modality,
                pairs=int(among.sum()),
                undefined=int((among & ~defined).sum()),
                away=int((usable & (toward < -_SAME)).sum()),
                beyond=int((usable & (toward > np.abs(advice - initial) + _SAME)).sum()),
                unmoved=int((usable & (np.abs(toward) <= _SAME)).sum()),
                unclipped=draws.rate(np.nan_to_num(unclipped), usable, share=False, empty="every weight is undefined"),
                clipped=draws.rate(np.nan_to_num(clipped), usable, empty="every weight is undefined"),
                median=float(np.median(unclipped[usable])) if usable.any() else None,
            )
        )
    return tuple(results), None
