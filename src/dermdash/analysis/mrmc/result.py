"""What an analysis of several readers and cases found."""

from dataclasses import dataclass
from typing import Any

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.estimates import json_number
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import EffectTest, Inference, MeanEstimate
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.noninferiority import NonInferiority
from dermdash.analysis.mrmc.obuchowski_rockette import VarianceComponents


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
    merit: FigureOfMerit
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
            "n_units": data.unit_count,
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
