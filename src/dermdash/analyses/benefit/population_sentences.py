"""Whom a change speaks of, in words: other readers of these cases, and other readers and cases as well."""

from collections.abc import Callable, Sequence

from dermdash.analyses.benefit.image_changes import AggregateRow
from dermdash.analyses.benefit.planned import READERS_AND_CASES
from dermdash.analyses.benefit.populations import MINIMUM_CASES, MINIMUM_READERS, PopulationTests
from dermdash.analyses.benefit.rows import BenefitRow
from dermdash.analyses.benefit.run import BenefitResult
from dermdash.analyses.bibliography import HILLIS_2014, OBUCHOWSKI_1995
from dermdash.analyses.columns import Column, csv_only, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import EffectTest, Inference
from dermdash.readings.modality import ALL_MODALITIES, public_modality
from dermdash.wording import NOT_COMPUTED, p_value, p_words, points

REFERENCES = (OBUCHOWSKI_1995, HILLIS_2014)
_DESIGNS = {
    Design.FACTORIAL: "every reader read every case",
    Design.INCOMPLETE: "readers read different cases, some of them the same: covariances averaged over all pairs of "
    "readers",
    Design.CASES_IN_READER: "no case was read by two readers (split-plot), so that the readers' own differences cover "
    "the cases",
}


def population_words(row: BenefitRow | AggregateRow, *, several: bool) -> str:
    """What follows p in a headline: of whom it speaks, and what holds for other readers and cases as well."""
    if isinstance(row, AggregateRow):
        return f"for {Inference.FRRC.population}"
    text = f"for {Inference.RRFC.population}"
    if row.populations is None:
        return text
    test = row.populations.both
    if test.p is None or test.difference is None:
        if row.change.readers < 2:  # it is said already that there is only one
            return f"{text}; nor for {Inference.RRRC.population}"
        return f"{text}; for {Inference.RRRC.population}: no test ({test.reason or NOT_COMPUTED})"
    found = f"{points(test.difference, test.low, test.high)}, {p_words(test.p, test.p_holm if several else None)}"
    return f"{text}; for {Inference.RRRC.population} {found}"


def population_table(rows: Sequence[BenefitRow], name: Callable[[str], str], interval: str) -> ResultTable | None:
    """A line for each modality and population; None where no row has them."""
    several = sum(row.modality != ALL_MODALITIES for row in rows) > 1
    lines = [(row, p, kind, test) for row in rows if (p := row.populations) for kind, test in _tests_of(row, p)]
    if not lines:
        return None
    columns: list[Column[tuple[BenefitRow, PopulationTests, Inference, EffectTest]]] = [
        Column("Modality", "", lambda line: name(line[0].modality)),
        Column("", "modality", lambda line: public_modality(line[0].modality)),
        Column("Holds for", "population", lambda line: line[2].population, lambda text: text[:1].upper() + text[1:]),
        Column("", "inference", lambda line: line[2].value),
        Column(
            "Analysis",
            "",
            lambda line: "Paired t over readers" if line[2] is Inference.RRFC else "Obuchowski-Rockette",
        ),
        Column("", "design", lambda line: line[1].design.value),
        Column("", "n_units", lambda line: line[1].units),
        Column(
            f"Difference ({interval})",
            "",
            lambda line: points(line[0].change.difference, line[3].low, line[3].high),
            interval=True,
        ),
        *csv_only("difference", "se", "f", "df1", "df2", of=lambda line: line[3]),
        Column("p", "p", lambda line: line[3].p, p_value),
        Column(
            "p (Holm)",
            "",
            lambda line: p_value(line[3].p_holm) if several and line[0].modality != ALL_MODALITIES else "",
        ),
        *csv_only("p_holm", "reason", of=lambda line: line[3]),
        Column("", "ci_low", lambda line: line[3].low),
        Column("", "ci_high", lambda line: line[3].high),
        Column(
            "Remark",
            "",
            lambda line: line[3].reason or ("" if line[2] is Inference.RRFC else _negative(line[1])),
        ),
    ]
    return table_of(
        "benefit-by-population",
        "Whom the change speaks of",
        columns,
        lines,
        "Which of them is the primary analysis is for the protocol to say. p (Holm) is corrected over the modalities, "
        "each population for itself.",
    )


def _tests_of(row: BenefitRow, populations: PopulationTests) -> list[tuple[Inference, EffectTest]]:
    """Of other readers and cases first, then of other readers (the paired t test), then of other cases."""
    change = row.change
    low, high = (None, None) if (own := change.difference_interval) is None else (own.low, own.high)
    reason = change.reason if change.p_value is None else None
    paired = EffectTest(change.difference, low, high, p=change.p_value, p_holm=change.p_holm, reason=reason)
    return [
        (Inference.RRRC, populations.both),
        (Inference.RRFC, paired),
        (Inference.FRRC, populations.tests[Inference.FRRC]),
    ]


def _negative(found: PopulationTests) -> str:
    if found.case_covariance is None or found.case_covariance >= 0 or found.design is Design.CASES_IN_READER:
        return ""
    return "readers who share cases did not agree on them (negative covariance, taken as 0)"


def population_methods(result: BenefitResult, rows: Sequence[BenefitRow], name: Callable[[str], str]) -> str:
    """How the change for other readers and cases was tested, with the design that was found; ``name`` of a modality."""
    by_design: dict[Design, list[str]] = {}
    for row in rows:
        if row.populations is not None:
            by_design.setdefault(row.populations.design, []).append(name(row.modality))
    said = "; ".join(f"{', '.join(names)}: {_DESIGNS.get(design, design.label)}" for design, names in by_design.items())
    planned = (
        "It was named in the frozen protocol."
        if READERS_AND_CASES in result.prespecified
        else "It was not named in a frozen protocol."
    )
    return (
        "For other readers and other cases the difference of the readers' shares was tested by Obuchowski and "
        "Rockette's analysis of variance of two modalities (without and with assistance; random readers and cases), "
        f"with an unbiased covariance over cases ({said}). Each reader weighed the same. Degrees of freedom were "
        "Satterthwaite's of both parts, readers - 1 (Hillis 2014) and, as the covariance is estimated too, cases - 1, "
        "and at most cases - 1. "
        "For these readers and other cases the variance over cases alone was used, with cases - 1 degrees of freedom. "
        f"Neither is given for fewer than {MINIMUM_READERS} readers or cases that count for fewer than {MINIMUM_CASES} "
        f"equal ones. {planned}"
    )
