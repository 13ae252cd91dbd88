"""What the model says of each case that was read: its class and its probabilities, wherever they can be had."""

from __future__ import annotations

import numpy as np

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.model_predictions import ModelOpinions, ModelScores
from dermdash.analyses.model_scores import scores_of_file, scores_of_model, scores_shown
from dermdash.errors import DermdashError, MissingColumns
from dermdash.readings.modality import Modality
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import sentence

STUDY_MODEL = "predictions of the study's model in the workspace"
SHOWN = "what the readers were shown"
FILE = "a file of predictions"


def opinions_in(context: AnalysisContext, table: ReadingsTable) -> ModelOpinions:
    """Those of a file; else predictions of the context's model (or the study's); else what readers were shown.

    What cannot be had is empty, and ``missing`` says why.
    """
    if context.predictions is not None:
        return _of_scores(scores_of_file(context.predictions, table), table.classes, FILE)
    missing = ""
    if context.workspace is not None and (context.study_id is not None or context.model_id is not None):
        try:
            scores = scores_of_model(
                context.workspace,
                table=table,
                study_id=context.study_id,
                model_id=context.model_id,
                include_trained=context.include_trained,
            )
            return _of_scores(scores, table.classes, STUDY_MODEL)
        except DermdashError as error:
            if context.model_id is not None:
                raise
            missing = str(error)
    return opinions_shown(table, missing=missing)


def opinions_shown(table: ReadingsTable, *, missing: str = "") -> ModelOpinions:
    """The model as the log shows it: the class advised with class probabilities, and the malignancy probability shown.

    Advice made wrong on purpose does not count, nor does that of a case whose advice differed between readings.
    """
    frame = table.frame
    honest = ~frame["advice_faulty"].fillna(False).astype(bool)
    advised = frame[honest & (frame["modality"] == Modality.MULTICLASS_PROBABILITY.value) & frame["advice_dx"].notna()]
    named = advised.groupby("case")["advice_dx"].agg(["nunique", "first"])
    diagnosis = {str(c): str(dx) for c, dx in named.loc[named["nunique"] == 1, "first"].items()}
    malignancy: dict[str, float] = {}
    reasons = [missing] if missing else []
    try:
        shown = scores_shown(table)
        malignancy = dict(zip(shown.cases, map(float, shown.malignancy), strict=True))
    except MissingColumns:
        reasons.append("No malignancy probability of a model is recorded")
    except DermdashError as error:
        reasons.append(str(error))
    if not diagnosis:
        reasons.append("Which class a model named for each case is not recorded")
    return ModelOpinions("Model as shown to the readers", diagnosis, {}, malignancy, SHOWN, _sentences(reasons))


def _of_scores(scores: ModelScores, classes: Taxonomy | None, source: str) -> ModelOpinions:
    malignancy = dict(zip(scores.cases, map(float, scores.malignancy), strict=True))
    diagnosis: dict[str, str] = {}
    probabilities: dict[str, dict[str, float]] = {}
    if classes is not None and scores.probabilities is not None:
        best = np.argmax(scores.probabilities, axis=1)
        for case, row, top in zip(scores.cases, scores.probabilities, best, strict=True):
            diagnosis[case] = classes.codes[int(top)]
            probabilities[case] = dict(zip(classes.codes, map(float, row), strict=True))
    return ModelOpinions(scores.name, diagnosis, probabilities, malignancy, source, "", warnings=tuple(scores.warnings))


def _sentences(reasons: list[str]) -> str:
    return " ".join(map(sentence, dict.fromkeys(reasons)))
