"""Tables of a multi-reader multi-case study, as numbers and in words."""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from dermdash.analyses.mrmc.run import MrmcComparison, MrmcStudyResult
from dermdash.analyses.section import ResultTable
from dermdash.analysis.mrmc.effect import EffectTest, Inference, MeanEstimate
from dermdash.analysis.mrmc.figure_of_merit import AREAS, FigureOfMerit
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.wording import (
    CI,
    MINUS,
    NOT_COMPUTED,
    difference,
    level,
    margin,
    number,
    number_interval,
    p_value,
    percent_interval,
    points,
)

Found = list[tuple[MrmcComparison, MrmcResult]]


def computed(comparisons: Iterable[MrmcComparison]) -> Found:
    """The comparisons that have a result."""
    return [(c, c.result) for c in comparisons if c.result is not None]


def value_text(merit: FigureOfMerit, value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A figure of merit: an area as a number, a share in percent."""
    if value is None or not math.isfinite(value):
        return NOT_COMPUTED
    return number_interval(value, low, high) if merit.figure in AREAS else percent_interval(value, low, high)


def difference_text(merit: FigureOfMerit, test: EffectTest) -> str:
    """A difference with its interval: of areas as a number, of shares in points."""
    if test.difference is None:
        return NOT_COMPUTED
    if merit.figure not in AREAS:
        return points(test.difference, test.low, test.high)
    bounds = () if test.low is None or test.high is None else (test.low, test.high)
    # A bound just beside 0 must not read as 0: the test turns on it.
    digits = 4 if any(0 < abs(v) < 5e-4 for v in (test.difference, *bounds)) else 3
    return difference(test.difference, test.low, test.high, digits)


def margin_text(merit: FigureOfMerit, value: float) -> str:
    """A margin of non-inferiority, which has no sign: of areas as a number, of shares in points."""
    return number(value) if merit.figure in AREAS else margin(value)


def statistic_text(test: EffectTest) -> str:
    """Test statistic with its degrees of freedom."""
    if test.f is None or test.df1 is None:
        return NOT_COMPUTED
    if test.df2 is None:
        return f"\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} = {number(test.f)}, df {test.df1}"
    return f"F = {number(test.f)}, df {test.df1}, {number(test.df2, 1)}"


def mean_text(merit: FigureOfMerit, mean: MeanEstimate) -> str:
    """A modality's mean with its interval."""
    return value_text(merit, mean.value, mean.low, mean.high)


def mrmc_tables(result: MrmcStudyResult) -> tuple[ResultTable, ...]:
    """Every table that has a row."""
    found = computed(result.comparisons)
    tables = [
        _tests(result, found, "mrmc-tests", "Differences between modalities"),
        _means(found),
        _margins(found, "mrmc-non-inferiority", "Non-inferiority"),
        _tests(result, computed(result.model), "mrmc-model", "Model against readers"),
        _margins(computed(result.model), "mrmc-model-non-inferiority", "Non-inferiority of the model"),
        _readers(found),
        _components(found),
    ]
    return tuple(table for table in tables if table is not None)


def _tests(result: MrmcStudyResult, found: Found, name: str, title: str) -> ResultTable | None:
    numbers, shown = [], []
    for comparison, one in found:
        for pair in one.pairs:
            for kind in Inference:
                test = pair.tests[kind]
                p_holm = comparison.p_holm.get(kind) if comparison.p_holm else test.p_holm
                numbers.append(
                    {"first": pair.first, "second": pair.second, "inference": kind.value}
                    | _interval_columns(test)
                    | {"f": test.f, "df1": test.df1, "df2": test.df2, "p": test.p, "p_holm": p_holm}
                    | {"n_readers": len(one.data.readers), "n_cases": len(one.data.cases)}
                    | {"n_readings": comparison.readings, "reason": test.reason}
                )
                shown.append(
                    {"Compared": f"{pair.first} {MINUS} {pair.second}", "Holds for": kind.holds_for.capitalize()}
                    | {f"Difference ({CI})": difference_text(one.merit, test), "Test": statistic_text(test)}
                    | {"p": p_value(test.p), "p (Holm)": p_value(p_holm)}
                    | {"Readers": len(one.data.readers), "Cases": len(one.data.cases), "Readings": comparison.readings}
                )
        if len(one.pairs) > 1 and one.overall[one.headline].p is not None:
            for kind, test in one.overall.items():
                numbers.append({"first": "all modalities", "inference": kind.value, "f": test.f, "df1": test.df1}
                    | {"df2": test.df2, "p": test.p, "reason": test.reason})  # fmt: skip
                shown.append(
                    {"Compared": "All modalities equal", "Holds for": kind.holds_for.capitalize()}
                    | {f"Difference ({CI})": "", "Test": statistic_text(test), "p": p_value(test.p), "p (Holm)": ""}
                    | {"Readers": len(one.data.readers), "Cases": len(one.data.cases), "Readings": comparison.readings}
                )
    if not shown:
        return None
    frame = pd.DataFrame(shown)
    corrected = len({(row["first"], row.get("second")) for row in numbers}) > 1
    if not corrected:
        frame = frame.drop(columns="p (Holm)")
    note = f"{result.options.merit.name[0].upper()}{result.options.merit.name[1:]}; two-sided p values."
    if corrected:
        note += " p (Holm) is corrected over the comparisons of a table, each line of inference for itself."
    return ResultTable(name, title, pd.DataFrame(numbers), _level(frame, result.options.confidence), note)


def _means(found: Found) -> ResultTable | None:
    numbers, shown = [], []
    for comparison, one in found:
        for i, modality in enumerate(one.data.modalities):
            read = one.data.read[:, i]
            counts = {
                "n_readers": int(read.any(axis=1).sum()),
                "n_cases": int(read.any(axis=0).sum()),
                "n_readings": int(read.sum()),
            }
            row: dict[str, Any] = {"modality": modality, "value": one.means[i][one.headline].value, **counts}
            words: dict[str, Any] = {"Comparison": comparison.name, "Modality": modality}
            for kind in Inference:
                mean = one.means[i][kind]
                row |= {f"{kind.value}_low": mean.low, f"{kind.value}_high": mean.high, f"{kind.value}_se": mean.se}
                words[kind.label.capitalize()] = mean_text(one.merit, mean)
            numbers.append({"comparison": comparison.name} | row)
            words |= {"Readers": counts["n_readers"], "Cases": counts["n_cases"], "Readings": counts["n_readings"]}
            shown.append(words)
    if not shown:
        return None
    frame = pd.DataFrame(shown)
    if len(found) == 1:
        frame = frame.drop(columns="Comparison")
    note = (
        "Mean over readers, each counting the same, with intervals limited to 0 to 1. Each is computed from its own "
        "modality alone, so that two overlapping intervals do not say that modalities are equal."
    )
    return ResultTable("mrmc-modalities", "Each modality", pd.DataFrame(numbers), frame, note)


def _margins(found: Found, name: str, title: str) -> ResultTable | None:
    rows = [(one, claim) for _, one in found for pair in one.pairs for claim in pair.non_inferiority]
    if not rows:
        return None
    shown = [
        {
            "Modality": claim.modality,
            "Not worse than": claim.reference,
            "Margin": margin_text(one.merit, claim.margin),
            f"Difference ({CI})": difference_text(
                one.merit, EffectTest(difference=claim.difference, low=claim.low, high=claim.high)
            ),
            "One-sided p": p_value(claim.p),
            "Conclusion": _conclusion(claim.concluded, claim.superior),
        }
        for one, claim in rows
    ]
    note = (
        "Not worse: the whole two-sided interval lies above minus the margin, a one-sided test at half of one minus "
        f"its level ({level(0.025)} for {level(0.95)}). The margin must be chosen before the data are seen."
    )
    numbers = pd.DataFrame([_flat(claim.as_dict()) for _, claim in rows])
    return ResultTable(name, title, numbers, _level(pd.DataFrame(shown), rows[0][0].confidence), note)


def _readers(found: Found) -> ResultTable | None:
    numbers, shown = [], []
    # Of several comparisons with assistance each has its own names: the columns are what they share.
    assisted = len(found) > 1 and all(c.assistance is not None for c, _ in found)
    for comparison, one in found:
        heads = ("With assistance", "Without") if assisted else tuple(map(_head, one.data.modalities))
        for j, reader in enumerate(one.data.readers):
            row: dict[str, Any] = {"comparison": comparison.name, "reader": reader}
            words: dict[str, Any] = {"Comparison": comparison.name, "Reader": reader}
            for i, head in enumerate(heads):
                value = float(one.values[j, i])
                row[head] = None if math.isnan(value) else value
                words[head] = value_text(one.merit, value)
            if len(one.pairs) == 1:
                test = one.pairs[0].readers.get(reader, EffectTest())
                row |= _interval_columns(test)
                words[f"Difference ({CI})"] = difference_text(one.merit, test)
            row["n_readings"] = words["Readings"] = int(one.data.read[j].sum())
            numbers.append(row)
            shown.append(words)
    if not shown:
        return None
    frame = pd.DataFrame(shown).fillna("")
    if len(found) == 1:
        frame = frame.drop(columns="Comparison")
    note = "The interval of one reader's difference speaks of that reader and other cases; it is not corrected."
    return ResultTable(
        "mrmc-readers", "Each reader", pd.DataFrame(numbers), _level(frame, found[0][1].confidence), note
    )


def _head(modality: str) -> str:
    """A modality as a column, apart from the table's own."""
    taken = {"comparison", "reader", "readings", "n_readings", "low", "high", "se"}
    return f"Modality {modality}" if modality.lower() in taken or "difference" in modality.lower() else modality


def _components(found: Found) -> ResultTable | None:
    names = {
        "var_r": "Readers",
        "var_tr": "Modality x reader",
        "var_error": "Error (one reader, one modality)",
        "cov1": "Cov1: same reader, other modality",
        "cov2": "Cov2: other reader, same modality",
        "cov3": "Cov3: other reader, other modality",
    }
    rows = [(c.name, one.components.as_dict()) for c, one in found if one.components is not None]
    if not rows:
        return None
    numbers = pd.DataFrame([{"comparison": name} | values for name, values in rows])
    shown = pd.DataFrame({"Component": list(names.values())})
    for name, values in rows:
        shown["Estimate" if len(rows) == 1 else name] = [_small(values[key]) for key in names]
    note = (
        "Variances and covariances of a reader's figure of merit in the Obuchowski-Rockette model: what a sample size "
        "is planned with. A negative estimate means about 0."
    )
    return ResultTable("mrmc-components", "Variance components", numbers, shown, note)


def _small(value: float | None) -> str:
    return number(value, 6)


def _conclusion(concluded: bool | None, superior: bool | None) -> str:
    if concluded is None:
        return NOT_COMPUTED
    if superior:
        return "Better"
    return "Not worse by the margin" if concluded else "Not shown"


def _interval_columns(test: EffectTest) -> dict[str, float | None]:
    return {"difference": test.difference, "low": test.low, "high": test.high, "se": test.se}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    interval = row.pop("ci") or [None, None]
    return row | {"low": interval[0], "high": interval[1]}


def _level(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Name the level of the intervals in the heads."""
    return frame.rename(columns=lambda name: str(name).replace(CI, f"{level(confidence)} CI"))
