"""Tables of a model beside readers: for people, and in full precision for download."""

from __future__ import annotations

import pandas as pd

from dermdash.analyses.human_machine.comparison import HumanMachine, TargetComparison
from dermdash.analyses.human_machine.mean_position import AIDED, ALL, MeanPosition
from dermdash.analyses.human_machine.reader_position import ABOVE, BELOW, UNDECIDED
from dermdash.analyses.section import ResultTable
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.reader_calls import (
    SENSITIVITY_AT_SPECIFICITY,
    SPECIFICITY_AT_SENSITIVITY,
    ReaderDifference,
)
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.reader_study.profile import group_name
from dermdash.readings.modality import modality_label
from dermdash.wording import (
    difference,
    estimated_percent,
    number_interval,
    percent,
    points,
)

POSITIONS = {ABOVE: "above", BELOW: "below", UNDECIDED: "not certain", None: "not placed"}
GROUP_LABELS = {"experience_group": "Experience", "profession": "Profession", AIDED: "With assistance"}


def result_tables(result: HumanMachine, code: str) -> list[ResultTable]:
    """Means of readers, every class, and every reader (``code``: of which class readers are shown)."""
    return [_means_table(result), _class_table(result), _readers_table(result, code)]


def _means_table(result: HumanMachine) -> ResultTable:
    main = result.target(MALIGNANCY)
    numbers, shown = [], []
    for mean in main.means:
        up, across = (
            difference_from(mean, SENSITIVITY_AT_SPECIFICITY),
            difference_from(mean, SPECIFICITY_AT_SENSITIVITY),
        )
        numbers.append(
            {
                "group": mean.kind,
                "value": mean.name,
                **_counts(mean),
                **_mean_numbers(mean),
                **_flat(up, "sensitivity_at_equal_specificity"),
                **_flat(across, "specificity_at_equal_sensitivity"),
                **_flat(mean.area, "area"),
            }
        )
        shown.append(
            {
                "Readers": mean_name(mean),
                "n": mean.readers,
                "Readings": mean.readings,
                "Sensitivity": estimated_percent(mean.mean.sensitivity),
                "Specificity": estimated_percent(mean.mean.specificity),
                "Model minus readers: sensitivity at equal specificity": points(up.difference, up.low, up.high),
                "Specificity at equal sensitivity": points(across.difference, across.low, across.high),
                "Area": "" if mean.area is None else area_text(mean.area),
            }
        )
    return ResultTable(
        "human-machine-means",
        "Model and means of readers, malignancy",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Intervals over readers and cases. Positive differences: the model is better. Area: mean empirical area."
        + _reasons([d for m in main.means for d in (*m.mean.differences, m.area) if d is not None]),
    )


def _class_table(result: HumanMachine) -> ResultTable:
    numbers, shown = [], []
    for target in result.targets:
        mean = target.mean(ALL)
        assert mean is not None
        up, across = (
            difference_from(mean, SENSITIVITY_AT_SPECIFICITY),
            difference_from(mean, SPECIFICITY_AT_SENSITIVITY),
        )
        auc = target.auc.estimate
        low, high = ends(auc)
        numbers.append(
            {
                "class": target.code,
                "positives": target.positives,
                "negatives": target.negatives,
                "auc": auc.value,
                "auc_low": low,
                "auc_high": high,
                **_mean_numbers(mean),
                **_flat(up, "sensitivity_at_equal_specificity"),
                **_flat(across, "specificity_at_equal_sensitivity"),
                "readers_placed": target.placed,
                "readers_nominally_above": target.nominally_above,
                **{f"readers_{p}": target.count(p) for p in (ABOVE, BELOW, UNDECIDED)},
            }
        )
        shown.append(
            {
                "Class": target.name,
                "Cases": target.positives,
                "AUC of the model": number_interval(auc.value, low, high),
                "Readers: sensitivity": estimated_percent(mean.mean.sensitivity),
                "Specificity": estimated_percent(mean.mean.specificity),
                "Model minus readers: sensitivity at equal specificity": points(up.difference, up.low, up.high),
                "Specificity at equal sensitivity": points(across.difference, across.low, across.high),
                "Readers above / below / undecided": _positions(target),
            }
        )
    return ResultTable(
        "human-machine-classes",
        "Every class against the rest",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Means over all readers without assistance, with intervals over readers and cases. Above, below: readers whose "
        "distance to the model's curve has an interval without zero.",
    )


def _readers_table(result: HumanMachine, code: str) -> ResultTable:
    numbers, shown = [], []
    for target in result.targets:
        for reader in target.readers:
            place, area = reader.place, reader.area
            numbers.append(
                {
                    "class": target.code,
                    "reader": reader.reader,
                    **reader.profile,
                    "positives": reader.positives,
                    "negatives": reader.negatives,
                    **place.point.as_dict(),
                    **_flat(place.vertical, "sensitivity_at_equal_specificity"),
                    **_flat(place.horizontal, "specificity_at_equal_sensitivity"),
                    "position": place.position,
                    **{k: v for k, v in area.as_dict().items() if k not in ("model", "difference", "reason")},
                    "area_model": area.model,
                    "area_difference": area.difference,
                    "aided_sensitivity": reader.after and reader.after.sensitivity,
                    "aided_specificity": reader.after and reader.after.specificity,
                }
            )
            if target.code == code:
                up, across = place.vertical, place.horizontal
                shown.append(
                    {
                        "Reader": reader.reader,
                        "Cases": f"{reader.positives} / {reader.negatives}",
                        "Sensitivity": percent(place.point.sensitivity),
                        "Specificity": percent(place.point.specificity),
                        "Curve": POSITIONS[place.position],
                        "Model minus reader: sensitivity at equal specificity": points(up.difference, up.low, up.high),
                        "Specificity at equal sensitivity": points(across.difference, across.low, across.high),
                        "Area": number_interval(area.area, area.low, area.high)
                        + ("" if area.from_ratings or area.area is None else " *"),
                        "Model minus reader: area": difference(
                            area.difference, area.difference_low, area.difference_high
                        ),
                    }
                )
    target = result.target(code)
    return ResultTable(
        "human-machine-readers",
        f"Each reader and the model, {target.name.lower()}",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Cases: with and without the condition. Intervals over the reader's cases. Reader 1 and so on follow the order "
        "of the ids, which the CSV holds, for every class."
        + (" * one point, no ratings." if _one_point(target) else ""),
    )


def mean_name(mean: MeanPosition) -> str:
    """The group of readers in words."""
    if mean.kind == ALL:
        return "All, without assistance"
    if mean.kind == AIDED:
        return "All, with assistance" if mean.name == ALL else f"With {modality_label(mean.name).lower()}"
    return f"{GROUP_LABELS.get(mean.kind, mean.kind)}: {group_name(mean.name)}"


def difference_from(mean: MeanPosition, metric: str) -> ReaderDifference:
    """The difference of the model from these readers by that metric."""
    return next(d for d in mean.mean.differences if d.metric == metric)


def _counts(mean: MeanPosition) -> dict[str, int]:
    return {"n_readers": mean.readers, "n_cases": mean.cases, "n_readings": mean.readings}


def _mean_numbers(mean: MeanPosition) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, estimate in (("sensitivity", mean.mean.sensitivity), ("specificity", mean.mean.specificity)):
        low, high = ends(estimate)
        found |= {f"readers_{name}": estimate.value, f"readers_{name}_low": low, f"readers_{name}_high": high}
    return found


def _flat(found: ReaderDifference | None, name: str) -> dict[str, float | None]:
    return {
        f"model_{name}": None if found is None else found.model,
        f"difference_{name}": None if found is None else found.difference,
        f"difference_{name}_low": None if found is None else found.low,
        f"difference_{name}_high": None if found is None else found.high,
    }


def ends(estimate: Estimate) -> tuple[float | None, float | None]:
    """Both ends of the interval to show, None where there is none."""
    return estimate.interval or (None, None)


def area_text(found: ReaderDifference) -> str:
    """A difference of areas with its sign and interval."""
    return difference(found.difference, found.low, found.high)


def _positions(target: TargetComparison) -> str:
    return " / ".join(str(target.count(p)) for p in (ABOVE, BELOW, UNDECIDED)) if target.placed else "not placed"


def _one_point(target: TargetComparison) -> bool:
    return any(r.area.area is not None and not r.area.from_ratings for r in target.readers)


def _reasons(differences: list[ReaderDifference]) -> str:
    reasons = dict.fromkeys(d.reason for d in differences if d.reason)
    return f" Without an interval: {'; '.join(reasons)}." if reasons else ""
