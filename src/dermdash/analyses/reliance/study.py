"""Everything about reliance in one study, from one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.analyses.reliance.advised_answers import AdvisedAnswers, Level, advised_answers
from dermdash.analyses.reliance.dependence import Dependence, dependence
from dermdash.analyses.reliance.rates import (
    NO_TRUTH,
    ModalityDifference,
    ReaderReliance,
    RelianceRates,
    by_group,
    by_modality,
    by_reader,
    modality_differences,
)
from dermdash.analyses.reliance.transitions import AnswerFlow, Transition, class_flows, transition_table
from dermdash.analyses.reliance.weight_of_advice import WeightOfAdvice, weight_of_advice
from dermdash.analyses.reliance.wrong_advice import WrongAdvice, wrong_advice
from dermdash.analysis.as_json import to_json
from dermdash.analysis.two_way import ReaderCaseInference


@dataclass(frozen=True, slots=True)
class Reliance:
    """Reliance of a study's readers on advice.

    ``wrong_means`` says whether ``wrong_advice`` compares advice made wrong on purpose (``faulty``) or advice that
    happened to be wrong (``wrong``). ``missing`` names parts that these readings do not allow, with the reason.
    """

    pairs: int
    readers: int
    cases: int
    seed: int
    replicates: int
    confidence: float
    levels: dict[str, str]
    rates: tuple[RelianceRates, ...]
    groups: tuple[RelianceRates, ...]
    differences: tuple[ModalityDifference, ...]
    by_reader: tuple[ReaderReliance, ...]
    transitions: tuple[Transition, ...]
    flows: tuple[AnswerFlow, ...]
    weights: tuple[WeightOfAdvice, ...]
    dependence: tuple[Dependence, ...]
    wrong_advice: tuple[WrongAdvice, ...]
    wrong_means: str
    excluded: dict[str, int]
    missing: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers finite or None."""
        return {
            "n_pairs": self.pairs,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "settings": {"seed": self.seed, "replicates": self.replicates, "confidence": self.confidence},
            "levels": dict(self.levels),
            "modalities": to_json(self.rates),
            "groups": to_json(self.groups),
            "differences": to_json(self.differences),
            "readers": to_json(self.by_reader),
            "transitions": to_json(self.transitions),
            "flows": to_json(self.flows),
            "weight_of_advice": to_json(self.weights),
            "dependence": to_json(self.dependence),
            "wrong_advice": {"means": self.wrong_means, "modalities": to_json(self.wrong_advice)},
            "excluded": dict(self.excluded),
            "missing": dict(self.missing),
        }


def reliance(
    pairs: pd.DataFrame,
    *,
    modalities: Sequence[str],
    groups: dict[str, Sequence[str]],
    seed: int,
    replicates: int = 2000,
    confidence: float = 0.95,
    bins: int = 5,
    on_malignancy: bool = False,
) -> Reliance | None:
    """Everything about reliance; None where no pair has advice that can be judged.

    Parameters
    ----------
    pairs
        From `dermdash.readings.pairs.reading_pairs`.
    modalities
        In the order to show.
    groups
        Columns to break down by, with their values in the order to show.
    bins
        Number of bins of the dependence curves.
    on_malignancy
        Judge every modality by malignancy.
    """
    answers = advised_answers(pairs, on_malignancy=on_malignancy)
    frame = answers.frame
    if frame.empty:
        return None
    unit = "unit" if "unit" in frame else "case"
    draws = ReaderCaseInference(
        frame["reader"].to_numpy(), frame[unit].to_numpy(), replicates=replicates, seed=seed, confidence=confidence
    )
    weights, no_weights = weight_of_advice(pairs, modalities, replicates=replicates, seed=seed, confidence=confidence)
    curves = dependence(answers, draws, bins=bins)
    compared, means = wrong_advice(answers, draws, modalities)
    return Reliance(
        pairs=len(frame),
        readers=int(frame["reader"].nunique()),
        cases=int(frame["case"].nunique()),
        seed=seed,
        replicates=replicates,
        confidence=confidence,
        levels=answers.levels,
        rates=by_modality(answers, draws, modalities),
        groups=tuple(
            r for column, values in groups.items() for r in by_group(answers, draws, column=column, values=values)
        ),
        differences=modality_differences(answers, draws, modalities),
        by_reader=by_reader(answers),
        transitions=transition_table(answers, modalities),
        flows=class_flows(answers),
        weights=weights,
        dependence=curves,
        wrong_advice=compared,
        wrong_means=means,
        excluded=answers.excluded,
        missing=_missing(answers, no_weights, curves),
    )


def _missing(answers: AdvisedAnswers, no_weights: str | None, curves: Sequence[Dependence]) -> dict[str, str]:
    missing = {f"dependence on {c.key.replace('_', ' ')}": c.reason for c in curves if c.reason is not None}
    if no_weights is not None:
        missing["weight of advice"] = no_weights
    if answers.frame["final_right"].isna().all():
        missing["RAIR, RSR and transitions"] = NO_TRUTH
    if Level.CORRECTNESS.value in answers.levels.values():
        missing["switch fraction"] = "the log does not say what was advised"
    return missing
