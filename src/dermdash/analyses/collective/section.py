"""Panels of readers in words, tables and figures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from dermdash.analyses.bibliography import ARVESEN, RINNER
from dermdash.analyses.collective.collective_result import CollectiveResult
from dermdash.analyses.collective.figures import (
    malignancy_panels_figure,
    mixed_panels_figure,
    panel_curve_figure,
    panel_gain_figure,
)
from dermdash.analyses.collective.model_panels import LEAST_FOR_SIZE, ModelPanels
from dermdash.analyses.collective.options import GROUP_WORDS, KEY, TITLE
from dermdash.analyses.collective.panel_curves import PanelCurve
from dermdash.analyses.collective.tables import (
    READERS_AND_CASES,
    curve_table,
    gain_words,
    malignancy_table,
    mixed_table,
    modality_table,
    model_table,
    point_words,
    without_interval,
)
from dermdash.analyses.section import SIMULATED, ResultFigure, Section
from dermdash.analyses.units import unit_text
from dermdash.analysis.bootstrap import NO_DRAWS
from dermdash.analysis.drawn_intervals import LEAST_CLUSTERS
from dermdash.charts.palette import Theme
from dermdash.reader_study.profile import group_name
from dermdash.readings.modality import modality_label
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import counted, form, left_out, level

REFERENCES = (RINNER, ARVESEN)
LINEAR = (
    "Within a replicate the value of a case was linear in the weights of its readers, with the change by leaving a "
    "reader out as slope (jackknife of U-statistics; Arvesen 1969), because panels drawn from a replicate would let "
    "one person vote twice."
)


def collective_section(result: CollectiveResult) -> Section:
    """The analysis of collective decisions as a section of page and report."""
    result = _in_words(result)
    said = "The plurality of a panel against its size"
    said += "." if result.model is None else ", alone and with the model. Dashed: the model alone."
    breaks = _break_words([result.unaided] if result.model is None else _with_model(result.model))
    tables = [curve_table("collective-readers", "Accuracy of panels without assistance", [result.unaided])]
    figures = [
        ResultFigure(
            "collective-readers",
            "Accuracy against the number of readers",
            drawn(
                panel_curve_figure,
                [result.unaided] if result.model is None else _with_model(result.model),
                model=result.model,
                bands=result.model is None,
            ),
            said + breaks,
            brief="The plurality of a panel against its size."
            + (" Open marks: all readers of a case." if breaks else ""),
        )
    ]
    if result.model is not None:
        tables.append(model_table(result.model))
    if result.modalities:
        tables.append(modality_table(result.modalities))
        figures.append(
            ResultFigure(
                "collective-assistance", "What assistance changes", drawn(panel_gain_figure, result.modalities),
                "Panels of the same readers on the same cases, after minus before assistance, with "
                f"{level(0.95)} intervals." + _break_words([m.aided for m in result.modalities]),
            )
        )  # fmt: skip
    if result.groups:
        words = GROUP_WORDS.get(str(result.group_column), str(result.group_column))
        tables.append(curve_table("collective-groups", f"Panels by {words}", result.groups))
        figures.append(
            ResultFigure(
                "collective-groups", f"Panels by {words}",
                drawn(panel_curve_figure, result.groups, bands=False),
                "Each group on the cases that its own readers read." + _break_words(result.groups),
            )
        )  # fmt: skip
    if result.mixed is not None:
        tables.append(mixed_table(result.mixed))
        figures.append(
            ResultFigure(
                "collective-mixed",
                f"Panels of {result.mixed.size}: {result.mixed.first} among {result.mixed.second}",
                drawn(mixed_panels_figure, result.mixed),
            )
        )
    if result.malignancy is not None:
        tables.append(malignancy_table(result.malignancy))
        figures.append(
            ResultFigure(
                "collective-malignancy", "Sensitivity and specificity for malignancy",
                drawn(malignancy_panels_figure, result.malignancy),
                "Solid: sensitivity. Dashed: specificity." + _break_words([result.unaided]),
            )
        )  # fmt: skip
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=_methods(result),
        tables=tuple(tables),
        figures=tuple(figures),
        warnings=_warnings(result),
        exploratory=result.exploratory,
        references=REFERENCES,
    )


def _summary(result: CollectiveResult) -> tuple[str, ...]:
    curve = result.unaided
    one, last = curve.points[0], curve.points[-1]
    behind = f"{counted(curve.readers, 'reader')}, {counted(curve.cases, 'case')}, {counted(curve.readings, 'reading')}"
    what = "correct diagnoses" if result.answer == "diagnosis" else "correct calls of malignancy"
    said = [
        f"One reader gave {point_words(one)} {what}; the plurality of {counted(last.size, 'reader')} "
        f"{point_words(last)}{_these_readers(last.covers_readers)} ({behind} without assistance)."
        if last.size > 1
        else f"One reader gave {point_words(one)} {what} ({behind} without assistance). No case was read by enough "
        "readers for a panel."
    ]
    if (model := result.model) is not None:
        said.append(
            f"The model alone was right in {point_words(model.accuracy)} of "
            f"{counted(model.readers_alone.cases, 'case')}. " + _equal_words(model)
        )
        one_more, largest = model.voting_gain[0], model.voting_gain[-1]
        said.append(
            f"With the model as one more member, panels of {counted(largest.size, 'reader')} changed by "
            f"{gain_words(largest)}{_these_readers(largest.covers_readers)}, "
            f"and a single reader (a tie broken at random) by {gain_words(one_more)}."
        )
    for m in result.modalities:
        gain = m.gain[-1]
        said.append(
            f"{modality_label(m.modality)}: assistance changed one reader by {gain_words(m.gain[0])} and panels of "
            f"{gain.size} by {gain_words(gain)}{_these_readers(gain.covers_readers)} "
            f"({counted(m.aided.readers, 'reader')}, "
            f"{counted(m.aided.cases, 'case')}, {counted(m.aided.readings, 'pair')})."
        )
    return tuple(said)


def _these_readers(covers_readers: bool) -> str:
    """What a figure of all readers is, which smaller panels' are not."""
    return "" if covers_readers else " (all readers of a case: of these readers, the interval over cases only)"


def _break_words(curves: Sequence[PanelCurve]) -> str:
    """Why a line breaks, where one does."""
    sizes = {p.size for c in curves for p in c.points if not p.covers_readers}
    joined = any(p.covers_readers for c in curves for p in c.points)
    if not sizes or not joined:
        return ""
    where = f"From {counted(min(sizes), 'reader')} on" if len(sizes) > 1 else f"With {counted(min(sizes), 'reader')}"
    return (
        f" {where} the line breaks (open marks): the panel is all readers of a case, so that it is the answer of these "
        "readers, with an interval over cases only, and no longer that of readers like them."
    )


def _equal_words(model: ModelPanels) -> str:
    equal = model.equal
    if equal.size is None:
        return f"The share of no panel of up to {counted(equal.largest, 'reader')} reached the model's."
    text = f"The share of panels reached the model's from {counted(equal.size, 'reader')} on"
    if equal.share_reached is None:
        return f"{text}."
    low = f"more than {equal.largest}" if equal.low is None else str(equal.low)
    high = f"more than {equal.largest}" if equal.high is None else str(equal.high)
    return f"{text} ({level(0.95)} interval {low} to {high})."


def _methods(result: CollectiveResult) -> tuple[str, ...]:
    how = [
        "A panel of k readers was taken without replacement from those who read a case, and its answer was the "
        f"{'diagnosis' if result.answer == 'diagnosis' else 'call'} with most votes; ties were broken at random, so a "
        "true answer that shared the lead with t others counted 1/(t + 1). The accuracy of panels is the exact mean "
        "over all panels that could be drawn (by the multivariate hypergeometric distribution of their votes), "
        "not a sample of panels.",
        "All panel sizes were judged on the cases that the largest panel could be drawn for. Of several answers of "
        f"one reader to one case the first counted. {left_out(result.excluded)}",
        f"Without intervals: {NO_DRAWS}."
        if not result.replicates
        else f"Intervals ({level(0.95)}) are of the t distribution with the standard error of "
        f"{counted(result.replicates, 'bootstrap replicate')} that redrew {READERS_AND_CASES} (seed {result.seed}), "
        "with the smaller number of readers and cases - 1 degrees of freedom; "
        f"below {LEAST_CLUSTERS} cases none is given. {LINEAR} For one reader this is the usual two-way "
        "bootstrap; for panels of nearly all readers it errs on the wide side. Where a panel took all readers of a "
        "case, its answer is that of these readers and no longer that of readers like them: the interval covers the "
        "choice of cases only, and figures do not join the two. "
        + unit_text(result.clustered, "were drawn together and counted as one case"),
        "No hypothesis was tested, and intervals were not widened for their number.",
    ]
    if result.model is not None:
        how.append(
            f"The model's answer was its most probable class ({result.model.origin}). As a member it had one vote like "
            "every reader."
            + (
                " Averaged, the panel's vote shares and the model's probabilities weighed one half each, and the class "
                "with the greatest mean was the answer."
                if result.model.averaged is not None
                else ""
            )
            + " The interval of the number of readers that equal the model is that of the smallest such panel over the "
            f"replicates (percentiles, from {LEAST_FOR_SIZE} readers and cases on)."
        )
    if result.modalities:
        how.append(
            "Panels before and after assistance were drawn from the same readers of the same cases, with the same "
            "replicates, so that their differences are paired."
        )
    if result.malignancy is not None:
        how.append(
            "For malignancy, answers were reduced to benign or malignant; a panel called a case malignant by majority "
            "(a tie is broken at random), or as soon as any member did."
        )
    return tuple(how)


def _warnings(result: CollectiveResult) -> tuple[str, ...]:
    said = [*result.warnings, *result.not_computed]
    if result.replicates and (fixed := without_interval(p.reason for p in result.unaided.points)):
        said.append(fixed)
    if result.simulated:
        said.append(SIMULATED)
    if small := _small(result.unaided.readers, result.unaided.cases):
        said.append(f"{small}: these figures should not be generalised.")
    thin = [c.label for c in result.groups if _small(c.readers, c.cases)]
    if result.mixed is not None and _small(min(result.mixed.readers), result.mixed.cases):
        thin.append("mixed panels")
    thin += [modality_label(m.modality) for m in result.modalities if _small(m.aided.readers, m.aided.cases)]
    if thin:
        said.append(f"Fewer than {SMALL_READERS} readers or {SMALL_CASES} cases stand behind: {', '.join(thin)}.")
    if result.unaided.cases_left_out:
        said.append(
            f"{counted(result.unaided.cases_left_out, 'case')} read by fewer readers than the largest panel has "
            f"{form(result.unaided.cases_left_out, 'was', 'were')} left out."
        )
    return tuple(said)


def _small(readers: int, cases: int) -> str:
    words = [counted(readers, "reader")] if readers < SMALL_READERS else []
    words += [counted(cases, "case")] if cases < SMALL_CASES else []
    return " and ".join(words)


def _in_words(result: CollectiveResult) -> CollectiveResult:
    """Groups of readers named as people read them."""
    mixed = result.mixed
    return replace(
        result,
        groups=tuple(replace(curve, label=group_name(curve.label)) for curve in result.groups),
        mixed=mixed and replace(mixed, first=group_name(mixed.first), second=group_name(mixed.second)),
    )


def _with_model(model: ModelPanels) -> list[PanelCurve]:
    return [model.readers_alone, model.voting, *([] if model.averaged is None else [model.averaged])]


def drawn(figure: Callable[..., go.Figure], *data: Any, **options: Any) -> Callable[[Theme], go.Figure]:
    """A figure function with its data, waiting for the theme."""
    return lambda theme: figure(*data, theme=theme, **options)
