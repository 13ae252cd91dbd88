"""One chart of each kind as the app draws it, on fixed data with names as long as they get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dermdash.analyses.benefit.change_figures import accuracy_change_figure
from dermdash.analyses.benefit.figures import ForestRow, TurnedAnswers, benefit_forest_figure, turned_answers_figure
from dermdash.analysis.calibration import ReliabilityBin, ReliabilityCurve
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.paired_accuracy import Interval
from dermdash.analysis.roc import roc_curve
from dermdash.charts.bars import Bars, ShareGrid, bars_figure, grid_figure
from dermdash.charts.confusion import model_confusion_figure
from dermdash.charts.palette import Theme, diagnosis_color, modality_color
from dermdash.charts.progress import reader_progress_figure
from dermdash.charts.reliability import reliability_figure
from dermdash.charts.roc_curves import ReaderMark, RocLine, roc_figure
from dermdash.charts.rows import empty_figure
from dermdash.charts.split_parts import deviation_figure, sides_figure
from dermdash.charts.study_course import enrolment_figure
from dermdash.charts.training_curves import measured_figure
from dermdash.records.taxonomy import HAM7
from dermdash.wording import counted, number, percent

MODALITIES = ("malignancy_probability", "multiclass_probability", "cbir", "crowd_probability")
_NAMES = [c.name for c in HAM7.classes]


@dataclass(frozen=True, slots=True)
class Change:
    """What `accuracy_change_figure` draws of one modality."""

    modality: str
    unaided: float
    aided: float
    unaided_interval: Interval | None
    aided_interval: Interval | None
    difference_interval: Interval | None

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.aided - self.unaided


def before_and_after(theme: Theme) -> go.Figure:
    """Rows with two marks and their intervals, readers behind."""
    rows = []
    for i, modality in enumerate(MODALITIES):
        before, after = 0.6 + 0.01 * i, 0.66 + 0.05 * i
        rows.append(
            Change(
                modality, before, after, Interval(before - 0.06, before + 0.06), Interval(after - 0.05, after + 0.04),
                Interval(after - before - 0.03, after - before + 0.04),
            )
        )  # fmt: skip
    shares = np.linspace(0.45, 0.8, 9)
    readers = pd.DataFrame(
        [(m, f"Reader {i}", share, min(share + 0.08, 1.0)) for m in MODALITIES for i, share in enumerate(shares)],
        columns=["modality", "reader", "unaided", "aided"],
    )
    return accuracy_change_figure(rows, readers=readers, theme=theme)


def forest(theme: Theme) -> go.Figure:
    """Groups below one another, the small ones open."""
    rows = [
        ForestRow("Years of experience"),
        ForestRow("less than 3 years", 0.14, 0.09, 0.19, None, "1,204 answers"),
        ForestRow("3 to 10 years, in a clinic that sees tumours", 0.07, 0.01, 0.13, None, "640 answers"),
        ForestRow("more than 10 years in private practice", -0.02, -0.11, 0.07, "few readers", "96 answers"),
        ForestRow("Profession"),
        ForestRow("Dermatologist, board-certified", 0.05, 0.01, 0.09, None, "1,320 answers"),
        ForestRow("Nurse", 0.2, None, None, "one reader", "28 answers"),
    ]
    return benefit_forest_figure(rows, measure="Correct diagnoses", overall=0.08, theme=theme)


def turned(theme: Theme) -> go.Figure:
    """Bars to both sides."""
    rows = [TurnedAnswers(m, 60 + 9 * i, 22 - 4 * i, modality_color(m)) for i, m in enumerate(MODALITIES)]
    return turned_answers_figure(rows, gained="corrected", lost="spoiled", theme=theme)


def diagnoses(theme: Theme) -> go.Figure:
    """Bars in the colours of diagnoses."""
    counts = (327, 514, 1099, 115, 1113, 6705, 142)
    bars = Bars(
        "Images by diagnosis", tuple(_NAMES), counts,
        tuple(f"{number(n, 0)} ({percent(n / sum(counts))})" for n in counts),
        tuple(diagnosis_color(code) for code in HAM7.codes), description=counted(sum(counts), "image"),
    )  # fmt: skip
    return bars_figure(bars, theme)


def histogram(theme: Theme) -> go.Figure:
    """Upright bars over numbers."""
    labels = tuple(f"{5 * i}-{5 * i + 4}" for i in range(17))
    values = tuple(float(n) for n in (3, 8, 20, 44, 70, 122, 260, 390, 610, 720, 690, 540, 410, 300, 160, 60, 9))
    bars = Bars(
        "Age", labels, values, tuple(number(n, 0) for n in values), upright=True, label_title="Age, years",
        value_title="Patients",
    )  # fmt: skip
    return bars_figure(bars, theme)


def shares(theme: Theme) -> go.Figure:
    """A heat map of shares."""
    columns = ("Melanoma", "Nevus", "Basal cell carcinoma", "Not recorded")
    rows = ("Age", "Sex", "Anatomic site", "Fitzpatrick skin type")
    cells = tuple(tuple(((3 * i + 5 * j) % 11) / 10 for j in range(4)) for i in range(4))
    return grid_figure(ShareGrid("Missing values, %", rows, columns, cells, tuple(("",) * 4 for _ in rows)), theme)


def confusion(theme: Theme) -> go.Figure:
    """A confusion matrix."""
    counts = np.array([[40 if i == j else (i * 3 + j * 5) % 9 for j in range(7)] for i in range(7)])
    return model_confusion_figure(counts, taxonomy=HAM7, theme=theme)


def roc(theme: Theme) -> go.Figure:
    """Curves with their operating points, readers beside them."""
    rng = np.random.default_rng(3)
    lines = []
    for i, code in enumerate(("mel", "bcc", "nv")):
        target = np.arange(200) % 3 == 0
        curve = roc_curve(target, rng.normal(size=200) + (1.0 + 0.5 * i) * target)
        lines.append(
            RocLine(
                HAM7[code].name, curve, diagnosis_color(code), auc=Estimate(0.8 + 0.04 * i, 0.7, 0.95), threshold=0.3,
                sensitivity=Estimate(0.82, 0.74, 0.88), specificity=Estimate(0.7 + 0.05 * i, 0.6, 0.9),
            )
        )  # fmt: skip
    readers = [ReaderMark(f"Reader {i}", 0.5 + 0.05 * i, 0.95 - 0.06 * i) for i in range(8)]
    return roc_figure(lines, readers=readers, mean=ReaderMark("Mean of 8 readers", 0.7, 0.75), theme=theme)


def reliability(theme: Theme) -> go.Figure:
    """Points with intervals along the diagonal."""

    def curve(shift: float) -> ReliabilityCurve:
        at = np.linspace(0.05, 0.95, 10)
        bins = tuple(
            ReliabilityBin(a - 0.05, a + 0.05, int(90 - 80 * abs(a - 0.5)), a, min(max(a + shift, 0), 1),
                           max(a + shift - 0.09, 0), min(a + shift + 0.09, 1))
            for a in map(float, at)
        )  # fmt: skip
        return ReliabilityCurve("equal_width", bins, abs(shift), abs(shift))

    return reliability_figure(curve(-0.12), curve(0.02), title="Malignancy", y="Was malignant, %", theme=theme)


def progress(theme: Theme) -> go.Figure:
    """How far readers are."""
    names = ["Simulated reader 01 · Dermatologist, board-certified", "Simulated reader 02 · Nurse", "Reader 03"]
    readers = pd.DataFrame({"reader": names, "cases_done": [28, 11, 0], "cases_total": [28, 28, 28]})
    return reader_progress_figure(readers, theme=theme)


def course(theme: Theme) -> go.Figure:
    """Two lines over days, told apart without colour."""
    came = {f"2026-03-{d:02d}": 1 + d % 3 for d in range(1, 15)}
    return enrolment_figure(came, {f"2026-03-{d:02d}": 1 for d in range(5, 15, 2)}, theme=theme)


def training(theme: Theme) -> go.Figure:
    """Two lines over epochs."""
    return measured_figure([(i, 0.25 + 0.05 * i, 0.35 + 0.045 * i) for i in range(1, 11)], epochs=24, theme=theme)


def sides(theme: Theme) -> go.Figure:
    """Stacked bars with a leak."""
    rows = [
        ("Lesions", {"train": 5200, "validation": 900, "test": 1370}, 0),
        ("Patients", {"train": 3100, "validation": 600, "test": 700}, 4),
    ]
    return sides_figure(rows, ("train", "validation", "test"), theme=theme)


def deviation(theme: Theme) -> go.Figure:
    """Points of three parts around zero."""
    parts = ("train", "validation", "test")
    away = {name: {p: ((3 * i + j) % 5 - 2) / 100 for j, p in enumerate(parts)} for i, name in enumerate(_NAMES)}
    return deviation_figure(away, dict.fromkeys(_NAMES, 120), parts, theme=theme)


def nothing_yet(theme: Theme) -> go.Figure:
    """What stands where there is nothing to draw."""
    return empty_figure("Nobody has started. Send out the invitation links.", theme=theme)


CHARTS: dict[str, tuple[str, Callable[[Theme], go.Figure]]] = {
    "before-and-after": ("Before and after, with intervals and readers", before_and_after),
    "forest": ("Groups with intervals", forest),
    "turned": ("Bars to both sides", turned),
    "diagnoses": ("Bars by diagnosis", diagnoses),
    "histogram": ("Histogram", histogram),
    "shares": ("Grid of shares", shares),
    "confusion": ("Confusion matrix", confusion),
    "roc": ("Curves with intervals and readers", roc),
    "reliability": ("Calibration", reliability),
    "progress": ("Progress of readers", progress),
    "course": ("Course over days", course),
    "training": ("Course over epochs", training),
    "sides": ("Stacked bars", sides),
    "deviation": ("Points around zero", deviation),
    "nothing": ("Nothing to draw", nothing_yet),
}
"""Name to heading and drawing."""
