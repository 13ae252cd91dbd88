"""Multi-reader multi-case comparison in words, tables and figures."""

from collections.abc import Sequence

from dermdash.analysis.mrmc.average_roc import Along
from dermdash.analysis.mrmc.covariance import Covariance
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import EffectTest
from dermdash.analysis.mrmc.limits import COV2_BELOW_COV3
from dermdash.analysis.mrmc.merit import AREAS, Figure
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.report.section import SIMULATED, Section
from dermdash.report.sections.mrmc_figures import mrmc_figures
from dermdash.report.sections.mrmc_tables import (
    computed,
    difference_text,
    margin_text,
    mean_text,
    mrmc_tables,
    statistic_text,
    value_text,
)
from dermdash.wording import counted, left_out, level, p_words
from dermdash.workflows.analyses.mrmc import MrmcComparison, MrmcStudyResult

KEY, TITLE = "mrmc", "Multi-reader multi-case comparison"
REFERENCES = (
    "Obuchowski NA, Rockette HE. Hypothesis testing of diagnostic accuracy for multiple readers and multiple tests: an "
    "ANOVA approach with dependent observations. Commun Stat Simul Comput 1995; 24: 285-308.",
    "Hillis SL. A comparison of denominator degrees of freedom methods for multiple observer ROC analysis. Stat Med "
    "2007; 26: 596-619.",
    "Hillis SL. A marginal-mean ANOVA approach for analyzing multireader multicase radiological imaging data. Stat Med "
    "2014; 33: 330-360.",
)
_MORE_REFERENCES = {
    "delong": "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver "
    "operating characteristic curves. Biometrics 1988; 44: 837-845.",
    "clustered": "Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics 1997; 53: 567-578.",
    "unbiased": "Gallas BD. One-shot estimate of MRMC variance: AUC. Acad Radiol 2006; 13: 353-362.",
    "dbm": "Hillis SL, Berbaum KS, Metz CE. Recent developments in the Dorfman-Berbaum-Metz procedure for multireader "
    "ROC study analysis. Acad Radiol 2008; 15: 647-661.",
    "diagonal": "Chen W, Samuelson FW. The average receiver operating characteristic curve in multireader multicase "
    "imaging studies. Br J Radiol 2014; 87: 20140016.",
    "unbalanced": "Derrick B, Russ B, Toher D, White P. Test statistics for the comparison of means for two samples "
    "that include both paired and independent observations. J Mod Appl Stat Methods 2017; 16: 137-157.",
    "pauc": "Jiang Y, Metz CE, Nishikawa RM. A receiver operating characteristic partial area index for highly "
    "sensitive diagnostic tests. Radiology 1996; 201: 745-750.",
    "holm": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979; 6: 65-70.",
}


def mrmc_section(result: MrmcStudyResult, *, along: Along = "specificity") -> Section:
    """Word and draw the comparisons of one source; ``along`` is how ROC curves are averaged."""
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=_methods(result, along),
        tables=mrmc_tables(result),
        figures=mrmc_figures(result, along),
        warnings=_warnings(result),
        exploratory=not result.prespecified,
        references=_references(result, along),
    )


def _summary(result: MrmcStudyResult) -> tuple[str, ...]:
    sentences = []
    for comparison in result.comparisons:
        sentences += _comparison_sentences(comparison)
    for comparison in result.model:
        one = comparison.result
        if one is None:
            sentences.append(f"The model was not compared with the readers of {comparison.name}: {comparison.reason}.")
            continue
        test = one.overall[one.headline]
        sentences.append(
            f"Model minus mean of the readers ({one.data.modalities[1]}), {one.merit.short_name}: "
            f"{_effect(one, test, comparison)}; {_counts(one, comparison)}."
        )
        sentences += _margin_sentences(one)
    return tuple(sentences)


def _comparison_sentences(comparison: MrmcComparison) -> list[str]:
    one = comparison.result
    if one is None:
        return [f"{comparison.name}: not compared, {comparison.reason}."]
    means = one.means
    if len(one.data.modalities) == 1:
        mean = means[0][one.headline]
        name = one.merit.name[0].upper() + one.merit.name[1:]
        return [
            f"{name}, mean over readers: {mean_text(one.merit, mean)} ({one.data.modalities[0]}; "
            f"{one.headline.holds_for}; {_counts(one, comparison)}). One modality: nothing to compare."
        ]
    found = []
    for pair in one.pairs:
        test = pair.tests[one.headline]
        a, b = one.data.modalities.index(pair.first), one.data.modalities.index(pair.second)
        values = " against ".join(value_text(one.merit, means[i][one.headline].value) for i in (a, b))
        found.append(
            f"{pair.first} minus {pair.second}, {one.merit.short_name}: {_effect(one, test, comparison)}; {values}, "
            f"mean over readers; {_counts(one, comparison)}."
        )
    if len(one.pairs) > 1:
        test = one.overall[one.headline]
        if test.p is not None:
            found.append(
                f"All {counted(len(one.data.modalities), 'modality', 'modalities')} equal: {statistic_text(test)}, "
                f"{p_words(test.p)} ({one.headline.holds_for})."
            )
    return found + _margin_sentences(one)


def _effect(one: MrmcResult, test: EffectTest, comparison: MrmcComparison) -> str:
    """Difference with interval, then p, and what it holds for."""
    kind = one.headline
    if test.p is None:
        return f"{difference_text(one.merit, test)}, no test: {test.reason}"
    p_holm = comparison.p_holm.get(kind) if comparison.p_holm else test.p_holm
    return f"{difference_text(one.merit, test)}, {p_words(test.p, p_holm)} (holds for {kind.holds_for})"


def _margin_sentences(one: MrmcResult) -> list[str]:
    found = []
    for pair in one.pairs:
        for claim in pair.non_inferiority:
            margin = margin_text(one.merit, claim.margin)
            if claim.concluded is None:
                continue
            verdict = "was not worse than" if claim.concluded else "was not shown to be no worse than"
            found.append(
                f"{claim.modality} {verdict} {claim.reference} by a margin of {margin} "
                f"(one-sided {p_words(claim.p)}" + (", and it was better)." if claim.superior else ").")
            )
    return found


def _counts(one: MrmcResult, comparison: MrmcComparison) -> str:
    data = one.data
    return (
        f"{counted(len(data.readers), 'reader')}, {counted(len(data.cases), 'case')} ({data.diseased:,} with the "
        f"condition), {counted(comparison.readings, 'reading')}"
    )


def _methods(result: MrmcStudyResult, along: Along) -> tuple[str, ...]:
    options, merit = result.options, result.options.merit
    every = [one for _, one in computed((*result.comparisons, *result.model))]
    designs = list(dict.fromkeys(one.design for one in every))
    methods = list(dict.fromkeys(one.covariance for one in every))
    texts = [
        f"The figure of merit was the {merit.name}"
        + (
            ", the area under the empirical (trapezoidal) ROC curve of each reader, ties counting half."
            if merit.figure is Figure.AUC
            else ", computed for each reader; the area was divided by the width of its range."
            if merit.figure is Figure.PARTIAL_AUC
            else ", computed for each reader."
        )
        + " Readers count the same in every mean, however many cases they read.",
        "Modalities were compared by the method of Obuchowski and Rockette (1995) with the degrees of freedom of "
        "Hillis (2007), for random readers and cases, for fixed readers (chi-square test) and for fixed cases. "
        "Intervals of single modalities are those of Hillis (2014), from the data of that modality alone"
        f"; all intervals are {level(options.confidence)} and two-sided.",
        *(_covariance_text(method, merit.figure) for method in methods),
        _unit_text(every),
        *(_design_text(design) for design in designs),
    ]
    if any(len(one.pairs) > 1 for one in every):
        texts.append(
            "With more than two modalities the error term of the model was pooled over all of them where every reader "
            "read under each; p values of the pairs were corrected by Holm's method."
        )
    elif len(result.comparisons) > 1:
        texts.append(f"p values were corrected by Holm's method over {len(result.comparisons)} comparisons.")
    elif result.comparisons:
        texts.append("One comparison was made; nothing was corrected for multiplicity.")
    several = len(result.model) > 1
    if result.model:
        texts.append(
            "The model was set beside every reader on the cases that reader read, as a second modality that does not "
            "vary between readers: a test of the mean difference of model and readers that allows for the model being "
            "scored on the same cases. The model is fixed, readers and cases are random."
            + (f" p values were corrected by Holm's method over {len(result.model)} such tests." if several else "")
        )
    if options.margin is not None:
        texts.append(
            f"Non-inferiority with a margin of {options.margin:g} was concluded where the whole interval of the "
            "difference (for random readers and cases; with one reader, for fixed readers) lies above minus the "
            "margin, superiority where it lies above 0. Both directions were looked at, and nothing was corrected for "
            "that."
        )
    if any(one.dbm is not None for one in every):
        texts.append(
            "The analysis of pseudovalues of Dorfman, Berbaum and Metz in the form of Hillis, Berbaum and Metz (2008), "
            "computed as a check, gave the same F for random readers and cases."
        )
    if merit.figure in AREAS:
        texts.append(
            "ROC curves of readers were averaged "
            + (
                "vertically: the mean sensitivity at each specificity."
                if along == "specificity"
                else "along lines at right angles to the line of chance (Chen and Samuelson 2014)."
            )
        )
    return (*texts, *result.notes)


def _unit_text(every: Sequence[MrmcResult]) -> str:
    if any(one.covariance is Covariance.CLUSTERED for one in every):
        return "Images of one patient, else of one lesion, were one unit: what varies was counted between these units."
    if any(one.data.clustered for one in every):
        return (
            "Cases were taken as independent, though some are of one lesion or patient: the covariance that was asked "
            "for knows no units, and its intervals are too narrow."
        )
    return "Cases were taken as independent: no two were known to be of one lesion or patient."


def _covariance_text(method: Covariance, figure: Figure) -> str:
    if method is Covariance.CLUSTERED:
        return (
            "Covariances of readers' figures of merit were estimated between lesions or patients (Obuchowski 1997)"
            + (", from leave-one-out changes added up within each." if figure is Figure.PARTIAL_AUC else ".")
        )
    if method is Covariance.JACKKNIFE:
        over = {Figure.SENSITIVITY: "cases with the condition", Figure.SPECIFICITY: "cases without the condition"}
        which = over.get(figure, "cases")
        return f"Covariances of readers' figures of merit were estimated by the jackknife over {which}."
    if method is Covariance.DELONG:
        return "Covariances of readers' figures of merit were estimated by the method of DeLong et al. (1988)."
    return (
        "Covariances of readers' figures of merit were estimated without bias from moments of U-statistics (Gallas "
        "2006), over the cases that readers have in common."
    )


def _design_text(design: Design) -> str:
    text = f"Design, found from the readings: {design.label}."
    if design is Design.FACTORIAL:
        return text
    if design in (Design.READERS_IN_MODALITY, Design.MIXED):
        return (
            f"{text} The difference of two modalities was given the variance of its readers"
            + (
                " (pooled)"
                if design is Design.READERS_IN_MODALITY
                else ", with degrees of freedom for partly paired samples (Derrick et al. 2017),"
            )
            + " and the average covariances of different readers through their common cases (Hillis 2014)."
        )
    return (
        f"{text} Covariances were averaged over all pairs of readers, those without a common case counting 0 (Hillis "
        "2014); it is assumed that who read what does not depend on the ratings."
    )


def _warnings(result: MrmcStudyResult) -> tuple[str, ...]:
    """What limits the results, each once, with the comparisons it is about where there are several."""
    texts: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    every = [*((c.name, c) for c in result.comparisons), *((f"model and {c.name}", c) for c in result.model)]
    # The model meets the readers of comparisons whose limits are said already.
    said: set[str] = set()
    for name, comparison in every:
        one = comparison.result
        if one is not None:
            reasons = [f"{t.reason[0].upper()}{t.reason[1:]}." for t in one.overall.values() if t.reason]
            own = {COV2_BELOW_COV3, *reasons}
            for text in dict.fromkeys((*one.warnings, *reasons)):
                if text in own or text not in said:
                    texts.setdefault(text, []).append(name)
        for reason, count in comparison.left_out.items():
            if reason not in said:
                missing.setdefault(reason, []).append(f"{count:,}" + ("" if len(every) == 1 else f" ({name})"))
        if comparison is result.comparisons[-1]:
            said = {*texts, *missing}
    everywhere = {c.name for c in result.comparisons}

    def worded(text: str, names: list[str]) -> str:
        whole = {name for name, _ in every} if text == COV2_BELOW_COV3 else everywhere
        return text if whole <= set(names) else f"{', '.join(names)}: {text}"

    found = [worded(text, names) for text, names in texts.items()]
    if missing:
        parts = "; ".join(f"{', '.join(counts)} {reason}" for reason, counts in missing.items())
        found.append(f"Readings left out: {parts}.")
    if result.excluded:
        found.append(f"While reading the source: {left_out(result.excluded)}")
    if result.simulated:
        found.append(SIMULATED)
    return (*result.warnings, *found)


def _references(result: MrmcStudyResult, along: Along) -> tuple[str, ...]:
    every = [one for _, one in computed((*result.comparisons, *result.model))]
    wanted = [one.covariance.value for one in every]
    wanted += ["dbm"] if any(one.dbm is not None for one in every) else []
    wanted += ["unbalanced"] if any(one.design is Design.MIXED for one in every) else []
    wanted += ["pauc"] if result.options.merit.figure is Figure.PARTIAL_AUC else []
    wanted += ["diagonal"] if along == "diagonal" and result.options.merit.figure in AREAS else []
    wanted += ["holm"] if len(result.comparisons) > 1 or any(len(one.pairs) > 1 for one in every) else []
    return (*REFERENCES, *(_MORE_REFERENCES[name] for name in dict.fromkeys(wanted) if name in _MORE_REFERENCES))
