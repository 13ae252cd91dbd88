"""How difficult cases are and how able readers are, on one scale: the logistic item response models.

The scale is identified by the readers: abilities have mean 0 and standard deviation 1 (in the prior), and difficulties
the same unit. A reader whose ability equals a case's difficulty answers it right with probability one half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from dermdash.analyses.item_response.fit import Answers, ItemFit, ability_grid, fit_items, reader_posterior
from dermdash.analyses.item_response.standard_errors import MOST_ITEMS_TOGETHER, Uncertainty, uncertainty
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.estimates import json_number
from dermdash.errors import InvalidInput
from dermdash.wording import counted

ANSWERS_FOR_TWO_PARAMETERS = 50
"""Answers that half of the cases need at least before each case gets a discrimination of its own (our rule)."""
MINIMUM_READERS = MINIMUM_CASES = 3
Model = Literal["auto", "one", "two"]
MODELS: tuple[Model, ...] = ("auto", "one", "two")


@dataclass(frozen=True, slots=True)
class CaseEstimate:
    """One case: difficulty b and discrimination a with intervals (None where not estimable).

    ``extreme``: every answer right, or every one wrong; then the difficulty is finite only by the prior.
    """

    case: str
    answers: int
    share_right: float
    difficulty: float
    difficulty_low: float
    difficulty_high: float
    discrimination: float
    discrimination_low: float
    discrimination_high: float
    extreme: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "case": self.case,
            "n_answers": self.answers,
            "share_right": self.share_right,
            "difficulty": json_number(self.difficulty),
            "difficulty_ci": [json_number(self.difficulty_low), json_number(self.difficulty_high)],
            "discrimination": json_number(self.discrimination),
            "discrimination_ci": [json_number(self.discrimination_low), json_number(self.discrimination_high)],
            "extreme": self.extreme,
        }


@dataclass(frozen=True, slots=True)
class ReaderEstimate:
    """One reader: posterior mean of the ability, how uncertain its distance from the others is, and the interval.

    ``sd`` is the root of the posterior variance and of what is not known of the cases, as far as that moves readers
    apart; where all of them lie on the scale it does not say.
    """

    reader: str
    answers: int
    share_right: float
    ability: float
    sd: float
    low: float
    high: float
    extreme: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "reader": self.reader,
            "n_answers": self.answers,
            "share_right": self.share_right,
            "ability": json_number(self.ability),
            "sd": json_number(self.sd),
            "ci": [json_number(self.low), json_number(self.high)],
            "extreme": self.extreme,
        }


@dataclass(frozen=True, slots=True)
class ItemResponse:
    """A fitted model; without ``cases`` and ``readers`` it was refused, and ``reason`` says why.

    ``parameters`` per case: 1 (one discrimination for all) or 2. ``reliability``: share of the variance of abilities
    that is not uncertainty, 0..1. ``together``: whether standard errors come from all parameters at once.
    """

    parameters: int
    choice: str
    cases: tuple[CaseEstimate, ...]
    readers: tuple[ReaderEstimate, ...]
    answers: int
    log_likelihood: float | None
    iterations: int
    converged: bool
    largest_change: float | None
    reliability: float | None
    together: bool
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "model": f"{self.parameters}PL",
            "choice": self.choice,
            "n_readers": len(self.readers),
            "n_cases": len(self.cases),
            "n_answers": self.answers,
            "log_likelihood": json_number(self.log_likelihood),
            "iterations": self.iterations,
            "converged": self.converged,
            "largest_change": json_number(self.largest_change),
            "reliability": json_number(self.reliability),
            "standard_errors": "all parameters together" if self.together else "each case by itself",
            "reason": self.reason,
            "readers": [r.as_dict() for r in self.readers],
            "cases": [c.as_dict() for c in self.cases],
        }


def fit_item_response(
    correct: ArrayLike,
    *,
    readers: Sequence[str] | None = None,
    cases: Sequence[str] | None = None,
    model: Model = "auto",
    confidence: float = 0.95,
    maximum_iterations: int = 500,
) -> ItemResponse:
    """Estimate abilities and difficulties.

    Parameters
    ----------
    correct
        (readers, cases): 1 or True where the answer is right, 0 or False where it is wrong, NaN or None where there is
        none. Readers and cases without an answer are left out.
    readers, cases
        Their names; None: numbers from 1.
    model
        ``two`` parameters per case, ``one``, or ``auto``: two where half of the cases have at least
        `ANSWERS_FOR_TWO_PARAMETERS` answers.

    Raises
    ------
    InvalidInput
        Not a table of right and wrong, or names that do not fit it.
    """
    table = np.asarray(correct, dtype=object)
    if table.ndim != 2:
        raise InvalidInput(f"answers have {table.ndim} dimensions: expected readers x cases")
    if model not in MODELS:
        raise InvalidInput(f"item response model {model!r}: expected {', '.join(MODELS)}")
    values = _numbers(table)
    names = [str(i + 1) for i in range(table.shape[0])] if readers is None else list(readers)
    items = [str(j + 1) for j in range(table.shape[1])] if cases is None else list(cases)
    if (len(names), len(items)) != table.shape:
        raise InvalidInput(
            f"{counted(len(names), 'reader')} and {counted(len(items), 'case')} are named for a table of {table.shape}"
        )
    rows = np.flatnonzero((~np.isnan(values)).any(axis=1))
    columns = np.flatnonzero((~np.isnan(values)).any(axis=0))
    values = values[np.ix_(rows, columns)]
    names, items = [names[i] for i in rows], [items[j] for j in columns]
    answers = Answers(values == 1, values == 0)
    total = int(answers.seen.sum())
    parameters, choice = _choose(answers, model)
    if reason := _why_not(answers):
        return ItemResponse(parameters, choice, (), (), total, None, 0, False, None, None, False, reason)
    fit = fit_items(answers, shared=parameters == 1, maximum_iterations=maximum_iterations)
    if not fit.converged:
        reason = (
            f"the estimates still changed by {fit.largest_change:.2g} after {counted(fit.iterations, 'iteration')}, so "
            "none are given: take the model of one parameter, or more readings"
        )
        return ItemResponse(
            parameters, choice, (), (), total, None, fit.iterations, False, fit.largest_change, None, False, reason
        )
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    errors = uncertainty(answers, fit)
    people, spread = _readers(names, answers, fit, errors, z)
    variance = float(np.var([r.ability for r in people]))
    return ItemResponse(
        parameters,
        choice,
        _cases(items, answers, fit, errors, z),
        people,
        total,
        fit.log_likelihood,
        fit.iterations,
        True,
        fit.largest_change,
        variance / (variance + spread),
        answers.right.shape[1] <= MOST_ITEMS_TOGETHER,
    )


def chance_of_right(case: CaseEstimate, ability: FloatArray) -> FloatArray:
    """The item characteristic curve: probability (0..1) of a right answer at each ability."""
    chance: FloatArray = 1 / (1 + np.exp(-case.discrimination * (ability - case.difficulty)))
    return chance


def _numbers(table: np.ndarray) -> FloatArray:
    values = np.full(table.shape, np.nan)
    for (i, j), value in np.ndenumerate(table):
        if value is None or value != value:
            continue
        if value not in (0, 1):
            raise InvalidInput(
                f"answer of reader {i + 1} to case {j + 1} is {value!r}: expected right (1) or wrong (0)"
            )
        values[i, j] = float(value)
    return values


def _choose(answers: Answers, model: Model) -> tuple[int, str]:
    typical = float(np.median(answers.seen.sum(axis=0))) if answers.seen.size else 0.0
    rule = (
        f"half of the cases have {counted(typical, 'answer')} or more, and a discrimination for each case takes "
        f"{ANSWERS_FOR_TWO_PARAMETERS}"
    )
    if model == "auto":
        return (2 if typical >= ANSWERS_FOR_TWO_PARAMETERS else 1), f"chosen because {rule}"
    parameters = 2 if model == "two" else 1
    warn = parameters == 2 and typical < ANSWERS_FOR_TWO_PARAMETERS
    return parameters, "as asked" + (f"; {rule}, so that discriminations lean on the prior" if warn else "")


def _why_not(answers: Answers) -> str | None:
    readers, cases = answers.right.shape
    if readers < MINIMUM_READERS or cases < MINIMUM_CASES:
        needed = f"at least {MINIMUM_READERS} of each are needed"
        return f"{counted(readers, 'reader')} and {counted(cases, 'case')}: {needed}"
    if not answers.right.any() or not answers.wrong.any():
        kind = "right" if answers.right.any() else "wrong"
        return f"every answer is {kind}: cases and readers cannot be told apart"
    return None


def _cases(
    names: Sequence[str], answers: Answers, fit: ItemFit, errors: Uncertainty, z: float
) -> tuple[CaseEstimate, ...]:
    covariance = errors.items
    slope = np.exp(fit.log_slope)
    difficulty = -fit.intercept / slope
    # b = -d / a: by log a its derivative is -b, by d it is -1 / a.
    variance = (
        difficulty**2 * covariance[:, 0, 0]
        + 2 * difficulty / slope * covariance[:, 0, 1]
        + covariance[:, 1, 1] / slope**2
    )
    half, spread = z * np.sqrt(variance), z * np.sqrt(covariance[:, 0, 0])
    count, right = answers.seen.sum(axis=0), answers.right.sum(axis=0)
    return tuple(
        CaseEstimate(
            name,
            int(count[j]),
            float(right[j] / count[j]),
            float(difficulty[j]),
            float(difficulty[j] - half[j]),
            float(difficulty[j] + half[j]),
            float(slope[j]),
            float(slope[j] * np.exp(-spread[j])),
            float(slope[j] * np.exp(spread[j])),
            bool(right[j] in (0, count[j])),
        )
        for j, name in enumerate(names)
    )


def _readers(
    names: Sequence[str], answers: Answers, fit: ItemFit, errors: Uncertainty, z: float
) -> tuple[tuple[ReaderEstimate, ...], float]:
    """The readers, and the mean variance of their posteriors."""
    nodes, log_weight = ability_grid(answers)
    posterior = reader_posterior(answers, fit.log_slope, fit.intercept, nodes, log_weight)[0]
    ability = posterior @ nodes
    own = np.maximum(posterior @ nodes**2 - ability**2, 0)
    sd = np.sqrt(own + errors.abilities)
    count, right = answers.seen.sum(axis=1), answers.right.sum(axis=1)
    people = tuple(
        ReaderEstimate(
            name,
            int(count[i]),
            float(right[i] / count[i]),
            float(ability[i]),
            float(sd[i]),
            float(ability[i] - z * sd[i]),
            float(ability[i] + z * sd[i]),
            bool(right[i] in (0, count[i])),
        )
        for i, name in enumerate(names)
    )
    return people, float(own.mean())
