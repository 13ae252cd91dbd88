"""Tables of the benefit of assistance: numbers for a file, words for people."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dermdash.analyses.benefit.aggregate import AggregateBenefit, AggregateBreakdown
from dermdash.analyses.benefit.breakdown import Breakdown
from dermdash.analyses.benefit.grouping import GROUPINGS, NO, YES
from dermdash.analyses.benefit.image_changes import AggregateRow
from dermdash.analyses.benefit.measures import WORDS, Measure
from dermdash.analyses.benefit.population_sentences import population_table
from dermdash.analyses.benefit.rows import ALL, BenefitRow
from dermdash.analyses.benefit.run import BenefitResult
from dermdash.analyses.section import ResultTable
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.readings.modality import modality_label, public_modality
from dermdash.records.taxonomy import get_taxonomy
from dermdash.wording import NOT_COMPUTED, level, number_interval, p_value, percent, percent_interval, points

_YES_NO = {
    "truth_malignant": {YES: "Malignant", NO: "Benign"},
    "advice_correct": {YES: "Advice right", NO: "Advice wrong"},
    "advice_faulty": {YES: "Made wrong on purpose", NO: "Not tampered with"},
}
Row = BenefitRow | AggregateRow
Part = Breakdown | AggregateBreakdown


def modality_name(code: str) -> str:
    """The modality in words; ``ALL`` too."""
    return "All modalities" if code == ALL else modality_label(code)


def breakdown_title(key: str) -> str:
    """What groups are made from, in words."""
    return GROUPINGS[key].title


def group_label(key: str, level: str, taxonomy: str | None) -> str:
    """A group in words."""
    if key in _YES_NO:
        return _YES_NO[key].get(level, level)
    if key == "profession":
        return PROFESSIONS.get(level, level)
    if key == "truth_dx" and taxonomy is not None and level in get_taxonomy(taxonomy):
        return get_taxonomy(taxonomy)[level].name
    if key == "confidence":
        return f"Confidence {level}"
    if key == "round":
        return f"Round {level}"
    return level[:1].upper() + level[1:]


def breakdowns_of(result: BenefitResult, scope: str, *, only: str | None = None) -> tuple[Part, ...]:
    """The breakdowns of one modality, or of all together; ``only`` that of one key."""
    return tuple(b for b in result.found.breakdowns if b.modality == scope and only in (None, b.key))


def row_interval(row: Row) -> tuple[float | None, float | None]:
    """The interval of the difference that belongs to the p value."""
    interval = row.change.difference_interval if isinstance(row, BenefitRow) else row.interval
    return (None, None) if interval is None else (interval.low, interval.high)


def benefit_tables(result: BenefitResult, parts: Sequence[Part]) -> tuple[ResultTable, ...]:
    """Every table in the order to show, with these breakdowns."""
    found = result.found
    main = found.main
    rows: list[Row] = [*main.rows, *([main.overall] if main.overall is not None and len(main.rows) > 1 else [])]
    interval = _interval_name(result)
    tables = _by_modality(result, rows) if rows else []
    if len(found.measures) > 1:
        tables.append(_measures(result, interval))
    if any(part.rows for part in parts):
        every = [(b, row) for b in found.breakdowns for row in b.rows]
        tables.append(
            ResultTable(
                "benefit-by-group",
                "Change by group",
                pd.DataFrame([_row_numbers(row) | {"breakdown": b.key, "group": row.group} for b, row in every]),
                groups_table(result, parts),
                "p (Holm) is corrected over the groups of a breakdown. The CSV holds every modality.",
            )
        )
        tables.append(
            ResultTable(
                "benefit-group-tests",
                "Does the change differ between the groups?",
                pd.DataFrame([_test_numbers(b) for b in found.breakdowns if b.rows]),
                _tests(result, parts, interval),
                "p (Holm) is corrected over all breakdowns of a modality, shown or not.",
            )
        )
    if result.rubric is not None:
        frame = result.rubric.frame
        shown = frame.rename(columns=str.capitalize)
        tables.append(ResultTable("management-rubric", "Which management counts as what", frame, shown))
    return tuple(tables)


def _by_modality(result: BenefitResult, rows: Sequence[Row]) -> list[ResultTable]:
    found, interval = result.found, _interval_name(result)
    label = WORDS[found.main.measure].label
    populations = population_table([r for r in rows if isinstance(r, BenefitRow)], modality_name, interval)
    return [
        ResultTable(
            "benefit-by-modality",
            f"{label} before and after assistance",
            _numbers(rows),
            _shown(rows, interval),
            _note(result),
        ),
        *([] if populations is None else [populations]),
        ResultTable(
            "benefit-other-analyses",
            "The same change, analysed in other ways",
            _numbers(rows),
            _other(rows, interval),
            "Estimating equations weigh every pair of answers the same and allow for readers and cases that share "
            "answers; their p is also that of gains against losses (McNemar's test with the variance between readers "
            "and between cases)."
            if not isinstance(found, AggregateBenefit)
            else "A t test over lesions (else images), whose answers may resemble each other.",
        ),
    ]


def _interval_name(result: BenefitResult) -> str:
    return f"{level(result.found.confidence)} CI"


def _numbers(rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame([_row_numbers(row) for row in rows])


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


def _counts(rows: Sequence[Row]) -> dict[str, list[int]]:
    if all(isinstance(row, BenefitRow) for row in rows):
        return {
            "Readers": [r.change.readers for r in rows if isinstance(r, BenefitRow)],
            "Cases": [r.change.cases for r in rows if isinstance(r, BenefitRow)],
            "Pairs": [r.change.readings for r in rows if isinstance(r, BenefitRow)],
        }
    return {
        "Images": [r.images for r in rows if isinstance(r, AggregateRow)],
        "Pairs of answers": [r.answers for r in rows if isinstance(r, AggregateRow)],
    }


def _estimates(rows: Sequence[Row], interval: str) -> dict[str, list[str]]:
    found = [row.change if isinstance(row, BenefitRow) else row for row in rows]

    def share(value: float, bounds: Any) -> str:
        return percent(value) if bounds is None else percent_interval(value, bounds.low, bounds.high)

    return {
        "Without": [share(f.unaided, f.unaided_interval) for f in found],
        "With": [share(f.aided, f.aided_interval) for f in found],
        f"Difference ({interval})": [points(f.difference, *row_interval(r)) for f, r in zip(found, rows, strict=True)],
        "p": [p_value(f.p_value) for f in found],
    }


def _holm(rows: Sequence[Row]) -> list[str]:
    found = [row.change if isinstance(row, BenefitRow) else row for row in rows]
    return [
        "" if row.modality == ALL and row.group is None else p_value(f.p_holm)
        for f, row in zip(found, rows, strict=True)
    ]


def _shown(rows: Sequence[Row], interval: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {"Modality": [modality_name(r.modality) for r in rows], **_counts(rows), **_estimates(rows, interval)}
    )
    if len(rows) > 1:
        table["p (Holm)"] = _holm(rows)
    return table


def _other(rows: Sequence[Row], interval: str) -> pd.DataFrame:
    table: list[dict[str, str]] = []
    for row in rows:
        line = {"Modality": modality_name(row.modality)}
        if isinstance(row, AggregateRow):
            line["Clustered t test"] = points(row.pooled.difference, row.pooled.low, row.pooled.high)
            line["p"] = p_value(row.pooled.p_value)
            table.append(line)
            continue
        boot = row.change.bootstrap_interval
        line["Bootstrap of readers and cases"] = (
            NOT_COMPUTED if boot is None else points(row.change.difference, boot.low, boot.high)
        )
        if row.pooled is not None:
            line["Estimating equations"] = points(row.pooled.difference, row.pooled.low, row.pooled.high)
            line["p"] = p_value(row.pooled.p_value)
            line["Odds ratio"] = number_interval(row.pooled.odds_ratio, row.pooled.odds_low, row.pooled.odds_high, 2)
        if row.discordant is not None:
            d = row.discordant
            line["Gained : lost"] = f"{d.gained:,} : {d.lost:,}"
            line["Gains among turned answers"] = percent_interval(d.gain_share, d.low, d.high)
            if not d.clustered:  # else its p is that of the estimating equations
                line["p (McNemar)"] = p_value(d.p_value) + (" (exact)" if d.exact and d.p_value is not None else "")
        table.append(line)
    return pd.DataFrame(table).fillna(NOT_COMPUTED)


def _measures(result: BenefitResult, interval: str) -> ResultTable:
    lines, numbers = [], []
    for measure in result.found.measures:
        rows: list[Row] = [*measure.rows]
        if not rows:
            continue
        shown = _shown(rows, interval)
        lines.append(shown.assign(Measure=WORDS[Measure(measure.measure)].label))
        numbers.append(_numbers(rows).assign(measure=str(measure.measure)))
    table = pd.concat(lines, ignore_index=True).fillna("")
    numbered = pd.concat(numbers, ignore_index=True)
    meanings = "; ".join(f"{WORDS[m.measure].label}: {WORDS[m.measure].meaning}" for m in result.found.measures)
    return ResultTable(
        "benefit-measures",
        "All measures of this outcome",
        numbered[["measure", *[c for c in numbered if c != "measure"]]],
        table[["Measure", *[c for c in table if c != "Measure"]]],
        f"{meanings}. p (Holm) is corrected over the modalities within a measure, not over the measures.",
    )


def groups_table(result: BenefitResult, parts: Sequence[Part]) -> pd.DataFrame:
    """Every group of these breakdowns (at least one must have groups), for people."""
    interval = _interval_name(result)
    tables = []
    for part in parts:
        if not part.rows:
            continue
        rows: list[Row] = [*part.rows]
        tables.append(
            pd.DataFrame(
                {
                    "Breakdown": [breakdown_title(part.key)] * len(rows),
                    "Group": [group_label(part.key, str(r.group), result.taxonomy) for r in rows],
                    **_counts(rows),
                    **_estimates(rows, interval),
                    "p (Holm)": _holm(rows),
                    "Remark": [row.small or "" for row in rows],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _test_numbers(part: Part) -> dict[str, Any]:
    found = part.as_dict()
    test = found["interaction"] or {}
    return {"breakdown": part.key, "modality": public_modality(part.modality), **_flat(test)}


def _tests(result: BenefitResult, parts: Sequence[Part], interval: str) -> pd.DataFrame:
    lines = []
    for part in parts:
        if not part.rows:
            continue
        test = part.as_dict()["interaction"]
        first, last = (group_label(part.key, str(test[name]), result.taxonomy) for name in ("first", "last"))
        low, high = test["contrast_ci"] or (None, None)
        kind = "permutation of readers" if test["test"] == "permutation" else "clustered F test"
        lines.append(
            {
                "Breakdown": breakdown_title(part.key),
                "Compared": f"{last} minus {first}",
                f"Difference of the changes ({interval})": points(test["contrast"], low, high),
                "Test over all groups": kind,
                "p": p_value(test["p"]),
                "p (Holm)": p_value(test["p_holm"]),
                "Remark": _remark(part, test, result.taxonomy),
            }
        )
    return pd.DataFrame(lines)


def _remark(part: Part, test: Mapping[str, Any], taxonomy: str | None) -> str:
    """Why there is no test, and which groups it leaves out."""
    named = [f"{group_label(part.key, group, taxonomy)} ({why})" for group, why in test["left_out"].items()]
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
