"""What reliance depends on: the reader's confidence and experience, the advice's confidence, the place in the session.

Shares in bins of equally many pairs show the shape, a slope from estimating equations (`reader_slopes`) tests it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.reliance.advised_answers import AdvisedAnswers
from dermdash.analyses.reliance.rates import MEASURES, hits_and_opportunities
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.bins import equal_bins
from dermdash.analysis.reader_slopes import Slope, holm_slopes, slope
from dermdash.analysis.two_way import Rate, ReaderCaseInference


@dataclass(frozen=True, slots=True)
class Predictor:
    """What reliance may depend on: its column, its name for people, and the unit of the slope."""

    key: str
    column: str
    name: str
    unit: str
    per: float
    decimals: int = 0
    percent: bool = False


PREDICTORS = (
    Predictor("confidence", "confidence_unaided", "Confidence before the advice", "1 level", 1.0),
    Predictor("experience", "years_experience", "Years of dermatoscopy", "5 years", 5.0),
    Predictor("advice_confidence", "advice_confidence", "Probability shown for the advice", "10 points", 0.1, 0, True),
    Predictor("position", "position", "Position in the session", "10 cases", 10.0),
)


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs with a value in ``low`` to ``high`` (both included), ``centre`` on average, and their shares."""

    low: float
    high: float
    centre: float
    pairs: int
    switch: Rate
    rair: Rate
    rsr: Rate


@dataclass(frozen=True, slots=True)
class Dependence:
    """Reliance against one predictor: bins and one slope per measure. ``reason`` where it is not recorded."""

    key: str
    name: str
    unit: str
    percent: bool
    bins: tuple[Bin, ...]
    slopes: tuple[Slope, ...]
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "predictor": self.key,
            "bins": [
                {"low": b.low, "high": b.high, "mean": b.centre, "n_pairs": b.pairs}
                | {"switch_fraction": b.switch.as_dict(), "rair": b.rair.as_dict(), "rsr": b.rsr.as_dict()}
                for b in self.bins
            ],
            "slopes": [s.as_dict() for s in self.slopes],
            "reason": self.reason,
        }


def dependence(answers: AdvisedAnswers, draws: ReaderCaseInference, *, bins: int) -> tuple[Dependence, ...]:
    """Reliance against each of ``PREDICTORS``, all modalities together.

    Slopes are adjusted for the modality; Holm's correction is over the predictors of one measure.
    """
    frame = answers.frame
    found: dict[str, list[Slope]] = {}
    binned: dict[str, tuple[Bin, ...]] = {}
    for predictor in PREDICTORS:
        values = frame[predictor.column].to_numpy(float, na_value=np.nan)
        if not np.isfinite(values).any():
            continue
        binned[predictor.key] = _bins(answers, draws, values, bins)
        found[predictor.key] = []
        for measure in MEASURES:
            hits, among = hits_and_opportunities(answers, measure)
            found[predictor.key].append(
                slope(
                    hits[among],
                    values[among],
                    reader=frame["reader"].to_numpy()[among],
                    case=frame["unit" if "unit" in frame else "case"].to_numpy()[among],
                    stratum=answers.modality[among],
                    family="binomial",
                    names=(measure, predictor.key, predictor.unit),
                    per=predictor.per,
                    confidence=draws.confidence,
                )
            )
    for index in range(len(MEASURES)):
        corrected = holm_slopes([slopes[index] for slopes in found.values()])
        for slopes, one in zip(found.values(), corrected, strict=True):
            slopes[index] = one
    return tuple(
        Dependence(p.key, p.name, p.unit, p.percent, binned[p.key], tuple(found[p.key]))
        if p.key in found
        else Dependence(p.key, p.name, p.unit, p.percent, (), (), f"{p.name.lower()} is not recorded")
        for p in PREDICTORS
    )


def _bins(answers: AdvisedAnswers, draws: ReaderCaseInference, values: FloatArray, bins: int) -> tuple[Bin, ...]:
    made = []
    for member in equal_bins(values, bins):
        rates = []
        for measure in MEASURES:
            hits, among = hits_and_opportunities(answers, measure)
            rates.append(draws.rate(hits, among & member))
        inside = values[member]
        made.append(
            Bin(float(inside.min()), float(inside.max()), float(inside.mean()), int(member.sum()), *rates)
        )  # fmt: skip
    return tuple(made)
