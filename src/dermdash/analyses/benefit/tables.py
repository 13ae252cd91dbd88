"""Tables of the benefit of assistance: numbers for a file, words for people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pandas as pd

from dermdash.analyses.benefit.aggregate import AggregateBenefit, AggregateBreakdown
from dermdash.analyses.benefit.breakdown import Breakdown
from dermdash.analyses.benefit.discordant import Discordant
from dermdash.analyses.benefit.image_changes import AggregateRow
from dermdash.analyses.benefit.measures import WORDS, Measure
from dermdash.analyses.benefit.population_sentences import population_table
from dermdash.analyses.benefit.rows import BenefitRow
from dermdash.analyses.benefit.run import BenefitResult
from dermdash.analyses.benefit.words import GroupNames, breakdown_title, group_label
from dermdash.analyses.columns import Column, shown_table
from dermdash.analyses.section import ResultTable
from dermdash.analysis.clustered_pairs import ClusteredDifference
from dermdash.analysis.paired_accuracy import Interval, PairedAccuracy
from dermdash.readings.modality import ALL_MODALITIES, modality_name, public_modality
from dermdash.wording import NOT_COMPUTED, level, number_interval, p_value, percent, percent_interval, points

Row = BenefitRow | AggregateRow
Part = Breakdown | AggregateBreakdown


def breakdowns_of(result: BenefitResult, scope: str, *, only: str | None = None) -> tuple[Part, ...]:
    """The breakdowns of one modality, or of all together; ``only`` that of one key."""
    return tuple(b for b in result.found.breakdowns if b.modality == scope and only in (None, b.key))


def row_interval(row: Row) -> tuple[float | None, float | None]:
    """The interval of the difference that belongs to the p value."""
    interval = row.change.difference_interval if isinstance(row, BenefitRow) else row.interval
    return (None, None) if interval is None else (interval.low, interval.high)


@dataclass(frozen=True, slots=True)
class _TableLine:
    """A row with what it is of: a measure, a breakdown with its group, or nothing but its modality."""

    row: Row
    measure: Measure | None = None
    part: Part | None = None
    corrected: bool = True

    @property
    def found(self) -> PairedAccuracy | AggregateRow:
        """What has the shares and the p values."""
        return self.row.change if isinstance(self.row, BenefitRow) else self.row

    @property
    def holm(self) -> str:
        """The corrected p value, where this line is one of several."""
        alone = self.row.modality == ALL_MODALITIES and self.row.group is None
        return p_value(self.found.p_holm) if self.corrected and not alone else ""


_MODALITY: Column[_TableLine] = Column("Modality", "", lambda line: modality_name(line.row.modality))


def benefit_tables(result: BenefitResult, parts: Sequence[Part]) -> tuple[ResultTable, ...]:
    """Every table in the order to show, with these breakdowns."""
    found = result.found
    main = found.main
    rows: list[Row] = [*main.rows, *([main.overall] if main.overall is not None and len(main.rows) > 1 else [])]
    tables = _by_modality(result, rows) if rows else []
    if len(found.measures) > 1:
        tables.append(_measures(result))
    if any(part.rows for part in parts):
        tables += [groups_table(result, parts), _tests(result, parts)]
    if result.rubric is not None:
        frame = result.rubric.frame
        shown = frame.rename(columns=str.capitalize)
        tables.append(ResultTable("management-rubric", "Which management counts as what", frame, shown))
    return tuple(tables)


def _by_modality(result: BenefitResult, rows: Sequence[Row]) -> list[ResultTable]:
    lines, numbers = [_TableLine(row) for row in rows], [_row_numbers(row) for row in rows]
    columns = [_MODALITY, *_figures(result, lines, corrected=len(rows) > 1)]
    title = f"{WORDS[result.found.main.measure].label} before and after assistance"
    populations = population_table(
        [r for r in rows if isinstance(r, BenefitRow)], modality_name, _interval_name(result)
    )
    return [
        shown_table("benefit-by-modality", title, columns, lines, numbers, _note(result)),
        *([] if populations is None else [populations]),
        _other_analyses(result, lines, numbers),
    ]


def _interval_name(result: BenefitResult) -> str:
    return f"{level(result.found.confidence)} CI"


def _row_numbers(row: Row) -> dict[str, Any]:
    return _flat(row.as_dict() | {"modality": public_modality(row.modality)})


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested figures as columns: ``ci`` becomes ``ci_low`` and ``ci_high``."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            out |= _flat(value, f"{prefix}{name}_")
        elif name.endswith("ci"):
            out[f"{prefix}{name}_low"], out[f"{prefix}{name}_high"] = value or (None, None)
        else:
            out[f"{prefix}{name}"] = value
    return out


def _figures(result: BenefitResult, lines: Sequence[_TableLine], *, corrected: bool = True) -> list[Column[_TableLine]]:
    """Counts, shares without and with assistance, and their difference."""
    of_readers = all(isinstance(line.row, BenefitRow) for line in lines)
    counts = (
        {"Readers": "found.readers", "Cases": "found.cases", "Pairs": "found.readings"}
        if of_readers
        else {"Images": "row.images", "Pairs of answers": "row.answers"}
    )
    return [
        *(Column(head, "", attrgetter(name)) for head, name in counts.items()),
        Column("Without", "", lambda line: _share(line.found.unaided, line.found.unaided_interval), interval=True),
        Column("With", "", lambda line: _share(line.found.aided, line.found.aided_interval), interval=True),
        Column(
            f"Difference ({_interval_name(result)})",
            "",
            lambda line: points(line.found.difference, *row_interval(line.row)),
            interval=True,
        ),
        Column("p", "", lambda line: p_value(line.found.p_value)),
        *((Column("p (Holm)", "", lambda line: line.holm),) if corrected else ()),
    ]


def _share(value: float, interval: Interval | None) -> str:
    return percent(value) if interval is None else percent_interval(value, interval.low, interval.high)


def _other_analyses(
    result: BenefitResult, lines: Sequence[_TableLine], numbers: Sequence[Mapping[str, Any]]
) -> ResultTable:
    columns: list[Column[_TableLine]] = [_MODALITY]
    if isinstance(result.found, AggregateBenefit):
        columns += [
            _pooled("Clustered t test", _pooled_difference),
            _pooled("p", lambda p: p_value(p.p_value)),
        ]
        note = "A t test over lesions (else images), whose answers may resemble each other."
    else:
        columns.append(Column("Bootstrap of readers and cases", "", _bootstrap_words, interval=True))
        changes = [line.row for line in lines if isinstance(line.row, BenefitRow)]
        if any(row.pooled is not None for row in changes):
            columns += [
                _pooled("Estimating equations", _pooled_difference),
                _pooled("p", lambda p: p_value(p.p_value)),
                _pooled("Odds ratio", lambda p: number_interval(p.odds_ratio, p.odds_low, p.odds_high, 2)),
            ]
        if any(row.discordant is not None for row in changes):
            columns += [
                _discordant("Gained : lost", lambda d: f"{d.gained:,} : {d.lost:,}"),
                _discordant("Gains among turned answers", lambda d: percent_interval(d.gain_share, d.low, d.high)),
            ]
        if any(row.discordant is not None and not row.discordant.clustered for row in changes):
            columns.append(_discordant("p (McNemar)", _mcnemar_words))
        note = (
            "Estimating equations weigh every pair of answers the same and allow for readers and cases that share "
            "answers; their p is also that of gains against losses (McNemar's test with the variance between readers "
            "and between cases)."
        )
    title = "The same change, analysed in other ways"
    return shown_table("benefit-other-analyses", title, columns, lines, numbers, note)


def _pooled(head: str, words: Callable[[ClusteredDifference], str]) -> Column[_TableLine]:
    return Column(
        head,
        "",
        lambda line: NOT_COMPUTED if line.row.pooled is None else words(line.row.pooled),
        interval=head != "p",
    )


def _pooled_difference(pooled: ClusteredDifference) -> str:
    return points(pooled.difference, pooled.low, pooled.high)


def _bootstrap_words(line: _TableLine) -> str:
    drawn = line.row.change.bootstrap_interval if isinstance(line.row, BenefitRow) else None
    return NOT_COMPUTED if drawn is None else points(line.found.difference, drawn.low, drawn.high)


def _discordant(head: str, words: Callable[[Discordant], str]) -> Column[_TableLine]:
    def value(line: _TableLine) -> str:
        found = line.row.discordant if isinstance(line.row, BenefitRow) else None
        return NOT_COMPUTED if found is None else words(found)

    return Column(head, "", value, interval=head.startswith("Gains"))


def _mcnemar_words(found: Discordant) -> str:
    if found.clustered:  # its p is that of the estimating equations
        return NOT_COMPUTED
    return p_value(found.p_value) + (" (exact)" if found.exact and found.p_value is not None else "")


def _measures(result: BenefitResult) -> ResultTable:
    measures = [(m, Measure(m.measure)) for m in result.found.measures]
    lines = [_TableLine(row, measure, corrected=len(m.rows) > 1) for m, measure in measures for row in m.rows]
    columns: list[Column[_TableLine]] = [
        Column("Measure", "", lambda line: "" if line.measure is None else WORDS[line.measure].label),
        _MODALITY,
        *_figures(result, lines, corrected=any(line.corrected for line in lines)),
    ]
    meanings = "; ".join(f"{WORDS[measure].label}: {WORDS[measure].meaning}" for _, measure in measures)
    return shown_table(
        "benefit-measures",
        "All measures of this outcome",
        columns,
        lines,
        # Each measure by itself: a whole number stays one where another measure has none.
        pd.concat([_measure_numbers(measure, m.rows) for m, measure in measures if m.rows], ignore_index=True),
        f"{meanings}. p (Holm) is corrected over the modalities within a measure, not over the measures.",
    )


def _measure_numbers(measure: Measure, rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame([{"measure": str(measure)} | _row_numbers(row) for row in rows])


def groups_table(result: BenefitResult, parts: Sequence[Part], *, one_breakdown: bool = False) -> ResultTable:
    """Every group of these breakdowns, for people; the CSV holds all. ``one_breakdown``: name the modality instead."""
    lines = [_TableLine(row, part=part) for part in parts for row in part.rows]
    columns: list[Column[_TableLine]] = [
        _MODALITY if one_breakdown else Column("Breakdown", "", lambda line: breakdown_title(_key(line))),
        Column("Group", "", lambda line: group_label(_key(line), str(line.row.group), result.names)),
        *_figures(result, lines),
        Column("Remark", "", lambda line: line.row.small or ""),
    ]
    return shown_table(
        "benefit-by-group",
        "Change by group",
        columns,
        lines,
        [_row_numbers(r) | {"breakdown": b.key, "group": r.group} for b in result.found.breakdowns for r in b.rows],
        "p (Holm) is corrected over the groups of a breakdown. The CSV holds every modality.",
    )


def _key(line: _TableLine) -> str:
    return "" if line.part is None else line.part.key


def _test_numbers(part: Part) -> dict[str, Any]:
    found = part.as_dict()
    test = found["interaction"] or {}
    return {"breakdown": part.key, "modality": public_modality(part.modality), **_flat(test)}


def _tests(result: BenefitResult, parts: Sequence[Part]) -> ResultTable:
    def compared(row: tuple[Part, dict[str, Any]]) -> str:
        part, test = row
        return " minus ".join(group_label(part.key, str(test[which]), result.names) for which in ("last", "first"))

    columns: list[Column[tuple[Part, dict[str, Any]]]] = [
        Column("Breakdown", "", lambda row: breakdown_title(row[0].key)),
        Column("Compared", "", compared),
        Column(
            f"Difference of the changes ({_interval_name(result)})",
            "",
            lambda row: points(row[1]["contrast"], *(row[1]["contrast_ci"] or (None, None))),
            interval=True,
        ),
        Column(
            "Test over all groups",
            "",
            lambda row: "permutation of readers" if row[1]["test"] == "permutation" else "clustered F test",
        ),
        Column("p", "", lambda row: p_value(row[1]["p"])),
        Column("p (Holm)", "", lambda row: p_value(row[1]["p_holm"])),
        Column("Remark", "", lambda row: _remark(*row, result.names)),
    ]
    return shown_table(
        "benefit-group-tests",
        "Does the change differ between the groups?",
        columns,
        [(part, part.as_dict()["interaction"]) for part in parts if part.rows],
        [_test_numbers(b) for b in result.found.breakdowns if b.rows],
        "p (Holm) is corrected over all breakdowns of a modality, shown or not.",
    )


def _remark(part: Part, test: Mapping[str, Any], names: GroupNames) -> str:
    """Why there is no test, and which groups it leaves out."""
    named = [f"{group_label(part.key, group, names)} ({why})" for group, why in test["left_out"].items()]
    return ". ".join(
        [*([test["reason"]] if test["reason"] else []), *([f"Left out: {'; '.join(named)}"] if named else [])]
    )


def _note(result: BenefitResult) -> str:
    if isinstance(result.found, AggregateBenefit):
        return (
            "Every participant's answer weighs the same. Intervals and p come from one bootstrap over lesions (else "
            "images); who answered is not known, so that differences between readers are not covered."
        )
    return (
        "Means over readers; each reader weighs the same. Interval and p of the difference come from the paired t test "
        "over readers. p (Holm) is corrected over the modalities."
    )
