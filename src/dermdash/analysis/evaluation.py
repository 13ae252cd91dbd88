"""Evaluation of class probabilities against the truth, as Han et al. (JID 2018) report a classifier and as METHODS of
the field ask for beside it.

- ``evaluate(cases, options) -> Evaluation``
- ``Evaluation.as_dict()`` is the JSON of ``dermdash evaluate``; docs/evaluation.md says what each key means
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dermdash.analysis.as_json import to_json
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.borderline_cases import borderline_warnings, check_policy, neither_malignant_nor_benign
from dermdash.analysis.calibration import CalibrationMeasures, at_the_end, measure_calibration
from dermdash.analysis.class_scores import ClassificationMeasures, measure_classification
from dermdash.analysis.decision_curve import DecisionCurve, decision_curve
from dermdash.analysis.estimates import json_number
from dermdash.analysis.misread_cases import MisreadCase, surest_misreads
from dermdash.analysis.model_comparison import ModelComparison
from dermdash.analysis.one_vs_rest import GIVEN, YOUDEN, OneVsRest, one_vs_rest
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.analysis.reversed_scores import SCORES_WAY_OUT, reversed_area, reversed_warnings
from dermdash.analysis.roc import missing_side
from dermdash.analysis.scaled_calibration import ScaledCalibration
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.analysis.subgroups import SubgroupTable, subgroup_tables
from dermdash.analysis.threshold_rates import YOUDENS, chosen_here
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.wording import counted

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """How to evaluate.

    ``thresholds``: class code (or ``malignancy``) to the threshold applied instead of Youden's; classes not named keep
    Youden's. ``threshold_source`` says where they come from. ``bootstrap`` 0 switches the bootstrap off.
    ``borderline``: what borderline classes count as where malignant is held against benign; ``thresholds_made_under``:
    what they counted as when the thresholds were made, None where nobody knows.
    """

    confidence: float = 0.95
    bootstrap: int = 2000
    seed: int = 2020
    top_k: tuple[int, ...] = (1, 2, 3)
    bins: int = 10
    thresholds: Mapping[str, float] = field(default_factory=dict)
    threshold_source: str | None = None
    subgroups: bool = True
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
    thresholds_made_under: BorderlinePolicy | None = None

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1 or not 0 <= self.bootstrap <= 100_000 or self.bins < 2 or self.seed < 0:
            raise InvalidInput(
                f"confidence {self.confidence}, bootstrap {self.bootstrap}, bins {self.bins}, seed {self.seed}: "
                "expected a level between 0 and 1, 0 to 100000 draws, at least 2 bins and a seed of 0 or more"
            )


@dataclass(frozen=True, slots=True)
class DatasetCurves:
    """One data set of several: its cases and each class's one-vs-rest figures (no bootstrap) with their curves.

    For sensitivity and specificity against threshold on one plot, which shows why a threshold does not travel.
    """

    dataset: str
    images: int
    classes: tuple[OneVsRest, ...]
    malignancy: OneVsRest | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation (n - 1) over repeats; ``sd`` None for one repeat."""

    mean: float | None
    sd: float | None
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Repeats:
    """Several trainings (models or files) on the same images: mean and SD as Han et al. 2018.

    ``classes`` maps a class code (``malignancy`` too) and ``overall`` a name to figures: auc, sensitivity, specificity,
    threshold of each class; accuracy, mean_recall and the averages over classes overall.
    """

    names: tuple[str, ...]
    classes: dict[str, dict[str, Spread]]
    overall: dict[str, Spread]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured; see docs/evaluation.md for each figure.

    ``source`` says what was evaluated against what, ``left_out`` how many records were not and why (reason to
    count), ``left_out_of_malignancy`` how many of a class count as neither malignant nor benign, ``average`` the last
    row of Han et al. 2018, Table 1: the mean over classes of auc, sensitivity, specificity and threshold.
    ``misread_cases``: those whose most probable class is wrong, the surest first, as many as are worth a look.
    """

    source: dict[str, Any]
    options: EvaluationOptions
    taxonomy: str
    images: int
    groups: int
    grouping: dict[str, int]
    left_out: dict[str, int]
    classes: tuple[OneVsRest, ...]
    malignancy: OneVsRest | None
    average: dict[str, float | None]
    classification: ClassificationMeasures
    calibration: CalibrationMeasures
    calibration_scaled: ScaledCalibration | None
    decision_curve: DecisionCurve | None
    subgroups: tuple[SubgroupTable, ...]
    datasets: tuple[DatasetCurves, ...] = ()
    repeats: Repeats | None = None
    comparison: ModelComparison | ReaderComparison | None = None
    warnings: tuple[str, ...] = ()
    left_out_of_malignancy: dict[str, int] = field(default_factory=dict)
    misread_cases: tuple[MisreadCase, ...] = ()

    @property
    def malignant_codes(self) -> tuple[str, ...]:
        """Codes of the classes that count as malignant in it, and malignancy itself."""
        classes = get_taxonomy(self.taxonomy).counting_borderline_as(self.options.borderline)
        return (*classes.malignant_codes, MALIGNANCY)

    def as_dict(self) -> dict[str, Any]:
        """The whole evaluation for JSON: stable keys, finite numbers or None."""
        return {
            "schema": SCHEMA,
            "source": self.source,
            "simulated": bool(self.source.get("simulated", False)),
            "taxonomy": self.taxonomy,
            "images": self.images,
            "groups": self.groups,
            "grouping": self.grouping,
            "left_out": self.left_out,
            "left_out_of_malignancy": self.left_out_of_malignancy,
            "warnings": list(self.warnings),
            "settings": {
                "confidence": self.options.confidence,
                "bootstrap": self.options.bootstrap,
                "seed": self.options.seed,
                "top_k": list(self.options.top_k),
                "bins": self.options.bins,
                "thresholds": dict(self.options.thresholds),
                "threshold_source": self.options.threshold_source,
                "borderline": str(self.options.borderline),
            },
            **self.classification.as_dict(),
            "classes": [c.as_dict() | self.classification.class_dict(c.code) for c in self.classes],
            "malignancy": self.malignancy and self.malignancy.as_dict(),
            "average": {key: json_number(value) for key, value in self.average.items()},
            "calibration": self.calibration.as_dict(),
            "calibration_scaled": self.calibration_scaled and self.calibration_scaled.as_dict(),
            "decision_curve": self.decision_curve and self.decision_curve.as_dict(),
            "subgroups": to_json(self.subgroups),
            "datasets": to_json(self.datasets),
            "repeats": to_json(self.repeats),
            "comparison": self.comparison and self.comparison.as_dict(),
            "misread_cases": to_json(self.misread_cases),
        }


def evaluate(
    cases: ScoredCases,
    options: EvaluationOptions | None = None,
    *,
    source: dict[str, Any] | None = None,
    left_out: Mapping[str, int] | None = None,
    scaled: ScaledCalibration | None = None,
    warnings: tuple[str, ...] = (),
) -> Evaluation:
    """Measure everything on one set of cases.

    Parameters
    ----------
    cases
        From `scored_cases.make_cases`.
    options
        None: the defaults.
    source, left_out, scaled, warnings
        Carried into the result as they are.

    Raises
    ------
    InvalidInput
        Thresholds name a class the taxonomy does not have, or were made with borderline classes counted otherwise.
    """
    options = options or EvaluationOptions()
    cases = cases.counting_borderline_as(options.borderline)
    check_thresholds(options.thresholds, cases)
    what = f"{options.threshold_source or 'the file of thresholds'!r}"
    check_policy(cases.taxonomy, made_under=options.thresholds_made_under, what=what)
    bootstrap = GroupedBootstrap(cases.groups, options.bootstrap, options.seed, options.confidence)
    classes, malignancy = every_class(cases, options, bootstrap)
    curve = None
    sided = cases.sided
    if malignancy is not None and not missing_side(sided.malignant):
        of_sided = _bootstrap_of(sided, cases, options, bootstrap)
        curve = decision_curve(sided.malignant, sided.malignancy, bootstrap=of_sided)
    return Evaluation(
        source=source or {},
        options=options,
        taxonomy=cases.taxonomy.name,
        images=len(cases),
        groups=len(np.unique(cases.groups)),
        grouping=dict(cases.grouping),
        left_out=dict(left_out or {}),
        classes=classes,
        malignancy=malignancy,
        average=average_of(classes),
        classification=measure_classification(cases, top_k=options.top_k, bootstrap=bootstrap),
        calibration=measure_calibration(
            cases.truth,
            cases.probabilities,
            malignant_classes=cases.malignant_classes,
            sided_classes=cases.sided_classes,
            groups=cases.groups,
            bins=options.bins,
            confidence=options.confidence,
        ),
        calibration_scaled=scaled,
        decision_curve=curve,
        subgroups=subgroup_tables(
            cases,
            malignancy_threshold=malignancy.threshold if malignancy else None,
            chosen_on_cases=malignancy is not None and malignancy.threshold_rule == YOUDEN,
            confidence=options.confidence,
            replicates=min(options.bootstrap, 1000),
            seed=options.seed,
        )
        if options.subgroups
        else (),
        warnings=(
            *warnings,
            *borderline_warnings(cases),
            *_reversed(sided),
            *_shared_first(cases),
            *_ended(scaled),
            *_chosen_here(classes, malignancy),
        ),
        left_out_of_malignancy=neither_malignant_nor_benign(cases),
        misread_cases=surest_misreads(cases),
    )


def _bootstrap_of(
    sided: ScoredCases, cases: ScoredCases, options: EvaluationOptions, bootstrap: GroupedBootstrap
) -> GroupedBootstrap:
    """Draws over the cases that malignancy is measured on: those of all cases where these are all."""
    if sided is cases:
        return bootstrap
    return GroupedBootstrap(sided.groups, options.bootstrap, options.seed, options.confidence)


def _chosen_here(classes: tuple[OneVsRest, ...], malignancy: OneVsRest | None) -> tuple[str, ...]:
    """Whether rates stand at thresholds that these same cases chose, and of which classes where not of all."""
    every = [*classes, *([] if malignancy is None else [malignancy])]
    chosen = [found.name for found in every if found.threshold_rule == YOUDEN and found.threshold is not None]
    if not chosen:
        return ()
    given = any(found.threshold_rule == GIVEN for found in every)
    said = chosen_here(YOUDENS)
    return (f"{', '.join(chosen)}: {said}" if given else said,)


def _shared_first(cases: ScoredCases) -> tuple[str, ...]:
    """Whether the most probable class of some cases is not one: the first of several was counted."""
    greatest = cases.probabilities.max(axis=1, keepdims=True)
    shared = int((np.isclose(cases.probabilities, greatest, rtol=0, atol=1e-12).sum(axis=1) > 1).sum())
    if not shared:
        return ()
    return (
        f"Several classes share the greatest probability of {counted(shared, 'image')} of {len(cases):,}: the first of "
        "them in the order of the classes was counted as the most probable one, so that accuracy, recall and top-k say "
        "nothing of the model there.",
    )


def _ended(scaled: ScaledCalibration | None) -> tuple[str, ...]:
    """Whether a temperature is the end of the search and no estimate."""
    found = [] if scaled is None else [at_the_end(t) for t in scaled.temperatures]
    return tuple(dict.fromkeys(f"{text[0].upper()}{text[1:]}." for text in found if text))


def _reversed(cases: ScoredCases) -> tuple[str, ...]:
    """Whether malignant cases have the lower probabilities of malignancy."""
    if not len(cases):
        return ()
    area = reversed_area(cases.malignancy, cases.malignant, cases.groups)
    return reversed_warnings(area, what="Probabilities of malignancy", way_out=SCORES_WAY_OUT)


def every_class(
    cases: ScoredCases, options: EvaluationOptions, bootstrap: GroupedBootstrap | None
) -> tuple[tuple[OneVsRest, ...], OneVsRest | None]:
    """Each class of the taxonomy against the rest, and malignancy (None in a taxonomy without malignant classes)."""
    cases = cases.counting_borderline_as(options.borderline)
    malignant, benign = cases.malignant, cases.benign
    classes = tuple(
        one_vs_rest(
            code=c.code,
            name=c.name,
            status=c.status.value,
            target=cases.truth == i,
            score=cases.probabilities[:, i],
            malignant=malignant,
            benign=benign,
            groups=cases.groups,
            threshold=options.thresholds.get(c.code),
            bootstrap=bootstrap,
            confidence=options.confidence,
        )
        for i, c in enumerate(cases.taxonomy.classes)
    )
    if not cases.taxonomy.malignant_codes:
        return classes, None
    sided = cases.sided
    malignancy = one_vs_rest(
        code=MALIGNANCY,
        name="Malignant",
        status="malignant",
        target=sided.malignant,
        score=sided.malignancy,
        malignant=sided.malignant,
        groups=sided.groups,
        threshold=options.thresholds.get(MALIGNANCY),
        bootstrap=None if bootstrap is None else _bootstrap_of(sided, cases, options, bootstrap),
        confidence=options.confidence,
    )
    return classes, malignancy


def dataset_curves(
    cases: ScoredCases, options: EvaluationOptions, *, column: str = "dataset_id"
) -> tuple[DatasetCurves, ...]:
    """Each data set on its own, where the cases come from more than one; () otherwise."""
    if column not in cases.attributes.columns:
        return ()
    names = cases.attributes[column].astype(str)
    if names.nunique() < 2:
        return ()
    parts = []
    for name in sorted(names.unique()):
        part = cases.subset((names == name).to_numpy())
        classes, malignancy = every_class(part, options, None)
        parts.append(DatasetCurves(name, len(part), classes, malignancy))
    return tuple(parts)


def average_of(classes: tuple[OneVsRest, ...]) -> dict[str, float | None]:
    """Mean over the classes with an estimate (the row "Average" of Han et al. 2018, Table 1), and how many these are.

    Threshold and rates are means over ``classes_with_threshold`` of them: a class that no threshold tells better than
    chance has none.
    """
    known = [c for c in classes if c.auc.estimate.value is not None]
    at_threshold = [c for c in known if c.threshold is not None]

    def mean(values: list[float | None]) -> float | None:
        usable = [v for v in values if v is not None]
        return float(np.mean(usable)) if usable else None

    return {
        "auc": mean([c.auc.estimate.value for c in known]),
        "sensitivity": mean([c.sensitivity.value for c in at_threshold]),
        "specificity": mean([c.specificity.value for c in at_threshold]),
        "specificity_malignant": mean([c.specificity_malignant.value for c in at_threshold]),
        "specificity_benign": mean([c.specificity_benign.value for c in at_threshold]),
        "threshold": mean([c.threshold for c in at_threshold]),
        "average_precision": mean([c.average_precision.value for c in known]),
        "classes": float(len(known)),
        "classes_with_threshold": float(len(at_threshold)),
    }


def check_thresholds(thresholds: Mapping[str, float], cases: ScoredCases) -> None:
    """Refuse thresholds of classes that do not exist, and thresholds outside 0..1."""
    known = {*cases.taxonomy.codes, MALIGNANCY}
    for code, value in thresholds.items():
        if code not in known:
            raise InvalidInput(
                f"a threshold is given for {code!r}: {cases.taxonomy.name} has {', '.join(cases.taxonomy.codes)}, "
                f"and {MALIGNANCY} is the sum of its malignant classes"
            )
        if not 0 <= value <= 1:
            raise InvalidInput(f"the threshold of {code} is {value}: expected a probability from 0 to 1")
