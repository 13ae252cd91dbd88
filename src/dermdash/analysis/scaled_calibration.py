"""Calibration after temperature scaling, never fitted and reported on the same patients without saying so."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analysis.calibration import (
    CalibrationMeasures,
    apply_temperature,
    cross_fitted_temperature,
    fit_temperature,
    measure_calibration,
)
from dermdash.analysis.estimates import json_number
from dermdash.analysis.scored_cases import ScoredCases
from dermdash.errors import InvalidInput

CROSS_FITTED = "cross_fitted"


@dataclass(frozen=True, slots=True)
class ScaledCalibration:
    """Calibration after temperature scaling, and on what the temperature was fitted.

    ``fitted_on``: ``cross_fitted`` (every case scaled by a temperature fitted without its patient or lesion;
    ``temperatures`` has one per fold) or the name of other data (one temperature). ``left_out`` counts cases of the
    other data that were not used for fitting because their patient or lesion is also evaluated.
    """

    measures: CalibrationMeasures
    temperatures: tuple[float, ...]
    fitted_on: str
    fitted_cases: int
    left_out: int = 0

    @property
    def temperature(self) -> float:
        """The temperature, or the mean over the folds; above 1 means the model was too sure."""
        return float(np.mean(self.temperatures))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return self.measures.as_dict() | {
            "temperature": json_number(self.temperature),
            "temperatures": list(self.temperatures),
            "fitted_on": self.fitted_on,
            "fitted_cases": self.fitted_cases,
            "fitted_left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True)
class TemperatureSource:
    """Cases to fit a temperature on, by the name to report."""

    name: str
    cases: ScoredCases


def scale_calibration(
    cases: ScoredCases,
    *,
    fitted_elsewhere: TemperatureSource | None = None,
    bins: int = 10,
    confidence: float = 0.95,
    seed: int = 2020,
) -> ScaledCalibration | None:
    """Calibration after temperature scaling: fitted on other cases, or cross-fitted on these.

    None where nothing can be fitted without judging it on the same patient or lesion.
    """
    if fitted_elsewhere is None:
        if len(np.unique(cases.groups)) < 2:
            return None
        scaled, temperatures = cross_fitted_temperature(cases.truth, cases.probabilities, cases.groups, seed=seed)
        name, fitted, dropped = CROSS_FITTED, len(cases), 0
    else:
        other = fitted_elsewhere.cases
        apart = ~np.isin(other.group_keys, cases.group_keys)
        name, fitted, dropped = fitted_elsewhere.name, int(apart.sum()), int((~apart).sum())
        if not fitted:
            raise InvalidInput(
                f"no temperature can be fitted on {name}: all its patients and lesions are among those evaluated"
            )
        temperature = fit_temperature(other.truth[apart], other.probabilities[apart])
        scaled, temperatures = apply_temperature(cases.probabilities, temperature), (temperature,)
    measures = measure_calibration(
        cases.truth,
        scaled,
        malignant_classes=cases.malignant_classes,
        sided_classes=cases.sided_classes,
        groups=cases.groups,
        bins=bins,
        confidence=confidence,
    )
    return ScaledCalibration(measures, temperatures, name, fitted, dropped)
