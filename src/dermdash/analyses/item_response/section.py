"""Difficulty of cases and ability of readers, in words, tables and figures."""

from dermdash.analyses.bibliography import BIRNBAUM, BOCK, BONETT, LOUIS, RASCH, VARADHAN
from dermdash.analyses.item_response.figures import (
    ability_by_experience_figure,
    characteristic_curves_figure,
    person_item_map_figure,
)
from dermdash.analyses.item_response.fit import INTERCEPT_SD, SLOPE_SD
from dermdash.analyses.item_response.model import ANSWERS_FOR_TWO_PARAMETERS, CaseEstimate
from dermdash.analyses.item_response.options import KEY, TITLE
from dermdash.analyses.item_response.run import ExperienceTrend, ItemResponseResult
from dermdash.analyses.item_response.tables import difficulty_words, tables
from dermdash.analyses.section import SIMULATED, ResultFigure, Section
from dermdash.analysis.clusters import taken_as_independent
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import counted, form, left_out, number, number_interval, p_words, percent

MOST_TIED = 5
REFERENCES = (BIRNBAUM, RASCH, BOCK, LOUIS, VARADHAN, BONETT)


def item_response_section(result: ItemResponseResult) -> Section:
    """Word and draw an `ItemResponseResult`."""
    fit = result.fit
    if fit.reason is not None:
        return Section(
            key=KEY,
            title=TITLE,
            summary=(f"No model was fitted to {counted(fit.answers, 'answer')}: {fit.reason}.",),
            methods=_methods(result),
            warnings=_warnings(result),
            exploratory=not result.prespecified,
            references=REFERENCES,
        )
    points = {case: [(o.ability, o.right, o.readers) for o in seen] for case, seen in result.observed.items()}
    figures = [
        ResultFigure(
            "person-item-map",
            "Map of readers and cases",
            lambda theme: person_item_map_figure(fit.readers, fit.cases, theme=theme),
            "A reader stands above the cases that they get right half of the time; cases further right are "
            "harder for them, cases further left easier.",
            of_cases=True,
        ),
        ResultFigure(
            "characteristic-curves",
            "From easy to hard cases",
            lambda theme: characteristic_curves_figure(result.curves, points, result.truth, theme=theme),
            "Curves are the model's chance of a right answer; open points the share right among readers of like "
            "ability. Points far from a curve say that the model does not fit this case.",
            of_cases=True,
        ),
    ]
    if result.by_experience:
        figures.append(
            ResultFigure(
                "ability-by-experience",
                "Does experience show",
                lambda theme: ability_by_experience_figure(
                    [(g.group, g.mean, g.low, g.high) for g in result.by_experience],
                    [(r.reader, result.experience.get(r.reader, ""), r.ability) for r in fit.readers],
                    theme=theme,
                ),
                "Diamonds are means with their intervals over readers; points are readers.",
            )
        )
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=_methods(result),
        tables=tables(result),
        figures=tuple(figures),
        warnings=_warnings(result),
        exploratory=not result.prespecified,
        references=REFERENCES,
    )


def _summary(result: ItemResponseResult) -> tuple[str, ...]:
    fit = result.fit
    model = "two parameters per case" if fit.parameters == 2 else "one discrimination for all cases"
    sentences = [
        f"Abilities of {counted(len(fit.readers), 'reader')} and difficulties of {counted(len(fit.cases), 'case')} "
        f"were estimated from {fit.answers:,} {_phase(result)} ({model}); the reliability of the abilities is "
        f"{number(fit.reliability, 2)}.",
        f"{_extreme(result, hardest=True)}; {_extreme(result, hardest=False)}.",
    ]
    if result.trend is not None:
        sentences.append(_trend(result.trend))
    return tuple(sentences)


def _extreme(result: ItemResponseResult, *, hardest: bool) -> str:
    """The case at one end of the order, or all that stand there together: a tie has no first."""
    every = sorted(result.fit.cases, key=lambda c: (-c.difficulty if hardest else c.difficulty, c.case))
    # As many digits as are shown: what a reader cannot tell apart is a tie to them.
    tied = [c for c in every if number(c.difficulty, 2) == number(every[0].difficulty, 2)]
    if len(tied) == 1:
        case, start = tied[0], "The hardest case is" if hardest else "the easiest is"
        of = f" of {counted(case.answers, 'reader')}" if hardest else ""
        return (
            f"{start} {case.case}{_class(result, case)}: difficulty {difficulty_words(case)}, answered right by "
            f"{percent(case.share_right, 0)}{of}"
        )
    named = [f"{c.case}{_class(result, c)}" for c in tied[:MOST_TIED]]
    more = f" and {len(tied) - len(named):,} more" if len(tied) > len(named) else ""
    low, high = min(c.share_right for c in tied), max(c.share_right for c in tied)
    shares = percent(low, 0) if percent(low, 0) == percent(high, 0) else f"{percent(low, 0)} to {percent(high, 0)}"
    return (
        f"{counted(len(tied), 'case')} share the {'greatest' if hardest else 'least'} difficulty, "
        f"{number(tied[0].difficulty, 2)}: {', '.join(named)}{more}, answered right by {shares} of their readers"
    )


def _trend(trend: ExperienceTrend) -> str:
    start = f"Ability against {trend.measure} ({counted(trend.readers, 'reader')})"
    if trend.rho is None:
        return f"{start} was not tested: {trend.reason}."
    text = f"{start}: Spearman's correlation {number_interval(trend.rho, trend.low, trend.high, 2)}"
    if trend.p is None:
        return f"{text}, {trend.reason}."
    return f"{text}, {p_words(trend.p)}."


def _phase(result: ItemResponseResult) -> str:
    return "answers with assistance" if result.phase == "aided" else "answers without assistance"


def _class(result: ItemResponseResult, case: CaseEstimate) -> str:
    return f" ({diagnosis_name(result.truth[case.case])})" if case.case in result.truth else ""


def _methods(result: ItemResponseResult) -> tuple[str, ...]:
    fit = result.fit
    choice = "two parameters (Birnbaum 1968)" if fit.parameters == 2 else "one parameter (Rasch 1960)"
    texts = [
        "The probability that a reader answers a case right was modelled as logistic(a (ability - difficulty)), with "
        + ("a discrimination a for each case" if fit.parameters == 2 else "one discrimination a for all cases")
        + f": the logistic model of {choice}, {fit.choice}. One answer per reader and case was used, the first "
        f"({_phase(result)}); cases a reader did not see carry no information about that reader.",
        "The scale is identified by abilities of mean 0 and standard deviation 1. Cases were estimated by marginal "
        "maximum a posteriori (Bock and Aitkin 1981): EM over equally spaced abilities from -6 to 6, accelerated "
        f"(Varadhan and Roland 2008), with the weak priors log a ~ N(0, {SLOPE_SD}) and a x (difficulty - centre) ~ "
        f"N(0, {INTERCEPT_SD}) (standard deviations; the centre was estimated), which keep cases that all readers "
        "answer alike finite.",
        (
            f"The estimates converged in {counted(fit.iterations, 'iteration')} (largest change "
            f"{fit.largest_change:.1g})."
            if fit.converged and fit.largest_change is not None
            else "The estimates did not converge or were not computed, and none are given."
        ),
        "Intervals of cases come from the observed information ("
        + ("of all parameters together" if fit.together else "of each case by itself, as there are many")
        + "; Louis 1982) and the delta method, those of discriminations on the logarithmic scale. Abilities are "
        "posterior means; their intervals "
        + (
            "come from the posterior variance and from what the uncertainty of the cases' parameters adds to an "
            "ability's distance from the mean of these readers"
            if fit.together
            else "take the cases' parameters as known"
        )
        + ": they compare readers with one another and say nothing of where all of them lie. Reliability is the "
        "variance of the abilities over that plus their mean posterior variance.",
    ]
    if result.by_experience:
        texts.append(
            "Mean abilities of groups of experience have t intervals over readers; the trend is Spearman's rank "
            "correlation with the interval of Bonett and Wright (2000). It is one test, so nothing was corrected for "
            "multiplicity."
        )
    return (*texts, *result.notes)


def _warnings(result: ItemResponseResult) -> tuple[str, ...]:
    warnings = []
    fit = result.fit
    if fit.reason is None and result.units < len(fit.cases):
        what = ": intervals of abilities and difficulties"
        warnings.append(taken_as_independent(len(fit.cases), result.units, what))
    if fit.reason is None and result.small:
        warnings.append(
            f"{counted(len(fit.readers), 'reader')} and {counted(len(fit.cases), 'case')} are few: fewer than "
            f"{SMALL_READERS} readers or {SMALL_CASES} cases say little about others."
        )
    if fit.reason is None and fit.parameters == 1:
        warnings.append(
            "There are too few answers per case for a discrimination of its own "
            f"(half of the cases would need {ANSWERS_FOR_TWO_PARAMETERS}): only difficulties differ."
            if "chosen" in fit.choice
            else "One discrimination for all cases, as asked: only difficulties differ."
        )
    small = [g.group for g in result.by_experience if g.readers < SMALL_READERS]
    if small:
        warnings.append(f"Groups of fewer than {SMALL_READERS} readers, to be read with caution: {', '.join(small)}.")
    extreme = sum(c.extreme for c in fit.cases)
    if extreme:
        warnings.append(
            f"{extreme} of {counted(len(fit.cases), 'case')} {form(extreme, 'was', 'were')} answered right by every "
            f"reader or by none: {form(extreme, 'its', 'their')} difficulty is finite only by the prior."
        )
    alike = sum(r.extreme for r in fit.readers)
    if alike:
        warnings.append(
            f"{counted(alike, 'reader')} {form(alike, 'was', 'were')} always right or always wrong: their ability is "
            "finite only by the prior."
        )
    if result.excluded:
        warnings.append(left_out(result.excluded))
    if result.simulated:
        warnings.append(SIMULATED)
    return tuple(warnings)
