"""The tables of agreement, with numbers and in words."""

from collections.abc import Sequence

import pandas as pd

from dermdash.analyses.agreement.change import AgreementChange
from dermdash.analyses.agreement.run import AgreementPart, AgreementResult
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
    numbers = pd.DataFrame(
        [
            {
                "part": part.kind,
                "value": part.value,
                "n_readers": part.readers,
                "n_cases": part.cases,
                "n_readings": part.readings,
                "statistic": change.statistic,
                **_numbers("before", change.before),
                **_numbers("after", change.after),
                "difference": change.difference,
                "difference_low": change.low,
                "difference_high": change.high,
                "p": change.p,
                "p_holm": change.p_holm,
                "reason": change.reason,
            }
            for part, change in rows
        ]
    )
    shown = pd.DataFrame(
        [
            ({head: part_name(part)} if head else {})
            | {"Coefficient": LABELS[change.statistic]}
            | {"Readers": part.readers, "Cases": part.cases, "Readings": part.readings}
            | {f"Before ({CI})": value_text(change.before), f"After ({CI})": value_text(change.after)}
            | {f"Change ({CI})": change_text(change), "p": p_value(change.p)}
            | ({"p (Holm)": p_value(change.p_holm)} if head else {})
            | ({"Before, analytic SE": number(change.before.se) if change.before.se else ""} if analytic else {})
            | {"Remark": _remark(part, change)}
            for part, change in rows
            if change.statistic in known
        ]
    )
    return ResultTable(name, title, numbers, shown, " ".join((note, *nowhere)))


def _numbers(prefix: str, found: Coefficient | None) -> dict[str, float | None]:
    names = ("value", "low", "high", "se", "analytic_low", "analytic_high")
    return {(prefix if n == "value" else f"{prefix}_{n}"): None if found is None else getattr(found, n) for n in names}


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


def _intra_table(result: AgreementResult) -> ResultTable:
    assert result.intra is not None
    rows = [
        (phase, r) for phase, part in (("before", result.intra.before), ("after", result.intra.after)) for r in part
    ]
    numbers = pd.DataFrame([{"phase": phase, **r.as_dict()} for phase, r in rows])
    pooled = [
        {
            "Reader": "All together",
            "Phase": phase,
            "Repeated readings": n,
            f"Same answer ({CI})": value_text(_phase(result.intra.pooled[0], phase)),
            f"Cohen's kappa ({CI})": value_text(_phase(result.intra.pooled[1], phase)),
        }
        for phase, n in (("before", result.intra.pairs_before), ("after", result.intra.pairs_after))
        if n
    ]
    of_readers = [
        {
            "Reader": r.reader,
            "Phase": phase,
            "Repeated readings": r.pairs,
            f"Same answer ({CI})": percent_interval(r.share, r.low, r.high),
            f"Cohen's kappa ({CI})": number(r.kappa.value),
        }
        for phase, r in rows
    ]
    change = result.intra.pooled[0]
    return ResultTable(
        "agreement-with-oneself",
        "Agreement of readers with themselves",
        numbers,
        pd.DataFrame(pooled + of_readers),
        "A reading of a case with the same reader's next reading of it. All together: the tables of the readers added "
        "up, intervals by redrawing whole readers; of one reader: Wilson interval, which knows of several readings of "
        "a case. "
        f"Change of the share with assistance: {change_text(change)}, {p_words(change.p)}.",
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
