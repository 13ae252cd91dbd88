"""Arms, sequences and periods in words, tables and figures."""

from functools import partial

import plotly.graph_objects as go

from dermdash.analyses.arms.conditions import SEQUENCES
from dermdash.analyses.arms.options import KEY, TITLE
from dermdash.analyses.arms.result import ArmComparison, ArmDifference, ArmsResult, CrossoverComparison
from dermdash.analyses.arms.tables import EFFECTS, effect_text, mean_text, tables
from dermdash.analyses.bibliography import HILLIS_2014, HOLM, JONES, OBUCHOWSKI_1995, OBUCHOWSKI_1997, SENN, WELCH
from dermdash.analyses.mrmc.figures import DifferenceRow, difference_forest_figure
from dermdash.analyses.section import SIMULATED, ResultFigure, Section
from dermdash.analyses.units import unit_text
from dermdash.analysis.mrmc.effect import EffectTest
from dermdash.analysis.mrmc.own_readers import FEWEST_READERS, UNEVEN
from dermdash.analysis.mrmc.reader_groups import FEWEST_CASES
from dermdash.charts.palette import Theme
from dermdash.wording import counted, left_out, level, number, p_words, sentence

REFERENCES = (HILLIS_2014, OBUCHOWSKI_1995, OBUCHOWSKI_1997, WELCH, HOLM)
OF_CROSSOVERS = (JONES, SENN)


def arms_section(result: ArmsResult) -> Section:
    """The section of a result from `analyse_arms`."""
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=_methods(result),
        tables=tables(result),
        figures=_figures(result),
        warnings=_warnings(result),
        exploratory=not result.prespecified,
        references=(*REFERENCES, *(OF_CROSSOVERS if result.crossover else ())),
    )


def _summary(result: ArmsResult) -> tuple[str, ...]:
    said = []
    if result.arms:
        who = "; ".join(f"{a.title}: {counted(len(a.readers), 'reader')}" for a in result.arms)
        cases = max(a.cases for a in result.arms)
        said.append(f"Different readers in each arm, on {counted(cases, 'case')}. Arms: {who}.")
        said += [_difference(c, d) for c in result.comparisons for d in c.differences]
    for found in result.crossover:
        if found.reason is None:
            said.append(_crossover(found))
    if result.crossover:
        first, second = result.sequences.values()
        place = 1 if result.arms else 0
        said.insert(
            (1 + sum(len(c.differences) for c in result.comparisons)) * place,
            f"The same cases in two periods: {counted(first, 'reader')} read without assistance first, "
            f"{counted(second, 'reader')} with it first.",
        )
    return tuple(said)


def _difference(comparison: ArmComparison, difference: ArmDifference) -> str:
    measure, test = comparison.measure, difference.test
    means = {v.arm: mean_text(measure, v.mean) for v in comparison.values}
    start = f"{measure.title}, {difference.arm} minus {difference.reference}: {effect_text(measure, test)}"
    both = f"{means[difference.arm]} against {means[difference.reference]}"
    return f"{start}{_tested(test)}; {both}."


def _crossover(found: CrossoverComparison) -> str:
    text = (
        f"{found.measure.title}, with minus without assistance, adjusted for the period: "
        f"{effect_text(found.measure, found.assistance)}{_tested(found.assistance)}"
    )
    period = f"second minus first period {effect_text(found.measure, found.period)}{_tested(found.period)}"
    return f"{text}; {period}."


def _tested(test: EffectTest) -> str:
    if test.p is None:
        return " (no interval)" if test.reason else ""
    return f" ({p_words(test.p, test.p_holm)})"


def _methods(result: ArmsResult) -> tuple[str, ...]:
    shared = (
        "Every reader has one figure of each measure over the cases they read and counts the same: the share of right "
        "answers, sensitivity and specificity of the answer malignant, and the trapezoidal area under the curve of the "
        "rating of malignancy. Readers and cases are random: the variance of a contrast is that between the readers of "
        "each group, which is estimated for each group by itself (Welch 1947), and that of the cases which groups "
        "share, from the covariances of two readers' figures (Obuchowski and Rockette 1995; readers nested in groups, "
        f"cases crossed: Hillis 2014). Intervals are of {level(result.options.confidence)} with Student's t; degrees "
        "of freedom are Satterthwaite's, at most the number of cases of the smaller side - 1, and those of the smaller "
        f"group's readers where another has more than {number(UNEVEN, 2)} times as many. Means have their interval on "
        "the log odds."
    )
    said = [
        shared,
        unit_text(result.clustered, "were one case in the covariances (Obuchowski 1997)"),
        f"Intervals and p are shown from {FEWEST_READERS} readers of each group and {FEWEST_CASES} cases of each side "
        "that a measure needs on; below, the simulated error rates do not keep to the level.",
    ]
    if result.arms:
        text = "Of each reader and case the last answer counted, which is that after assistance where there is one."
        if len(result.arms) > 2:
            text += f" Every other arm was compared with {result.reference}; p was corrected by Holm within a measure."
        said.append(text)
    if result.crossover:
        said.append(
            "In the crossover each reader's difference with minus without assistance was averaged within sequences. "
            "Half the sum of the two means is the effect of assistance, from which a change between the periods is "
            "taken out; half their difference is the effect of the period (Jones and Kenward 2014). The difference "
            "between the sequences' means of both periods has a carry-over in it, and whatever else sets the readers "
            "of both apart; whether there is one was not tested beforehand, as a decision by that test misleads "
            "(Senn 2002)."
        )
    return (*said, *result.notes)


def _figures(result: ArmsResult) -> tuple[ResultFigure, ...]:
    made = []
    if result.arms:
        made.append(
            ResultFigure(
                "arms-differences", "Differences between arms", partial(_forest, result, False),
                "Each difference with its interval.",
            )
        )  # fmt: skip
    if result.crossover:
        made.append(
            ResultFigure(
                "arms-effects", "Effects in the crossover", partial(_forest, result, True),
                "Effect of assistance, adjusted for the period, and of the period itself, with their intervals.",
            )
        )  # fmt: skip
    return tuple(made)


def _forest(result: ArmsResult, crossover: bool, theme: Theme) -> go.Figure:
    lines: list[tuple[str, EffectTest, str, bool]] = []
    if crossover:
        for found in result.crossover:
            for name in EFFECTS if found.reason is None else ():
                test: EffectTest = getattr(found, name)
                label = f"{found.measure.title}: {_SHORT[name]}"
                lines.append((label, test, effect_text(found.measure, test), name == "assistance"))
    else:
        for one in result.comparisons:
            for d in one.differences:
                label = f"{one.measure.title}: {d.arm} minus {d.reference}"
                lines.append((label, d.test, effect_text(one.measure, d.test), True))
    rows = [DifferenceRow(label, t.difference, t.low, t.high, text, mean) for label, t, text, mean in lines]
    axis = "Difference in percentage points (AUC: in hundredths)"
    first = "with assistance, or the later period," if crossover else "the arm named first"
    title = f"Right of the line {first} has more"
    return difference_forest_figure(rows, axis=axis, scale=100.0, theme=theme, title=title)


_SHORT = {"assistance": "with minus without", "period": "second minus first period", "sequence": "between sequences"}


def _tests(result: ArmsResult) -> list[tuple[str, EffectTest]]:
    arms = [(c.measure.title, d.test) for c in result.comparisons for d in c.differences]
    return arms + [(c.measure.title, c.assistance) for c in result.crossover]


def _warnings(result: ArmsResult) -> tuple[str, ...]:
    said = [SIMULATED] if result.simulated else []
    small = [f"arm {a.key}" for a in result.arms if len(a.readers) < FEWEST_READERS]
    small += [SEQUENCES[key].lower() for key, count in result.sequences.items() if count < FEWEST_READERS]
    if small:
        said.append(
            f"Fewer than {FEWEST_READERS} readers: {', '.join(small)}. Values are shown without an interval and test, "
            "since so few readers do not say what others would do."
        )
    few: dict[str, list[str]] = {}
    for title, test in _tests(result):
        if test.reason is not None and " of a side" in test.reason:
            few.setdefault(test.reason, []).append(title)
    said += [f"{', '.join(dict.fromkeys(titles))}: {sentence(reason)}" for reason, titles in few.items()]
    if len({a.cases for a in result.arms}) > 1:
        said.append("The arms did not read equally many cases: a difference may be one of the cases they read.")
    told: dict[str, list[str]] = {}
    for reason, title in result.not_computed:
        told.setdefault(reason, []).append(title)
    said += [f"{', '.join(dict.fromkeys(names))}: not computed ({reason})." for reason, names in told.items()]
    if result.excluded:
        said.append(left_out(result.excluded))
    return tuple(said)
