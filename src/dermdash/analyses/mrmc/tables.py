"""Tables of a multi-reader multi-case study, as numbers and in words."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from dermdash.analyses.columns import Column, csv_only, shown_table, table_of
from dermdash.analyses.mrmc.run import MrmcComparison, MrmcStudyResult
from dermdash.analyses.mrmc.words import difference_text, margin_text, mean_text, statistic_text, value_text
from dermdash.analyses.section import ResultTable
from dermdash.analysis.arrays import BoolArray
from dermdash.analysis.mrmc.effect import EffectTest, Inference, MeanEstimate
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.noninferiority import NonInferiority
from dermdash.analysis.mrmc.result import MrmcResult, PairResult
from dermdash.wording import (
    MINUS,
    NOT_COMPUTED,
    level,
    number,
    p_value,
)

Row = TypeVar("Row")
Found = list[tuple[MrmcComparison, MrmcResult]]


def computed(comparisons: Iterable[MrmcComparison]) -> Found:
    """The comparisons that have a result."""
    return [(c, c.result) for c in comparisons if c.result is not None]


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


@dataclass(frozen=True, slots=True)
class _Test:
    """One line of the tests: of two modalities, or with ``pair`` None of all that a comparison has."""

    comparison: MrmcComparison
    result: MrmcResult
    pair: PairResult | None
    kind: Inference
    test: EffectTest
    p_holm: float | None = None

    @property
    def modalities(self) -> tuple[str, ...]:
        """What is compared."""
        return ("all modalities",) if self.pair is None else (self.pair.first, self.pair.second)

    def of_pair(self, value: int) -> int | None:
        """What the CSV says of two modalities only."""
        return None if self.pair is None else value


def _tests(result: MrmcStudyResult, found: Found, name: str, title: str) -> ResultTable | None:
    rows: list[_Test] = []
    for comparison, one in found:
        for pair in one.pairs:
            for kind in Inference:
                test = pair.tests[kind]
                p_holm = comparison.p_holm.get(kind) if comparison.p_holm else test.p_holm
                rows.append(_Test(comparison, one, pair, kind, test, p_holm))
        if len(one.pairs) > 1 and one.overall[one.headline].p is not None:
            rows += [_Test(comparison, one, None, kind, test) for kind, test in one.overall.items()]
    if not rows:
        return None
    corrected = len({row.modalities for row in rows}) > 1
    columns: list[Column[_Test]] = [
        Column(
            "Compared", "", lambda t: f"{t.pair.first} {MINUS} {t.pair.second}" if t.pair else "All modalities equal"
        ),
        Column("", "first", lambda t: t.modalities[0]),
        Column("", "second", lambda t: t.pair and t.pair.second),
        Column("Holds for", "inference", lambda t: t.kind.value, lambda kind: Inference(kind).holds_for.capitalize()),
        _effect_column(
            _difference_head(result.options.confidence),
            lambda t: t.test,
            lambda t: difference_text(t.result.merit, t.test) if t.pair else "",
        ),
        Column("Test", "", lambda t: statistic_text(t.test)),
        *csv_only("f", "df1", "df2", of=lambda t: t.test),
        Column("p", "p", lambda t: t.test.p, p_value),
        Column("p (Holm)" if corrected else "", "", lambda t: p_value(t.p_holm) if t.pair else ""),
        *csv_only("p_holm"),
        Column("Readers", "", lambda t: len(t.result.data.readers)),
        Column("Cases", "", lambda t: len(t.result.data.cases)),
        Column("Readings", "", lambda t: t.comparison.readings),
        Column("", "n_readers", lambda t: t.of_pair(len(t.result.data.readers))),
        Column("", "n_cases", lambda t: t.of_pair(len(t.result.data.cases))),
        Column("", "n_readings", lambda t: t.of_pair(t.comparison.readings)),
        *csv_only("reason", of=lambda t: t.test),
    ]
    note = f"{result.options.merit.name[0].upper()}{result.options.merit.name[1:]}; two-sided p values."
    if corrected:
        note += " p (Holm) is corrected over the comparisons of a table, each line of inference for itself."
    return table_of(name, title, columns, rows, note)


@dataclass(frozen=True, slots=True)
class _Mean:
    """One modality of a comparison."""

    comparison: str
    result: MrmcResult
    place: int

    @property
    def read(self) -> BoolArray:
        """Readers by cases: who read what with it."""
        return self.result.data.read[:, self.place]

    def by(self, kind: Inference) -> MeanEstimate:
        """The mean over readers, as it holds for others."""
        return self.result.means[self.place][kind]


def _means(found: Found) -> ResultTable | None:
    rows = [_Mean(comparison.name, one, i) for comparison, one in found for i in range(len(one.data.modalities))]
    if not rows:
        return None
    columns: list[Column[_Mean]] = [
        Column("Comparison" if len(found) > 1 else "", "comparison"),
        Column("Modality", "modality", lambda m: m.result.data.modalities[m.place]),
        Column("", "value", lambda m: m.by(m.result.headline).value),
        *map(_mean_column, Inference),
        Column("Readers", "n_readers", lambda m: int(m.read.any(axis=1).sum())),
        Column("Cases", "n_cases", lambda m: int(m.read.any(axis=0).sum())),
        Column("Readings", "n_readings", lambda m: int(m.read.sum())),
    ]
    note = (
        "Mean over readers, each counting the same, with intervals limited to 0 to 1. Each is computed from its own "
        "modality alone, so that two overlapping intervals do not say that modalities are equal."
    )
    order = ("comparison", "modality", "value", "n_readers", "n_cases", "n_readings")
    return table_of("mrmc-modalities", "Each modality", columns, rows, note, csv_first=order)


def _mean_column(kind: Inference) -> Column[_Mean]:
    def part(name: str) -> Callable[[_Mean], float | None]:
        return lambda m: getattr(m.by(kind), name)

    return Column(
        kind.label.capitalize(),
        kind.value,
        lambda m: m,
        lambda m: mean_text(m.result.merit, m.by(kind)),
        {f"{kind.value}_{name}": part(name) for name in ("low", "high", "se")},
        interval=True,
    )


def _margins(found: Found, name: str, title: str) -> ResultTable | None:
    rows = [(one, claim) for _, one in found for pair in one.pairs for claim in pair.non_inferiority]
    if not rows:
        return None

    def words(row: tuple[MrmcResult, NonInferiority]) -> str:
        one, claim = row
        return difference_text(one.merit, EffectTest(difference=claim.difference, low=claim.low, high=claim.high))

    columns: list[Column[tuple[MrmcResult, NonInferiority]]] = [
        Column("Modality", "modality", lambda row: row[1].modality),
        Column("Not worse than", "reference", lambda row: row[1].reference),
        Column("Margin", "", lambda row: margin_text(row[0].merit, row[1].margin)),
        *csv_only("margin", "difference", of=_claim),
        Column(_difference_head(rows[0][0].confidence), "", words, interval=True),
        Column("One-sided p", "p_one_sided", lambda row: row[1].p, p_value),
        Column("", "non_inferior", lambda row: row[1].concluded),
        *csv_only("superior", of=_claim),
        Column("Conclusion", "", lambda row: _conclusion(row[1].concluded, row[1].superior)),
        *csv_only("reason", "low", "high", of=_claim),
    ]
    note = (
        "Not worse: the whole two-sided interval lies above minus the margin, a one-sided test at half of one minus "
        f"its level ({level(0.025)} for {level(0.95)}). The margin must be chosen before the data are seen."
    )
    return table_of(name, title, columns, rows, note)


def _claim(row: tuple[MrmcResult, NonInferiority]) -> NonInferiority:
    return row[1]


@dataclass(frozen=True, slots=True)
class _Reader:
    """One reader of a comparison: their figures by head, and their own test where two modalities are compared."""

    comparison: str
    reader: str
    merit: FigureOfMerit
    values: dict[str, float | None]
    test: EffectTest | None
    n_readings: int


def _readers(found: Found) -> ResultTable | None:
    # Of several comparisons with assistance each has its own names: the columns are what they share.
    assisted = len(found) > 1 and all(c.assistance is not None for c, _ in found)
    rows: list[_Reader] = []
    for comparison, one in found:
        heads = ("With assistance", "Without") if assisted else tuple(map(_head, one.data.modalities))
        for reader, values, read in zip(one.data.readers, one.values, one.data.read, strict=True):
            known = {h: None if math.isnan(v) else float(v) for h, v in zip(heads, values, strict=True)}
            test = one.pairs[0].readers.get(reader, EffectTest()) if len(one.pairs) == 1 else None
            rows.append(_Reader(comparison.name, reader, one.merit, known, test, int(read.sum())))
    if not rows:
        return None
    tested = any(row.test for row in rows)
    own: Column[_Reader] = _effect_column(
        _difference_head(found[0][1].confidence),
        lambda r: r.test,
        lambda r: "" if r.test is None else difference_text(r.merit, r.test),
    )
    columns: list[Column[_Reader]] = [
        Column("Comparison" if len(found) > 1 else "", "comparison"),
        Column("Reader", "reader"),
        *map(_figure_column, dict.fromkeys(head for row in rows for head in row.values)),
        *((own,) if tested else ()),
        Column("Readings", "n_readings"),
    ]
    note = "The interval of one reader's difference speaks of that reader and other cases; it is not corrected."
    return table_of("mrmc-readers", "Each reader", columns, rows, note)


def _figure_column(head: str) -> Column[_Reader]:
    parts = {head: lambda r: r.values.get(head)}
    return Column(
        head, head, lambda r: r, lambda r: value_text(r.merit, r.values[head]) if head in r.values else "", parts
    )


def _effect_column(head: str, test: Callable[[Row], EffectTest | None], words: Callable[[Row], str]) -> Column[Row]:
    def part(name: str) -> Callable[[Row], float | None]:
        return lambda row: None if (found := test(row)) is None else getattr(found, name)

    names = ("difference", "low", "high", "se")
    return Column(head, "difference", lambda row: row, words, {name: part(name) for name in names}, interval=True)


def _difference_head(confidence: float) -> str:
    return f"Difference ({level(confidence)} CI)"


def _head(modality: str) -> str:
    """A modality as a column, apart from the table's own."""
    taken = {"comparison", "reader", "readings", "n_readings", "low", "high", "se"}
    return f"Modality {modality}" if modality.lower() in taken or "difference" in modality.lower() else modality


def _components(found: Found) -> ResultTable | None:
    """A line of the CSV for each comparison; people see a column for each."""
    names = {
        "var_r": "Readers",
        "var_tr": "Modality x reader",
        "var_error": "Error (one reader, one modality)",
        "cov1": "Cov1: same reader, other modality",
        "cov2": "Cov2: other reader, same modality",
        "cov3": "Cov3: other reader, other modality",
    }
    rows = [{"comparison": c.name} | one.components.as_dict() for c, one in found if one.components is not None]
    if not rows:
        return None

    def estimate(row: dict[str, Any]) -> Column[str]:
        return Column("Estimate" if len(rows) == 1 else row["comparison"], "", lambda key: number(row[key], 6))

    columns: list[Column[str]] = [Column("Component", "", names.__getitem__), *map(estimate, rows)]
    note = (
        "Variances and covariances of a reader's figure of merit in the Obuchowski-Rockette model: what a sample size "
        "is planned with. A negative estimate means about 0."
    )
    return shown_table("mrmc-components", "Variance components", columns, list(names), rows, note)


def _conclusion(concluded: bool | None, superior: bool | None) -> str:
    if concluded is None:
        return NOT_COMPUTED
    if superior:
        return "Better"
    return "Not worse by the margin" if concluded else "Not shown"
