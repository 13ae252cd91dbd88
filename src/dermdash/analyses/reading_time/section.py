"""Reading times as a section: findings, methods, tables, figures."""

from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go

from dermdash.analyses.bibliography import BONETT, CAMERON, HEITZ, HOLM, LIANG, MANCL, OWEN, RAO
from dermdash.analyses.other_designs import say_design
from dermdash.analyses.reading_time.figures import (
    reader_speed_figure,
    session_accuracy_figure,
    session_time_figure,
    speed_accuracy_figure,
    time_ratio_figure,
    time_rows_figure,
)
from dermdash.analyses.reading_time.options import KEY, TITLE
from dermdash.analyses.reading_time.ratios import TimeRatio
from dermdash.analyses.reading_time.run import TimeResult
from dermdash.analyses.reading_time.study import ReadingTime
from dermdash.analyses.reading_time.tables import OUTCOMES, PHASES, tables
from dermdash.analyses.section import ResultFigure, Section
from dermdash.analyses.units import unit_text
from dermdash.charts.palette import Theme
from dermdash.readings.first_readings import LATER
from dermdash.readings.modality import ALL_MODALITIES, modality_name
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.small_groups import is_small
from dermdash.wording import counted, form, level, number_interval, p_words, seconds, time_limit

OWN_FORMATS = ("study", "dermdash")
"""Formats of readings made with this app, whose clock is known."""
REFERENCES = (CAMERON, RAO, OWEN, LIANG, MANCL, BONETT, HEITZ, HOLM)


def reading_time_section(result: TimeResult, table: ReadingsTable) -> Section:
    """The section of a result from `analyse_reading_time` on this table."""
    found = result.time
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(found),
        methods=_methods(result, table),
        tables=tables(found),
        figures=_figures(found),
        warnings=_warnings(found, table, result.later),
        exploratory=KEY not in table.prespecified,
        references=REFERENCES,
    )


def _summary(found: ReadingTime) -> tuple[str, ...]:
    sentences = [
        f"{counted(found.counts.usable, 'reading')} of {counted(found.readers, 'reader')} on "
        f"{counted(found.cases, 'case')} with a time, {counted(found.pairs, 'pair')} before and "
        "after assistance."
    ]
    medians = {s.phase: s for s in found.summaries if s.modality == ALL_MODALITIES and not s.group}
    medians = medians or {s.phase: s for s in found.summaries if not s.group}
    if medians:
        sentences.append(
            "; ".join(
                f"{PHASES[phase]} assistance the median was {seconds(s.median)} (quartiles "
                f"{seconds(s.first_quartile)} to "
                f"{seconds(s.third_quartile)})"
                for phase, s in medians.items()
            ).capitalize()
            + "."
        )
    ratios = [
        f"{modality_name(r.modality)} {_ratio_words(r)}" for r in found.ratios if not r.group and r.ratio is not None
    ]
    if ratios:
        sentences.append(f"Time after assistance, relative to the time before: {'; '.join(ratios)}.")
    for r in found.total_ratios:
        if r.ratio is not None and r.modality == (ALL_MODALITIES if len(found.total_ratios) > 1 else r.modality):
            sentences.append(
                "A case with both answers took "
                f"{number_interval(r.ratio, r.low, r.high, 2)} times as long as the answer before assistance alone."
            )
    for slopes, what in (
        (found.learning.slopes, "Per 10 cases later in the session (ratio of times, odds ratio of right answers)"),
        (found.speed_accuracy.slopes, "For answers that took a reader twice as long (odds ratio)"),
    ):
        told = [
            f"{OUTCOMES[s.outcome].lower()} {number_interval(s.ratio, s.low, s.high, 2)} "
            f"({p_words(s.p_value, s.p_holm)})"
            for s in slopes
            if s.ratio is not None
        ]
        if told:
            sentences.append(f"{what}: {'; '.join(told)}.")
    return tuple(sentences)


def _ratio_words(r: TimeRatio) -> str:
    text = number_interval(r.ratio, r.low, r.high, 2)
    if r.p_value is not None:
        text += f" ({p_words(r.p_value, r.p_holm)})"
    return text


def _methods(result: TimeResult, table: ReadingsTable) -> tuple[str, ...]:
    found = result.time
    methods = [
        (
            "Times were those of the reader's browser, from the painted image (before) or the painted assistance "
            "(after) to "
            "the answer."
            if table.format in OWN_FORMATS
            else "Times were those that the log gives; when it starts and stops its clock is not recorded in it."
        )
        + " Readings without a time, with one not above 0, or with one that the server's clock contradicts (longer "
        "than the step had been open, or a week or longer) were left out and counted. Times below "
        f"{time_limit(found.rule.shortest_ms)} or above {time_limit(found.rule.longest_ms)} were called implausible; "
        "they stayed in the main analysis, whose geometric means they move little, and were left out of a sensitivity "
        "analysis" + ("." if found.sensitivity else "; there were none."),
        f"Medians and quartiles are of readings. Intervals ({level(found.confidence)}) of geometric means were two-way "
        "cluster-robust over readers and cases (Cameron, Gelbach and Miller 2011), computed on logarithms. "
        + unit_text(
            result.clustered, "counted as one case in these variances and in those of slopes, and were drawn together"
        )
        + " The t test of ratios and the correlation between readers speak of readers, and take no cases as "
        "independent.",
        "For ratios, the logarithms of the ratio of a pair's two times were averaged per reader, and the reader means "
        "tested with the t test; every reader weighed the same. P values of the modalities were corrected by Holm."
        + (
            f" Beside it, a two-way bootstrap drew readers and cases (Owen 2007; {counted(found.replicates, 'draw')}, "
            f"seed {found.seed}); with the t distribution (the smaller number of readers and cases - 1 degrees of "
            "freedom) it also covers the choice of cases, and errs on the wide side."
            if found.replicates
            else ""
        )
        + " Right with wrong, and changed with kept answers were compared by the difference of each reader's mean "
        "logarithms, for readers with both kinds, corrected by Holm over these comparisons.",
        (
            "Learning was tested with generalised estimating equations on the position in the session, linear for the "
            "logarithm of time and logistic for right answers, readers as clusters, exchangeable working correlation, "
            "adjusted for the modality after assistance, with the covariance of Mancl and DeRouen (2001), to which "
            "that between cases was added (Cameron, Gelbach and Miller 2011), and the t distribution on the smaller "
            "number of readers and cases - 1 degrees of freedom, corrected by Holm over outcomes and phases. The "
            "effect of the "
            "position cannot be told from that of the cases if all readers had the same order."
        )
        if found.learning.reason is None
        else f"Learning over the session was not computed: {found.learning.reason}.",
        (
            f"For the conditional accuracy function (Heitz 2014), each reader's times of a phase were parted into "
            f"{result.options.parts} parts of about equally many readings. Accuracy was tested against the logarithm "
            "of time minus the reader's mean with logistic estimating equations as above. Between readers, Spearman's "
            "correlation of geometric mean time and accuracy was computed with the interval of Bonett and Wright "
            "(2000). "
            "Harder cases take longer and are missed more often: a slope within readers is no effect of time."
        )
        if found.speed_accuracy.reason is None
        else f"Speed and accuracy were not compared: {found.speed_accuracy.reason}.",
    ]
    return (*methods, *table.notes)


def _figures(found: ReadingTime) -> tuple[ResultFigure, ...]:
    made = [
        _figure("time-rows", "Time before and after assistance", partial(time_rows_figure, found.summaries),
                "Median and quartiles of each modality on a logarithmic axis."),
    ]  # fmt: skip
    if any(r.ratio is not None for r in found.ratios):
        made.append(
            _figure("time-ratio", "Time after against time before", partial(time_ratio_figure, found.ratios),
                    "Left of the dotted line the answer after assistance takes less time than the one before.")
        )  # fmt: skip
    if found.learning.parts:
        made.append(
            _figure("time-session", "Time along the session", partial(session_time_figure, found.learning),
                    "Geometric mean time of parts of the session, with bands.")
        )  # fmt: skip
        if any(p.accuracy.value is not None for p in found.learning.parts):
            made.append(
                _figure("accuracy-session", "Accuracy along the session",
                        partial(session_accuracy_figure, found.learning),
                        "Right answers in parts of the session, with bands.")
            )  # fmt: skip
    if found.speed_accuracy.curve:
        made.append(
            _figure("speed-accuracy", "Quick and slow answers", partial(speed_accuracy_figure, found.speed_accuracy),
                    "Right answers from each reader's quickest part (left) to the slowest (right), with bands.")
        )  # fmt: skip
    if found.speed_accuracy.readers:
        made.append(
            _figure("reader-speed", "Quick and slow readers", partial(reader_speed_figure, found.speed_accuracy),
                    "Every mark is a reader.")
        )  # fmt: skip
    return tuple(made)


def _figure(name: str, title: str, draw: Callable[..., go.Figure], description: str) -> ResultFigure:
    return ResultFigure(name, title, partial(_themed, draw), description)


def _themed(draw: Callable[..., go.Figure], theme: Theme) -> go.Figure:
    return draw(theme=theme)


def _warnings(found: ReadingTime, table: ReadingsTable, later: int) -> tuple[str, ...]:
    warnings, counts = list(say_design(table)), found.counts
    left_out = [
        (counts.missing, ("reading without a time", "readings without a time")),
        (counts.below_least, ("time below 1 ms", "times below 1 ms")),
        (
            counts.contradicted,
            (
                "time that the server's clock contradicts (longer than the step was open, or a week or longer)",
                "times that the server's clock contradicts (longer than the step was open, or a week or longer)",
            ),
        ),
        (found.unpaired, ("time without the other half of its pair", "times without the other half of their pair")),
    ]
    told = [counted(n, *words) for n, words in left_out if n]
    told += [f"{counted(later, 'reading')}: {LATER}"] if later else []
    told += [f"{counted(n, 'reading')}: {reason}" for reason, n in table.excluded.items()]
    if told:
        warnings.append(f"Left out: {'; '.join(told)}.")
    if counts.implausible:
        short, long = (time_limit(bound) for bound in (found.rule.shortest_ms, found.rule.longest_ms))
        warnings.append(
            f"Implausible: {counted(counts.too_short, 'time')} below {short}, "
            f"{counted(counts.too_long, 'time')} above {long}. They are in these results; the sensitivity "
            "analysis is without them."
        )
    if is_small(found.readers, found.cases):
        warnings.append(
            f"Only {counted(found.readers, 'reader')} and {counted(found.cases, 'case')}: these "
            "figures say little about others."
        )
    small = [
        modality_name(r.modality) for r in found.ratios if not r.group and r.modality != ALL_MODALITIES and r.small
    ]
    if small and not is_small(found.readers, found.cases):
        warnings.append(f"Fewer than 5 readers or 10 cases stand behind: {', '.join(small)}.")
    if found.speed_accuracy.too_few:
        warnings.append(
            f"{counted(found.speed_accuracy.too_few, 'reader')} with too few readings to part them by speed "
            f"{form(found.speed_accuracy.too_few, 'is', 'are')} in none of the parts."
        )
    return tuple(warnings)
