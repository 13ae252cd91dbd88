"""Agreement of readers with one another and with themselves, in words, tables and figures."""

from dermdash.analyses.agreement.answer import CHART
from dermdash.analyses.agreement.change import AgreementChange
from dermdash.analyses.agreement.figures import agreement_change_figure, pairwise_kappa_figure
from dermdash.analyses.agreement.options import KEY, TITLE
from dermdash.analyses.agreement.rated_readings import RATINGS
from dermdash.analyses.agreement.run import AgreementPart, AgreementResult
from dermdash.analyses.agreement.tables import agreement_tables, change_text, part_name, value_text
from dermdash.analyses.bibliography import (
    COHEN,
    COHEN_WEIGHTED,
    FEINSTEIN,
    FLEISS,
    FLEISS_1969,
    GWET,
    GWET_2014,
    HAYES,
    HOLM,
    KRIPPENDORFF,
)
from dermdash.analyses.section import SIMULATED, ResultFigure, Section
from dermdash.analyses.units import unit_text
from dermdash.analysis.agreement.coefficients import LABELS
from dermdash.analysis.agreement.cohen import MINIMUM_COMMON
from dermdash.analysis.agreement.few_items import LEAST_GROUPS, LEAST_OTHER, MINIMUM_GROUPS
from dermdash.analysis.bootstrap import NO_DRAWS
from dermdash.charts.palette import modality_color
from dermdash.readings.modality import modality_label
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import (
    NOT_COMPUTED,
    counted,
    form,
    holm_words,
    left_out,
    level,
    number,
    p_words,
    percent,
)

HOW_TO_GET_REPEATS = (
    "No reader was shown a case twice, so agreement of readers with themselves cannot be measured. Show some cases "
    "again, without saying so and after a pause, and record them as repeat 1 in the log that is imported."
)
REFERENCES = (
    COHEN,
    COHEN_WEIGHTED,
    FLEISS,
    FLEISS_1969,
    GWET,
    GWET_2014,
    HAYES,
    KRIPPENDORFF,
    FEINSTEIN,
    HOLM,
)


def agreement_section(result: AgreementResult) -> Section:
    """Word and draw an `AgreementResult`."""
    figures = [
        _one_coefficient(result),
        ResultFigure(
            "coefficients",
            "Every coefficient",
            lambda theme: agreement_change_figure(
                [(LABELS[c.statistic].split(", mean")[0], c) for c in result.overall.changes],
                title=f"Agreement on the {RATINGS[result.rating]}",
                theme=theme,
            ),
            "Each row is a coefficient, with its interval over cases; at the right the change.",
        ),
    ]
    if len(result.by_modality) > 1:
        figures.append(
            ResultFigure(
                "by-modality",
                "By what was shown",
                lambda theme: agreement_change_figure(
                    [(modality_label(p.value), p.changes[0]) for p in result.by_modality],
                    colors=[modality_color(p.value, i) for i, p in enumerate(result.by_modality)],
                    title=LABELS[result.primary],
                    theme=theme,
                ),
                "The same readers and cases before and after each kind of assistance.",
            )
        )
    pairs = result.pairwise
    figures.append(
        ResultFigure(
            "pairs",
            "Pairs of readers",
            lambda theme: pairwise_kappa_figure(pairs.readers, pairs.before, pairs.after, pairs.common, theme=theme),
            "Cohen's kappa of each pair on the cases both have read"
            + (", with quadratic weights" if pairs.scheme == "quadratic" else "")
            + (
                f". The {counted(len(pairs.readers), 'reader')} with most cases; {pairs.left_out} "
                f"{form(pairs.left_out, 'is', 'are')} not shown."
                if pairs.left_out
                else "."
            ),
        )
    )
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=_methods(result),
        tables=agreement_tables(result),
        figures=tuple(figures),
        warnings=_warnings(result),
        exploratory=not result.prespecified,
        references=REFERENCES,
    )


_EVERYTHING, RATINGS_TITLE = "All together", "All readings"


def _one_coefficient(result: AgreementResult) -> ResultFigure:
    """The coefficient that decides: of all readings, then by what was shown."""
    several = len(result.by_modality) > 1
    parts = [(_EVERYTHING if several else RATINGS_TITLE, result.overall)]
    parts += [(modality_label(p.value), p) for p in result.by_modality] if several else []
    return ResultFigure(
        CHART,
        "Agreement of readers",
        lambda theme: agreement_change_figure(
            [(name, part.changes[0]) for name, part in parts],
            title=f"{LABELS[result.primary]}, agreement on the {RATINGS[result.rating]}",
            theme=theme,
        ),
        "With its interval over cases; at the right the change. 1: always the same answer, 0: as often as by chance.",
    )


def _summary(result: AgreementResult) -> tuple[str, ...]:
    part, change = result.overall, result.overall.changes[0]
    sentences = [
        f"{_upper(_found(change))} ({LABELS[change.statistic]}, agreement on the {RATINGS[result.rating]}; "
        f"{_counts(part)} per phase)."
        if change.after is not None
        else f"Without assistance, agreement on the {RATINGS[result.rating]} was {value_text(change.before)} "
        f"({LABELS[change.statistic]}; {_counts(part)})."
    ]
    alike = part.change("percent")
    if alike is not None and alike.before.value is not None:
        after = "" if alike.after is None else f" before and {value_text(alike.after)} after assistance"
        sentences.append(f"Two readers of a case gave the same answer in {value_text(alike.before)} of pairs{after}.")
    sentences += [
        f"With {_modality(p.value)}, {_found(p.changes[0], holm=len(result.by_modality) > 1)} ({_counts(p)} per phase)."
        for p in result.by_modality
        if p.changes[0].difference is not None
    ]
    if result.intra is None:
        sentences.append(HOW_TO_GET_REPEATS)
    else:
        own = result.intra.pooled[0]
        sentences.append(
            f"Readers agreed with themselves in {value_text(own.before)} of "
            f"{counted(result.intra.pairs_before, 'repeated reading')} without assistance"
            + (
                f" and {value_text(own.after)} of {result.intra.pairs_after:,} with it."
                if own.after is not None and own.after.value is not None
                else "."
            )
        )
    return tuple(sentences)


def _counts(part: AgreementPart) -> str:
    return f"{counted(part.readers, 'reader')}, {counted(part.cases, 'case')}, {counted(part.readings, 'reading')}"


def _modality(code: str) -> str:
    label = modality_label(code)
    # Our own names in the middle of a sentence; what another study calls its arms stays as it is.
    return label[:1].lower() + label[1:] if label != code else label


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _found(change: AgreementChange, *, holm: bool = False) -> str:
    """The change with its interval, then the two values, then p."""
    if change.difference is None or change.after is None:
        return f"the change was not computed: {change.reason}" if change.reason else NOT_COMPUTED
    text = (
        f"agreement changed by {change_text(change)}{' with assistance' if not holm else ''}, "
        f"from {number(change.before.value, 2)} to {number(change.after.value, 2)}"
    )
    if change.p is None:
        return text
    return f"{text}, {holm_words(change.p_holm) if holm else p_words(change.p)}"


def _methods(result: AgreementResult) -> tuple[str, ...]:
    ordinal = result.primary == "alpha_ordinal"
    paired = result.overall.changes[0].after is not None
    texts = [
        f"Agreement on the {RATINGS[result.rating]} ({counted(len(result.categories), 'category', 'categories')}, "
        f"{'ordinal' if ordinal else 'nominal'}) was measured between readers of the same case, one reading per reader "
        "and case (the first, where there were several)"
        + (
            "; before and after assistance were compared on the same readers and cases, those with both answers."
            if paired
            else "."
        ),
        f"{LABELS[result.primary]} (Krippendorff 2004; Hayes and Krippendorff 2007) was the main coefficient, because "
        "it allows for cases that not every reader read. Percent agreement is the mean over cases of the share of "
        f"pairs of readers with the same answer. Cohen's kappa (1960) is the mean over pairs of readers with at least "
        f"{MINIMUM_COMMON} cases in common (all cases, where there are fewer)"
        + (", also with linear and quadratic weights (Cohen 1968)" if ordinal else "")
        + ". Fleiss' kappa (1971) was computed only where every case had the same number of readers. "
        + (
            "Gwet's AC2 used quadratic weights (Gwet 2014)."
            if ordinal
            else "Gwet's AC1 (2008) counts every category of the scale, used or not."
        ),
        (
            f"Intervals ({level(result.confidence)}) are of the t distribution with the standard error of "
            f"{counted(result.replicates, 'bootstrap draw')} of cases with replacement (seed {result.seed}) and cases "
            f"- 1 degrees of freedom: they speak of other cases read by the same readers. Below {LEAST_GROUPS} cases "
            "none is given, and none of kappa and alpha where most readers gave fewer than "
            f"{LEAST_OTHER} cases another category than the commonest: on few such cases what chance explains is not "
            f"known, and simulated intervals missed too often. "
            + unit_text(result.clustered, "were drawn together and counted as one case here")
            + " "
            if result.replicates
            else f"Coefficients have no intervals from draws and changes no p: {NO_DRAWS}. "
        )
        + "Standard errors of Fleiss' kappa and of Gwet's coefficients are Gwet's linearisation (2008, 2014), of "
        "Cohen's kappa of two readers those of Fleiss, Cohen and Everitt (1969).",
    ]
    fewer = {c.before.draws for c in result.overall.changes if 0 < c.before.draws < result.replicates}
    if fewer:
        texts.append(
            f"Intervals of Cohen's kappa came from the first {min(fewer):,} of these draws, as there are many pairs."
        )
    if paired and result.replicates:
        texts.append(
            "The change is after minus before in the same draws; its interval and p are of the same t distribution "
            f"(from {MINIMUM_GROUPS} cases on, or readers for agreement with oneself), p corrected by Holm's method "
            "over the modalities, over the groups of experience and over the classes, for each coefficient. "
            "Coefficients beside one another answer one "
            f"question and were not corrected for one another; {LABELS[result.primary]} decides."
        )
    if result.intra is not None:
        texts.append(
            "Agreement of readers with themselves compares each reading of a case with the same reader's next reading "
            "of it; with assistance, of the same kind. Readers' tables were added up, and whole readers redrawn: these "
            "intervals speak of other readers, and do not take cases as independent."
        )
    return (*texts, *result.notes)


def _warnings(result: AgreementResult) -> tuple[str, ...]:
    warnings = []
    if result.overall.small:
        warnings.append(
            f"{counted(result.overall.readers, 'reader')} and {counted(result.overall.cases, 'case')} are few: fewer "
            f"than {SMALL_READERS} readers or {SMALL_CASES} cases say little about others."
        )
    small = [part_name(p) for p in (*result.by_modality, *result.by_experience, *result.by_class) if p.small]
    if small:
        warnings.append(
            f"Small groups (fewer than {SMALL_READERS} readers or {SMALL_CASES} cases), to be read with caution: "
            f"{', '.join(small)}."
        )
    if result.overall.prevalent is not None:
        category, share = result.overall.prevalent
        warnings.append(
            f"{percent(share, 0)} of the ratings of a phase are {category}. At such a prevalence kappa and alpha are "
            "low even where readers agree (the paradox of Feinstein and Cicchetti 1990): see percent agreement and "
            "Gwet's coefficient beside them."
        )
    for reason in dict.fromkeys(c.reason for c in result.overall.changes if c.reason and c.after is not None):
        warnings.append(f"{_upper(reason)}.")
    if result.excluded:
        warnings.append(left_out(result.excluded))
    if result.simulated:
        warnings.append(SIMULATED)
    return tuple(warnings)
