"""The tables of reliance, in numbers and in words."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from dermdash.analyses.columns import Column, csv_only, table_of
from dermdash.analyses.rate_cells import SMALL, change_text, difference_column, rate_column, rate_text, small_note
from dermdash.analyses.reliance.dependence import Bin, Dependence
from dermdash.analyses.reliance.dependence_figures import MEASURE_NAMES
from dermdash.analyses.reliance.forest_figures import group_label
from dermdash.analyses.reliance.rates import ModalityDifference, ReaderReliance, RelianceRates
from dermdash.analyses.reliance.study import Reliance
from dermdash.analyses.reliance.transitions import Transition
from dermdash.analyses.reliance.weight_of_advice import WeightOfAdvice
from dermdash.analyses.reliance.wrong_advice import WrongAdvice
from dermdash.analyses.section import ResultTable
from dermdash.analyses.slope_table import slope_table
from dermdash.analysis.two_way import Rate
from dermdash.readings.modality import ALL_MODALITIES, modality_name
from dermdash.wording import cell, number, number_interval, p_value, percent

GROUP_NAMES = {
    "experience_group": "Experience",
    "profession": "Profession",
    "confidence_unaided": "Confidence before the advice",
    "round": "Round",
}


def tables(result: Reliance, confidence_words: Sequence[str] = ()) -> tuple[ResultTable, ...]:
    """Every table that these readings allow; ``confidence_words`` of the source, the least sure first."""
    made = [
        _rates_table("reliance-by-modality", "Reliance by modality", result.rates),
        *_group_tables(result, confidence_words),
        _differences_table(result),
        _transitions_table(result),
        _wrong_advice_table(result),
        _weights_table(result),
        _slopes_table(result.dependence),
        _bins_table(result.dependence),
        _readers_table(result),
    ]
    return tuple(table for table in made if not table.numbers.empty)


_MODALITY: Column[Any] = Column("Modality", "modality", None, modality_name)


def _rates_table(
    name: str, title: str, rates: Sequence[RelianceRates], *, first: str = "", words: Sequence[str] = ()
) -> ResultTable:
    """``first``: the head over the groups; empty where rows are modalities."""
    columns: list[Column[RelianceRates]] = [
        *((Column(first, "", lambda r: group_label(r, words)), *csv_only("modality")) if first else (_MODALITY,)),
        Column("" if first else "Judged by", "judged_by", lambda r: r.level),
        Column("", "group", lambda r: r.column),
        *csv_only("value", "pairs", "initially_different"),
        Column("Differed from advice", "", lambda r: f"{r.initially_different:,} of {r.pairs:,}"),
        rate_column("Switch fraction", "switch", lambda r: r.switch),
        rate_column("RAIR", "rair", lambda r: r.rair, _with_n),
        rate_column("RSR", "rsr", lambda r: r.rsr, _with_n),
        rate_column("Over-reliance", "over_reliance", lambda r: r.over_reliance),
        rate_column("Under-reliance", "under_reliance", lambda r: r.under_reliance),
        Column("Readers", "readers"),
        Column("Cases", "cases"),
        Column("Note", "", lambda r: small_note(r.readers, r.cases)),
    ]
    note = (
        "Switch fraction: changed to the advice, of answers that differed from it. RAIR: right in the end, of wrong "
        "answers with right advice. RSR: right in the end, of right answers with wrong advice. Over-reliance is 1 - "
        "RSR, under-reliance 1 - RAIR. In brackets: interval; n: answers it counts."
    )
    order = ("modality", "judged_by", "group", "value", "pairs", "readers", "cases")
    return table_of(name, title, columns, rates, note, csv_first=order)


def _with_n(rate: Rate) -> str:
    return f"{rate_text(rate)}, n {rate.total:,}"


def _group_tables(result: Reliance, words: Sequence[str]) -> list[ResultTable]:
    columns = dict.fromkeys(r.column for r in result.groups)
    return [
        _rates_table(
            f"reliance-by-{column.removesuffix('_unaided').removesuffix('_group')}",
            f"Reliance by {GROUP_NAMES[column].lower()}",
            [r for r in result.groups if r.column == column],
            first=GROUP_NAMES[column],
            words=words,
        )
        for column in columns
    ]


def _differences_table(result: Reliance) -> ResultTable:
    columns: list[Column[ModalityDifference]] = [
        Column("Measure", "measure", None, MEASURE_NAMES.__getitem__),
        Column("Modalities", "", lambda d: f"{modality_name(d.first)} minus {modality_name(d.second)}"),
        *csv_only("first", "second"),
        difference_column("Difference", "difference", lambda d: d.estimate),
        Column("p", "", lambda d: p_value(d.estimate.p_value)),
        Column("p (Holm)", "p_holm", None, p_value),
        Column("Note", "", lambda d: d.estimate.reason or ""),
    ]
    note = (
        "Only modalities that are judged by the same (diagnosis or malignancy) are compared. Holm's correction is over "
        "the pairs of modalities of one measure."
    )
    return table_of("reliance-differences", "Differences between modalities", columns, result.differences, note)


def _transitions_table(result: Reliance) -> ResultTable:
    side = {True: "right", False: "wrong"}.__getitem__
    columns: list[Column[Transition]] = [
        _MODALITY,
        Column("Before", "initial_right", None, side),
        Column("Advice", "advice_right", None, side),
        Column("After", "final_right", None, side),
        Column("Pairs", "count"),
        Column("Share", "share", None, percent),
        Column("In words", "", lambda t: t.meaning),
    ]
    note = "All eight combinations of right and wrong before, in the advice, and after; share of the modality's pairs."
    found = [t for t in result.transitions if t.share is not None]
    return table_of("reliance-transitions", "What became of the answers", columns, found, note)


def _wrong_advice_table(result: Reliance) -> ResultTable:
    faulty = result.wrong_means == "faulty"
    good, bad = ("other advice", "faulty advice") if faulty else ("right advice", "wrong advice")
    kinds = (("good", good), ("bad", bad))
    columns: list[Column[WrongAdvice]] = [
        _MODALITY,
        *(Column(f"Pairs with {words}", f"{kind}_pairs", attrgetter(f"{kind}.pairs")) for kind, words in kinds),
        *(
            rate_column(f"Switch fraction, {words}", f"{kind}_switch", attrgetter(f"{kind}.switch"))
            for kind, words in kinds
        ),
        *(
            rate_column("", f"{kind}_{phase}", attrgetter(f"{kind}.{phase}"))
            for kind, _ in kinds
            for phase in ("unaided", "aided")
        ),
        difference_column("Difference of switch fractions", "switch_difference", lambda w: w.switch_difference),
        Column("p", "", lambda w: p_value(w.switch_difference.p_value)),
        Column("p (Holm)", "", lambda w: "" if w.modality == ALL_MODALITIES else p_value(w.switch_p_holm)),
        *csv_only("switch_p_holm"),
        *(
            rate_column(f"Accuracy change, {words}", f"{kind}_change", attrgetter(f"{kind}.change"), change_text)
            for kind, words in kinds
        ),
        difference_column("", "change_difference", lambda w: w.change_difference),
        *csv_only("change_p_holm"),
        Column("Note", "", _small_advice),
    ]
    note = (
        "Faulty advice was made wrong on purpose in this study."
        if faulty
        else "No advice was made wrong on purpose: cases with wrong advice may be harder in themselves."
    ) + " Holm's correction is over the modalities; all modalities together are not one of the comparisons."
    order = [f"{kind}_{what}" for kind, _ in kinds for what in ("pairs", "switch", "unaided", "aided", "change")]
    return table_of(
        "reliance-wrong-advice",
        f"{good.capitalize()} against {bad}",
        columns,
        [w for w in result.wrong_advice if w.good.pairs or w.bad.pairs],
        note,
        csv_first=("modality", *order),
    )


def _small_advice(found: WrongAdvice) -> str:
    return found.switch_difference.reason or (SMALL if found.bad.switch.small or found.good.switch.small else "")


def _weights_table(result: Reliance) -> ResultTable:
    def mean(rate: Rate) -> str:
        return number_interval(rate.value, rate.low, rate.high, 2)

    columns: list[Column[WeightOfAdvice]] = [
        _MODALITY,
        Column("Pairs", "pairs"),
        rate_column("Mean weight, clipped", "clipped", lambda w: w.clipped, mean),
        rate_column("Mean weight, unclipped", "unclipped", lambda w: w.unclipped, mean),
        Column("Median", "median_unclipped", lambda w: w.median, lambda median: number(median, 2)),
        Column("Undefined", "undefined"),
        Column("Unmoved", "unmoved"),
        Column("Away from the advice", "away"),
        Column("Beyond the advice", "beyond"),
    ]
    note = (
        "0: the rating did not move; 1: it became the advised probability. Clipped: a move away counts as 0, a move "
        "beyond the advice as 1. Undefined: the rating before was the advised probability already."
    )
    order = ("modality", "pairs", "undefined", "away", "beyond", "unmoved", "median_unclipped")
    return table_of("weight-of-advice", "Weight of advice", columns, result.weights, note, csv_first=order)


def _slopes_table(curves: tuple[Dependence, ...]) -> ResultTable:
    names = {c.key: c.name for c in curves}
    return slope_table(
        "reliance-dependence",
        "What reliance depends on",
        [s for c in curves for s in c.slopes],
        (
            Column("Depends on", "", lambda s: names[s.predictor]),
            Column("Measure", "outcome", None, MEASURE_NAMES.__getitem__),
        ),
        "Odds ratio above 1: more often with a higher value. Adjusted for the modality. Holm's correction is over the "
        "rows of one measure.",
        ratio="Odds ratio",
        readings="Answers",
    )


def _bins_table(curves: tuple[Dependence, ...]) -> ResultTable:
    def end(which: str) -> Column[tuple[Dependence, Bin]]:
        def words(row: tuple[Dependence, Bin]) -> str:
            value = getattr(row[1], which)
            return percent(value, 0) if row[0].percent else cell(value)

        return Column("From" if which == "low" else "To", "", words)

    columns: list[Column[tuple[Dependence, Bin]]] = [
        Column("Depends on", "", lambda row: row[0].name),
        Column("", "predictor", lambda row: row[0].key),
        end("low"),
        end("high"),
        *csv_only("low", "high", of=lambda row: row[1]),
        Column("", "mean", lambda row: row[1].centre),
        Column("Pairs", "pairs", lambda row: row[1].pairs),
        rate_column("Switch fraction", "switch", lambda row: row[1].switch),
        rate_column("RAIR", "rair", lambda row: row[1].rair),
        rate_column("RSR", "rsr", lambda row: row[1].rsr),
    ]
    note = "Bins hold about equally many pairs; equal values are never parted."
    rows = [(c, b) for c in curves for b in c.bins]
    return table_of("reliance-dependence-bins", "Reliance in bins", columns, rows, note)


def _readers_table(result: Reliance) -> ResultTable:
    def of(share: float | None, n: int) -> str:
        return "no such case" if share is None else f"{percent(share, 0)} of {n}"

    columns: list[Column[ReaderReliance]] = [
        Column("Reader", "reader"),
        Column("Experience", "experience_group", lambda r: r.group, lambda group: group or ""),
        Column("Pairs", "pairs"),
        Column("Switch fraction", "", lambda r: of(r.switch, r.different)),
        Column("", "switch_n", lambda r: r.different),
        *csv_only("switch"),
        Column("RAIR", "", lambda r: of(r.rair, r.wrong_advised_right)),
        Column("", "rair_n", lambda r: r.wrong_advised_right),
        *csv_only("rair"),
        Column("RSR", "", lambda r: of(r.rsr, r.right_advised_wrong)),
        Column("", "rsr_n", lambda r: r.right_advised_wrong),
        *csv_only("rsr"),
    ]
    return table_of("reliance-by-reader", "Reliance of each reader", columns, result.by_reader)
