"""Benefit of assistance in words: findings, warnings, and what the tables and figures show."""

from collections.abc import Sequence

from dermdash.analyses.benefit.aggregate import NOT_SUPPORTED, AggregateBenefit
from dermdash.analyses.benefit.benefit import MeasureBenefit
from dermdash.analyses.benefit.breakdown import Breakdown
from dermdash.analyses.benefit.change_figures import accuracy_change_figure
from dermdash.analyses.benefit.figures import ForestRow, TurnedAnswers, benefit_forest_figure, turned_answers_figure
from dermdash.analyses.benefit.image_changes import AggregateRow
from dermdash.analyses.benefit.measures import WORDS
from dermdash.analyses.benefit.methods import REFERENCES, benefit_methods
from dermdash.analyses.benefit.planned import KEY, READERS_AND_CASES, TITLE
from dermdash.analyses.benefit.population_sentences import population_words
from dermdash.analyses.benefit.rows import BenefitRow
from dermdash.analyses.benefit.run import BenefitResult
from dermdash.analyses.benefit.tables import Part, Row, benefit_tables, breakdowns_of, row_interval
from dermdash.analyses.benefit.words import breakdown_title, group_label
from dermdash.analyses.section import ResultFigure, Section
from dermdash.charts.palette import modality_color
from dermdash.readings.modality import ALL_MODALITIES, modality_label, modality_name
from dermdash.wording import NOT_COMPUTED, counted, form, holm_words, p_words, percent, points

WIDER = 1.25
"""How many times as wide an interval for other cases must be to be put beside that of the paired t test."""


def benefit_section(result: BenefitResult, *, scope: str = ALL_MODALITIES, only: str | None = None) -> Section:
    """Word and draw a `BenefitResult`.

    Parameters
    ----------
    scope
        Modality whose breakdowns are shown; all together (or one that has none): those of all where there are several.
    only
        Key of the one breakdown to show; None: every one.
    """
    found = result.found
    scopes = [b.modality for b in found.breakdowns]
    shown = scope if scope in scopes else (scopes[0] if scopes else ALL_MODALITIES)
    parts = breakdowns_of(result, shown, only=only)
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result, shown),
        methods=benefit_methods(result),
        tables=benefit_tables(result, parts),
        figures=_figures(result, shown, parts),
        warnings=_warnings(result),
        exploratory=not {KEY, READERS_AND_CASES} & set(result.prespecified),
        references=REFERENCES,
    )


def _summary(result: BenefitResult, scope: str) -> tuple[str, ...]:
    main = result.found.main
    words = WORDS[main.measure]
    several = len(main.rows) > 1
    sentences = [
        f"{modality_name(row.modality)}: {words.subject} {_change(row, several)} "
        f"{population_words(row, several=several)} {_numbers(row)}."
        for row in main.rows
    ]
    if not main.rows:
        sentences.append(f"{words.label} cannot be compared: no modality has readers with the cases it needs.")
    if several and main.overall is not None:
        sentences.append(
            f"All modalities together: {words.subject} {_change(main.overall, False)} "
            f"{population_words(main.overall, several=False)} {_numbers(main.overall)}."
        )
    differing = [
        b
        for b in breakdowns_of(result, scope)
        if (test := _test_of(b)) is not None and test[0] is not None and test[0] < 0.05
    ]
    if differing:
        named = "; ".join(f"{breakdown_title(b.key).lower()} ({_spread(result, b)})" for b in differing)
        where = "" if scope == ALL_MODALITIES else f" with {modality_name(scope)}"
        sentences.append(f"After Holm's correction over the breakdowns, the change{where} differed by {named}.")
    if isinstance(result.found, AggregateBenefit):
        sentences.append(f"{result.source} counts answers per image, so it does not support: {NOT_SUPPORTED}.")
    return tuple(sentences)


def _change(row: Row, several: bool) -> str:
    before, after, difference, p, holm = _figures_of(row)
    low, high = row_interval(row)
    verb = "stayed at" if abs(difference) < 5e-4 else "rose from" if difference > 0 else "fell from"
    text = f"stayed at {percent(before)}" if verb == "stayed at" else f"{verb} {percent(before)} to {percent(after)}"
    text += f", {points(difference, low, high)}"
    if p is None:
        return f"{text} (no test: {_reason(row)})"
    return f"{text}, {p_words(p, holm if several else None)}"


def _reason(row: Row) -> str:
    return (row.change.reason if isinstance(row, BenefitRow) else row.reason) or NOT_COMPUTED


def _figures_of(row: Row) -> tuple[float, float, float, float | None, float | None]:
    found = row.change if isinstance(row, BenefitRow) else row
    return found.unaided, found.aided, found.difference, found.p_value, found.p_holm


def _numbers(row: Row) -> str:
    if isinstance(row, AggregateRow):
        return f"({counted(row.images, 'image')}, {counted(row.answers, 'pair')} of answers)"
    found = row.change
    return (
        f"({counted(found.readers, 'reader')}, {counted(found.cases, 'case')}, "
        f"{counted(found.readings, 'pair')} of answers)"
    )


def _test_of(breakdown: Part) -> tuple[float | None, float | None] | None:
    """(p corrected, p) of the test between the groups."""
    if isinstance(breakdown, Breakdown):
        return None if breakdown.interaction is None else (breakdown.interaction.p_holm, breakdown.interaction.p_value)
    return (breakdown.p_holm, breakdown.test.p_value)


def _spread(result: BenefitResult, breakdown: Part) -> str:
    rows: list[Row] = sorted(breakdown.rows, key=lambda row: _figures_of(row)[2])
    named = []
    for row in (rows[0], rows[-1]):
        label = group_label(breakdown.key, str(row.group), result.names)
        named.append(f"{label[:1].lower()}{label[1:]}: {points(_figures_of(row)[2], *row_interval(row))}")
    holm, _ = _test_of(breakdown) or (None, None)
    return f"{named[0]}, {named[1]}, {holm_words(holm)}"


def _figures(result: BenefitResult, scope: str, parts: Sequence[Part]) -> tuple[ResultFigure, ...]:
    found = result.found
    main = found.main
    label = WORDS[main.measure].label
    shown = [row.change if isinstance(row, BenefitRow) else row for row in main.rows]
    readers = None if isinstance(found, AggregateBenefit) else found.readers
    figures = [
        ResultFigure(
            "change",
            f"{label} before and after",
            lambda theme: accuracy_change_figure(shown, readers=readers, theme=theme, measure=label),
            "Open: before, filled: after assistance, with intervals."
            + ("" if readers is None else " Small points are readers; each reader weighs the same."),
        )
    ]
    if forest := _forest(result, parts):
        overall = _overall_of(result, scope)
        where = "all modalities together" if scope == ALL_MODALITIES else modality_name(scope)
        figures.append(
            ResultFigure(
                "groups",
                "Change by group",
                lambda theme: benefit_forest_figure(forest, measure=label, overall=overall, theme=theme),
                f"{where[:1].upper()}{where[1:]}. Dotted: all groups together. Open marks: small groups.",
            )
        )
    turned = [
        TurnedAnswers(
            modality_label(row.modality), row.discordant.gained, row.discordant.lost, modality_color(row.modality, i)
        )
        for i, row in enumerate(main.rows)
        if isinstance(row, BenefitRow) and row.discordant is not None
    ]
    if turned:
        gained, lost = _turned_words(result)
        figures.append(
            ResultFigure(
                "turned",
                "Answers that were turned",
                lambda theme: turned_answers_figure(turned, gained=gained, lost=lost, theme=theme),
                "Pairs of answers whose outcome differs before and after assistance.",
            )
        )
    return tuple(figures)


def _turned_words(result: BenefitResult) -> tuple[str, str]:
    if WORDS[result.found.main.measure].higher_is_better:
        return "put right", "put wrong"
    return "gained", "lost"


def _forest(result: BenefitResult, parts: Sequence[Part]) -> list[ForestRow]:
    rows: list[ForestRow] = []
    for breakdown in parts:
        if not breakdown.rows:
            continue
        rows.append(ForestRow(breakdown_title(breakdown.key)))
        for row in breakdown.rows:
            low, high = row_interval(row)
            counts = (
                f"{counted(row.change.readers, 'reader')}, {counted(row.change.cases, 'case')}"
                if isinstance(row, BenefitRow)
                else counted(row.images, "image")
            )
            label = group_label(breakdown.key, str(row.group), result.names)
            rows.append(ForestRow(label, _figures_of(row)[2], low, high, row.small, counts))
    return rows


def _overall_of(result: BenefitResult, scope: str) -> float | None:
    main = result.found.main
    rows = [*main.rows, *([] if main.overall is None else [main.overall])]
    return next((_figures_of(row)[2] for row in rows if row.modality == scope), None)


def _warnings(result: BenefitResult) -> tuple[str, ...]:
    found = result.found
    texts = []
    if small := [f"{modality_name(row.modality)} ({row.small})" for row in found.main.rows if row.small]:
        texts.append(f"Too few readers or cases to generalise from: {'; '.join(small)}.")
    if any(row.small for b in found.breakdowns for row in b.rows):
        few = "10 lesions or images" if isinstance(found, AggregateBenefit) else "5 readers or 10 cases"
        texts.append(f"Groups of fewer than {few} are marked as small: their changes are uncertain.")
    if result.unpaired:
        texts.append(f"{_left_out(result.unpaired, 'reading')}: the answer before or after assistance is missing.")
    texts += [f"{_left_out(n, 'reading')}: {reason}." for reason, n in result.excluded.items() if n]
    if isinstance(found, AggregateBenefit):
        texts += [f"{_left_out(n, 'row')}: {reason}." for reason, n in found.excluded.items()]
        if found.unequal_rows:
            texts.append(
                f"In {counted(found.unequal_rows, 'row')} the numbers of answers before and after differ: not only "
                "participants who gave both were counted."
            )
        if not found.grouped:
            texts.append("No lesion is known: several images of one lesion count as independent.")
        return tuple(texts)
    texts += result.design
    texts += _for_other_cases(found.main)
    texts += [f"{_left_out(n, 'pair')}: {reason}." for reason, n in found.main.excluded.items()]
    texts += [f"{modality_name(m)} is not shown: {why}." for m, why in found.main.missing.items()]
    left_out = {modality_name(r.modality): r.change.readers_left_out for r in found.main.rows}
    texts += [
        f"{name}: {_left_out(n, 'reader')}, without malignant or without benign cases."
        for name, n in left_out.items()
        if n
    ]
    reasons: dict[str, list[str]] = {}
    for row in found.main.rows:
        # That there is one reader only is said among the small groups, and in the headline.
        if isinstance(row, BenefitRow) and row.change.reason is not None and row.change.readers > 1:
            reasons.setdefault(row.change.reason, []).append(modality_name(row.modality))
    texts += [f"{', '.join(names)}: {reason}." for reason, names in reasons.items()]
    return tuple(texts)


def _for_other_cases(main: MeasureBenefit) -> list[str]:
    """The paired t test takes the cases as they are. With many readers of few cases that hides most of the chance.

    Where one interval grows by more than ``WIDER``, all are said: a list of some would read as if the others held.
    """
    rows = [*main.rows, *([main.overall] if main.overall is not None and len(main.rows) > 1 else [])]
    if not any(_grows(row) for row in rows):
        return []
    named = [
        f"{modality_name(row.modality)} {points(row.pooled.difference, row.pooled.low, row.pooled.high)}"
        + ("" if row.pooled.low is not None else f" ({row.pooled.reason or 'no interval'})")
        for row in rows
        if row.pooled is not None
    ]
    return [
        "The paired t test speaks of these cases. For other cases as well, every pair of answers weighing the same "
        f"(estimating equations): {'; '.join(named)}."
    ]


def _grows(row: BenefitRow) -> bool:
    t, pooled = row.change.difference_interval, row.pooled
    if t is None or pooled is None or pooled.low is None or pooled.high is None:
        return False
    return pooled.high - pooled.low > WIDER * (t.high - t.low)


def _left_out(n: int, what: str) -> str:
    return f"{counted(n, what)} {form(n, 'was', 'were')} left out"
