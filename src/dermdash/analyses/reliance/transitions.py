"""What became of an answer: right or wrong before, advised right or wrong, right or wrong in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from dermdash.analyses.reliance.advised_answers import AdvisedAnswers
from dermdash.readings.modality import ALL_MODALITIES

_MEANING = {
    (True, True, True): "right, and stayed so",
    (True, True, False): "right advice, and yet away from it",
    (True, False, True): "stayed right against wrong advice",
    (True, False, False): "misled by wrong advice",
    (False, True, True): "corrected by right advice",
    (False, True, False): "right advice not taken",
    (False, False, True): "right in the end against wrong advice",
    (False, False, False): "wrong, and advised wrong",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One of the eight cells: ``count`` pairs, ``share`` of all pairs of the modality whose truth is known."""

    modality: str
    initial_right: bool
    advice_right: bool
    final_right: bool
    count: int
    share: float | None

    @property
    def meaning(self) -> str:
        """The cell in words."""
        return _MEANING[self.initial_right, self.advice_right, self.final_right]


@dataclass(frozen=True, slots=True)
class AnswerFlow:
    """So many pairs that went from an answer over an advice to an answer (class codes, or malignant or not)."""

    modality: str
    initial: str
    advice: str
    final: str
    truth: str | None
    count: int


def transition_table(answers: AdvisedAnswers, modalities: Sequence[str]) -> tuple[Transition, ...]:
    """The 2 x 2 x 2 table of each modality, and of all together where there is more than one."""
    column = answers.modality
    found = [m for m in modalities if (column == m).any()]
    names = ("initial_right", "advice_right", "final_right")
    known = answers.known(*names)
    rows = []
    for modality in [*found, *([ALL_MODALITIES] if len(found) > 1 else [])]:
        among = known & ((column == modality) | (modality == ALL_MODALITIES))
        total = int(among.sum())
        for cell in product((True, False), repeat=3):
            sides = [answers.yes(n) if value else answers.no(n) for n, value in zip(names, cell, strict=True)]
            count = int((among & np.logical_and.reduce(sides)).sum())
            rows.append(Transition(modality, cell[0], cell[1], cell[2], count, count / total if total else None))
    return tuple(rows)


def class_flows(answers: AdvisedAnswers) -> tuple[AnswerFlow, ...]:
    """How often each answer became which under which advice, where the log says what was answered and advised."""
    named = answers.frame[answers.frame[["initial", "advice", "final"]].notna().all(axis=1)]
    if named.empty:
        return ()
    key = ["modality", "initial", "advice", "final", "truth"]
    counts = named.fillna({"truth": ""}).groupby(key).size().rename("n").reset_index()
    return tuple(
        AnswerFlow(str(m), str(i), str(a), str(f), str(t) or None, int(n))
        for m, i, a, f, t, n in counts.itertuples(index=False, name=None)
    )
