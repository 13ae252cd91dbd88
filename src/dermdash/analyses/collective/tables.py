"""The tables of collective decisions: numbers in full, and as people read them."""

from collections.abc import Iterable, Sequence

import pandas as pd

from dermdash.analyses.collective.collective_result import ModalityPanels
from dermdash.analyses.collective.malignancy_panels import MalignancyPanels, PanelRate, VoteRule
from dermdash.analyses.collective.mixed_panels import MixedPanels
from dermdash.analyses.collective.model_panels import ModelPanels
from dermdash.analyses.collective.panel_curves import Gain, PanelCurve, PanelPoint
from dermdash.analyses.section import ResultTable
from dermdash.readings.modality import modality_label
from dermdash.wording import INTERVAL, counted, not_computed, percent_interval, points

READERS_AND_CASES = "readers and cases"


def point_words(point: PanelPoint) -> str:
    """Accuracy of a panel with its interval."""
    return percent_interval(point.accuracy, point.low, point.high)


def gain_words(gain: Gain) -> str:
    """A difference in percentage points with its interval."""
    return points(gain.difference, gain.low, gain.high)


def curve_table(name: str, title: str, curves: Sequence[PanelCurve]) -> ResultTable:
    """Accuracy by panel size, one block of rows per curve."""
    rows = [
        {
            "group": curve.label, "k": p.size, "accuracy": p.accuracy, "ci_low": p.low, "ci_high": p.high,
            "interval_covers_readers": p.covers_readers, "n_readers": curve.readers, "n_cases": curve.cases,
            "n_readings": curve.readings,
        }
        for curve in curves
        for p in curve.points
    ]  # fmt: skip
    shown = [
        {
            "Group": curve.label, "Readers in the panel": p.size, f"Correct ({INTERVAL})": point_words(p),
            "Interval over": READERS_AND_CASES if p.covers_readers else "cases",
            "Readers": curve.readers, "Cases": curve.cases, "Readings": curve.readings,
        }
        for curve in curves
        for p in curve.points
    ]  # fmt: skip
    return ResultTable(name, title, pd.DataFrame(rows), pd.DataFrame(shown))


def model_table(model: ModelPanels) -> ResultTable:
    """Panels alone, with the model voting, and averaged with its probabilities."""
    rows, shown = [], []
    for i, alone in enumerate(model.readers_alone.points):
        voting, averaged = model.voting.points[i], None if model.averaged is None else model.averaged.points[i]
        versus, gain = model.panel_minus_model[i], model.voting_gain[i]
        rows.append(
            {
                "k": alone.size, "readers_alone": alone.accuracy, "readers_alone_low": alone.low,
                "readers_alone_high": alone.high, "minus_model": versus.difference, "minus_model_low": versus.low,
                "minus_model_high": versus.high, "with_model_voting": voting.accuracy,
                "with_model_voting_low": voting.low, "with_model_voting_high": voting.high,
                "gain_of_voting": gain.difference, "gain_of_voting_low": gain.low, "gain_of_voting_high": gain.high,
                "averaged": None if averaged is None else averaged.accuracy,
                "averaged_low": None if averaged is None else averaged.low,
                "averaged_high": None if averaged is None else averaged.high,
                "n_readers": model.readers_alone.readers, "n_cases": model.readers_alone.cases,
            }
        )  # fmt: skip
        shown.append(
            {
                "Readers": alone.size, "Readers alone": point_words(alone), "Readers minus model": gain_words(versus),
                "Model votes too": point_words(voting), "Gain": gain_words(gain),
                "Averaged with its probabilities": "" if averaged is None else point_words(averaged),
            }
        )  # fmt: skip
    return ResultTable(
        "collective-model", f"Panels with {model.model}", pd.DataFrame(rows), pd.DataFrame(shown),
        note=f"The model alone: {point_words(model.accuracy)}, {counted(model.readers_alone.cases, 'case')}.",
    )  # fmt: skip


def modality_table(modalities: Sequence[ModalityPanels]) -> ResultTable:
    """Panels of the same readers before and after assistance."""
    rows, shown = [], []
    for m in modalities:
        for before, after, gain in zip(m.unaided.points, m.aided.points, m.gain, strict=True):
            rows.append(
                {
                    "modality": m.modality, "k": gain.size, "unaided": before.accuracy, "unaided_low": before.low,
                    "unaided_high": before.high, "aided": after.accuracy, "aided_low": after.low,
                    "aided_high": after.high, "difference": gain.difference, "difference_low": gain.low,
                    "difference_high": gain.high, "n_readers": m.aided.readers, "n_cases": m.aided.cases,
                    "n_pairs": m.aided.readings,
                }
            )  # fmt: skip
            shown.append(
                {
                    "Assistance": modality_label(m.modality), "Readers in the panel": gain.size,
                    f"Difference ({INTERVAL})": gain_words(gain), "Before": point_words(before),
                    "After": point_words(after), "Readers": m.aided.readers, "Cases": m.aided.cases,
                    "Pairs": m.aided.readings,
                }
            )  # fmt: skip
    return ResultTable(
        "collective-assistance", "Panels before and after assistance", pd.DataFrame(rows), pd.DataFrame(shown)
    )


def mixed_table(mixed: MixedPanels) -> ResultTable:
    """Panels of one size from none to all of the first kind."""
    rows = [
        {
            "first": mixed.first, "second": mixed.second, "members_of_first": p.members[0],
            "members_of_second": p.members[1], "accuracy": p.accuracy, "ci_low": p.low, "ci_high": p.high,
            "gain_over_second": g.difference, "gain_low": g.low, "gain_high": g.high,
            "readers_of_first": mixed.readers[0], "readers_of_second": mixed.readers[1], "n_cases": mixed.cases,
        }
        for p, g in zip(mixed.mixes, mixed.over_second, strict=True)
    ]  # fmt: skip
    shown = [
        {
            f"{mixed.first}": p.members[0], f"{mixed.second}": p.members[1], f"Correct ({INTERVAL})": point_words(p),
            f"Against {mixed.size} with {mixed.second}": "" if not p.members[0] else gain_words(g),
        }
        for p, g in zip(mixed.mixes, mixed.over_second, strict=True)
    ]  # fmt: skip
    return ResultTable(
        "collective-mixed", f"Mixed panels of {mixed.size}", pd.DataFrame(rows), pd.DataFrame(shown),
        note=f"{counted(mixed.readers[0], 'reader')} with {mixed.first}, {mixed.readers[1]} with {mixed.second}, "
        f"{counted(mixed.cases, 'case')} ({mixed.cases_left_out} left out for want of readers).",
    )  # fmt: skip


def malignancy_table(panels: MalignancyPanels) -> ResultTable:
    """Sensitivity and specificity of panels by rule."""
    rows = [
        {"rule": p.rule.value, "k": p.size}
        | _rate_columns("sensitivity", p.sensitivity)
        | _rate_columns("specificity", p.specificity)
        | {"n_malignant": panels.malignant_cases, "n_benign": panels.benign_cases, "n_readers": panels.readers}
        for p in panels.panels
    ]
    shown = [
        {
            "Malignant if": "majority" if p.rule is VoteRule.MAJORITY else "any vote", "Readers in the panel": p.size,
            f"Sensitivity ({INTERVAL})": rate_words(p.sensitivity),
            f"Specificity ({INTERVAL})": rate_words(p.specificity),
        }
        for p in panels.panels
    ]  # fmt: skip
    return ResultTable(
        "collective-malignancy", "Malignancy by panels", pd.DataFrame(rows), pd.DataFrame(shown),
        note=f"{panels.malignant_cases} malignant and {counted(panels.benign_cases, 'benign case')}, "
        f"{counted(panels.readers, 'reader')}, {counted(panels.readings, 'reading')}. "
        f"{_unmoved(panels)}".strip(),
    )  # fmt: skip


def _rate_columns(name: str, rate: PanelRate) -> dict[str, float | None]:
    return {name: rate.value, f"{name}_low": rate.low, f"{name}_high": rate.high}


def rate_words(rate: PanelRate) -> str:
    """A share with its interval, or why there is none."""
    if rate.value is None:
        return not_computed(rate.reason)
    return percent_interval(rate.value, rate.low, rate.high)


def _unmoved(panels: MalignancyPanels) -> str:
    """Why some panels have no interval."""
    return without_interval(
        [r.reason for p in panels.panels for r in (p.sensitivity, p.specificity) if r.value is not None]
    )


def without_interval(reasons: Iterable[str | None]) -> str:
    """The reasons why figures have no interval, each once, as a sentence; empty where there is none."""
    said = [reason.removeprefix("no interval: ") for reason in dict.fromkeys(reasons) if reason]
    return f"Without an interval: {'; '.join(said)}." if said else ""
