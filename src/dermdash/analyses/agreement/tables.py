"""The tables of agreement, with numbers and in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dermdash.analyses.agreement.change import AgreementChange
from dermdash.analyses.agreement.run import AgreementPart, AgreementResult
from dermdash.analyses.columns import Column, parts_of, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analysis.agreement.coefficients import LABELS, Coefficient
from dermdash.readings.modality import modality_label
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import (
    CI,
    difference,
    number,
    number_interval,
    p_value,
    p_words,
    percent_interval,
    points,
)

Row = TypeVar("Row")
_CHANGE = parts_of({"difference": "difference", "difference_low": "low", "difference_high": "high"})


def agreement_tables(result: AgreementResult) -> tuple[ResultTable, ...]:
    """Every table of an `AgreementResult`."""
    note = (
        "Intervals: t distribution with the standard error of draws of cases with replacement, the same draws before "
        "and after. "
        "p (Holm) is corrected over the parts of a table, for each coefficient."
    )
    tables = [_part_table("agreement", "Coefficients of agreement", (result.overall,), "", note, analytic=True)]
    for name, title, parts, head in (
        ("agreement-by-modality", "By what was shown", result.by_modality, "Assistance"),
        ("agreement-by-experience", "Among readers of like experience", result.by_experience, "Experience"),
        ("agreement-by-class", "Within each true class", result.by_class, "True class"),
    ):
        if parts:
            extra = (
                " Within one class the answers hardly vary, so that kappa and alpha fall towards 0 whatever readers "
                "do: percent agreement and Gwet's coefficient remain."
                if head == "True class"
                else ""
            )
            tables.append(_part_table(name, title, parts, head, note + extra))
    if result.intra is not None:
        tables.append(_intra_table(result))
    return tuple(tables)


def _part_table(
    name: str, title: str, parts: Sequence[AgreementPart], head: str, note: str, *, analytic: bool = False
) -> ResultTable:
    rows = [(part, change) for part in parts for change in part.changes]
    # A coefficient that no part has is said once, not in a row of each.
    known = {change.statistic for _, change in rows if change.before.value is not None or not head}
    missing = {change.statistic: change.reason for _, change in rows if change.statistic not in known}
    nowhere = [f"{LABELS[statistic]} was not computed: {reason}." for statistic, reason in missing.items()]
    columns: list[Column[tuple[AgreementPart, AgreementChange]]] = [
        Column(head, "", lambda row: part_name(row[0])),
        Column("", "part", lambda row: row[0].kind),
        Column("", "value", lambda row: row[0].value),
        Column("Coefficient", "statistic", lambda row: row[1].statistic, LABELS.__getitem__),
        Column("Readers", "n_readers", lambda row: row[0].readers),
        Column("Cases", "n_cases", lambda row: row[0].cases),
        Column("Readings", "n_readings", lambda row: row[0].readings),
        _coefficient_column(f"Before ({CI})", "before", lambda row: row[1].before),
        _coefficient_column(f"After ({CI})", "after", lambda row: row[1].after),
        Column(f"Change ({CI})", "difference", lambda row: row[1], change_text, _CHANGE, interval=True),
        Column("p", "p", lambda row: row[1].p, p_value),
        Column("p (Holm)" if head else "", "p_holm", lambda row: row[1].p_holm, p_value),
        Column("Before, analytic SE" if analytic else "", "", lambda row: _error_text(row[1].before)),
        Column("", "reason", lambda row: row[1].reason),
        Column("Remark", "", lambda row: _remark(*row)),
    ]
    return table_of(
        name,
        title,
        columns,
        rows,
        " ".join((note, *nowhere)),
        csv_first=("part", "value", "n_readers", "n_cases", "n_readings"),
        shown_rows=[row for row in rows if row[1].statistic in known],
    )


def _coefficient_column(head: str, key: str, value: Callable[[Row], Coefficient | None]) -> Column[Row]:
    names = ("low", "high", "se", "analytic_low", "analytic_high")
    parts = parts_of({key: "value"} | {f"{key}_{name}": name for name in names})
    return Column(head, key, value, value_text, parts, interval=True)


def _error_text(found: Coefficient) -> str:
    return number(found.se) if found.se else ""


def part_name(part: AgreementPart) -> str:
    """The part of the readings in words."""
    if part.kind == "modality":
        return modality_label(part.value)
    return diagnosis_name(part.value) if part.kind == "class" else part.value


def _remark(part: AgreementPart, change: AgreementChange) -> str:
    reasons = (change.before.reason, None if change.after is None else change.after.reason, change.reason)
    remarks = [reason for reason in dict.fromkeys(reasons) if reason]
    if part.small:
        remarks.append(f"small group: fewer than {SMALL_READERS} readers or {SMALL_CASES} cases")
    return "; ".join(remarks)


@dataclass(frozen=True, slots=True)
class _Repeats:
    """Readings repeated by one reader, or by all together."""

    phase: str
    reader: str
    pairs: int
    share: Coefficient | None
    kappa: Coefficient | None


def _intra_table(result: AgreementResult) -> ResultTable:
    intra = result.intra
    assert intra is not None
    pooled = [
        _Repeats(phase, "All together", n, _phase(intra.pooled[0], phase), _phase(intra.pooled[1], phase))
        for phase, n in (("before", intra.pairs_before), ("after", intra.pairs_after))
        if n
    ]
    of_readers = [
        _Repeats(
            phase,
            r.reader,
            r.pairs,
            Coefficient("percent", r.share, r.low, r.high),
            Coefficient("kappa", r.kappa.value, se=r.kappa.se, reason=r.kappa.reason),
        )
        for phase, part in (("before", intra.before), ("after", intra.after))
        for r in part
    ]
    share = parts_of({"percent": "value", "low": "low", "high": "high"})
    kappa = parts_of({"kappa": "value", "kappa_se": "se", "reason": "reason"})
    columns: list[Column[_Repeats]] = [
        Column("Reader", "reader"),
        Column("Phase", "phase"),
        Column("Repeated readings", "pairs"),
        Column(f"Same answer ({CI})", "percent", lambda r: r.share, value_text, share, interval=True),
        Column(f"Cohen's kappa ({CI})", "kappa", None, value_text, kappa, interval=True),
    ]
    change = intra.pooled[0]
    return table_of(
        "agreement-with-oneself",
        "Agreement of readers with themselves",
        columns,
        of_readers,
        "A reading of a case with the same reader's next reading of it. All together: the tables of the readers added "
        "up, intervals by redrawing whole readers; of one reader: Wilson interval, which knows of several readings of "
        f"a case. Change of the share with assistance: {change_text(change)}, {p_words(change.p)}.",
        csv_first=("phase",),
        shown_rows=[*pooled, *of_readers],
    )


def _phase(change: AgreementChange, phase: str) -> Coefficient | None:
    return change.before if phase == "before" else change.after


def change_text(change: AgreementChange) -> str:
    """The change with its interval; of percent agreement in points."""
    if change.statistic == "percent":
        return points(change.difference, change.low, change.high)
    return difference(change.difference, change.low, change.high)


def value_text(found: Coefficient | None) -> str:
    """A coefficient with its interval; percent agreement as percent."""
    if found is None:
        return ""
    if found.statistic == "percent":
        return percent_interval(found.value, found.low, found.high)
    return number_interval(found.value, found.low, found.high)
