"""The tables of reliance, in numbers and in words."""

from collections.abc import Iterable

import pandas as pd

from dermdash.analyses.rate_cells import SMALL, difference_columns, modality_text, rate_columns, rate_text
from dermdash.analyses.reliance.dependence import Dependence
from dermdash.analyses.reliance.dependence_figures import MEASURE_NAMES
from dermdash.analyses.reliance.forest_figures import group_label
from dermdash.analyses.reliance.rates import ALL, RelianceRates
from dermdash.analyses.reliance.study import Reliance
from dermdash.analyses.section import ResultTable
from dermdash.wording import (
    cell,
    number,
    number_interval,
    p_value,
    percent,
    points,
)

GROUP_NAMES = {
    "experience_group": "Experience",
    "profession": "Profession",
    "confidence_unaided": "Confidence before the advice",
    "round": "Round",
}


def tables(result: Reliance) -> tuple[ResultTable, ...]:
    """Every table that these readings allow."""
    made = [
        _rates_table("reliance-by-modality", "Reliance by modality", result.rates, first="Modality"),
        *_group_tables(result),
        _differences_table(result),
        _transitions_table(result),
        _wrong_advice_table(result),
        _weights_table(result),
        _slopes_table(result.dependence),
        _bins_table(result.dependence),
        _readers_table(result),
    ]
    return tuple(table for table in made if not table.numbers.empty)


def _rates_table(name: str, title: str, rates: Iterable[RelianceRates], *, first: str) -> ResultTable:
    rates = tuple(rates)
    numbers = [
        {"modality": r.modality, "judged_by": r.level, "group": r.column, "value": r.value}
        | {"pairs": r.pairs, "readers": r.readers, "cases": r.cases, "initially_different": r.initially_different}
        | rate_columns("switch", r.switch)
        | rate_columns("rair", r.rair)
        | rate_columns("rsr", r.rsr)
        | rate_columns("over_reliance", r.over_reliance)
        | rate_columns("under_reliance", r.under_reliance)
        for r in rates
    ]
    shown = [
        {first: modality_text(r.modality) if first == "Modality" else group_label(r)}
        | ({"Judged by": r.level} if first == "Modality" else {})
        | {
            "Differed from advice": f"{r.initially_different:,} of {r.pairs:,}",
            "Switch fraction": rate_text(r.switch),
            "RAIR": f"{rate_text(r.rair)}, n {r.rair.total:,}",
            "RSR": f"{rate_text(r.rsr)}, n {r.rsr.total:,}",
            "Over-reliance": rate_text(r.over_reliance),
            "Under-reliance": rate_text(r.under_reliance),
            "Readers": r.readers,
            "Cases": r.cases,
            "Note": SMALL if r.readers < 5 or r.cases < 10 else "",
        }
        for r in rates
    ]
    return ResultTable(
        name,
        title,
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Switch fraction: changed to the advice, of answers that differed from it. RAIR: right in the end, of wrong "
        "answers with right advice. RSR: right in the end, of right answers with wrong advice. Over-reliance is 1 - "
        "RSR, "
        "under-reliance 1 - RAIR. In brackets: interval; n: answers it counts.",
    )


def _group_tables(result: Reliance) -> list[ResultTable]:
    columns = dict.fromkeys(r.column for r in result.groups)
    return [
        _rates_table(
            f"reliance-by-{column.removesuffix('_unaided').removesuffix('_group')}",
            f"Reliance by {GROUP_NAMES[column].lower()}",
            [r for r in result.groups if r.column == column],
            first=GROUP_NAMES[column],
        )
        for column in columns
    ]


def _differences_table(result: Reliance) -> ResultTable:
    numbers = [
        {"measure": d.measure, "first": d.first, "second": d.second}
        | difference_columns("difference", d.estimate)
        | {"p_holm": d.p_holm}
        for d in result.differences
    ]
    shown = [
        {
            "Measure": MEASURE_NAMES[d.measure],
            "Modalities": f"{modality_text(d.first)} minus {modality_text(d.second)}",
            "Difference": points(d.estimate.value, d.estimate.low, d.estimate.high),
            "p": p_value(d.estimate.p_value),
            "p (Holm)": p_value(d.p_holm),
            "Note": d.estimate.reason or "",
        }
        for d in result.differences
    ]
    return ResultTable(
        "reliance-differences",
        "Differences between modalities",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Only modalities that are judged by the same (diagnosis or malignancy) are compared. Holm's correction is over "
        "the pairs of modalities of one measure.",
    )


def _transitions_table(result: Reliance) -> ResultTable:
    side = {True: "right", False: "wrong"}
    cells = [t for t in result.transitions if t.share is not None]
    numbers = [
        {
            "modality": t.modality, "initial_right": t.initial_right, "advice_right": t.advice_right,
            "final_right": t.final_right, "count": t.count, "share": t.share,
        }
        for t in cells
    ]  # fmt: skip
    shown = [
        {
            "Modality": modality_text(t.modality), "Before": side[t.initial_right], "Advice": side[t.advice_right],
            "After": side[t.final_right], "Pairs": t.count, "Share": percent(t.share), "In words": t.meaning,
        }
        for t in cells
    ]  # fmt: skip
    return ResultTable(
        "reliance-transitions",
        "What became of the answers",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "All eight combinations of right and wrong before, in the advice, and after; share of the modality's pairs.",
    )


def _wrong_advice_table(result: Reliance) -> ResultTable:
    bad = "faulty advice" if result.wrong_means == "faulty" else "wrong advice"
    good = "other advice" if result.wrong_means == "faulty" else "right advice"
    numbers, shown = [], []
    for w in result.wrong_advice:
        if not w.good.pairs and not w.bad.pairs:
            continue
        row: dict[str, object] = {"modality": w.modality}
        for name, effect in (("good", w.good), ("bad", w.bad)):
            row[f"{name}_pairs"] = effect.pairs
            row |= rate_columns(f"{name}_switch", effect.switch)
            row |= rate_columns(f"{name}_unaided", effect.unaided) | rate_columns(f"{name}_aided", effect.aided)
            row |= rate_columns(f"{name}_change", effect.change)
        row |= difference_columns("switch_difference", w.switch_difference) | {"switch_p_holm": w.switch_p_holm}
        row |= difference_columns("change_difference", w.change_difference) | {"change_p_holm": w.change_p_holm}
        numbers.append(row)
        shown.append(
            {
                "Modality": modality_text(w.modality),
                f"Pairs with {good}": w.good.pairs,
                f"Pairs with {bad}": w.bad.pairs,
                f"Switch fraction, {good}": rate_text(w.good.switch),
                f"Switch fraction, {bad}": rate_text(w.bad.switch),
                "Difference of switch fractions": points(
                    w.switch_difference.value, w.switch_difference.low, w.switch_difference.high
                ),
                "p": p_value(w.switch_difference.p_value),
                "p (Holm)": "" if w.modality == ALL else p_value(w.switch_p_holm),
                f"Accuracy change, {good}": points(w.good.change.value, w.good.change.low, w.good.change.high),
                f"Accuracy change, {bad}": points(w.bad.change.value, w.bad.change.low, w.bad.change.high),
                "Note": w.switch_difference.reason or (SMALL if w.bad.switch.small or w.good.switch.small else ""),
            }
        )
    return ResultTable(
        "reliance-wrong-advice",
        f"{good.capitalize()} against {bad}",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        (
            "Faulty advice was made wrong on purpose in this study."
            if result.wrong_means == "faulty"
            else "No advice was made wrong on purpose: cases with wrong advice may be harder in themselves."
        )
        + " Holm's correction is over the modalities; all modalities together are not one of the comparisons.",
    )


def _weights_table(result: Reliance) -> ResultTable:
    numbers = [
        {
            "modality": w.modality, "pairs": w.pairs, "undefined": w.undefined, "away": w.away, "beyond": w.beyond,
            "unmoved": w.unmoved, "median_unclipped": w.median,
        }
        | rate_columns("clipped", w.clipped)
        | rate_columns("unclipped", w.unclipped)
        for w in result.weights
    ]  # fmt: skip
    shown = [
        {
            "Modality": modality_text(w.modality),
            "Pairs": w.pairs,
            "Mean weight, clipped": number_interval(w.clipped.value, w.clipped.low, w.clipped.high, 2),
            "Mean weight, unclipped": number_interval(w.unclipped.value, w.unclipped.low, w.unclipped.high, 2),
            "Median": number(w.median, 2),
            "Undefined": w.undefined,
            "Unmoved": w.unmoved,
            "Away from the advice": w.away,
            "Beyond the advice": w.beyond,
        }
        for w in result.weights
    ]
    return ResultTable(
        "weight-of-advice",
        "Weight of advice",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "0: the rating did not move; 1: it became the advised probability. Clipped: a move away counts as 0, a move "
        "beyond the advice as 1. Undefined: the rating before was the advised probability already.",
    )


def _slopes_table(curves: tuple[Dependence, ...]) -> ResultTable:
    slopes = [(c, s) for c in curves for s in c.slopes]
    numbers = [s.as_dict() for _, s in slopes]
    for row in numbers:
        row["low"], row["high"] = row.pop("ci") or (None, None)
    shown = [
        {
            "Depends on": c.name,
            "Measure": MEASURE_NAMES[s.outcome],
            "Odds ratio": number_interval(s.ratio, s.low, s.high, 2),
            "Per": s.unit,
            "p": p_value(s.p_value),
            "p (Holm)": p_value(s.p_holm),
            "Answers": s.readings,
            "Readers": s.readers,
            "Cases": s.cases,
            "Note": s.reason or "",
        }
        for c, s in slopes
    ]
    return ResultTable(
        "reliance-dependence",
        "What reliance depends on",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Odds ratio above 1: more often with a higher value. Adjusted for the modality. Holm's correction is over the "
        "rows of one measure.",
    )


def _bins_table(curves: tuple[Dependence, ...]) -> ResultTable:
    bins = [(c, b) for c in curves for b in c.bins]
    numbers = [
        {"predictor": c.key, "low": b.low, "high": b.high, "mean": b.centre, "pairs": b.pairs}
        | rate_columns("switch", b.switch)
        | rate_columns("rair", b.rair)
        | rate_columns("rsr", b.rsr)
        for c, b in bins
    ]
    shown = [
        {
            "Depends on": c.name,
            "From": percent(b.low, 0) if c.percent else cell(b.low),
            "To": percent(b.high, 0) if c.percent else cell(b.high),
            "Pairs": b.pairs,
            "Switch fraction": rate_text(b.switch),
            "RAIR": rate_text(b.rair),
            "RSR": rate_text(b.rsr),
        }
        for c, b in bins
    ]
    return ResultTable(
        "reliance-dependence-bins",
        "Reliance in bins",
        pd.DataFrame(numbers),
        pd.DataFrame(shown),
        "Bins hold about equally many pairs; equal values are never parted.",
    )


def _readers_table(result: Reliance) -> ResultTable:
    numbers = [
        {
            "reader": r.reader, "experience_group": r.group, "pairs": r.pairs, "switch_n": r.different,
            "switch": r.switch, "rair_n": r.wrong_advised_right, "rair": r.rair, "rsr_n": r.right_advised_wrong,
            "rsr": r.rsr,
        }
        for r in result.by_reader
    ]  # fmt: skip

    def of(share: float | None, n: int) -> str:
        return "no such case" if share is None else f"{percent(share, 0)} of {n}"

    shown = [
        {
            "Reader": r.reader, "Experience": r.group or "", "Pairs": r.pairs,
            "Switch fraction": of(r.switch, r.different),
            "RAIR": of(r.rair, r.wrong_advised_right), "RSR": of(r.rsr, r.right_advised_wrong),
        }
        for r in result.by_reader
    ]  # fmt: skip
    return ResultTable("reliance-by-reader", "Reliance of each reader", pd.DataFrame(numbers), pd.DataFrame(shown))
