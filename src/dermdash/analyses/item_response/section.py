"""Difficulty of cases and ability of readers, in words, tables and figures."""

import pandas as pd

from dermdash.analyses.bibliography import BIRNBAUM, BOCK, BONETT, LOUIS, RASCH, VARADHAN
from dermdash.analyses.item_response.figures import (
    ability_by_experience_figure,
    characteristic_curves_figure,
    person_item_map_figure,
)
from dermdash.analyses.item_response.fit import INTERCEPT_SD, SLOPE_SD
from dermdash.analyses.item_response.model import ANSWERS_FOR_TWO_PARAMETERS, CaseEstimate
from dermdash.analyses.item_response.options import KEY, TITLE
from dermdash.analyses.item_response.run import ExperienceTrend, ItemResponseResult, reader_rows
from dermdash.analyses.section import SIMULATED, ResultFigure, ResultTable, Section
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import CI, counted, form, left_out, number, number_interval, p_words, percent

MOST_ROWS, MOST_TIED = 100, 5
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
        ),
        ResultFigure(
            "characteristic-curves",
            "From easy to hard cases",
            lambda theme: characteristic_curves_figure(result.curves, points, result.truth, theme=theme),
            "Curves are the model's chance of a right answer; open points the share right among readers of like "
            "ability. Points far from a curve say that the model does not fit this case.",
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
        tables=_tables(result),
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
            f"{start} {case.case}{_class(result, case)}: difficulty {_difficulty(case)}, answered right by "
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


def _difficulty(case: CaseEstimate) -> str:
    return number_interval(case.difficulty, case.difficulty_low, case.difficulty_high, 2)


def _tables(result: ItemResponseResult) -> tuple[ResultTable, ...]:
    fit = result.fit
    tables = [_case_table(result, "hardest-cases", "Most difficult cases", result.hardest)]
    if result.most_discriminating:
        tables.append(
            _case_table(
                result,
                "most-discriminating-cases",
                "Cases that part able from less able readers best",
                result.most_discriminating,
            )
        )
    readers = reader_rows(result)
    tables.append(
        ResultTable(
            "abilities",
            "Ability of each reader",
            pd.DataFrame([{**r.as_dict(), "experience": group} for r, group in readers])
            .assign(ci_low=[r.low for r, _ in readers], ci_high=[r.high for r, _ in readers])
            .drop(columns="ci"),
            pd.DataFrame(
                [
                    {
                        "Reader": r.reader,
                        "Experience": group,
                        "Answers": r.answers,
                        "Right": percent(r.share_right, 0),
                        f"Ability ({CI})": number_interval(r.ability, r.low, r.high, 2),
                        "Remark": "every answer alike: finite by the prior" if r.extreme else "",
                    }
                    for r, group in readers
                ]
            ),
            "Posterior mean and interval given the cases; abilities of readers with few answers are drawn to 0.",
        )
    )
    every = tuple(sorted(fit.cases, key=lambda c: (-c.difficulty, c.case)))
    if len(every) > len(result.hardest):
        tables.append(_case_table(result, "all-cases", "All cases", every))
    return tuple(tables)


def _case_table(result: ItemResponseResult, name: str, title: str, cases: tuple[CaseEstimate, ...]) -> ResultTable:
    own = result.fit.parameters == 2
    numbers = pd.DataFrame(
        [
            {
                "case": c.case,
                "truth": result.truth.get(c.case),
                "n_answers": c.answers,
                "share_right": c.share_right,
                "difficulty": c.difficulty,
                "difficulty_low": c.difficulty_low,
                "difficulty_high": c.difficulty_high,
                "discrimination": c.discrimination,
                "discrimination_low": c.discrimination_low,
                "discrimination_high": c.discrimination_high,
                "extreme": c.extreme,
            }
            for c in cases
        ]
    )
    shown = pd.DataFrame(
        [
            {"Case": c.case, "True class": diagnosis_name(result.truth.get(c.case, "")), "Answers": c.answers}
            | {"Right": percent(c.share_right, 0), f"Difficulty ({CI})": _difficulty(c)}
            | (
                {
                    f"Discrimination ({CI})": number_interval(
                        c.discrimination, c.discrimination_low, c.discrimination_high, 2
                    )
                }
                if own
                else {}
            )
            | {"Remark": _remark(c)}
            for c in cases[:MOST_ROWS]
        ]
    )
    notes = [] if own or not cases else [f"All cases share the discrimination {_shared(cases[0])}."]
    notes += _tied_beyond(result, cases) if name == "hardest-cases" else []
    if len(cases) > MOST_ROWS:
        notes.append(f"The {MOST_ROWS} hardest of {len(cases):,}; the file has all.")
    return ResultTable(name, title, numbers, shown, " ".join(notes))


def _tied_beyond(result: ItemResponseResult, cases: tuple[CaseEstimate, ...]) -> list[str]:
    """Where the list ends among cases of one difficulty, how many of these it leaves out."""
    last = number(cases[-1].difficulty, 2)
    names = {c.case for c in cases}
    more = sum(c.case not in names and number(c.difficulty, 2) == last for c in result.fit.cases)
    if not more:
        return []
    return [
        f"{counted(more, 'further case')} of difficulty {last}, that of the last in this list, "
        f"{form(more, 'is', 'are')} not in it: equal ones stand in the order of their names."
    ]


def _shared(case: CaseEstimate) -> str:
    return number_interval(case.discrimination, case.discrimination_low, case.discrimination_high, 2)


def _remark(case: CaseEstimate) -> str:
    if not case.extreme:
        return ""
    return f"every answer {'right' if case.share_right == 1 else 'wrong'}: finite by the prior"


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
