"""No two labels of a figure lie on one another, on a mark or over the edge, as plotly draws them in a real browser.

Every figure of every analysis is drawn at three widths in the widest font that stands in for ours; the style guide,
made of the components of the pages, with the font itself and in both themes.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser, Page, expect
from plotly.offline import get_plotlyjs

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.sample_size.figures import equal_power_figure
from dermdash.analyses.sample_size.run import Basis, Question, assumed_changes, plan_paired
from dermdash.analysis.differential import list_differential
from dermdash.analysis.faithfulness_summary import FIGURES, summarise, summarise_curves
from dermdash.analysis.retrieval_quality import RetrievalFigure, RetrievalScores
from dermdash.charts.confusion import confusion_figure, model_confusion_figure
from dermdash.charts.decision_curve import decision_curve_figure
from dermdash.charts.differential import differential_figure, malignancy_figure
from dermdash.charts.faithfulness import curves_figure, faithfulness_figure
from dermdash.charts.labels import fitted, untitled
from dermdash.charts.palette import FONT, INKS, Theme
from dermdash.charts.precision_recall import precision_recall_figure
from dermdash.charts.progress import reader_progress_figure
from dermdash.charts.reliability import reliability_figure
from dermdash.charts.retrieval_quality import precision_at_k_figure
from dermdash.charts.roc_curves import roc_figure, roc_line
from dermdash.charts.rows import lowered, row_figure
from dermdash.charts.subgroup_forest import subgroup_forest_figure
from dermdash.charts.threshold_by_dataset import threshold_figure
from dermdash.charts.training_curves import loss_figure, measured_figure
from dermdash.records.taxonomy import HAM7
from dermdash.report.study_report import build_report
from dermdash.ui.analysis.section_view import MOST_PX
from tests.browser.apps.style_charts import CHARTS
from tests.browser.page_check import axe_faults, show_as
from tests.browser.served_app import wait_until, wait_until_idle
from tests.readings_factory import make_readings
from tests.unit.charts.evaluated import make_evaluation
from tests.unit.report.report_factory import predictions_for

pytestmark = pytest.mark.browser
WIDTHS = (358, 640, 1090)
"""Pixels that Streamlit leaves a figure on a screen of 390 px, beside lesions or on a tablet, and on a desk."""
SCREENS = (1440, 1024, 390)
GUIDE = Path(__file__).parent / "apps" / "style_guide.py"
MODALITIES = ("malignancy_probability", "multiclass_probability", "cbir", "crowd_probability")
# Boxes are as high as a line: two that share a few pixels of it do not touch. A mark may not reach into a text at all.
TROUBLES = """(width) => [...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) => {
  const found = [], frame = plot.querySelector('.main-svg').getBoundingClientRect();
  const named = plot.closest('[class*="st-key-style-"]')?.className.match(/st-key-style-([\\w-]+)/)?.[1];
  const name = plot.dataset.name || named || 'a figure';
  const shown = (t) => t.textContent.trim() && t.getBoundingClientRect().width > 0 && !t.closest('.hoverlayer');
  const lines = (t) => { const own = [...t.querySelectorAll('tspan.line')]; return own.length ? own : [t]; };
  const texts = [...plot.querySelectorAll('svg text')].filter(shown).flatMap(lines);
  const boxes = texts.map((t) => t.getBoundingClientRect());
  const shared = (a, b) => [Math.min(a.right, b.right) - Math.max(a.left, b.left),
                            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
  // Rows have their labels within the plot, above their marks; elsewhere points may lie anywhere, whiskers may not.
  const rows = !plot.querySelector('.ytick');
  const marks = [...plot.querySelectorAll('.errorbars path' + (rows ? ', .points path, .bars path' : ''))]
    .map((mark) => mark.getBoundingClientRect());
  texts.forEach((text, i) => {
    const a = boxes[i], said = text.textContent;
    if (a.left < frame.left - 2 || a.right > frame.right + 2 || a.top < frame.top - 2 || a.bottom > frame.bottom + 2)
      found.push(`${name} at ${width}: "${said}" is cut`);
    for (let j = i + 1; j < texts.length; j++) {
      const [wide, high] = shared(a, boxes[j]);
      if (wide > 2 && high > 7) found.push(`${name} at ${width}: "${said}" lies on "${texts[j].textContent}"`);
    }
    if (!text.closest('.annotation')) return;
    for (const b of marks) {
      const [wide, high] = shared(a, b);
      if (wide >= 0 && high > 1) {
        found.push(`${name} at ${width}: "${said}" touches a mark by ${high.toFixed(1)} px`);
        break;
      }
    }
  });
  return found;
})"""


def study_figures() -> Iterator[tuple[str, go.Figure]]:
    """Every figure of every analysis, with names as long as those of the demo."""
    table = make_readings(readers=6, cases=14, modalities=MODALITIES)
    readers = "Simulated reader " + table.frame["reader"].astype(str)
    experience = table.frame["experience_group"].replace({"over 10 years": "more than 10 years in private practice"})
    table = replace(table, frame=table.frame.assign(reader=readers, experience_group=experience))
    report = build_report(table, AnalysisContext(predictions=predictions_for(table)))
    assert len(report.sections) == 10
    for section in report.sections:
        for figure in section.figures:
            yield f"{section.key}/{figure.name}", untitled(figure.make(Theme.LIGHT))
            if figure is section.chart:
                yield f"{section.key}/{figure.name} as answer", lowered(untitled(figure.make(Theme.LIGHT)), MOST_PX)
    phases = table.frame[["phase", "truth_dx", "dx"]]
    yield "results/confusion", confusion_figure(phases, taxonomy=HAM7)
    yield "results/confusion-stacked", confusion_figure(phases, taxonomy=HAM7, stacked=True)
    progress = pd.DataFrame(
        {
            "reader": [f"Simulated reader {i:02} · Dermatologist, board-certified" for i in range(3)],
            "cases_done": [28, 3, 0],
            "cases_total": 28,
        }
    )
    yield "study/progress", reader_progress_figure(progress)
    changes = assumed_changes(0.05, changed=0.25, reader_sd=0.05)
    question = Question(0.05, 0.8, None, None, None, None)
    plan = plan_paired(changes, question, basis=Basis.ASSUMED, modalities=4, tests=None, random_cases=False).plan
    yield "sample-size/equal-power", equal_power_figure(plan)


def model_figures() -> Iterator[tuple[str, go.Figure]]:
    """Every figure about a model."""
    light = Theme.LIGHT
    found = make_evaluation()
    assert found.malignancy is not None
    assert found.decision_curve is not None
    assert found.calibration_scaled is not None
    classes = [*found.classes, found.malignancy]
    lines = [
        replace(line, name=f"{line.name} · in the second clinic") for c in classes if (line := roc_line(c, theme=light))
    ]
    yield "evaluation/roc", roc_figure(lines, theme=light)
    yield "evaluation/precision-recall", precision_recall_figure(classes, theme=light)
    by_dataset = {"Demo (synthetic images)": found.malignancy, "University hospital, second series": found.malignancy}
    yield "evaluation/thresholds", threshold_figure(by_dataset, chosen=0.4, theme=light)
    yield "evaluation/confusion", model_confusion_figure(found.classification.confusion, taxonomy=HAM7)
    scaled = found.calibration_scaled.measures
    yield (
        "evaluation/reliability",
        reliability_figure(found.calibration.top_class, scaled.top_class, title="The most probable class", theme=light),
    )
    yield "evaluation/decision", decision_curve_figure(found.decision_curve, theme=light)
    for measure in ("auc", "sensitivity", "accuracy"):
        yield f"evaluation/subgroups-{measure}", subgroup_forest_figure(found.subgroups, measure=measure, theme=light)
    sure = {code: 0.994 if code == "mel" else 0.001 for code in HAM7.codes}
    yield "diagnose/differential", differential_figure(list_differential(sure, dict.fromkeys(sure, 0.3), taxonomy=HAM7))
    yield "diagnose/malignancy", malignancy_figure(0.004, 0.1)
    yield "training/loss", loss_figure([(i, 2.0 / i) for i in range(1, 1200, 50)], steps=1200, theme=light)
    yield "training/measured", measured_figure([(i, 0.1 * i, 0.08 * i) for i in range(1, 9)], epochs=24, theme=light)
    guess = {f"precision_at_{k}": RetrievalFigure(0.6, 0.5, 0.7, 42) for k in range(1, 17)}
    yield "similar/precision", precision_at_k_figure(RetrievalScores(16, 42, 42, 0, guess, guess, {}))
    yield from saliency_figures()


def saliency_figures() -> Iterator[tuple[str, go.Figure]]:
    """How faithful saliency maps are."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"group": [f"g{i}" for i in range(42)], "dx": list(HAM7.codes) * 6, "correct": [True, True, False] * 14}
    )
    for figure in FIGURES:
        table[figure], table[f"{figure}_chance"], table[f"{figure}_centre"] = rng.random(42), 0.25, 0.5
    drawn = faithfulness_figure(
        summarise(table, codes=HAM7.codes), table, figure="share", taxonomy=HAM7, theme=Theme.LIGHT
    )
    yield "saliency/faithfulness", drawn
    curves = [
        {kind: {"deletion": np.linspace(1, 0, 5), "insertion": np.linspace(0, 1, 5)} for kind in MAPS}
        for _ in range(12)
    ]
    summary = summarise_curves(curves, [str(i) for i in range(12)])
    yield "saliency/deletion", curves_figure(summary, direction="deletion", theme=Theme.LIGHT)


MAPS = ("gradcam", "centre", "random")


@pytest.fixture(scope="module")
def drawing_page(chromium: Browser) -> Iterator[Page]:
    """An empty page with plotly; the app, too, draws with the fonts of the system."""
    page = chromium.new_page(viewport={"width": 800, "height": 1200})
    page.set_content("<body style='margin: 0; font-family: sans-serif'><div id='plot'></div>")
    page.add_script_tag(content=get_plotlyjs())
    yield page
    page.close()


def troubles(page: Page, name: str, figure: go.Figure) -> list[str]:
    """What collides or is cut in one figure, at every width."""
    drawn: dict[str, Any] = json.loads(fitted(figure).to_json())
    found: list[str] = []
    for width in WIDTHS:
        page.evaluate(
            """async ([figure, width, name]) => {
                 const plot = document.getElementById('plot');
                 plot.dataset.name = name;
                plot.style.width = `${width}px`;
                 await Plotly.newPlot(plot, figure.data, {...figure.layout, width}, {displayModeBar: false});
               }""",
            [drawn, width, name],
        )
        found += page.evaluate(TROUBLES, width)
    return found


@pytest.mark.parametrize("make", [study_figures, model_figures])
def test_no_label_of_a_figure_is_cut_or_lies_on_another(drawing_page: Page, make: Any) -> None:
    figures = dict(make())
    assert len(figures) > 15
    found = [trouble for name, figure in figures.items() for trouble in troubles(drawing_page, name, figure)]
    assert not found, "\n".join(found)


def test_the_measurement_sees_labels_that_collide_or_are_cut(drawing_page: Page) -> None:
    figure = go.Figure(layout={"height": 300, "margin": {"l": 0, "r": 0}})
    for x, text in ((0.4, "Simulated reader 01 of the second clinic"), (0.6, "28 of 28 cases, finished")):
        figure.add_annotation(xref="paper", yref="paper", x=x, y=0.5, text=text, showarrow=False)
    figure.add_annotation(xref="paper", yref="paper", x=1, y=1, xanchor="left", text="outside", showarrow=False)
    found = " ".join(troubles(drawing_page, "made", figure))
    assert "lies on" in found
    assert '"outside" is cut' in found


def test_the_measurement_sees_whiskers_under_a_label(drawing_page: Page) -> None:
    figure = row_figure(["Reader 01", "Reader 02"], values=["1", "2"], theme=Theme.LIGHT, row_height=60)
    figure.add_scatter(x=[1.0], y=[0.35], error_x={"type": "data", "array": [1.0]}, mode="markers")
    assert '"Reader 02" touches a mark' in " ".join(troubles(drawing_page, "made", figure))


@pytest.fixture(scope="module")
def guide(chromium: Browser, run_app: Callable[..., str]) -> Iterator[Page]:
    """The style guide, all of its figures drawn."""
    page = chromium.new_page(viewport={"width": SCREENS[0], "height": 900})
    page.goto(run_app(GUIDE))
    expect(page.get_by_role("heading", name="Nothing to draw")).to_be_visible()
    settled(page)
    yield page
    page.close()


def settled(page: Page) -> None:
    """Wait until every figure is drawn as wide as its place."""
    wait_until_idle(page)
    wait_until(
        page,
        """(least) => { const plots = [...document.querySelectorAll('.stPlotlyChart')];
             return plots.length >= least && plots.every((plot) => {
               const drawn = plot.querySelector('.main-svg')?.getBoundingClientRect().width;
               return drawn && Math.abs(drawn - plot.getBoundingClientRect().width) < 3; }); }""",
        len(CHARTS),
    )


FAMILIES = """(part) => { const own = (root) => [...root.querySelectorAll(part)];
  const within = (root) => [...root.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean);
  const deep = (root) => [...own(root), ...within(root).flatMap(deep)];
  return [...new Set(deep(document).map((e) => getComputedStyle(e).fontFamily))]; }"""


@pytest.mark.parametrize(
    "part",
    [
        "h1", "h2", "h3", '[data-testid="stMarkdownContainer"] p', 'input[type="text"]',
        '[data-testid="stButton"] button', ".dd-figures dd", ".dd-answer", ".tile .title",
        ".groups section", ".js-plotly-plot svg text",
    ],
)  # fmt: skip
def test_page_components_and_figures_have_one_font(guide: Page, part: str) -> None:
    assert guide.evaluate(FAMILIES, part) == [FONT]
    loaded = "[...document.fonts].some((face) => /Source Sans/.test(face.family) && face.status === 'loaded')"
    assert guide.evaluate(loaded)


@pytest.mark.parametrize("width", SCREENS)
def test_no_label_of_the_style_guide_collides_or_is_cut(guide: Page, width: int) -> None:
    show_as(guide, width, "light")
    settled(guide)
    found = guide.evaluate(TROUBLES, width)
    assert not found, "\n".join(found)


def test_axe_finds_no_fault_in_the_style_guide_in_either_theme_at_any_width(guide: Page) -> None:
    at = [(width, scheme) for width, scheme in zip(SCREENS * 2, ("light", "dark") * 3, strict=True)]
    assert axe_faults(guide, at=at) == []


@pytest.mark.parametrize("theme", list(Theme))
def test_figures_have_the_inks_of_the_page(guide: Page, theme: Theme) -> None:
    show_as(guide, 1024, str(theme))
    inks = INKS[theme]
    shown = "getComputedStyle(document.querySelector('[data-testid=\"stApp\"]'))"
    wait_until(guide, f"(color) => {shown}.backgroundColor === color", rgb(inks.background))
    assert guide.evaluate(f"{shown}.color") == rgb(inks.text)
    primary = guide.get_by_role("button", name="Save")
    assert primary.evaluate("(e) => getComputedStyle(e).backgroundColor") == rgb(inks.accent)


def rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))})"
