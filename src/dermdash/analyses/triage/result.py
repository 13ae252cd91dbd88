"""Everything the simulation of triage and second opinion found, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.analyses.triage.second_opinion import DiagnosisSecondOpinion, SecondOpinion
from dermdash.analyses.triage.simulation import TriageResult


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """A threshold (malignancy probability, 0..1) and where it comes from, in words."""

    value: float
    origin: str
    warning: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"value": self.value, "origin": self.origin}


@dataclass(frozen=True, slots=True)
class TriageStudy:
    """A triage and a second opinion by the model on the cases of a study.

    ``rule_out``, ``rule_in``: of the triage; ``threshold``: where the model as second reader calls malignant.
    """

    source: str
    model: str
    origin: str
    triage: TriageResult
    second: SecondOpinion | None
    diagnosis: DiagnosisSecondOpinion | None
    rule_out: ThresholdChoice
    rule_in: ThresholdChoice | None
    threshold: ThresholdChoice
    seed: int
    replicates: int
    simulated: bool
    exploratory: bool
    excluded: Mapping[str, int] = field(default_factory=dict)
    not_computed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    clustered: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "source": self.source,
            "model": self.model,
            "model_origin": self.origin,
            "thresholds": {
                "rule_out": self.rule_out.as_dict(),
                "rule_in": None if self.rule_in is None else self.rule_in.as_dict(),
                "second_reader": self.threshold.as_dict(),
            },
            "triage": self.triage.as_dict(),
            "second_opinion": None if self.second is None else self.second.as_dict(),
            "second_opinion_on_the_diagnosis": None if self.diagnosis is None else self.diagnosis.as_dict(),
            "seed": self.seed,
            "replicates": self.replicates,
            "simulated": self.simulated,
            "exploratory": self.exploratory,
            "clustered": self.clustered,
            "excluded": dict(self.excluded),
            "not_computed": list(self.not_computed),
            "warnings": list(self.all_warnings),
        }

    @property
    def all_warnings(self) -> tuple[str, ...]:
        """What limits these results: of the model, and of the thresholds."""
        chosen = (self.rule_out, self.threshold, *(() if self.rule_in is None else (self.rule_in,)))
        return tuple(dict.fromkeys([*self.warnings, *(c.warning for c in chosen if c.warning)]))
