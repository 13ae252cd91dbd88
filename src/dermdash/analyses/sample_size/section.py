"""Sample size in words, tables and a figure."""

from collections.abc import Callable, Sequence

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.analyses.bibliography import HANLEY, HILLIS_2011, HILLIS_2014, OBUCHOWSKI_1995, TSCHANDL
from dermdash.analyses.collective.section import drawn
from dermdash.analyses.columns import Column, shown_table, table_of
from dermdash.analyses.sample_size.arms_design import ArmsDesign
from dermdash.analyses.sample_size.figures import equal_power_figure
from dermdash.analyses.sample_size.mrmc_design import MrmcDesign
from dermdash.analyses.sample_size.paired_design import PairedDesign
from dermdash.analyses.sample_size.plan import EqualPower, Need, Plan
from dermdash.analyses.sample_size.run import Basis, Question, SampleSizeResult
from dermdash.analyses.section import ResultFigure, ResultTable, Section
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.own_readers import FEWEST_READERS
from dermdash.analysis.mrmc.reader_groups import FEWEST_CASES
from dermdash.wording import counted, form, level, margin, number, percent, points

FEW_READERS = 5
BASIS_WORDS = {
    Basis.PILOT: "Components of a pilot are uncertain themselves, the more the smaller it is: look at neighbouring "
    "numbers, too.",
    Basis.ASSUMED: "These components are assumed. Replace them by those of a pilot as soon as there is one.",
    Basis.EXAMPLE: "These components are of the example data of the method, not of dermatoscopy. Replace them by those "
    "of a pilot, or by assumptions of your own.",
}

_REFERENCES: dict[type[object], tuple[str, ...]] = {
    PairedDesign: (TSCHANDL,),
    MrmcDesign: (HILLIS_2011, HANLEY),
    ArmsDesign: (OBUCHOWSKI_1995, HILLIS_2014, HANLEY),
}


def sample_size_section(result: SampleSizeResult) -> Section:
    """A plan as a section of page and report."""
    plan, (answer, *rest) = result.plan, _summary(result)
    return Section(
        key="sample-size",
        title="Sample size",
        summary=tuple(rest),
        methods=_methods(result),
        tables=(_needs_table(plan), _power_table(plan), _curve_table(plan)),
        figures=(
            ResultFigure(
                "sample-size", "Readers and cases of equal power", drawn(equal_power_figure, plan),
                "Each line joins numbers of readers and cases with the same power. Where a line ends, no number of "
                "cases is enough for fewer readers.",
            ),
        ),
        warnings=_warnings(result),
        exploratory=False,
        references=_REFERENCES[type(result.design)],
        answer=AnalysisAnswer(answer.removesuffix(".")),
    )  # fmt: skip


def _aim(question: Question) -> str:
    if question.margin is None:
        return f"to find a difference of {points(question.difference)}"
    return (
        f"to show non-inferiority with a margin of {margin(question.margin)} when the true difference is "
        f"{points(question.difference)}"
    )


def _summary(result: SampleSizeResult) -> tuple[str, ...]:
    plan, aim = result.plan, _aim(result.question)

    def who(readers: int) -> str:
        arms = f" in {result.design.arms} arms" if isinstance(result.design, ArmsDesign) else ""
        return f"{counted(readers, 'reader')}{arms}"

    said = []
    if plan.readers is not None and plan.cases is not None:
        said.append(
            f"{who(plan.readers)} with {counted(plan.cases, 'case')} {form(plan.readers, 'has', 'have')} "
            f"a power of {percent(plan.at)} {aim}."
            if plan.at is not None
            else f"With {who(plan.readers)} and {counted(plan.cases, 'case')} there is no such test."
        )
    if plan.cases is not None:
        need = plan.for_cases[0]
        said.append(
            f"{level(plan.target)} power {aim} takes {who(need.needed)} with {counted(need.given, 'case')}."
            if need.needed is not None
            else f"With {counted(need.given, 'case')} {level(plan.target)} power {aim} cannot be had: {need.reason}."
        )
    if plan.readers is not None:
        need = plan.for_readers[0]
        said.append(
            f"{level(plan.target)} power {aim} takes {counted(need.needed, 'case')} with {who(need.given)}."
            if need.needed is not None
            else f"With {who(need.given)} {level(plan.target)} power {aim} cannot be had: {need.reason}."
        )
    if not said:
        reached = [n for n in plan.for_readers if n.needed is not None]
        # Very many readers of very few cases are no study that anybody would plan.
        options = [n for n in reached if n.given <= 100 and (n.needed or 0) >= 20] or reached
        shown = [options[i] for i in sorted({0, len(options) // 2, len(options) - 1})] if options else []
        said.append(
            f"{level(plan.target)} power {aim} takes, for example, "
            + "; or ".join(f"{who(n.given)} with {counted(n.needed or 0, 'case')}" for n in shown)
            + "."
            if shown
            else f"No number of readers and cases looked at gives {level(plan.target)} power {aim}."
        )
    return (*said, _rests_on(result))


def _rests_on(result: SampleSizeResult) -> str:
    """Everything that was put in: a number of readers is worth what its assumptions are."""
    question, design = result.question, result.design
    aim = f"a true difference of {points(question.difference)}"
    if question.margin is not None:
        aim += f" and a margin of {margin(question.margin)}"
    test = f"{'two' if question.margin is None else 'one'}-sided alpha {question.level:g}"
    if isinstance(design, PairedDesign):
        c = design.components
        parts = [
            aim,
            f"a paired t test over readers, {test}{_divided(design)}",
            f"{counted(design.modalities, 'kind')} of assistance, one per case",
            f"SD of readers' true changes {number(c.between_readers**0.5, 3)} and variance of a change within a reader "
            f"{number(c.within, 3)}, from {c.origin}",
            "cases taken as a sample" if design.random_cases else "cases taken as they are",
        ]
    elif isinstance(design, ArmsDesign):
        a = design.components
        parts = [
            aim,
            f"the comparison of {_compared(design)}, {test}{_divided(design)}, for other readers and other cases",
            "as many readers in each arm, every reader reading every case in one of them",
            f"variances and covariances from {a.origin}",
        ]
    else:
        m = design.components
        parts = [
            aim,
            f"the Obuchowski-Rockette test of two modalities, {test}, for {design.inference.holds_for}",
            "every reader reading every case under both",
            f"variances and covariances from {m.origin}",
        ]
    return f"This rests on {'; '.join(parts)}."


def _methods(result: SampleSizeResult) -> tuple[str, ...]:
    question, design = result.question, result.design
    side = (
        f"two-sided at alpha {question.level:g}"
        if question.margin is None
        else f"one-sided at alpha {question.level:g} against a margin of {question.margin:g}"
    )
    if isinstance(design, PairedDesign):
        c = design.components
        return (
            "Power was computed for the paired t test over readers of the change in the share of correct answers, "
            f"{side}{_divided(design)}; each reader reads every case before and after assistance, with one of "
            f"{design.modalities} kinds of assistance per case, so that a kind has 1/{design.modalities} of a "
            "reader's cases (Tschandl et al. 2020). The test statistic is noncentral t with readers - 1 degrees of "
            "freedom.",
            f"The variance of a reader's change was {number(c.between_readers, 5)} between readers (SD "
            f"{number(c.between_readers**0.5, 3)}) plus {number(c.within, 4)} within readers divided by the cases that "
            f"the reader reads with the kind of assistance. Components: {c.origin}."
            + (
                " Cases were taken as a sample, too: the variance between cases "
                f"({number(c.between_cases, 4)}) divided by the cases was added, at unchanged degrees of freedom: the "
                "power of an analysis that counts the choice of cases, which the paired t test itself does not."
                if design.random_cases
                else " The result holds for other readers of such cases; the t test over readers does not count the "
                "choice of cases."
            ),
        )
    if isinstance(design, ArmsDesign):
        return _methods_of_arms(design, side)
    m = design.components
    df = {
        Inference.RRRC: "1 and Hillis' degrees of freedom",
        Inference.FRRC: "1 degree of freedom (chi-square)",
        Inference.RRFC: "1 and readers - 1 degrees of freedom",
    }[design.inference]
    return (
        "Power was computed for the Obuchowski-Rockette test of two modalities under which every reader reads every "
        f"case, {side}, for {design.inference.label} (Hillis, Obuchowski and Berbaum 2011). "
        + (
            f"The test statistic is noncentral F with {df}."
            if question.margin is None
            else "The test statistic is noncentral t with the same degrees of freedom."
        ),
        f"Components for {counted(m.cases, 'case')}: Var(modality x reader) {m.interaction:.3g}, Var(error) "
        f"{m.error:.3g}, Cov1 {m.cov1:.3g}, Cov2 {m.cov2:.3g}, Cov3 {m.cov3:.3g} ({m.origin}). The error variance and "
        "covariances were divided by the ratio of cases, which assumes the same share of diseased cases; Var(modality "
        "x reader) stays.",
    )


def _methods_of_arms(design: ArmsDesign, side: str) -> tuple[str, ...]:
    m = design.components
    return (
        f"Power was computed for the difference between {_compared(design)} with readers of their own, who are "
        f"divided evenly among the arms and read every case, {side}{_divided(design)}: Student's t with the degrees of "
        "freedom of the comparison of arms (Satterthwaite's, of the readers of both arms and of the cases of the "
        f"smaller side, {percent(design.side, 0)} of all), noncentral by the true difference over its standard error "
        "(readers nested in arms: Obuchowski and Rockette 1995, Hillis 2014).",
        f"Components for {counted(m.cases, 'case')}: variance between the readers of an arm {m.interaction:.3g} (SD "
        f"{number(m.interaction**0.5, 3)}), Var(error) {m.error:.3g}, covariance of two readers of one arm "
        f"{m.cov2:.3g} and of two arms {m.cov3:.3g} ({m.origin}). The error variance and covariances were divided by "
        "the ratio of cases, which assumes the same share of diseased cases; the variance between readers stays.",
        f"Below {FEWEST_READERS} readers of an arm or {FEWEST_CASES} cases of a side the comparison has no test.",
    )


def _compared(design: ArmsDesign) -> str:
    return "two arms" if design.arms == 2 else f"two of {design.arms} arms"


def _divided(design: PairedDesign | ArmsDesign) -> str:
    if design.tests == 1:
        return ""
    return f" divided by {design.tests} tests (the first step of Holm's correction)"


def _warnings(result: SampleSizeResult) -> tuple[str, ...]:
    said = [*result.warnings]
    said.append(BASIS_WORDS[result.basis])
    if result.plan.readers is not None and result.plan.readers < FEW_READERS:
        said.append(
            f"{counted(result.plan.readers, 'reader')} {form(result.plan.readers, 'is', 'are')} few to generalise "
            "from, whatever the power."
        )
    return tuple(said)


def _needs_table(plan: Plan) -> ResultTable:
    other = {"reader": "case", "case": "reader"}
    columns: list[Column[tuple[str, Need]]] = [
        Column("Given", "", lambda row: counted(row[1].given, row[0])),
        Column("Needed", "", lambda row: "none" if row[1].needed is None else counted(row[1].needed, other[row[0]])),
        Column("", "readers", lambda row: row[1].given if row[0] == "reader" else row[1].needed),
        Column("", "cases", lambda row: row[1].given if row[0] == "case" else row[1].needed),
        Column(
            "Power then",
            "power",
            lambda row: None if row[1].needed is None else row[1].power,
            lambda power: "" if power is None else percent(power),
        ),
        Column("Why", "reason", lambda row: row[1].reason, lambda reason: reason or ""),
    ]
    rows = [*(("reader", n) for n in plan.for_readers), *(("case", n) for n in plan.for_cases)]
    return table_of("sample-size-needed", f"What {level(plan.target)} power takes", columns, rows)


def _power_table(plan: Plan) -> ResultTable:
    """A line of the CSV for each pair of readers and cases; people see both crossed."""
    lines = list(zip(plan.grid_readers, plan.grid, strict=True))
    crossed: list[Column[tuple[int, Sequence[float | None]]]] = [
        Column("Readers", "", lambda line: str(line[0])),
        *(Column(counted(c, "case"), "", _power_at(j)) for j, c in enumerate(plan.grid_cases)),
    ]
    rows = [
        {"readers": r, "cases": c, "power": p} for r, line in lines for c, p in zip(plan.grid_cases, line, strict=True)
    ]
    return shown_table("sample-size-power", "Power", crossed, lines, rows)


def _power_at(place: int) -> Callable[[tuple[int, Sequence[float | None]]], str]:
    def words(line: tuple[int, Sequence[float | None]]) -> str:
        power = line[1][place]
        return "no test" if power is None else percent(power, 0)

    return words


def _curve_table(plan: Plan) -> ResultTable:
    """A line of the CSV for each power and number of readers; people see both crossed."""
    crossed: list[Column[int]] = [
        Column("Readers", "", lambda i: str(plan.grid_readers[i])),
        *(Column(f"Cases for {level(curve.power)}", "", _cases_of(curve)) for curve in plan.curves),
    ]
    rows = [
        {"power": curve.power, "readers": r, "cases": c}
        for curve in plan.curves
        for r, c in zip(curve.readers, curve.cases, strict=True)
    ]
    note = "None: no number of cases is enough for so many readers."
    places = range(len(plan.grid_readers))
    return shown_table("sample-size-curves", "Cases for equal power", crossed, places, rows, note)


def _cases_of(curve: EqualPower) -> Callable[[int], str]:
    return lambda i: "none" if (cases := curve.cases[i]) is None else f"{cases:,}"
