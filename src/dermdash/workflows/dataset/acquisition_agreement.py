"""How far the proposed score and the person's agree, over answers that were given before the proposal was seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.agreement.coefficients import Coefficient, measure_agreement
from dermdash.analysis.agreement.cohen import pair_table
from dermdash.analysis.agreement.ratings import make_ratings
from dermdash.analysis.arrays import IntArray
from dermdash.analysis.as_json import to_json
from dermdash.records.quality_score import LOWEST_ACCEPTED, SCORES
from dermdash.storage import acquisition as store
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, not_computed, number_interval, percent_interval
from dermdash.workflows.dataset.acquisition_state import datasets_of
from dermdash.workflows.dataset.identity_groups import group_keys_of
from dermdash.workflows.dataset.image_kinds import both_kinds_present, kind_of_datasets, simulated_dataset_ids

_NAMES = {
    "cohen_quadratic": "Weighted kappa (quadratic)", "cohen": "Kappa of equal scores", "percent": "The same score",
}  # fmt: skip
STATISTICS = tuple(_NAMES)
_SCORES = tuple(SCORES)


@dataclass(frozen=True, slots=True)
class ProposalAgreement:
    """Agreement of proposal and person.

    ``answers`` were given with the proposal hidden; ``seen`` were not and do not count. ``counts`` (5 x 5): rows the
    person's score, columns the proposed one. ``coefficients`` have intervals over groups of what belongs together
    (patient, else lesion), where there are enough.
    """

    answers: int
    seen: int
    counts: IntArray
    coefficients: tuple[Coefficient, ...]

    def to_json(self) -> dict[str, Any]:
        """For the command."""
        return {
            "n_answers": self.answers, "n_proposal_seen": self.seen,
            "confusion": [
                {"score": s, "proposed_score": p, "n": int(self.counts[i, j])}
                for i, s in enumerate(_SCORES) for j, p in enumerate(_SCORES)
            ],
            "statistics": [to_json(found) for found in self.coefficients],
        }  # fmt: skip

    @property
    def frame(self) -> pd.DataFrame:
        """The counts as a table: a row for each pair of scores."""
        return pd.DataFrame(self.to_json()["confusion"])


def proposal_agreement(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> ProposalAgreement:
    """Compare the proposed scores with those of people, an answer each: quadratic weights first.

    Of each person and image the first answer counts that was given before they saw the proposal, whatever they said
    later: who has seen it agrees with it. Photographs and drawn images are never pooled.

    Raises
    ------
    InvalidInput
        Data sets of both kinds are named.
    """
    if dataset_ids is None and both_kinds_present(workspace):
        drawn = simulated_dataset_ids(workspace)
        dataset_ids = [d for d in datasets_of(workspace, None) if d not in drawn]
    chosen = datasets_of(workspace, dataset_ids)
    kind_of_datasets(workspace, chosen)
    answers = store.answers_with_proposal(workspace.engine, chosen)
    hidden = answers[answers["proposal_hidden"].astype(bool)]
    ratings = make_ratings([hidden["score"].tolist(), hidden["proposed_score"].tolist()], _SCORES)
    keys = group_keys_of(workspace, hidden["record_id"].tolist()) if len(hidden) else ()
    groups = pd.factorize(np.array(keys, dtype=object))[0].astype(np.int64)
    coefficients = measure_agreement(ratings, STATISTICS, groups=groups) if len(hidden) else ()
    counts = pair_table(ratings.codes[0], ratings.codes[1], len(_SCORES)).astype(np.int64)
    return ProposalAgreement(len(hidden), len(answers) - len(hidden), counts, coefficients)


def agreement_sentences(found: ProposalAgreement) -> list[str]:
    """The agreement in sentences, for page and command."""
    if not found.answers:
        said = "Nobody has scored an image yet whose proposal was hidden: how far both agree is not known."
        return [said, *_seen(found)]
    sentences = [f"{counted(found.answers, 'answer')} with the proposal hidden."]
    for coefficient in found.coefficients:
        name = _NAMES[coefficient.statistic]
        if coefficient.value is None:
            sentences.append(f"{name}: {not_computed(coefficient.reason)}.")
            continue
        if coefficient.statistic == "percent":
            value = percent_interval(coefficient.value, coefficient.low, coefficient.high)
        else:
            value = number_interval(coefficient.value, coefficient.low, coefficient.high, 2)
        reason = f" ({coefficient.reason})" if coefficient.low is None and coefficient.reason else ""
        sentences.append(f"{name}: {value}{reason}.")
    low = LOWEST_ACCEPTED - 1
    person, both = int(found.counts[:low].sum()), int(found.counts[:low, :low].sum())
    sentences.append(f"Of {counted(person, 'image')} that a person rejected, the proposal rejects {both:,}.")
    return [*sentences, *_seen(found)]


def _seen(found: ProposalAgreement) -> list[str]:
    if not found.seen:
        return []
    return [f"{counted(found.seen, 'answer')} given with the proposal in sight or unknown are left out."]
