"""A second opinion: two judge a case, and where they disagree a third decides.

Every figure is the mean over all readers who could have been first, second or third, without replacement among those
who read the case; nothing is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.collective.malignancy_panels import MALIGNANT, SIDES, PanelRate, rate
from dermdash.analyses.collective.panel_curves import plurality_values
from dermdash.analyses.collective.plurality import case_values
from dermdash.analyses.collective.votes import Votes
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.analyses.triage.rates import (
    Pathway,
    PathwayInput,
    RateChange,
    change,
    judge_pathways,
    share_of_cases,
)
from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray

ONE_READER = "One reader"
TWO_READERS = "Two readers, a third where they disagree"
MODEL_SECOND = "Reader and model, another reader where they disagree"
MODEL_ALONE = "Model alone"


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Pathways for malignancy at one threshold of the model.

    ``disagreement``: share of readings that the model disagrees with, so that another reader is called.
    """

    threshold: float
    pathways: tuple[Pathway, ...]
    disagreement: PanelRate
    readers: int
    cases: int
    malignant_cases: int
    readings: int
    cases_left_out: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "threshold": self.threshold,
            "pathways": [p.as_dict() for p in self.pathways],
            "disagreement": self.disagreement.as_dict(),
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_malignant_cases": self.malignant_cases,
            "n_readings": self.readings,
            "cases_left_out": self.cases_left_out,
        }


def second_opinion(
    cases: PathwayInput, model_malignant: BoolArray, *, threshold: float, left_out: int
) -> SecondOpinion:
    """Judge the pathways on cases that three readers or more have read.

    Parameters
    ----------
    model_malignant
        bool (cases,): whether the model calls the case malignant at the threshold.
    """
    counts = cases.votes.counts
    calls = {
        ONE_READER: case_values(counts, lambda rows, _: _shares(rows)[0][:, None]),
        TWO_READERS: case_values(counts, lambda rows, _: _two_of_three(rows)[:, None]),
        MODEL_SECOND: case_values(counts, lambda rows, case: _with_model(rows, model_malignant[case])[:, None]),
        MODEL_ALONE: case_values(counts, lambda rows, case: model_malignant[case].astype(float)[:, None]),
    }
    share, n = _shares(counts)
    differ = np.where(model_malignant, 1 - share, share)
    split = 2 * share * (1 - share) * n / np.maximum(n - 1, 1)
    readings = {
        ONE_READER: np.ones_like(share),
        TWO_READERS: 2 + split,
        MODEL_SECOND: 1 + differ,
        MODEL_ALONE: np.zeros_like(share),
    }
    values = case_values(
        counts,
        lambda rows, case: np.where(model_malignant[case], 1 - _shares(rows)[0], _shares(rows)[0])[:, None],
    )
    draws = cases.votes.bootstrap(cases.seed, cases.replicates)
    drawn = draws.replicate_means(values)[:, 0]
    return SecondOpinion(
        threshold,
        judge_pathways(cases, calls, readings),
        rate(draws, float(differ.mean()), drawn),
        len(cases.votes.readers),
        len(cases.votes.cases),
        int(cases.malignant.sum()),
        cases.votes.total,
        left_out,
    )


def _shares(rows: IntArray) -> tuple[FloatArray, FloatArray]:
    """Share of malignant answers and number of readers of each row."""
    n = rows.sum(axis=(1, 2)).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return rows[:, :, SIDES.index(MALIGNANT)].sum(axis=1) / n, n


def _two_of_three(rows: IntArray) -> FloatArray:
    """Two readers, a third where they disagree: the majority of three."""
    share, n = _shares(rows)
    n = np.where(n >= 3, n, np.nan)  # fewer cannot be three: nothing is divided by 0, and nothing comes of it
    m = share * n
    both = m * (m - 1) / (n * (n - 1))
    split = 2 * m * (n - m) / (n * (n - 1))
    return both + np.where(split > 0, split * (m - 1) / (n - 2), 0.0)


def _with_model(rows: IntArray, model: BoolArray) -> FloatArray:
    """Reader and model; where they disagree, another reader decides."""
    share, n = _shares(rows)
    m = share * n
    with np.errstate(invalid="ignore", divide="ignore"):
        called = share + (1 - share) * m / (n - 1)  # the model says malignant
        spared = share * (m - 1) / (n - 1)  # the model says benign
    return np.where(n >= 2, np.where(model, called, np.maximum(spared, 0.0)), np.nan)


@dataclass(frozen=True, slots=True)
class DiagnosisSecondOpinion:
    """The same for the diagnosis among all classes: share of correct final diagnoses."""

    one_reader: PanelRate
    with_model: PanelRate
    difference: RateChange
    model: PanelRate
    disagreement: float
    cases: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "one_reader": self.one_reader.as_dict(),
            "with_model_as_second_reader": self.with_model.as_dict(),
            "difference": self.difference.as_dict(),
            "model": self.model.as_dict(),
            "disagreement": self.disagreement,
            "n_cases": self.cases,
        }


def diagnosis_second_opinion(
    votes: Votes, opinions: ModelOpinions, *, seed: int, replicates: int
) -> DiagnosisSecondOpinion | None:
    """Reader and model diagnose; where they differ, the diagnosis of another reader counts.

    None without a case that two readers and the model have.
    """
    index = {code: i for i, code in enumerate(votes.classes)}
    known = np.array([opinions.diagnosis.get(c) in index for c in votes.cases], dtype=bool)
    kept = votes.of_cases(known & (votes.readers_per_case.sum(axis=1) >= 2))
    if not kept.cases:
        return None
    said = np.array([index[opinions.diagnosis[c]] for c in kept.cases], dtype=np.int64)

    def final(rows: IntArray, case: IntArray) -> FloatArray:
        votes_of_row = rows.sum(axis=1)
        n = votes_of_row.sum(axis=1).astype(float)
        at = np.arange(len(rows))
        true, agreed = votes_of_row[at, kept.truth[case]], votes_of_row[at, said[case]]
        right = said[case] == kept.truth[case]
        with np.errstate(invalid="ignore", divide="ignore"):
            when_right = true / n + (n - true) / n * true / (n - 1)
            when_wrong = true / n * (true - 1) / (n - 1) + (n - true - agreed) / n * true / (n - 1)
        return np.where(n >= 2, np.where(right, when_right, when_wrong), np.nan)[:, None]

    draws = kept.bootstrap(seed, replicates)
    one = plurality_values(kept, [(1,)])
    both = case_values(kept.counts, final)
    parts: Mapping[str, tuple[float, FloatArray]] = {
        name: (float(values.value.mean()), draws.replicate_means(values)[:, 0])
        for name, values in (("one", one), ("both", both))
    }
    agreed = kept.counts.sum(axis=1)[np.arange(len(said)), said] / kept.readers_per_case.sum(axis=1)
    return DiagnosisSecondOpinion(
        rate(draws, *parts["one"]),
        rate(draws, *parts["both"]),
        change(draws, parts["both"], parts["one"]),
        share_of_cases(said == kept.truth, kept.case_units),
        float(1 - agreed.mean()),
        len(kept.cases),
    )
