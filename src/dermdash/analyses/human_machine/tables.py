"""Tables of a model beside readers: for people, and in full precision for download."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dermdash.analyses.columns import Column, csv_only, number_column, parts_of, share_column, table_of
from dermdash.analyses.human_machine.comparison import HumanMachine, TargetComparison
from dermdash.analyses.human_machine.mean_position import AIDED, ALL, MeanPosition
from dermdash.analyses.human_machine.reader_position import ABOVE, BELOW, UNDECIDED, ReaderArea, ReaderPosition
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
    number_interval,
    percent,
    points,
)

POSITIONS = {ABOVE: "above", BELOW: "below", UNDECIDED: "not certain", None: "not placed"}
GROUP_LABELS = {"experience_group": "Experience", "profession": "Profession", AIDED: "With assistance"}

Row = TypeVar("Row")
_AREA = {name: name for name in ("area", "low", "high", "difference_low", "difference_high", "from_ratings")} | {
    "area_model": "model", "area_difference": "difference",
}  # fmt: skip


def result_tables(result: HumanMachine, code: str) -> list[ResultTable]:
    """Means of readers, every class, and every reader (``code``: of which class readers are shown)."""
    return [_means_table(result), _class_table(result), _readers_table(result, code)]


def _means_table(result: HumanMachine) -> ResultTable:
    means = result.target(MALIGNANCY).means
    columns: list[Column[MeanPosition]] = [
        Column("Readers", "", mean_name),
        Column("", "group", lambda m: m.kind),
        Column("", "value", lambda m: m.name),
        Column("n", "n_readers", lambda m: m.readers),
        Column("", "n_cases", lambda m: m.cases),
        Column("Readings", "n_readings", lambda m: m.readings),
        share_column("Sensitivity", "readers_sensitivity", lambda m: m.mean.sensitivity),
        share_column("Specificity", "readers_specificity", lambda m: m.mean.specificity),
        *_distance_columns(
            "Model minus readers",
            lambda m: difference_from(m, SENSITIVITY_AT_SPECIFICITY),
            lambda m: difference_from(m, SPECIFICITY_AT_SENSITIVITY),
        ),
        _difference_column("Area", "area", lambda m: m.area, difference),
    ]
    return table_of(
        "human-machine-means",
        "Model and means of readers, malignancy",
        columns,
        means,
        "Intervals over readers and cases. Positive differences: the model is better. Area: mean empirical area."
        + _reasons([d for m in means for d in (*m.mean.differences, m.area) if d is not None]),
    )


def _class_table(result: HumanMachine) -> ResultTable:
    columns: list[Column[TargetComparison]] = [
        Column("Class", "", lambda t: t.name),
        Column("", "class", lambda t: t.code),
        Column("Cases", "positives"),
        *csv_only("negatives"),
        number_column("AUC of the model", "auc", lambda t: t.auc.estimate),
        share_column("Readers: sensitivity", "readers_sensitivity", lambda t: _all(t).mean.sensitivity),
        share_column("Specificity", "readers_specificity", lambda t: _all(t).mean.specificity),
        *_distance_columns(
            "Model minus readers",
            lambda t: difference_from(_all(t), SENSITIVITY_AT_SPECIFICITY),
            lambda t: difference_from(_all(t), SPECIFICITY_AT_SENSITIVITY),
        ),
        Column("Readers above / below / undecided", "", _positions),
        Column("", "readers_placed", lambda t: t.placed),
        Column("", "readers_nominally_above", lambda t: t.nominally_above),
        Column("", "readers_above", lambda t: t.count(ABOVE)),
        Column("", "readers_below", lambda t: t.count(BELOW)),
        Column("", "readers_undecided", lambda t: t.count(UNDECIDED)),
    ]
    return table_of(
        "human-machine-classes",
        "Every class against the rest",
        columns,
        result.targets,
        "Means over all readers without assistance, with intervals over readers and cases. Above, below: readers whose "
        "distance to the model's curve has an interval without zero.",
    )


def _all(target: TargetComparison) -> MeanPosition:
    mean = target.mean(ALL)
    assert mean is not None
    return mean


def _readers_table(result: HumanMachine, code: str) -> ResultTable:
    rows = [(target.code, reader) for target in result.targets for reader in target.readers]
    columns: list[Column[tuple[str, ReaderPosition]]] = [
        Column("", "class", lambda row: row[0]),
        Column("Reader", "reader", lambda row: row[1].reader),
        *(_profile_column(name) for name in dict.fromkeys(name for _, reader in rows for name in reader.profile)),
        Column("Cases", "", lambda row: f"{row[1].positives} / {row[1].negatives}"),
        *csv_only("positives", "negatives", of=lambda row: row[1]),
        Column("Sensitivity", "sensitivity", lambda row: row[1].place.point.sensitivity, percent),
        Column("Specificity", "specificity", lambda row: row[1].place.point.specificity, percent),
        Column("Curve", "", lambda row: POSITIONS[row[1].place.position]),
        *_distance_columns(
            "Model minus reader", lambda row: row[1].place.vertical, lambda row: row[1].place.horizontal
        ),
        *csv_only("position", of=lambda row: row[1].place),
        Column("Area", "area", lambda row: row[1].area, _own_area, parts_of(_AREA), interval=True),
        Column("", "aided_sensitivity", lambda row: row[1].after and row[1].after.sensitivity),
        Column("", "aided_specificity", lambda row: row[1].after and row[1].after.specificity),
        Column(
            "Model minus reader: area",
            "",
            lambda row: difference(row[1].area.difference, row[1].area.difference_low, row[1].area.difference_high),
            interval=True,
        ),
    ]
    target = result.target(code)
    return table_of(
        "human-machine-readers",
        f"Each reader and the model, {target.name.lower()}",
        columns,
        rows,
        "Cases: with and without the condition. Intervals over the reader's cases. Reader 1 and so on follow the order "
        "of the ids, which the CSV holds, for every class."
        + (" * one point, no ratings." if _one_point(target) else ""),
        shown_rows=[row for row in rows if row[0] == code],
    )


def _profile_column(name: str) -> Column[tuple[str, ReaderPosition]]:
    return Column("", name, lambda row: row[1].profile.get(name))


def _own_area(area: ReaderArea) -> str:
    one_point = not area.from_ratings and area.area is not None
    return number_interval(area.area, area.low, area.high) + (" *" if one_point else "")


def _distance_columns(
    who: str, up: Callable[[Row], ReaderDifference], across: Callable[[Row], ReaderDifference]
) -> tuple[Column[Row], Column[Row]]:
    """How far the model is from readers, each way: ``who`` minus whom."""
    return (
        _difference_column(f"{who}: sensitivity at equal specificity", "sensitivity_at_equal_specificity", up),
        _difference_column("Specificity at equal sensitivity", "specificity_at_equal_sensitivity", across),
    )


def _difference_column(
    head: str,
    name: str,
    value: Callable[[Row], ReaderDifference | None],
    written: Callable[[float | None, float | None, float | None], str] = points,
) -> Column[Row]:
    def words(found: ReaderDifference | None) -> str:
        return "" if found is None else written(found.difference, found.low, found.high)

    key = f"difference_{name}"
    parts = {f"model_{name}": "model", key: "difference", f"{key}_low": "low", f"{key}_high": "high"}
    return Column(head, key, value, words, parts_of(parts), interval=True)


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
