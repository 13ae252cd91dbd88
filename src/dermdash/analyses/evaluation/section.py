"""An evaluation in words and tables: what a terminal prints, with the tables that the page shows."""

from __future__ import annotations

from typing import Any

from dermdash.analyses.comparison.answer import comparison_answer
from dermdash.analyses.comparison.section import comparison_part
from dermdash.analyses.evaluation.answer import evaluation_answer
from dermdash.analyses.evaluation.figures import recall_by_class
from dermdash.analyses.evaluation.tables import (
    calibration_table,
    class_table,
    recall_table,
    repeats_table,
    subgroup_table,
    top_table,
)
from dermdash.analyses.section import Section
from dermdash.analysis.evaluation import Evaluation
from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.scaled_calibration import CROSS_FITTED
from dermdash.records.chosen_records import kept_in_words
from dermdash.records.taxonomy import get_taxonomy
from dermdash.wording import counted, counted_reasons, estimated_percent, level, number, percent

KEY, TITLE = "evaluation", "Evaluation"


def evaluation_section(evaluation: Evaluation) -> Section:
    """Word an evaluation, with a comparison where one was asked for."""
    taxonomy = get_taxonomy(evaluation.taxonomy)
    compared = comparison_part(
        evaluation.comparison,
        taxonomy,
        simulated=bool(evaluation.source.get("simulated")),
        confidence=evaluation.options.confidence,
    )
    tables = [class_table(evaluation), top_table(evaluation), recall_table(evaluation, taxonomy)]
    tables += [calibration_table(evaluation), *map(subgroup_table, evaluation.subgroups)]
    if evaluation.repeats is not None:
        tables.append(repeats_table(evaluation.repeats, taxonomy))
    return Section(
        key=KEY,
        title=TITLE,
        summary=(*_summary(evaluation), *compared.summary),
        methods=_methods(evaluation),
        tables=(*tables, *compared.tables),
        figures=(recall_by_class(evaluation, taxonomy),),
        warnings=(*evaluation.warnings, *compared.warnings),
        exploratory=False,
        answer=evaluation_answer(evaluation),
    )


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """`Evaluation.as_dict` with what it answers: the JSON of page and command."""
    found = evaluation.as_dict() | {"answer_in_words": evaluation_answer(evaluation).as_dict()}
    if isinstance(evaluation.comparison, ModelComparison):
        answer = comparison_answer(
            evaluation.comparison,
            simulated=bool(evaluation.source.get("simulated")),
            confidence=evaluation.options.confidence,
        )
        found["comparison"] = found["comparison"] | {"answer_in_words": answer.as_dict()}
    return found


def evaluated_on(evaluation: Evaluation) -> str:
    """What was evaluated on what, in words."""
    source = evaluation.source
    what = (
        f"Model {source['model']['name']} ({source['model']['id']})"
        if source.get("kind") == "model"
        else f"Predictions {source['predictions'][0]}"
    )
    against = source.get("truth") or ", ".join(source.get("dataset_names", []))
    pooled = " (pooled)" if len(source.get("datasets", [])) > 1 else ""
    only = kept_in_words(source.get("record_filter") or {})
    return f"{what} on {against}{pooled}{f' (only {only})' if only else ''}"


def _summary(evaluation: Evaluation) -> tuple[str, ...]:
    kinds = {"patient": "patient", "lesion": "lesion", "image": "single image"}
    groups = ", ".join(counted(n, kinds[kind]) for kind, n in evaluation.grouping.items() if n)
    scores = evaluation.classification
    shown = [
        f"Top-1 accuracy {estimated_percent(scores.accuracy)}",
        f"mean recall {estimated_percent(scores.mean_recall)}",
        *(f"top-{k} {estimated_percent(estimate)}" for k, estimate in scores.top_k.items() if k > 1),
    ]
    left = counted_reasons(evaluation.left_out)
    return (
        f"{evaluated_on(evaluation)}: {counted(evaluation.images, 'image')}, grouped as {groups}.",
        *((f"Left out: {left}.",) if left else ()),
        "; ".join(shown) + ".",
        *_calibrated(evaluation),
    )


def _calibrated(evaluation: Evaluation) -> tuple[str, ...]:
    scaled = evaluation.calibration_scaled
    if scaled is None:
        return ()
    how = "cross-fitted" if scaled.fitted_on == CROSS_FITTED else f"fitted on {scaled.fitted_on}"
    before, after = (_error(m.top_class.expected_error) for m in (evaluation.calibration, scaled.measures))
    return (
        f"With the temperature {number(scaled.temperature, 2)} ({how}) the calibration error of the most probable "
        f"class goes from {before} to {after}.",
    )


def _error(share: float) -> str:
    return percent(share)


def _methods(evaluation: Evaluation) -> tuple[str, ...]:
    options = evaluation.options
    return (
        f"Each class was told from all others by its probability; thresholds maximise Youden's index where none was "
        f"given. Intervals ({level(options.confidence)}) draw whole patients, else lesions, else images "
        f"({counted(options.bootstrap, 'draw')}, seed {options.seed}); see docs/evaluation.md.",
    )
