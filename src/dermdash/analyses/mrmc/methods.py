"""How modalities were compared over readers and cases, as a methods section says it."""

from collections.abc import Callable, Sequence

from dermdash.analyses.bibliography import (
    CHEN,
    DELONG,
    DERRICK,
    GALLAS,
    HILLIS_2007,
    HILLIS_2008,
    HILLIS_2014,
    HOLM,
    JIANG,
    OBUCHOWSKI_1995,
    OBUCHOWSKI_1997,
    WELCH,
)
from dermdash.analyses.mrmc.run import MrmcStudyResult
from dermdash.analyses.mrmc.tables import computed
from dermdash.analysis.auc_intervals import FEW_FOR_TEST, LEAST_SIDE
from dermdash.analysis.mrmc.average_roc import Along
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.figure_of_merit import AREAS
from dermdash.analysis.mrmc.result import MrmcResult
from dermdash.wording import counted, level

REFERENCES = (OBUCHOWSKI_1995, HILLIS_2007, HILLIS_2014)
_MORE_REFERENCES = {
    "delong": DELONG,
    "clustered": OBUCHOWSKI_1997,
    "unbiased": GALLAS,
    "dbm": HILLIS_2008,
    "diagonal": CHEN,
    "unbalanced": DERRICK,
    "own readers": WELCH,
    "pauc": JIANG,
    "holm": HOLM,
}


def mrmc_methods(result: MrmcStudyResult, along: Along) -> tuple[str, ...]:
    """Paragraphs in past tense; what differs between comparisons names those it is true of."""
    options, merit = result.options, result.options.merit
    every = _named(result)
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
        "Intervals of single modalities have the standard errors and degrees of freedom of Hillis (2014), from the "
        "data of that modality alone, and were computed on the log odds, as those on the figure itself missed it too "
        "often; "
        f"all intervals are {level(options.confidence)} and two-sided. What speaks of other cases needs {LEAST_SIDE} "
        f"patients or lesions (else cases) of each side, and with fewer than {FEW_FOR_TEST} of one its degrees of "
        "freedom are at most their number - 1.",
        *_each(every, lambda one: _covariance_text(one.covariance, merit.figure)),
        *_each(every, _unit_text),
        *_each(every, lambda one: _design_text(one.design)),
        *_each(
            every,
            lambda one: (
                ""
                if len(one.pairs) <= 1
                else "With more than two modalities the error term of the model was pooled over all of them where "
                "every reader read under each; p values of the pairs were corrected by Holm's method."
            ),
        ),
    ]
    tested = [c.name for c, one in computed(result.comparisons) if one.overall[one.headline].p is not None]
    if len(result.comparisons) > 1 and tested:
        texts.append(
            f"p values were corrected by Holm's method over {counted(len(tested), 'comparison')}: {'; '.join(tested)}."
        )
    elif len(result.comparisons) == 1 and all(len(one.pairs) <= 1 for _, one in computed(result.comparisons)):
        texts.append("One comparison of modalities was made; nothing was corrected for multiplicity.")
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
    texts += _each(
        every,
        lambda one: (
            ""
            if one.dbm is None
            else "The analysis of pseudovalues of Dorfman, Berbaum and Metz in the form of Hillis, Berbaum and Metz "
            "(2008), computed as a check, gave the same F for random readers and cases."
        ),
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


def _named(result: MrmcStudyResult) -> list[tuple[str, MrmcResult]]:
    """Every comparison that has a result under the name it has in sentences."""
    return [
        *((c.name, one) for c, one in computed(result.comparisons)),
        *((f"model and {c.name}", one) for c, one in computed(result.model)),
    ]


def _each(every: Sequence[tuple[str, MrmcResult]], text_of: Callable[[MrmcResult], str]) -> list[str]:
    """A sentence for each comparison, once, with the names of those it is true of where there are several."""
    said: dict[str, list[str]] = {}
    for name, one in every:
        said.setdefault(text_of(one), []).append(name)
    said.pop("", None)
    if len(every) == 1:
        return list(said)
    return [
        f"{'Every comparison' if len(names) == len(every) else _capital('; '.join(names))}: {text}"
        for text, names in said.items()
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unit_text(one: MrmcResult) -> str:
    if one.covariance is Covariance.CLUSTERED:
        return "Images of one patient, else of one lesion, were one unit: what varies was counted between these units."
    if one.data.clustered:
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
    text = f"The design, found from the readings, was {design.label}."
    if design is Design.FACTORIAL:
        return text
    if design in (Design.READERS_IN_MODALITY, Design.MIXED):
        return (
            f"{text} The difference of two modalities was given the variance of its readers"
            + (
                " (each modality's own, Welch 1947)"
                if design is Design.READERS_IN_MODALITY
                else ", with degrees of freedom for partly paired samples (Derrick et al. 2017),"
            )
            + " and the average covariances of different readers through their common cases (Hillis 2014)."
        )
    return (
        f"{text} Covariances were averaged over all pairs of readers, those without a common case counting 0 (Hillis "
        "2014); it is assumed that who read what does not depend on the ratings."
    )


def mrmc_references(result: MrmcStudyResult, along: Along) -> tuple[str, ...]:
    """The sources of what was done."""
    every = [one for _, one in computed((*result.comparisons, *result.model))]
    wanted = [one.covariance.value for one in every]
    wanted += ["dbm"] if any(one.dbm is not None for one in every) else []
    wanted += ["unbalanced"] if any(one.design is Design.MIXED for one in every) else []
    wanted += ["own readers"] if any(one.design is Design.READERS_IN_MODALITY for one in every) else []
    wanted += ["pauc"] if result.options.merit.figure is Figure.PARTIAL_AUC else []
    wanted += ["diagonal"] if along == "diagonal" and result.options.merit.figure in AREAS else []
    wanted += ["holm"] if len(result.comparisons) > 1 or any(len(one.pairs) > 1 for one in every) else []
    return (*REFERENCES, *(_MORE_REFERENCES[name] for name in dict.fromkeys(wanted) if name in _MORE_REFERENCES))
