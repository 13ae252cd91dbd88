"""Each pair of answers with the advice between them, on the level that the advice speaks on.

Advice that names a class is judged by diagnosis. Advice that gives only a malignancy probability names no class: there
the reader's answers, the advice and the truth are compared as malignant or not. Where a log says no more than whether
the advice was right, only what needs no advice class can be counted.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dermdash.analysis.arrays import BoolArray

_ANSWER = {"diagnosis": "dx", "malignancy": "malignant_answer"}
_ADVICE = {"diagnosis": "advice_dx", "malignancy": "advice_malignant"}
_TRUTH = {"diagnosis": "truth_dx", "malignancy": "truth_malignant"}


class Level(StrEnum):
    """What advice and answers are compared on."""

    DIAGNOSIS = "diagnosis"
    MALIGNANCY = "malignancy"
    CORRECTNESS = "correctness"


_YES_NO = ("differs", "changed", "followed_advice", "initial_right", "advice_right", "final_right")
NO_ANSWER = "an answer before or after is missing"
NO_ADVICE = "the advice is not recorded"


@dataclass(frozen=True)
class AdvisedAnswers:
    """Pairs of answers with their advice.

    Attributes
    ----------
    frame : DataFrame
        One row per pair, in the order of ``reader, case``: everything of `reading_pairs`, and ``level``, ``initial``,
        ``advice``, ``final``, ``truth`` (labels, or None), ``differs`` (initial is not what was advised), ``changed``,
        ``followed_advice`` (final is what was advised), and ``initial_right``, ``advice_right``, ``final_right``.
        Yes/no columns are Float64 with 0, 1 or empty: not known.
    levels : dict of str to str
        Level of each modality.
    excluded : dict of str to int
        Pairs left out, by reason.
    """

    frame: pd.DataFrame
    levels: dict[str, str]
    excluded: dict[str, int]

    def yes(self, column: str) -> BoolArray:
        """Which rows are known to be so."""
        return self._numbers[column] == 1

    def no(self, column: str) -> BoolArray:
        """Which rows are known not to be so."""
        return self._numbers[column] == 0

    def known(self, *columns: str) -> BoolArray:
        """In which rows all of these are known."""
        return np.logical_and.reduce([np.isfinite(self._numbers[c]) for c in columns])

    @cached_property
    def modality(self) -> npt.NDArray[Any]:
        """Modality of each row."""
        return self.frame["modality"].to_numpy(object)

    @cached_property
    def _numbers(self) -> dict[str, npt.NDArray[np.float64]]:
        return {c: self.frame[c].to_numpy(float, na_value=np.nan) for c in _YES_NO}


def advised_answers(pairs: pd.DataFrame, *, on_malignancy: bool = False) -> AdvisedAnswers:
    """Judge every pair on its level.

    Parameters
    ----------
    pairs
        From `dermdash.readings.pairs.reading_pairs`.
    on_malignancy
        Judge every modality by malignancy, so that they can be compared with each other.
    """
    parts, levels, excluded = [], {}, Counter[str]()
    for modality, part in pairs.groupby("modality", sort=True):
        level = _level(part, on_malignancy=on_malignancy)
        levels[str(modality)] = level.value
        judged = _judged(part, level)
        answers = judged[["initial", "final"]] if level is not Level.CORRECTNESS else part[_CORRECT]
        no_answer = answers.isna().any(axis=1).to_numpy()
        no_advice = judged["differs"].isna().to_numpy() & judged["advice_right"].isna().to_numpy() & ~no_answer
        excluded[NO_ANSWER] += int(no_answer.sum())
        excluded[NO_ADVICE] += int(no_advice.sum())
        parts.append(judged[~(no_answer | no_advice)])
    kept = pd.concat(parts) if parts else _judged(pairs, Level.DIAGNOSIS)
    kept = kept.sort_values(["reader", "case", "session", "repeat"], kind="stable").reset_index(drop=True)
    return AdvisedAnswers(kept, levels, {reason: n for reason, n in excluded.items() if n})


_CORRECT = ["correct_unaided", "correct_aided"]


def _level(part: pd.DataFrame, *, on_malignancy: bool) -> Level:
    def known(*columns: str) -> bool:
        return all(bool(part[c].notna().any()) for c in columns)

    if known("advice_dx", "dx_unaided", "dx_aided") and not on_malignancy:
        return Level.DIAGNOSIS
    if known("advice_malignant", "malignant_answer_unaided", "malignant_answer_aided"):
        return Level.MALIGNANCY
    return Level.CORRECTNESS


def _judged(part: pd.DataFrame, level: Level) -> pd.DataFrame:
    judged = part.assign(level=level.value, initial=None, advice=None, final=None, truth=None)
    if level is Level.CORRECTNESS:
        empty = pd.Series(pd.NA, index=part.index, dtype="Float64")
        # Only where the answer itself is recorded is it known whether it changed.
        changed = _equal(part["dx_unaided"], part["dx_aided"])
        return judged.assign(
            differs=empty,
            followed_advice=empty,
            changed=1 - changed,
            initial_right=part["correct_unaided"].astype("Float64"),
            advice_right=part["advice_correct"].astype("Float64"),
            final_right=part["correct_aided"].astype("Float64"),
        )
    answer, advice, truth = _ANSWER[level], part[_ADVICE[level]], part[_TRUTH[level]]
    initial, final = part[f"{answer}_unaided"], part[f"{answer}_aided"]
    return judged.assign(
        initial=_labels(initial, level),
        advice=_labels(advice, level),
        final=_labels(final, level),
        truth=_labels(truth, level),
        differs=1 - _equal(initial, advice),
        followed_advice=_equal(final, advice),
        changed=1 - _equal(initial, final),
        initial_right=_equal(initial, truth),
        advice_right=_equal(advice, truth),
        final_right=_equal(final, truth),
    )


def _labels(column: "pd.Series[str]", level: Level) -> "pd.Series[str]":
    text = column.astype(object).where(column.notna(), None)
    return text if level is Level.DIAGNOSIS else text.map({True: "malignant", False: "not malignant"})


def _equal(a: "pd.Series[str]", b: "pd.Series[str]") -> "pd.Series[float]":
    """1 where equal, 0 where not, empty where one is not known."""
    known = (a.notna() & b.notna()).to_numpy()
    a_text, b_text = (column.astype(object).where(column.notna(), None) for column in (a, b))
    same = (a_text.to_numpy() == b_text.to_numpy()) & known
    return pd.Series(np.where(known, same.astype(float), np.nan), index=a.index, dtype="Float64").mask(~known)
