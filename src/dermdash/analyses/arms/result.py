"""What comes of comparing arms and periods."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.analyses.arms.conditions import WITHOUT_FIRST, ArmReaders
from dermdash.analyses.arms.measures import ArmMeasure
from dermdash.analyses.arms.options import ArmsOptions
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.analysis.mrmc.effect import EffectTest, MeanEstimate


@dataclass(frozen=True, slots=True, eq=False)
class ArmValue:
    """The mean of an arm (or of a sequence in a period) over its ``readers``, and the value of each."""

    arm: str
    mean: MeanEstimate
    readers: tuple[str, ...]
    values: FloatArray


@dataclass(frozen=True, slots=True)
class ArmDifference:
    """An arm minus the one it is compared with."""

    arm: str
    reference: str
    test: EffectTest


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """All arms by one measure; ``reason``: why there is none."""

    measure: ArmMeasure
    values: tuple[ArmValue, ...] = ()
    differences: tuple[ArmDifference, ...] = ()
    cases: int = 0
    covariance: Covariance | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodValue:
    """A sequence in a period: which half of it, and what it came to."""

    sequence: str
    period: int
    value: ArmValue

    @property
    def assisted(self) -> bool:
        """Whether it was read with assistance."""
        return (self.sequence == WITHOUT_FIRST) == (self.period == 2)


@dataclass(frozen=True, slots=True)
class CrossoverComparison:
    """Sequences and periods by one measure.

    Attributes
    ----------
    assistance
        With minus without, within readers, averaged over both sequences: a change from one period to the next is taken
        out of it.
    unadjusted
        The mean of all readers' differences, which has it where the sequences are not of one size.
    period
        Second minus first period.
    sequence
        Between the sequences, the mean over both periods: of chance among readers, of a carry-over, or both.
    """

    measure: ArmMeasure
    values: tuple[PeriodValue, ...] = ()
    assistance: EffectTest = field(default_factory=EffectTest)
    unadjusted: float | None = None
    period: EffectTest = field(default_factory=EffectTest)
    sequence: EffectTest = field(default_factory=EffectTest)
    cases: int = 0
    covariance: Covariance | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ArmsResult:
    """Arms, or sequences and periods, or both where a study has both kinds."""

    source: str
    options: ArmsOptions
    arms: tuple[ArmReaders, ...] = ()
    reference: str = ""
    comparisons: tuple[ArmComparison, ...] = ()
    sequences: Mapping[str, int] = field(default_factory=dict)
    crossover: tuple[CrossoverComparison, ...] = ()
    clustered: bool = False
    excluded: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    prespecified: bool = False
    simulated: bool = False

    @property
    def not_computed(self) -> tuple[tuple[str, str], ...]:
        """Of each measure that there is none of: why, and its name in words."""
        arms = [(c.reason, c.measure.title) for c in self.comparisons]
        periods = [(c.reason, c.measure.title) for c in self.crossover]
        return tuple((reason, title) for reason, title in arms + periods if reason is not None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers are finite or null."""
        return {
            "arms": [
                {"arm": a.key, "condition": a.condition, "n_readers": len(a.readers), "n_cases": a.cases,
                 "n_readings": a.readings} for a in self.arms
            ],
            "reference": self.reference or None,
            "comparisons": [_comparison(c) for c in self.comparisons],
            "sequences": dict(self.sequences),
            "crossover": [_crossover(c) for c in self.crossover],
            "excluded": dict(self.excluded),
            "notes": list(self.notes),
        }  # fmt: skip


def _comparison(found: ArmComparison) -> dict[str, Any]:
    return {
        "measure": found.measure.key,
        "n_cases": found.cases,
        "covariance": found.covariance,
        "arms": [{"arm": v.arm, "n_readers": len(v.readers), **v.mean.as_dict()} for v in found.values],
        "differences": [{"arm": d.arm, "reference": d.reference, **d.test.as_dict()} for d in found.differences],
        "reason": found.reason,
    }


def _crossover(found: CrossoverComparison) -> dict[str, Any]:
    return {
        "measure": found.measure.key,
        "n_cases": found.cases,
        "covariance": found.covariance,
        "periods": [
            {
                "sequence": v.sequence, "period": v.period, "assisted": v.assisted, "n_readers": len(v.value.readers),
                **v.value.mean.as_dict(),
            }
            for v in found.values
        ],
        "assistance": found.assistance.as_dict(),
        "unadjusted": found.unadjusted,
        "period": found.period.as_dict(),
        "sequence": found.sequence.as_dict(),
        "reason": found.reason,
    }  # fmt: skip
