"""Faulty against correct advice: how far readers follow each, and what it does to their accuracy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dermdash.analyses.reliance.advised_answers import AdvisedAnswers, BoolArray
from dermdash.analyses.reliance.rates import NO_CLASS, hits_and_opportunities
from dermdash.analysis.paired_accuracy import holm
from dermdash.analysis.two_way import Rate, RateDifference, ReaderCaseInference
from dermdash.readings.modality import ALL_MODALITIES


@dataclass(frozen=True, slots=True)
class AdviceEffect:
    """What one kind of advice did: switch fraction, accuracy before and after, and the change (aided - unaided)."""

    pairs: int
    switch: Rate
    unaided: Rate
    aided: Rate
    change: Rate

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "n_pairs": self.pairs,
            "switch_fraction": self.switch.as_dict(),
            "accuracy_without": self.unaided.as_dict(),
            "accuracy_with": self.aided.as_dict(),
            "change": self.change.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class WrongAdvice:
    """Good against bad advice of one modality; differences are good minus bad, Holm over the modalities."""

    modality: str
    good: AdviceEffect
    bad: AdviceEffect
    switch_difference: RateDifference
    switch_p_holm: float | None
    change_difference: RateDifference
    change_p_holm: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "modality": self.modality,
            "correct": self.good.as_dict(),
            "wrong": self.bad.as_dict(),
            "switch_difference": self.switch_difference.as_dict() | {"p_holm": self.switch_p_holm},
            "change_difference": self.change_difference.as_dict() | {"p_holm": self.change_p_holm},
        }


def wrong_advice(
    answers: AdvisedAnswers, draws: ReaderCaseInference, modalities: Sequence[str]
) -> tuple[tuple[WrongAdvice, ...], str]:
    """Compare by modality; returns the comparisons and how good and bad were told apart.

    ``faulty``: the study showed advice that was made wrong on purpose, compared with all other advice. ``wrong``: the
    study has no such arm; advice that happened to be wrong is compared with advice that was right.
    """
    frame = answers.frame
    on_purpose = bool((frame["advice_faulty"] == True).any())  # noqa: E712  (a nullable column)
    if on_purpose:
        bad = frame["advice_faulty"].fillna(False).to_numpy(bool)
        good = ~bad & frame["advice_faulty"].notna().to_numpy()
    else:
        bad, good = answers.no("advice_right"), answers.yes("advice_right")
    names = ("other advice", "faulty advice") if on_purpose else ("right advice", "wrong advice")
    column = answers.modality
    rows = []
    found = [m for m in modalities if (column == m).any()]
    for modality in [*found, *([ALL_MODALITIES] if len(found) > 1 else [])]:
        here = (column == modality) | (modality == ALL_MODALITIES)
        rows.append(_compare(answers, draws, modality, good & here, bad & here, names))
    # "All" repeats the modalities and is not one of the comparisons that are corrected for.
    parts = [r for r in rows if r.modality != ALL_MODALITIES]
    switch = dict(zip([r.modality for r in parts], holm([r.switch_difference.p_value for r in parts]), strict=True))
    change = dict(zip([r.modality for r in parts], holm([r.change_difference.p_value for r in parts]), strict=True))
    corrected = tuple(
        replace(r, switch_p_holm=switch.get(r.modality), change_p_holm=change.get(r.modality)) for r in rows
    )
    return corrected, "faulty" if on_purpose else "wrong"


def _compare(
    answers: AdvisedAnswers,
    draws: ReaderCaseInference,
    modality: str,
    good: BoolArray,
    bad: BoolArray,
    names: tuple[str, str],
) -> WrongAdvice:
    hits, opportunities = hits_and_opportunities(answers, "switch")
    judged = answers.known("initial_right", "final_right")
    change = answers.yes("final_right").astype(float) - answers.yes("initial_right").astype(float)
    none = _one_empty(good, bad)
    return WrongAdvice(
        modality,
        _effect(answers, draws, good, judged, change),
        _effect(answers, draws, bad, judged, change),
        draws.difference((hits, opportunities & good), (hits, opportunities & bad), empty=none, names=names),
        None,
        draws.difference((change, judged & good), (change, judged & bad), empty=none, names=names),
        None,
    )


def _effect(
    answers: AdvisedAnswers,
    draws: ReaderCaseInference,
    among: BoolArray,
    judged: BoolArray,
    change: "np.ndarray[Any, Any]",
) -> AdviceEffect:
    hits, opportunities = hits_and_opportunities(answers, "switch")
    switch = draws.rate(hits, opportunities & among, empty="no answer differed from such advice")
    if among.any() and not (among & answers.known("followed_advice")).any():
        switch = Rate(None, reason=NO_CLASS)
    none = "no such advice was given"
    return AdviceEffect(
        int(among.sum()),
        switch,
        draws.rate(answers.yes("initial_right"), among & judged, empty=none),
        draws.rate(answers.yes("final_right"), among & judged, empty=none),
        draws.rate(change, among & judged, empty=none, share=False),
    )


def _one_empty(good: BoolArray, bad: BoolArray) -> str:
    if not bad.any():
        return "no wrong advice was given"
    return "no right advice was given" if not good.any() else "no answer differed from one kind of advice"
