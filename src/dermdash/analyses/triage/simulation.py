"""The model goes first: which cases a reader still sees, what is sent away, and what that does.

A case below the rule-out threshold is sent away as benign, one at or above the rule-in threshold is referred as
malignant without a reading; what lies between is read by one of the readers who read it, drawn at random (the figures
are the mean over all of them).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.collective.malignancy_panels import MALIGNANT, SIDES, PanelRate
from dermdash.analyses.collective.plurality import case_values
from dermdash.analyses.triage.rates import Pathway, PathwayInput, judge_pathways, share_of_cases
from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.threshold_rates import threshold_grid
from dermdash.errors import InvalidInput

READERS_ALONE = "Every case is read"
TRIAGE = "The model goes first"
_GRID = 100


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Malignancy probabilities (0..1): nobody reads below ``rule_out``, nor from ``rule_in`` on (None: never)."""

    rule_out: float
    rule_in: float | None = None

    def __post_init__(self) -> None:
        """Refuse thresholds that are no probabilities or cross."""
        if not 0 <= self.rule_out <= 1:
            raise InvalidInput(f"the rule-out threshold is {self.rule_out}: expected 0 to 1")
        if self.rule_in is not None and not self.rule_out <= self.rule_in <= 1:
            raise InvalidInput(
                f"the rule-in threshold is {self.rule_in}: expected at least the rule-out threshold "
                f"({self.rule_out}) and at most 1"
            )


@dataclass(frozen=True, slots=True)
class CaseFlow:
    """Where the cases of one true class go: whole numbers of cases."""

    name: str
    malignant: bool
    cases: int
    sent_away: int
    read: int
    referred: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "class": self.name, "malignant": self.malignant, "n_cases": self.cases, "sent_away": self.sent_away,
            "read": self.read, "referred_unread": self.referred,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class TriagePoint:
    """What one rule-out threshold does, the rule-in threshold staying as chosen."""

    rule_out: float
    read: float
    sensitivity: float | None
    specificity: float | None
    accuracy: float
    missed: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule_out": self.rule_out, "share_read": self.read, "sensitivity": self.sensitivity,
            "specificity": self.specificity, "accuracy": self.accuracy, "malignant_sent_away": self.missed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AtPrevalence:
    """The pathway in 1,000 patients among whom ``prevalence`` have a malignant lesion."""

    prevalence: float
    read: float
    sent_away_malignant: float
    missed: float
    missed_if_all_read: float
    referred_benign: float
    referred_benign_if_all_read: float

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return {
            "prevalence": self.prevalence, "read_per_1000": self.read,
            "malignant_sent_away_per_1000": self.sent_away_malignant, "missed_per_1000": self.missed,
            "missed_per_1000_if_all_read": self.missed_if_all_read, "benign_referred_per_1000": self.referred_benign,
            "benign_referred_per_1000_if_all_read": self.referred_benign_if_all_read,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class TriageResult:
    """A triage at chosen thresholds, and over their range.

    ``saved``: share of cases nobody reads. ``sent_away_malignant``: share of malignant cases below the rule-out
    threshold. ``flows``: by true class. ``curve``: over rule-out thresholds. ``pathways``: every case read, the triage.
    """

    thresholds: Thresholds
    pathways: tuple[Pathway, ...]
    saved: PanelRate
    sent_away_malignant: PanelRate
    sent_away_benign: PanelRate
    flows: tuple[CaseFlow, ...]
    curve: tuple[TriagePoint, ...]
    prevalence: AtPrevalence | None
    readers: int
    cases: int
    malignant_cases: int
    readings: int
    cases_left_out: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule_out": self.thresholds.rule_out,
            "rule_in": self.thresholds.rule_in,
            "pathways": [p.as_dict() for p in self.pathways],
            "readings_saved": self.saved.as_dict(),
            "malignant_sent_away": self.sent_away_malignant.as_dict(),
            "benign_sent_away": self.sent_away_benign.as_dict(),
            "by_class": [f.as_dict() for f in self.flows],
            "curve": [p.as_dict() for p in self.curve],
            "at_prevalence": None if self.prevalence is None else self.prevalence.as_dict(),
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_malignant_cases": self.malignant_cases,
            "n_readings": self.readings,
            "cases_left_out": self.cases_left_out,
        }


def simulate_triage(
    cases: PathwayInput,
    malignancy: FloatArray,
    thresholds: Thresholds,
    *,
    left_out: int = 0,
    prevalence: float | None = None,
) -> TriageResult:
    """Send the cases through the triage.

    Parameters
    ----------
    malignancy
        float (cases,): the model's malignancy probability, 0..1.
    prevalence
        Share of malignant lesions to express the result in (0..1, both excluded); None: leave it out.

    Raises
    ------
    InvalidInput
        A probability or the prevalence is out of range.
    """
    if len(malignancy) and not ((malignancy >= 0) & (malignancy <= 1)).all():
        raise InvalidInput("a malignancy probability is outside 0 to 1")
    if prevalence is not None and not 0 < prevalence < 1:
        raise InvalidInput(f"the prevalence is {prevalence}: expected a share above 0 and below 1")
    counts, malignant = cases.votes.counts, cases.malignant
    away, referred = _sides(malignancy, thresholds)
    read = ~away & ~referred

    def alone(rows: IntArray, _: IntArray) -> FloatArray:
        n = rows.sum(axis=(1, 2)).astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (rows[:, :, SIDES.index(MALIGNANT)].sum(axis=1) / n)[:, None]

    def triaged(rows: IntArray, case: IntArray) -> FloatArray:
        return np.where(away[case], 0.0, np.where(referred[case], 1.0, alone(rows, case)[:, 0]))[:, None]

    calls = {READERS_ALONE: case_values(counts, alone), TRIAGE: case_values(counts, triaged)}
    pathways = judge_pathways(cases, calls, {READERS_ALONE: np.ones(len(malignant)), TRIAGE: read.astype(float)})
    share, units = calls[READERS_ALONE].value[:, 0], cases.votes.case_units
    return TriageResult(
        thresholds=thresholds,
        pathways=pathways,
        saved=share_of_cases(~read, units),
        sent_away_malignant=share_of_cases(away[malignant], units[malignant]),
        sent_away_benign=share_of_cases(away[~malignant], units[~malignant]),
        flows=_flows(cases, away, referred),
        curve=_curve(share, malignancy, malignant, thresholds),
        prevalence=None if prevalence is None else _at_prevalence(pathways, read, away, malignant, prevalence),
        readers=len(cases.votes.readers),
        cases=len(malignant),
        malignant_cases=int(malignant.sum()),
        readings=cases.votes.total,
        cases_left_out=left_out,
    )


def _sides(malignancy: FloatArray, thresholds: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    away = malignancy < thresholds.rule_out
    none = np.zeros(len(malignancy), dtype=bool)
    return away, none if thresholds.rule_in is None else (malignancy >= thresholds.rule_in) & ~away


def _flows(cases: PathwayInput, away: np.ndarray, referred: np.ndarray) -> tuple[CaseFlow, ...]:
    names = np.array(cases.classes)
    found = []
    for name in dict.fromkeys(sorted(cases.classes)):
        of = names == name
        found.append(
            CaseFlow(
                name,
                bool(cases.malignant[of].any()),
                int(of.sum()),
                int((of & away).sum()),
                int((of & ~away & ~referred).sum()),
                int((of & referred).sum()),
            )
        )
    return tuple(sorted(found, key=lambda f: (not f.malignant, f.name)))


def _curve(
    share: FloatArray, malignancy: FloatArray, malignant: np.ndarray, thresholds: Thresholds
) -> tuple[TriagePoint, ...]:
    """Over rule-out thresholds up to the rule-in one: the grid, and the chosen threshold itself."""
    top = 1.0 if thresholds.rule_in is None else thresholds.rule_in
    grid = threshold_grid(_GRID, smallest=1e-3)
    values = np.unique(np.append(grid[grid <= top], thresholds.rule_out))
    points = []
    for a in values:
        away, referred = _sides(malignancy, Thresholds(float(a), thresholds.rule_in))
        called = np.where(away, 0.0, np.where(referred, 1.0, share))
        points.append(
            TriagePoint(
                float(a),
                float((~away & ~referred).mean()),
                float(called[malignant].mean()) if malignant.any() else None,
                float(1 - called[~malignant].mean()) if (~malignant).any() else None,
                float(np.where(malignant, called, 1 - called).mean()),
                int((away & malignant).sum()),
            )
        )
    return tuple(points)


def _at_prevalence(
    pathways: tuple[Pathway, ...], read: np.ndarray, away: np.ndarray, malignant: np.ndarray, prevalence: float
) -> AtPrevalence | None:
    alone, triage = pathways
    if not malignant.any() or malignant.all():
        return None
    assert alone.sensitivity.value is not None
    assert alone.specificity.value is not None
    assert triage.sensitivity.value is not None
    assert triage.specificity.value is not None
    positives, negatives = 1000 * prevalence, 1000 * (1 - prevalence)
    return AtPrevalence(
        prevalence,
        positives * float(read[malignant].mean()) + negatives * float(read[~malignant].mean()),
        positives * float(away[malignant].mean()),
        positives * (1 - triage.sensitivity.value),
        positives * (1 - alone.sensitivity.value),
        negatives * (1 - triage.specificity.value),
        negatives * (1 - alone.specificity.value),
    )
