"""Everything the analysis of collective decisions found, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dermdash.analyses.collective.malignancy_panels import MalignancyPanels
from dermdash.analyses.collective.mixed_panels import MixedPanels
from dermdash.analyses.collective.model_panels import ModelPanels
from dermdash.analyses.collective.panel_curves import Gain, PanelCurve


@dataclass(frozen=True, slots=True)
class ModalityPanels:
    """Panels of the same readers on the same cases before and after one kind of assistance."""

    modality: str
    unaided: PanelCurve
    aided: PanelCurve
    gain: tuple[Gain, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "modality": self.modality,
            "unaided": self.unaided.as_dict(),
            "aided": self.aided.as_dict(),
            "difference": [g.as_dict() for g in self.gain],
        }


@dataclass(frozen=True, slots=True)
class CollectiveResult:
    """Panels of readers, alone and with the model.

    ``answer``: what was voted on, ``diagnosis`` or ``malignancy``. ``groups``: curves by ``group_column``, each on its
    own cases. ``not_computed``: what is missing, one sentence each. ``excluded``: readings left out, by reason.
    """

    source: str
    answer: str
    classes: tuple[str, ...]
    unaided: PanelCurve
    group_column: str | None
    groups: tuple[PanelCurve, ...]
    mixed: MixedPanels | None
    modalities: tuple[ModalityPanels, ...]
    model: ModelPanels | None
    malignancy: MalignancyPanels | None
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
            "answer": self.answer,
            "classes": list(self.classes),
            "unaided": self.unaided.as_dict(),
            "groups": {"by": self.group_column, "curves": [c.as_dict() for c in self.groups]},
            "mixed": None if self.mixed is None else self.mixed.as_dict(),
            "modalities": [m.as_dict() for m in self.modalities],
            "model": None if self.model is None else self.model.as_dict(),
            "malignancy": None if self.malignancy is None else self.malignancy.as_dict(),
            "seed": self.seed,
            "replicates": self.replicates,
            "simulated": self.simulated,
            "exploratory": self.exploratory,
            "clustered": self.clustered,
            "excluded": dict(self.excluded),
            "not_computed": list(self.not_computed),
            "warnings": list(self.warnings),
        }
