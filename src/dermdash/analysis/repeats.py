"""Several trainings of one kind of model on the same images: mean and standard deviation of their figures."""

from collections.abc import Sequence

import numpy as np

from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.class_scores import measure_classification
from dermdash.analysis.evaluation import EvaluationOptions, Repeats, Spread, average_of, every_class
from dermdash.analysis.one_vs_rest import OneVsRest
from dermdash.analysis.scored_cases import ScoredCases
from dermdash.errors import InvalidInput

CLASS_FIGURES = ("auc", "average_precision", "sensitivity", "specificity", "specificity_malignant",
                 "specificity_benign", "threshold")  # fmt: skip


def summarise_repeats(names: Sequence[str], repeats: Sequence[ScoredCases], options: EvaluationOptions) -> Repeats:
    """Mean and SD over repeats; every repeat has its own Youden thresholds, as in Han et al. 2018, Table 1.

    Parameters
    ----------
    names, repeats
        One per repeat, at least two; all on the same cases in the same order.

    Raises
    ------
    InvalidInput
        Fewer than two, or on different cases.
    """
    if len(repeats) < 2 or len(names) != len(repeats):
        raise InvalidInput(f"{len(repeats)} repeats: a standard deviation needs at least two")
    if any(r.case_ids != repeats[0].case_ids or not np.array_equal(r.truth, repeats[0].truth) for r in repeats):
        raise InvalidInput("the repeats are not on the same images: give files of the same images")
    of_class: dict[str, dict[str, list[float | None]]] = {}
    overall: dict[str, list[float | None]] = {}
    for repeat in repeats:
        classes, malignancy = every_class(repeat, options, None)
        for found in (*classes, *((malignancy,) if malignancy else ())):
            figures = of_class.setdefault(found.code, {})
            for key, value in _figures(found).items():
                figures.setdefault(key, []).append(value)
        scores = measure_classification(
            repeat, top_k=options.top_k, bootstrap=GroupedBootstrap(repeat.groups, 0, options.seed, options.confidence)
        )
        summary = {
            "accuracy": scores.accuracy.value,
            "mean_recall": scores.mean_recall.value,
            "macro_f1": scores.macro_f1.value,
            **{f"top_{k}": estimate.value for k, estimate in scores.top_k.items()},
            **{f"average_{key}": value for key, value in average_of(classes).items() if not key.startswith("classes")},
        }
        for key, value in summary.items():
            overall.setdefault(key, []).append(value)
    return Repeats(
        tuple(names),
        {code: {key: spread_of(values) for key, values in figures.items()} for code, figures in of_class.items()},
        {key: spread_of(values) for key, values in overall.items()},
    )


def spread_of(values: Sequence[float | None]) -> Spread:
    """Mean and SD (n - 1); both None where some repeat has no value."""
    known = [v for v in values if v is not None]
    if len(known) < len(values) or not known:
        return Spread(None, None, tuple(values))
    sd = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return Spread(float(np.mean(known)), sd, tuple(values))


def _figures(found: OneVsRest) -> dict[str, float | None]:
    estimates = {
        "auc": found.auc.estimate,
        "average_precision": found.average_precision,
        "sensitivity": found.sensitivity,
        "specificity": found.specificity,
        "specificity_malignant": found.specificity_malignant,
        "specificity_benign": found.specificity_benign,
    }
    return {key: estimate.value for key, estimate in estimates.items()} | {"threshold": found.threshold}
