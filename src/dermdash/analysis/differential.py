"""The differential diagnosis: every class over its threshold, the most probable first (Han et al., JID 2018)."""

from collections.abc import Mapping
from dataclasses import dataclass

from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class DifferentialEntry:
    """One class with its probability (0..1) and threshold; ``over`` None where the class has no threshold."""

    code: str
    name: str
    malignant: bool
    probability: float
    threshold: float | None
    over: bool | None


@dataclass(frozen=True, slots=True)
class Differential:
    """All classes by falling probability, and those of them that are listed.

    ``listed`` is never empty: where no class is over its threshold it holds the most probable one, and
    ``none_over`` is True. ``unjudged`` are classes without a threshold, which can be neither over nor under.
    """

    classes: tuple[DifferentialEntry, ...]
    listed: tuple[DifferentialEntry, ...]
    none_over: bool

    @property
    def unjudged(self) -> tuple[DifferentialEntry, ...]:
        """Classes that have no threshold."""
        return tuple(c for c in self.classes if c.over is None)


def list_differential(
    probabilities: Mapping[str, float], thresholds: Mapping[str, float | None], *, taxonomy: Taxonomy
) -> Differential:
    """List the classes at or above their thresholds by falling probability; ties stay in the taxonomy's order."""
    classes = []
    for c in taxonomy.classes:
        threshold = thresholds.get(c.code)
        probability = probabilities[c.code]
        over = None if threshold is None else probability >= threshold
        classes.append(DifferentialEntry(c.code, c.name, c.is_malignant, probability, threshold, over))
    classes.sort(key=lambda c: -c.probability)
    listed = tuple(c for c in classes if c.over)
    return Differential(tuple(classes), listed or (classes[0],), not listed)
