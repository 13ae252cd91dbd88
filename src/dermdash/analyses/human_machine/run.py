"""A model and the readers of a study on the same cases: which answers count, and in which order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from dermdash.analyses.human_machine.comparison import HumanMachine, compare_human_machine
from dermdash.analyses.human_machine.options import GROUP_COLUMNS
from dermdash.analyses.human_machine.read_cases import ReadCases
from dermdash.analyses.human_machine.reader_answers import ReaderAnswers, answer_matrices
from dermdash.analyses.model_predictions import ModelScores
from dermdash.analyses.other_designs import require_answers
from dermdash.errors import InvalidInput
from dermdash.readings.first_readings import in_reading_order
from dermdash.readings.modality import Modality, Phase
from dermdash.readings.readings_table import ReadingsTable

PURPOSE = "comparing a model with readers"


def analyse_human_machine(
    table: ReadingsTable,
    scores: ModelScores,
    *,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int | None = None,
) -> HumanMachine:
    """Compare a model with the unaided answers of readers, and show where assistance took them.

    Of a case that a reader read several times the first answer counts. Simulated readers are left out beside people.

    Parameters
    ----------
    seed
        Of the bootstrap; None: the table's.

    Raises
    ------
    MissingColumns
        The readings say nothing of malignancy, of the answers or of the truth.
    InvalidInput
        No reader answered, without assistance, a case that the model has scored.
    """
    require_answers(table, "malignant_answer", "truth_malignant", purpose=PURPOSE)
    frame = table.frame
    left_out = {"no_answer_or_truth": 0, "no_score": 0, "simulated": 0, "repeated": 0}
    people = ~frame["simulated"].fillna(False).astype(bool)
    if people.any():
        left_out["simulated"] = int((~people).sum())
        frame = frame[people]
    known = frame["malignant_answer"].notna() & frame["truth_malignant"].notna()
    left_out["no_answer_or_truth"] = int((~known).sum())
    frame = frame[known]
    scored = frame["case"].isin(set(scores.cases))
    left_out["no_score"] = int((~scored).sum())
    frame = in_reading_order(frame[scored])
    unaided = frame[frame["phase"] == Phase.UNAIDED].drop_duplicates(["reader", "case"])
    aided = frame[frame["phase"] == Phase.AIDED].drop_duplicates(["reader", "case"])
    left_out["repeated"] = len(frame) - len(unaided) - len(aided)
    if unaided.empty:
        raise InvalidInput("no reader has answered, without assistance, a case that the model has scored")
    read = _read_cases(table, scores, unaided, aided)
    return compare_human_machine(
        read,
        confidence=confidence,
        replicates=replicates,
        seed=table.seed if seed is None else seed,
        simulated=not people.any(),
        left_out={reason: n for reason, n in left_out.items() if n},
    )


def _read_cases(table: ReadingsTable, scores: ModelScores, unaided: pd.DataFrame, aided: pd.DataFrame) -> ReadCases:
    readers = sorted(unaided["reader"].unique())
    read = set(unaided["case"])
    at = np.array([i for i, case in enumerate(scores.cases) if case in read])
    cases = [scores.cases[i] for i in at]
    keys = tuple(table.unit_of(pd.Series(cases, dtype=object))) if table.units else None
    if keys is None and scores.group_keys is not None:
        keys = tuple(scores.group_keys[i] for i in at)
    model = replace(
        scores,
        cases=tuple(cases),
        malignancy=scores.malignancy[at],
        probabilities=None if scores.probabilities is None else scores.probabilities[at],
        group_keys=keys,
    )
    truth = unaided.drop_duplicates("case").set_index("case").loc[cases]
    taxonomy = table.classes
    place = {} if taxonomy is None else {code: i for i, code in enumerate(taxonomy.codes)}
    classes = truth["truth_dx"].map(place)
    key = ["reader", "case"]
    both = aided[key].merge(unaided[key], on=key)
    before, after = (part.merge(both, on=key) for part in (unaided, aided))

    def laid_out(part: pd.DataFrame) -> ReaderAnswers:
        return answer_matrices(part, readers=readers, cases=cases, taxonomy=taxonomy)

    modality = np.full((len(readers), len(cases)), None, object)
    row, column = {r: i for i, r in enumerate(readers)}, {c: i for i, c in enumerate(cases)}
    modality[after["reader"].map(row).to_numpy(int), after["case"].map(column).to_numpy(int)] = after["modality"]
    profiles = unaided.drop_duplicates("reader").set_index("reader").loc[readers, list(GROUP_COLUMNS)]
    found = set(after["modality"])
    return ReadCases(
        model=model,
        truth_malignant=truth["truth_malignant"].to_numpy(bool),
        truth_class=None if taxonomy is None or classes.isna().any() else np.array(classes, dtype=np.int64),
        taxonomy=taxonomy,
        unaided=laid_out(unaided),
        before=None if both.empty else laid_out(before),
        after=None if both.empty else laid_out(after),
        modality=modality,
        modalities=tuple(m for m in table.modalities if m in found and m != Modality.NONE),
        profiles=profiles,
        group_names={
            column: names
            for column in GROUP_COLUMNS
            if len(names := tuple(n for n in table.groups_of(column) if n in set(profiles[column].dropna()))) > 1
        },
    )
