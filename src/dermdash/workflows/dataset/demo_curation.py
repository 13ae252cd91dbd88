"""What a curator of the demo has done with its data set: images measured and scored, a split, a version, answers.

All of it goes through the same acts as real work does, and by the invented curator of the demo's ladder where a person
is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dermdash.dataset.acquisition.checklist import Ticked
from dermdash.progress import StageProgress
from dermdash.records.split_parts import TEST, TRAIN, VALIDATION
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Account
from dermdash.workflows.dataset.acquisition_state import queue_table
from dermdash.workflows.dataset.assess_acquisition import assess
from dermdash.workflows.dataset.dataset_answers import answer_question, dataset_answers
from dermdash.workflows.dataset.kept_splits import list_splits
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.measure_acquisition import measure
from dermdash.workflows.dataset.split_plan import SplitPlan
from dermdash.workflows.dataset.tag_version import list_versions, tag_version

IMPORTED = "0.1"
"""Name of the version that holds the data set as it was imported."""
SPLIT = "demo-split"
_SHARES = ((TRAIN, 0.7), (VALIDATION, 0.15), (TEST, 0.15))
_ANSWERS: Mapping[str, str] = {
    "source": "Painted by dermdash as a demonstration; no image shows a patient",
    "acquisition": "Drawn by a program, with the faults of photographs in some",
    "sop": "The seed and the program are the procedure: the same seed paints the same images",
    "consent": "None is needed: nobody is shown",
}
"""What is answered beforehand to questions of the documents; the others wait for somebody to try."""
_WORST, _OTHERS = 10, 20
"""How many images are scored: those with the lowest proposals, and any others."""


def prepare_demo_dataset(workspace: Workspace, dataset_id: str, *, seed: int, processes: bool) -> None:
    """Measure the images, draw a split, tag the state as imported and answer what is known; each once."""
    measure(workspace, OPERATOR, dataset_ids=[dataset_id], processes=processes)
    if all(split.name != SPLIT for split in list_splits(workspace, withdrawn=True)):
        make_split(workspace, OPERATOR, SplitPlan(SPLIT, _SHARES, seed, (dataset_id,)))
    if all(version.name != IMPORTED for version in list_versions(workspace, dataset_id)):
        tag_version(workspace, OPERATOR, dataset_id, IMPORTED, note="As it was painted, before anybody reviewed it.")
    answered = dataset_answers(workspace, dataset_id)
    for question, text in _ANSWERS.items():
        if question not in answered:
            answer_question(workspace, OPERATOR, dataset_id, question, text)


def score_demo_images(
    workspace: Workspace, dataset_id: str, curator: Account, *, seed: int, keep_out: Sequence[str], told: StageProgress
) -> None:
    """Score some images at the acquisition gate, not always as proposed; nothing where some are scored already.

    Parameters
    ----------
    keep_out
        Records to leave alone, as the cases of a study.
    """
    table = queue_table(workspace, [dataset_id])
    if table["decision"].notna().any():
        return
    free = table[~table["record_id"].isin(keep_out) & table["proposed_score"].notna()]
    free = free.sort_values(["proposed_score", "image_sha256"])
    rng = np.random.default_rng(seed)
    others = free.iloc[_WORST:]
    chosen = pd.concat([free.iloc[:_WORST], others.sample(min(_OTHERS, len(others)), random_state=seed)])
    proposals = zip(chosen["image_sha256"].tolist(), chosen["proposed_score"].tolist(), strict=True)
    for done, (image, proposed) in enumerate(proposals):
        told("Scoring images", done / len(chosen))
        score = int(np.clip(proposed + rng.choice([-1, 0, 1], p=[0.15, 0.7, 0.15]), 1, 5))
        assess(workspace, curator, image, score, checklist={"centred": Ticked.YES} if score > 3 else {})
