"""Switch fraction, appropriate and inappropriate reliance, and the differences between modalities.

- switch fraction: answers changed to what was advised, of those that differed from it before (Tschandl et al. 2020)
- RAIR, relative AI reliance: right in the end, of answers that were wrong where the advice was right
- RSR, relative self-reliance: right in the end, of answers that were right where the advice was wrong (Schemmer et al.,
  IUI 2023). 1 - RAIR is under-reliance, 1 - RSR over-reliance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from dermdash.analyses.reliance.advised_answers import AdvisedAnswers, BoolArray, Level
from dermdash.analysis.paired_accuracy import holm
from dermdash.analysis.two_way import Rate, RateDifference, ReaderCaseInference
from dermdash.readings.modality import ALL_MODALITIES, modality_label

MEASURES = ("switch", "rair", "rsr")
_EMPTY = {
    "switch": "no answer differed from the advice",
    "rair": "no answer was wrong where the advice was right",
    "rsr": "no answer was right where the advice was wrong",
}
NO_TRUTH = "the truth is not recorded"
NO_CLASS = "the log does not say what was advised, only whether it was right"


@dataclass(frozen=True, slots=True)
class RelianceRates:
    """Reliance in one group of pairs; ``column`` and ``value`` name the group."""

    modality: str
    level: str
    column: str
    value: str
    pairs: int
    readers: int
    cases: int
    initially_different: int
    switch: Rate
    rair: Rate
    rsr: Rate

    @property
    def over_reliance(self) -> Rate:
        """Wrong advice followed into error, of answers that were right before: 1 - RSR."""
        return self.rsr.complement

    @property
    def under_reliance(self) -> Rate:
        """Right advice not taken, of answers that were wrong before: 1 - RAIR."""
        return self.rair.complement

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "modality": self.modality,
            "level": self.level,
            "group": self.column,
            "value": self.value,
            "n_pairs": self.pairs,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_initially_different": self.initially_different,
            "switch_fraction": self.switch.as_dict(),
            "rair": self.rair.as_dict(),
            "rsr": self.rsr.as_dict(),
            "over_reliance": self.over_reliance.as_dict(),
            "under_reliance": self.under_reliance.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class ModalityDifference:
    """One measure in the first modality minus the second; Holm over the pairs of modalities of a measure."""

    measure: str
    first: str
    second: str
    estimate: RateDifference
    p_holm: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        named = {"measure": self.measure, "first": self.first, "second": self.second}
        return named | self.estimate.as_dict() | {"p_holm": self.p_holm}


def hits_and_opportunities(answers: AdvisedAnswers, measure: str) -> tuple[BoolArray, BoolArray]:
    """The hits and the opportunities of a measure, one entry per pair."""
    if measure == "switch":
        return answers.yes("followed_advice"), answers.yes("differs") & answers.known("followed_advice")
    known = answers.known("final_right")
    if measure == "rair":
        return answers.yes("final_right"), answers.no("initial_right") & answers.yes("advice_right") & known
    return answers.yes("final_right"), answers.yes("initial_right") & answers.no("advice_right") & known


def reliance_rates(
    answers: AdvisedAnswers,
    draws: ReaderCaseInference,
    among: BoolArray,
    *,
    modality: str = ALL_MODALITIES,
    column: str = "",
    value: str = "",
) -> RelianceRates:
    """The measures among the pairs marked; ``draws`` are made on the rows of ``answers.frame``."""
    part = answers.frame.loc[among, ["level", "reader", "case"]]
    rates = {}
    for measure in MEASURES:
        hits, opportunities = hits_and_opportunities(answers, measure)
        rates[measure] = draws.rate(hits, among & opportunities, empty=_EMPTY[measure])
    levels = sorted(part["level"].unique())
    if levels == [Level.CORRECTNESS.value]:
        rates["switch"] = Rate(None, reason=NO_CLASS)
    if not (among & answers.known("initial_right", "advice_right")).any():
        rates["rair"] = rates["rsr"] = Rate(None, reason=NO_TRUTH)
    return RelianceRates(
        modality=modality,
        level=" and ".join(levels),
        column=column,
        value=value,
        pairs=len(part),
        readers=int(part["reader"].nunique()),
        cases=int(part["case"].nunique()),
        initially_different=int((among & answers.yes("differs")).sum()),
        **rates,
    )


def by_modality(
    answers: AdvisedAnswers, draws: ReaderCaseInference, modalities: Sequence[str]
) -> tuple[RelianceRates, ...]:
    """Each modality, and all of them together where there is more than one."""
    column = answers.modality
    found = [m for m in modalities if (column == m).any()]
    rates = [reliance_rates(answers, draws, column == m, modality=m) for m in found]
    if len(found) > 1:
        rates.append(reliance_rates(answers, draws, np.ones(len(column), bool)))
    return tuple(rates)


def by_group(
    answers: AdvisedAnswers, draws: ReaderCaseInference, *, column: str, values: Sequence[str]
) -> tuple[RelianceRates, ...]:
    """All modalities together within each value of a column, e.g. the readers' experience."""
    labels = answers.frame[column].map(str, na_action="ignore").fillna("").to_numpy()
    return tuple(
        reliance_rates(answers, draws, labels == value, column=column, value=value)
        for value in values
        if (labels == value).any()
    )


def modality_differences(
    answers: AdvisedAnswers, draws: ReaderCaseInference, modalities: Sequence[str]
) -> tuple[ModalityDifference, ...]:
    """Every measure between every two modalities that are judged on the same level."""
    column = answers.modality
    found = [m for m in modalities if (column == m).any()]
    pairs = [(a, b) for a, b in combinations(found, 2) if answers.levels[a] == answers.levels[b]]
    differences = []
    for measure in MEASURES:
        hits, opportunities = hits_and_opportunities(answers, measure)
        tested = [
            ModalityDifference(
                measure, a, b,
                draws.difference(
                    (hits, opportunities & (column == a)), (hits, opportunities & (column == b)), empty=_EMPTY[measure],
                    names=(modality_label(a), modality_label(b)),
                ),
                None,
            )
            for a, b in pairs
            if measure != "switch" or answers.levels[a] != Level.CORRECTNESS.value
        ]  # fmt: skip
        corrected = holm([d.estimate.p_value for d in tested])
        differences += [replace(d, p_holm=p) for d, p in zip(tested, corrected, strict=True)]
    return tuple(differences)


@dataclass(frozen=True, slots=True)
class ReaderReliance:
    """One reader's shares over all modalities; None where they had no such case."""

    reader: str
    group: str | None
    pairs: int
    different: int
    switch: float | None
    wrong_advised_right: int
    rair: float | None
    right_advised_wrong: int
    rsr: float | None


def by_reader(answers: AdvisedAnswers) -> tuple[ReaderReliance, ...]:
    """Every reader, by name."""
    names = answers.frame["reader"].to_numpy()
    measured = {measure: hits_and_opportunities(answers, measure) for measure in MEASURES}
    readers = []
    for name in sorted(set(names)):
        own = names == name
        shares: dict[str, float | None] = {}
        totals: dict[str, int] = {}
        for measure, (hits, opportunities) in measured.items():
            totals[measure] = int((own & opportunities).sum())
            shares[measure] = float((own & opportunities & hits).sum() / totals[measure]) if totals[measure] else None
        group = answers.frame.loc[own, "experience_group"].iloc[0]
        readers.append(
            ReaderReliance(
                str(name), None if group is None or group != group else str(group), int(own.sum()),
                totals["switch"], shares["switch"], totals["rair"], shares["rair"], totals["rsr"], shares["rsr"],
            )
        )  # fmt: skip
    return tuple(readers)
