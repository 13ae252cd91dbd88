"""From measurements to a proposed score, with the reasons: the worst measurement decides, and every fault is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dermdash.dataset.acquisition.measurements import MEASUREMENTS, VERSION, Measurement
from dermdash.dataset.image_quality import DAMAGE
from dermdash.wording import number


@dataclass(frozen=True, slots=True)
class Reason:
    """One measurement that keeps the proposal from 5: its number, the bound it misses, the score it would give."""

    measurement: Measurement
    value: float
    limit: float
    score: int

    @property
    def distance(self) -> float:
        """How far the number is from the bound, in its unit; always positive."""
        return abs(self.value - self.limit)

    @property
    def words(self) -> str:
        """The reason as people read it ("Hair: 8.4 % of the view, 2.4 over the 6.0 of score 4")."""
        m = self.measurement
        past = "under" if m.higher_is_better else "over"
        unit = f" {m.unit}" if m.unit else ""
        gap, limit = number(self.distance, m.digits), number(self.limit, m.digits)
        return f"{m.fault}: {number(self.value, m.digits)}{unit}, {gap} {past} the {limit} of score {self.score + 1}"

    def to_json(self) -> dict[str, Any]:
        """For the command and for what is stored of what was shown."""
        return {
            "measurement": self.measurement.key, "value": self.value, "unit": self.measurement.unit,
            "limit": self.limit, "score": self.score, "words": self.words,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed score (1 to 5), the reasons with the gravest first, and the version of the rules.

    ``damaged``: the file is damaged, which alone makes it 1.
    """

    score: int
    reasons: tuple[Reason, ...]
    damaged: bool = False
    version: str = VERSION

    @property
    def weakest(self) -> str:
        """Key of the measurement that decides; `damage` for a damaged file, "none" at score 5."""
        if self.damaged:
            return DAMAGE
        return self.reasons[0].measurement.key if self.reasons else "none"

    @property
    def why(self) -> list[str]:
        """The reasons in words."""
        return ["The file is damaged"] * self.damaged + [reason.words for reason in self.reasons]


def propose(measures: Mapping[str, float | None], *, damaged: bool = False) -> Proposal:
    """Propose a score for an image from what `measure_image` found; a number that is not there proposes nothing.

    S4's scale: 1 unsuitable, 2 significant defects but the lesion discernible, 3 local artefacts, 4 minimal artefacts,
    5 reference.
    """
    reasons = []
    for measurement in MEASUREMENTS:
        value = measures.get(measurement.key)
        if value is None:
            continue
        limit = measurement.missed_limit(value)
        if limit is not None:
            reasons.append(Reason(measurement, value, limit, measurement.score_of(value)))
    # The gravest first; of equals the one that is furthest past its bound, in parts of the bound.
    reasons.sort(key=lambda r: (r.score, -r.distance / max(abs(r.limit), 1e-9)))
    score = 1 if damaged else min((r.score for r in reasons), default=5)
    return Proposal(score, tuple(reasons), damaged)
