"""What a comparison over several readers and cases found, for one source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.analysis.mrmc.analysis import MrmcOptions
from dermdash.analysis.mrmc.effect import Inference, no_effect
from dermdash.analysis.mrmc.result import MrmcResult


@dataclass(frozen=True, slots=True)
class ModelToCompare:
    """A model to set beside the readers: score by case, and its threshold for figures that need one."""

    name: str
    scores: Mapping[str, float]
    threshold: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MrmcComparison:
    """One comparison: its name, the result or why there is none, and what was left out before it.

    ``against_model``: the first modality is a model, whose scores are no readings.
    """

    name: str
    result: MrmcResult | None
    reason: str | None = None
    excluded: dict[str, int] = field(default_factory=dict)
    assistance: str | None = None
    p_holm: dict[Inference, float | None] = field(default_factory=dict)
    against_model: bool = False

    @property
    def readings(self) -> int:
        """Readings by readers."""
        if self.result is None:
            return 0
        read = self.result.data.read
        return int(read[:, 1:].sum() if self.against_model else read.sum())

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        if self.result is None:
            tests = {kind.value: no_effect(self.reason or "not computed").as_dict() for kind in Inference}
            return {"name": self.name, **tests, "excluded": self.excluded, "reason": self.reason}
        found = self.result.as_dict()
        for kind, p in self.p_holm.items():
            found[kind.value]["p_holm"] = p
        return {"name": self.name, **found, "n_readings": self.readings, "excluded": self.left_out, "reason": None}

    @property
    def left_out(self) -> dict[str, int]:
        """Readings left out, before the analysis and in it."""
        return self.excluded | (self.result.excluded if self.result is not None else {})


@dataclass(frozen=True, slots=True, eq=False)
class MrmcStudyResult:
    """All comparisons of one source.

    ``comparisons`` are of modalities, ``model`` those of a model with the readers of each modality.
    """

    source: str
    options: MrmcOptions
    comparisons: tuple[MrmcComparison, ...]
    model: tuple[MrmcComparison, ...] = ()
    excluded: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    prespecified: bool = False
    simulated: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the tests of the one comparison at the top; of several, each under ``comparisons``."""
        if len(self.comparisons) == 1:
            top = self.comparisons[0].as_dict()
        else:
            reason = f"{len(self.comparisons)} comparisons: see comparisons, or choose one modality"
            top = {kind.value: no_effect(reason).as_dict() for kind in Inference}
        return {
            **{kind.value: top.pop(kind.value) for kind in Inference},
            "source": self.source,
            **top,
            "comparisons": [found.as_dict() for found in self.comparisons] if len(self.comparisons) > 1 else [],
            "model": [found.as_dict() for found in self.model],
            "source_excluded": self.excluded,
            "source_warnings": list(self.warnings),
            "notes": list(self.notes),
            "prespecified": self.prespecified,
            "simulated": self.simulated,
        }
