"""Reliance on advice as a section: findings, methods, tables, figures."""

from collections.abc import Callable, Sequence
from functools import partial

import plotly.graph_objects as go

from dermdash.analyses.bibliography import (
    CAMERON,
    HOLM,
    LIANG,
    MACKINNON,
    MANCL,
    OWEN,
    RAO,
    SATTERTHWAITE,
    SCHEMMER,
    TSCHANDL,
    YANIV,
)
from dermdash.analyses.reliance.dependence_figures import dependence_figure
from dermdash.analyses.reliance.flow_figures import class_flow_figure, transition_figure
from dermdash.analyses.reliance.forest_figures import group_label, reliance_plane_figure, switch_forest_figure
from dermdash.analyses.reliance.options import KEY, TITLE, Compared
from dermdash.analyses.reliance.rates import NO_CLASS, NO_TRUTH
from dermdash.analyses.reliance.run import RelianceResult
from dermdash.analyses.reliance.study import Reliance
from dermdash.analyses.reliance.tables import tables
from dermdash.analyses.section import ResultFigure, Section
from dermdash.analysis.group_contrasts import MINIMUM_CASES, MINIMUM_READERS
from dermdash.analysis.two_way import Rate, RateDifference
from dermdash.charts.palette import Theme
from dermdash.readings.first_readings import LATER
from dermdash.readings.modality import ALL_MODALITIES, modality_name
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.small_groups import is_small
from dermdash.wording import counted, level, number_interval, p_words, percent_interval, points

REFERENCES = (TSCHANDL, SCHEMMER, CAMERON, MACKINNON, RAO, SATTERTHWAITE, OWEN, LIANG, MANCL, HOLM)


def reliance_section(result: RelianceResult, table: ReadingsTable) -> Section:
    """The section of a result from `analyse_reliance` on this table."""
    found = result.reliance
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(found),
        methods=_methods(result, table),
        tables=tables(found, table.confidence_words),
        figures=_figures(found, table.confidence_words),
        warnings=_warnings(result, table),
        exploratory=KEY not in table.prespecified,
        references=(*REFERENCES, *((YANIV,) if found.weights else ())),
    )


def _summary(found: Reliance) -> tuple[str, ...]:
    sentences = [
        f"{counted(found.readers, 'reader')} gave {counted(found.pairs, 'pair')} of answers, "
        f"before and after advice, on {counted(found.cases, 'case')}."
    ]
    for rates in found.rates:
        parts = [
            _part(rates.switch, "answers that differed from the advice", "changed to it"),
            _part(rates.rair, "wrong answers with right advice", "corrected"),
            _part(rates.rsr, "right answers with wrong advice", "kept"),
        ]
        if told := [part for part in parts if part]:
            sentences.append(f"{modality_name(rates.modality)}: {'; '.join(told)}.")
    for compared in found.wrong_advice:
        d = compared.switch_difference
        if compared.modality != (ALL_MODALITIES if len(found.levels) > 1 else compared.modality):
            continue
        if d.low is None and d.value is not None and d.reason:
            sentences.append(f"How often readers changed to each kind of advice was not tested ({d.reason}).")
        if d.low is not None:
            kinds = ("other", "faulty") if found.wrong_means == "faulty" else ("right", "wrong")
            sentences.append(_switched_more(d, *kinds))
    slopes = [
        f"{curve.name.lower()} {number_interval(slope.ratio, slope.low, slope.high, 2)} per {slope.unit} "
        f"({p_words(slope.p_value, slope.p_holm)})"
        for curve in found.dependence
        for slope in curve.slopes
        if slope.outcome == "switch" and slope.ratio is not None
    ]
    if slopes:
        sentences.append(f"Odds ratios of changing to the advice: {'; '.join(slopes)}.")
    return tuple(sentences)


def _switched_more(d: RateDifference, good: str, bad: str) -> str:
    """Which advice readers changed to more often, and nothing where the interval allows for either."""
    numbers = f"{points(d.value, d.low, d.high)} ({p_words(d.p_value)})"
    if d.low is not None and d.low > 0:
        return f"Readers changed to {good} advice more often than to {bad} advice, by {numbers}."
    if d.high is not None and d.high < 0:
        return f"Readers changed to {bad} advice more often than to {good} advice; {good} minus {bad}: {numbers}."
    return (
        f"There was no clear difference in how often readers changed to {good} and to {bad} advice; {good} minus "
        f"{bad}: {numbers}."
    )


def _part(rate: Rate, answers: str, became: str) -> str:
    """One measure in words; nothing where the log does not allow it."""
    if rate.value is None:
        return "" if rate.reason in (NO_CLASS, NO_TRUTH) else f"there were no {answers}"
    return f"{percent_interval(rate.value, rate.low, rate.high)} of {rate.total:,} {answers} {became}"


def _methods(result: RelianceResult, table: ReadingsTable) -> tuple[str, ...]:
    found = result.reliance
    by = {"diagnosis": "by diagnosis", "malignancy": "as malignant or not", "correctness": "only as right or wrong"}
    judged = "; ".join(f"{modality_name(m)} {by[kind]}" for m, kind in found.levels.items())
    methods = [
        "Reliance was measured on pairs of answers of one reader to one case, before and after advice. Advice that "
        "names a class was compared with the diagnoses; "
        + (
            "on request every modality was judged by malignancy, so that all can be compared. "
            if result.options.level is Compared.MALIGNANCY
            else f"where the advice gave only a malignancy probability, answer, advice (from {level(0.5)} on: "
            "malignant) and truth were compared as malignant or not. "
        )
        + f"Judged were: {judged}.",
        "The switch fraction was the share of answers changed to the advice, among those that differed from it before "
        "(Tschandl et al. 2020). RAIR was the share of right final answers among wrong initial answers with right "
        "advice, RSR that among right initial answers with wrong advice (Schemmer et al. 2023); over-reliance was "
        "1 - RSR, under-reliance 1 - RAIR. Shares were pooled over readers: each opportunity counted the same. Of a "
        "case that a reader read again the first pair counted.",
        f"Intervals ({level(result.options.confidence)}) were two-way cluster-robust over readers and cases (Cameron, "
        "Gelbach and Miller 2011; the largest of the two-way and the one-way variances, MacKinnon et al. 2021) with "
        "the t distribution on min(readers, cases) - 1 degrees of freedom; of a share, Wilson's interval for as many "
        f"independent answers as would show this variance (Rao and Scott 1992). At {level(0)} and {level(1)}, where no "
        "variance can be seen, the number of readers or cases, whichever was smaller, was taken as the number of "
        "answers. Differences between modalities and between kinds of advice were tested with jackknife variances "
        "between readers, cases and cells, and degrees of freedom that follow the smaller group's readers and cases "
        f"(Satterthwaite), where each group had {MINIMUM_CASES} cases (more where they weigh unequally) and "
        f"{MINIMUM_READERS} readers at least; they were corrected by Holm over the pairs of modalities of one measure."
        + (
            f" A two-way bootstrap of readers and cases (Owen 2007; {counted(found.replicates, 'draw')}, seed "
            f"{found.seed}), with the t distribution, is given beside them in the CSV files; it is wider by design."
            if found.replicates
            else ""
        ),
    ]
    if any(c.slopes for c in found.dependence):
        methods.append(
            "Dependence on confidence, experience, the probability shown and the position in the session was tested "
            "with logistic generalised estimating equations, readers as clusters, exchangeable working correlation, "
            "adjusted for the modality, with the covariance of Mancl and DeRouen (2001; of Liang and Zeger 1986 where "
            "a reader has more than 1,000 answers), to which that between cases was added (Cameron, Gelbach and Miller "
            "2011), and the t distribution on the smaller number of readers and cases - 1 degrees of freedom; Holm's "
            "correction was over the predictors of one measure. Curves show shares in up to "
            f"{counted(result.options.bins, 'bin')} of about equally "
            "many pairs (single values where there are few)."
        )
    methods.append(
        "The study showed advice that was made wrong on purpose; it was compared with all other advice."
        if found.wrong_means == "faulty"
        else "No advice was made wrong on purpose; advice that happened to be wrong was compared with right advice."
    )
    if found.weights:
        methods.append(
            "The weight of advice was |final - initial| / |advised - initial| (Yaniv 2004) of the malignancy ratings; "
            "clipped, a move away from the advice counted as 0 and one beyond it as 1."
        )
    methods += [f"Not computed: {what}, because {why}." for what, why in found.missing.items()]
    return (*methods, *table.notes)


def _figures(found: Reliance, confidence_words: Sequence[str]) -> tuple[ResultFigure, ...]:
    modality = ALL_MODALITIES if len(found.rates) > 1 else found.rates[0].modality

    def figure(name: str, title: str, draw: Callable[..., go.Figure], description: str) -> ResultFigure:
        return ResultFigure(name, title, partial(_themed, draw), description)

    groups = [g for g in found.groups if g.column in ("experience_group", "confidence_unaided")]
    made = [
        figure(
            "reliance-switch-fraction", "How often readers changed to the advice",
            partial(switch_forest_figure, found.rates, groups, confidence_words=confidence_words),
            "Switch fraction of each modality, then by experience and by confidence before the advice, with intervals.",
        ),
        figure(
            "reliance-plane", "Appropriate reliance",
            partial(reliance_plane_figure, found.rates, found.by_reader),
            "To the right: right advice is followed. Up: wrong advice is resisted. The shaded corner has both above "
            "half.",
        ),
    ]  # fmt: skip
    if any(t.share is not None for t in found.transitions):
        made.append(
            figure(
                "reliance-alluvial", "What became of the answers",
                partial(transition_figure, found.transitions, modality=modality),
                f"{modality_name(modality)}: right or wrong before, in the advice, and after. Colour: right or wrong "
                "after.",
            )
        )  # fmt: skip
    named = [m for m, kind in found.levels.items() if kind == "diagnosis" and any(f.modality == m for f in found.flows)]
    if named:
        flows = tuple(f for f in found.flows if f.modality in named)
        made.append(
            figure(
                "reliance-classes", "From diagnosis over advice to diagnosis",
                partial(class_flow_figure, flows),
                f"{', '.join(modality_name(m) for m in named)}. Colour: the diagnosis before.",
            )
        )  # fmt: skip
    made += [
        figure(
            f"reliance-{curve.key.replace('_', '-')}", f"Reliance and {curve.name[0].lower()}{curve.name[1:]}",
            partial(dependence_figure, curve),
            "Shares in bins with bands; a larger mark stands for more answers.",
        )
        for curve in found.dependence
        if len(curve.bins) > 1
    ]  # fmt: skip
    return tuple(made)


def _themed(draw: Callable[..., go.Figure], theme: Theme) -> go.Figure:
    return draw(theme=theme)


def _warnings(result: RelianceResult, table: ReadingsTable) -> tuple[str, ...]:
    found = result.reliance
    warnings = []
    small = [modality_name(r.modality) for r in found.rates if is_small(r.readers, r.cases)]
    small += [group_label(r, table.confidence_words) for r in found.groups if is_small(r.readers, r.cases)]
    if small:
        warnings.append(
            f"Fewer than 5 readers or 10 cases stand behind: {', '.join(dict.fromkeys(small))}. Their figures say "
            "little about other readers or cases."
        )
    thin = [
        f"{name} of {modality_name(r.modality)} ({counted(getattr(r, measure).total, 'answer')})"
        for r in found.rates
        for measure, name in (("rair", "RAIR"), ("rsr", "RSR"))
        if getattr(r, measure).value is not None and getattr(r, measure).small and not is_small(r.readers, r.cases)
    ]
    if thin:
        text = f"Few readers or cases gave an opportunity to measure {'; '.join(thin)}."
        warnings = [f"{warnings[0]} {text}"] if warnings else [text]
    left_out = [f"{counted(n, 'pair')}: {reason}" for reason, n in found.excluded.items()]
    if result.unpaired:
        left_out.append(f"{counted(result.unpaired, 'reading')}: the other half of the pair is missing")
    left_out += [f"{counted(result.later, 'reading')}: {LATER}"] if result.later else []
    left_out += [f"{counted(n, 'reading')}: {reason}" for reason, n in table.excluded.items()]
    if left_out:
        warnings.append(f"Left out: {'; '.join(left_out)}.")
    if len(set(found.levels.values())) > 1:
        warnings.append(
            "Not all modalities are judged by the same: a choice between two sides is easier to get right than one "
            "among all classes. Judge everything by malignancy to compare them."
        )
    return tuple(warnings)
