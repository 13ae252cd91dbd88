"""The tables of collective decisions: numbers in full, and as people read them."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from dermdash.analyses.collective.collective_result import ModalityPanels
from dermdash.analyses.collective.malignancy_panels import MalignancyPanel, MalignancyPanels, PanelRate, VoteRule
from dermdash.analyses.collective.mixed_panels import MixedPanels
from dermdash.analyses.collective.model_panels import ModelPanels
from dermdash.analyses.collective.panel_curves import Gain, PanelCurve, PanelPoint
from dermdash.analyses.columns import Column, csv_only, interval_column, share_column, table_of
from dermdash.analyses.section import ResultTable
from dermdash.readings.modality import modality_label
from dermdash.wording import INTERVAL, counted, estimated_percent, percent_interval, points

Row = TypeVar("Row")
READERS_AND_CASES = "readers and cases"


def point_words(point: PanelPoint) -> str:
    """Accuracy of a panel with its interval."""
    return percent_interval(point.accuracy, point.low, point.high)


def gain_words(gain: Gain) -> str:
    """A difference in percentage points with its interval."""
    return points(gain.difference, gain.low, gain.high)


def rate_words(rate: PanelRate) -> str:
    """A share with its interval, or why there is none."""
    return estimated_percent(rate, why=True)


def _panel_column(
    head: str, key: str, value: Callable[[Row], PanelPoint | None], bounds: tuple[str, str] | None = None
) -> Column[Row]:
    return interval_column(head, key, percent_interval, value, of=("accuracy", "low", "high"), bounds=bounds)


def _gain_column(
    head: str, key: str, value: Callable[[Row], Gain], bounds: tuple[str, str] | None = None
) -> Column[Row]:
    return interval_column(head, key, points, value, of=("difference", "low", "high"), bounds=bounds)


def curve_table(name: str, title: str, curves: Sequence[PanelCurve]) -> ResultTable:
    """Accuracy by panel size, one block of rows per curve."""
    columns: list[Column[tuple[PanelCurve, PanelPoint]]] = [
        Column("Group", "group", lambda row: row[0].label),
        Column("Readers in the panel", "k", lambda row: row[1].size),
        _panel_column(f"Correct ({INTERVAL})", "accuracy", lambda row: row[1], ("ci_low", "ci_high")),
        Column(
            "Interval over",
            "interval_covers_readers",
            lambda row: row[1].covers_readers,
            lambda covers: READERS_AND_CASES if covers else "cases",
        ),
        Column("Readers", "n_readers", lambda row: row[0].readers),
        Column("Cases", "n_cases", lambda row: row[0].cases),
        Column("Readings", "n_readings", lambda row: row[0].readings),
    ]
    return table_of(name, title, columns, [(curve, point) for curve in curves for point in curve.points])


def model_table(model: ModelPanels) -> ResultTable:
    """Panels alone, with the model voting, and averaged with its probabilities."""
    alone, averaged = model.readers_alone, model.averaged
    columns: list[Column[int]] = [
        Column("Readers", "k", lambda i: alone.points[i].size),
        _panel_column("Readers alone", "readers_alone", lambda i: alone.points[i]),
        _gain_column("Readers minus model", "minus_model", lambda i: model.panel_minus_model[i]),
        _panel_column("Model votes too", "with_model_voting", lambda i: model.voting.points[i]),
        _gain_column("Gain", "gain_of_voting", lambda i: model.voting_gain[i]),
        _panel_column(
            "Averaged with its probabilities", "averaged", lambda i: None if averaged is None else averaged.points[i]
        ),
        Column("", "n_readers", lambda _: alone.readers),
        Column("", "n_cases", lambda _: alone.cases),
    ]
    note = f"The model alone: {point_words(model.accuracy)}, {counted(alone.cases, 'case')}."
    rows = range(len(alone.points))
    return table_of("collective-model", f"Panels with {model.model}", columns, rows, note)


def modality_table(modalities: Sequence[ModalityPanels]) -> ResultTable:
    """Panels of the same readers before and after assistance."""
    columns: list[Column[tuple[ModalityPanels, PanelPoint, PanelPoint, Gain]]] = [
        Column("Assistance", "modality", lambda row: row[0].modality, modality_label),
        Column("Readers in the panel", "k", lambda row: row[3].size),
        _gain_column(f"Difference ({INTERVAL})", "difference", lambda row: row[3]),
        _panel_column("Before", "unaided", lambda row: row[1]),
        _panel_column("After", "aided", lambda row: row[2]),
        Column("Readers", "n_readers", lambda row: row[0].aided.readers),
        Column("Cases", "n_cases", lambda row: row[0].aided.cases),
        Column("Pairs", "n_pairs", lambda row: row[0].aided.readings),
    ]
    rows = [
        (m, before, after, gain)
        for m in modalities
        for before, after, gain in zip(m.unaided.points, m.aided.points, m.gain, strict=True)
    ]
    order = ("modality", "k", "unaided", "aided")
    title = "Panels before and after assistance"
    return table_of("collective-assistance", title, columns, rows, csv_first=order)


def mixed_table(mixed: MixedPanels) -> ResultTable:
    """Panels of one size from none to all of the first kind."""
    columns: list[Column[tuple[PanelPoint, Gain]]] = [
        *csv_only("first", "second", of=lambda _: mixed),
        Column(mixed.first, "members_of_first", lambda row: row[0].members[0]),
        Column(mixed.second, "members_of_second", lambda row: row[0].members[1]),
        _panel_column(f"Correct ({INTERVAL})", "accuracy", lambda row: row[0], ("ci_low", "ci_high")),
        _gain_column("", "gain_over_second", lambda row: row[1], ("gain_low", "gain_high")),
        Column(
            f"Against {mixed.size} with {mixed.second}",
            "",
            lambda row: gain_words(row[1]) if row[0].members[0] else "",
            interval=True,
        ),
        Column("", "readers_of_first", lambda _: mixed.readers[0]),
        Column("", "readers_of_second", lambda _: mixed.readers[1]),
        Column("", "n_cases", lambda _: mixed.cases),
    ]
    note = (
        f"{counted(mixed.readers[0], 'reader')} with {mixed.first}, {mixed.readers[1]} with {mixed.second}, "
        f"{counted(mixed.cases, 'case')} ({mixed.cases_left_out} left out for want of readers)."
    )
    rows = zip(mixed.mixes, mixed.over_second, strict=True)
    return table_of("collective-mixed", f"Mixed panels of {mixed.size}", columns, rows, note)


def malignancy_table(panels: MalignancyPanels) -> ResultTable:
    """Sensitivity and specificity of panels by rule."""
    columns: list[Column[MalignancyPanel]] = [
        Column("", "rule", lambda p: p.rule.value),
        Column("Malignant if", "", lambda p: "majority" if p.rule is VoteRule.MAJORITY else "any vote"),
        Column("Readers in the panel", "k", lambda p: p.size),
        share_column(f"Sensitivity ({INTERVAL})", "sensitivity", lambda p: p.sensitivity, why=True),
        share_column(f"Specificity ({INTERVAL})", "specificity", lambda p: p.specificity, why=True),
        Column("", "n_malignant", lambda _: panels.malignant_cases),
        Column("", "n_benign", lambda _: panels.benign_cases),
        Column("", "n_readers", lambda _: panels.readers),
    ]
    note = (
        f"{panels.malignant_cases} malignant and {counted(panels.benign_cases, 'benign case')}, "
        f"{counted(panels.readers, 'reader')}, {counted(panels.readings, 'reading')}. {_unmoved(panels)}".strip()
    )
    return table_of("collective-malignancy", "Malignancy by panels", columns, panels.panels, note)


def _unmoved(panels: MalignancyPanels) -> str:
    """Why some panels have no interval."""
    return without_interval(
        [r.reason for p in panels.panels for r in (p.sensitivity, p.specificity) if r.value is not None]
    )


def without_interval(reasons: Iterable[str | None]) -> str:
    """The reasons why figures have no interval, each once, as a sentence; empty where there is none."""
    said = [reason.removeprefix("no interval: ") for reason in dict.fromkeys(reasons) if reason]
    return f"Without an interval: {'; '.join(said)}." if said else ""
