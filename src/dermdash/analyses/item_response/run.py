"""Difficulty of the cases and ability of the readers of one source, and ability against experience."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.item_response.model import CaseEstimate, ItemResponse, Model, ReaderEstimate, fit_item_response
from dermdash.analyses.item_response.options import KEY
from dermdash.analyses.other_designs import require_answers
from dermdash.analysis.distributions import normal_quantile, spearman, t_quantile
from dermdash.analysis.estimates import check_confidence, json_number
from dermdash.errors import InvalidInput
from dermdash.readings.first_readings import LATER, first_of
from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.small_groups import SMALL_READERS, is_small
from dermdash.wording import counted

SHOWN = 10
CURVES = 6
_OBSERVED_GROUPS = 4


@dataclass(frozen=True, slots=True)
class GroupAbility:
    """Mean ability of readers of one experience with its interval over readers (None: fewer than two readers)."""

    group: str
    readers: int
    mean: float
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        interval = None if self.low is None or self.high is None else [self.low, self.high]
        return {"group": self.group, "n_readers": self.readers, "mean": self.mean, "ci": interval}


@dataclass(frozen=True, slots=True)
class ExperienceTrend:
    """Spearman's correlation of ability with years (or groups) of experience; None with a ``reason``."""

    measure: str
    readers: int
    rho: float | None
    low: float | None
    high: float | None
    p: float | None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "measure": self.measure,
            "n_readers": self.readers,
            "rho": json_number(self.rho),
            "ci": None if self.low is None or self.high is None else [self.low, self.high],
            "p": json_number(self.p),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ObservedShare:
    """Readers of like ability on one case: their mean ability, and how many of them were right."""

    ability: float
    right: int
    readers: int


@dataclass(frozen=True, slots=True)
class ItemResponseResult:
    """The fitted model with what is known of cases and readers.

    ``units``: lesions or patients that the cases are of. ``truth`` and ``experience`` name the true class of a case and
    the group of a reader, where they are known; ``observed`` holds, for the cases of `curves`, shares right among
    readers of like ability.
    """

    source: str
    phase: str
    fit: ItemResponse
    truth: dict[str, str]
    experience: dict[str, str]
    by_experience: tuple[GroupAbility, ...]
    trend: ExperienceTrend | None
    observed: dict[str, tuple[ObservedShare, ...]]
    excluded: dict[str, int]
    confidence: float
    simulated: bool
    prespecified: bool
    units: int
    notes: tuple[str, ...] = ()

    @property
    def small(self) -> bool:
        """Whether it should not be generalised (`small_groups`)."""
        return is_small(len(self.fit.readers), len(self.fit.cases))

    @property
    def hardest(self) -> tuple[CaseEstimate, ...]:
        """The most difficult cases first."""
        return tuple(sorted(self.fit.cases, key=lambda c: (-c.difficulty, c.case))[:SHOWN])

    @property
    def most_discriminating(self) -> tuple[CaseEstimate, ...]:
        """The cases that part able from less able readers best; none where all share one discrimination."""
        if self.fit.parameters == 1:
            return ()
        return tuple(sorted(self.fit.cases, key=lambda c: (-c.discrimination, c.case))[:SHOWN])

    @property
    def curves(self) -> tuple[CaseEstimate, ...]:
        """Cases to draw: spread evenly over the order of difficulty, from the easiest to the hardest."""
        return curve_cases(self.fit.cases)

    def as_dict(self) -> dict[str, Any]:
        """For JSON, numbers finite or None."""
        fitted = self.fit.as_dict()
        for case in fitted["cases"]:
            case["truth"] = self.truth.get(case["case"])
        for reader in fitted["readers"]:
            reader["experience"] = self.experience.get(reader["reader"])
        return {
            "source": self.source,
            "phase": self.phase,
            "prespecified": self.prespecified,
            "simulated": self.simulated,
            "small": self.small,
            "confidence": self.confidence,
            "n_units": self.units,
            **{key: value for key, value in fitted.items() if key not in ("cases", "readers")},
            "experience": [g.as_dict() for g in self.by_experience],
            "trend": None if self.trend is None else self.trend.as_dict(),
            "excluded": self.excluded,
            "notes": list(self.notes),
            "cases": fitted["cases"],
            "readers": fitted["readers"],
        }


def analyse_item_response(
    table: ReadingsTable, *, phase: str = Phase.UNAIDED, model: Model = "auto", confidence: float = 0.95
) -> ItemResponseResult:
    """Fit the model to right and wrong answers of one phase.

    Parameters
    ----------
    phase
        ``unaided`` (ability of the reader alone) or ``aided``.
    model
        ``auto``, ``one`` or ``two`` parameters, as of `fit_item_response`.

    Raises
    ------
    InvalidInput
        An unknown phase or model.
    MissingColumns
        The source does not say which answers are right.
    """
    if phase not in set(Phase):
        raise InvalidInput(f"phase {phase!r}: expected {', '.join(Phase)}")
    check_confidence(confidence)
    require_answers(table, "correct", purpose="Difficulty of cases")
    excluded = dict(table.excluded)
    rows = table.frame[table.frame["phase"] == phase]
    if n := int(rows["correct"].isna().sum()):
        excluded["not known to be right or wrong"] = n
    rows, later = first_of(rows[rows["correct"].notna()], ("reader", "case"))
    if later:
        excluded[LATER] = later
    wide = rows.assign(correct=rows["correct"].astype(float)).pivot(index="reader", columns="case", values="correct")
    fit = fit_item_response(
        wide.to_numpy(float), readers=list(wide.index), cases=list(wide.columns), model=model, confidence=confidence
    )
    truth = "truth_dx" if table.has("truth_dx") else "truth_malignant"
    groups = _first_known(rows, "reader", "experience_group")
    return ItemResponseResult(
        source=table.source,
        phase=str(phase),
        fit=fit,
        truth=_first_known(rows, "case", truth),
        experience=groups,
        by_experience=_groups(fit, groups, table.groups_of("experience_group"), confidence),
        trend=_trend(fit, rows, table, confidence),
        observed=_observed(fit, wide),
        excluded=excluded,
        confidence=confidence,
        simulated=table.simulated,
        prespecified=KEY in table.prespecified,
        units=len(np.unique(table.unit_numbers(wide.columns))),
        notes=table.notes,
    )


def curve_cases(cases: tuple[CaseEstimate, ...]) -> tuple[CaseEstimate, ...]:
    """At most six cases, spread evenly over the order of difficulty; extreme ones have no curve to see."""
    ordered = sorted((c for c in cases if not c.extreme), key=lambda c: (c.difficulty, c.case))
    if len(ordered) <= CURVES:
        return tuple(ordered)
    places = np.unique(np.linspace(0, len(ordered) - 1, CURVES).round().astype(int))
    return tuple(ordered[i] for i in places)


def _first_known(rows: pd.DataFrame, key: str, column: str) -> dict[str, str]:
    known = rows[rows[column].notna()].drop_duplicates(key)
    return dict(zip(known[key], known[column].astype(str), strict=True))


def _groups(
    fit: ItemResponse, groups: dict[str, str], order: tuple[str, ...], confidence: float
) -> tuple[GroupAbility, ...]:
    found = []
    for group in order:
        abilities = np.array([r.ability for r in fit.readers if groups.get(r.reader) == group])
        n = len(abilities)
        if not n:
            continue
        half = None
        if n > 1 and np.ptp(abilities) > 1e-12:
            half = float(t_quantile((1 + confidence) / 2, n - 1) * abilities.std(ddof=1) / np.sqrt(n))
        mean = float(abilities.mean())
        found.append(
            GroupAbility(group, n, mean, None if half is None else mean - half, None if half is None else mean + half)
        )
    return tuple(found)


def _trend(fit: ItemResponse, rows: pd.DataFrame, table: ReadingsTable, confidence: float) -> ExperienceTrend | None:
    """Spearman's rho with the interval of Bonett and Wright (Psychometrika 65, 23, 2000)."""
    years = rows.drop_duplicates("reader").set_index("reader")["years_experience"].dropna()
    measure = "years of experience"
    if years.empty:
        order = {g: i for i, g in enumerate(table.groups_of("experience_group")) if g != "not said"}
        groups = _first_known(rows, "reader", "experience_group")
        years = pd.Series({r: float(order[g]) for r, g in groups.items() if g in order}, dtype=float)
        measure = "group of experience"
    if years.empty or not fit.readers:
        return None
    pairs = [(float(years[r.reader]), r.ability) for r in fit.readers if r.reader in years.index]
    n = len(pairs)
    if n < SMALL_READERS:
        return ExperienceTrend(
            measure, n, None, None, None, None, f"{counted(n, 'reader')} with known experience: too few"
        )
    x, y = np.array(pairs).T
    if np.ptp(x) == 0 or np.ptp(y) < 1e-12:
        return ExperienceTrend(measure, n, None, None, None, None, "experience or ability does not vary")
    rho, p = spearman(x, y)
    if abs(rho) > 1 - 1e-9:
        return ExperienceTrend(measure, n, rho, None, None, None, "a perfect order leaves no interval")
    half = normal_quantile((1 + confidence) / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return ExperienceTrend(
        measure, n, rho, float(np.tanh(np.arctanh(rho) - half)), float(np.tanh(np.arctanh(rho) + half)), p
    )


def _observed(fit: ItemResponse, wide: pd.DataFrame) -> dict[str, tuple[ObservedShare, ...]]:
    """For each case to draw, readers in up to four groups of like ability."""
    ability = {r.reader: r.ability for r in fit.readers}
    found = {}
    for case in curve_cases(fit.cases):
        answers = wide[case.case].dropna()
        theta = np.array([ability[reader] for reader in answers.index])
        order = np.argsort(theta, kind="stable")
        groups = np.array_split(order, min(_OBSERVED_GROUPS, max(1, len(order) // 3)))
        found[case.case] = tuple(
            ObservedShare(float(theta[g].mean()), int(answers.to_numpy()[g].sum()), len(g)) for g in groups if len(g)
        )
    return found


def reader_rows(result: ItemResponseResult) -> list[tuple[ReaderEstimate, str]]:
    """Readers from the most able on, with the group of experience they declared."""
    ordered = sorted(result.fit.readers, key=lambda r: (-r.ability, r.reader))
    return [(r, result.experience.get(r.reader, "not said")) for r in ordered]
